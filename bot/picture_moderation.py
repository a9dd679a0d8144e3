"""Held and reported pictures, put together: what a running bot and its buttons talk to."""

from bot.config import Config
from bot.holding import Holding, Send
from bot.holds import Holds
from bot.journal import Journal
from bot.moderators import Moderators
from bot.picture_store import PictureStore
from bot.presses import Handler
from bot.removal import Removal
from bot.replies.messages import Messages
from bot.reporting import Reporting


class PictureModeration:
    """`holding` asks and does what is decided, `reporting` takes the reports of members."""

    def __init__(
        self,
        *,
        config: Config,
        holds: Holds,
        journal: Journal,
        store: PictureStore,
        removal: Removal,
        moderators: Moderators,
        messages: Messages,
        send: Send,
    ) -> None:
        self.holding = Holding(
            holds=holds,
            journal=journal,
            store=store,
            removal=removal,
            moderators=moderators,
            messages=messages,
            send=send,
            language=config.bot.language,
        )
        self.reporting = Reporting(
            holds=holds,
            journal=journal,
            ask=self.holding.ask,
            most_per_hour=config.moderation.reports_per_hour,
        )

    @property
    def handlers(self) -> dict[str, Handler]:
        """By action of a button."""
        return {
            "release": self.holding.release,
            "discard": self.holding.discard,
            "look": self.holding.look,
            "report": self.reporting.press,
        }

"""What the buttons under a result do, as a table of handlers."""

from collections.abc import Callable

from bot.access import Doorkeeper
from bot.asking import Asking
from bot.domain import Outgoing
from bot.intake import Intake
from bot.journal import Journal
from bot.presses import ButtonRights, Handler
from bot.redraw import Redraw
from bot.removal import Removal
from bot.replies.buttons import AGAIN, DELETE, EDIT, FILE, INFO, UPSCALE, VARY
from bot.results import ResultButtons


def result_handlers(
    *,
    asking: Asking,
    intake: Intake,
    journal: Journal,
    removal: Removal,
    doorkeeper: Doorkeeper,
    send: Callable[[Outgoing], None],
) -> dict[str, Handler]:
    """By action, for `Conversation`."""
    rights = ButtonRights(journal=journal, doorkeeper=doorkeeper)
    redraw = Redraw(asking=asking, intake=intake, journal=journal, rights=rights)
    results = ResultButtons(
        journal=journal, removal=removal, rights=rights, once_more=redraw.once_more, send=send
    )
    return {
        **dict.fromkeys((AGAIN, VARY, UPSCALE, EDIT), redraw.press),
        FILE: results.file,
        INFO: results.info,
        DELETE: results.delete,
    }

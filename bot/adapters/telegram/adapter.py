"""The adapter: receiving on one side, sending on the other."""

import asyncio
import logging

from telegram.error import InvalidToken, TelegramError

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.errors import translate
from bot.adapters.telegram.handle import Handler
from bot.adapters.telegram.lanes import Lanes
from bot.adapters.telegram.menu import fill_menus
from bot.adapters.telegram.parse import Me
from bot.adapters.telegram.receive import Receiver
from bot.adapters.telegram.send import Sender
from bot.adapters.telegram.timing import Timing
from bot.adapters.telegram.webhook import Webhook
from bot.config import TelegramConfig
from bot.conversation import Conversation
from bot.domain import Outgoing, Permissions, Platform, Receipt
from bot.errors import ConfigError
from bot.inbox import Inbox

log = logging.getLogger(__name__)


class TelegramAdapter:
    """A `bot.ports.ChatAdapter` for Telegram, by long polling or by webhook."""

    def __init__(
        self,
        *,
        config: TelegramConfig,
        token: str,
        conversation: Conversation,
        inbox: Inbox,
        ranks_matter: bool = False,
        timing: Timing | None = None,
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._inbox = inbox
        self._timing = timing or Timing()
        self._api = Api(config, token, self._timing)
        self._sender = Sender(self._api, conversation, self._timing)
        self._handler = Handler(
            api=self._api,
            conversation=conversation,
            sender=self._sender,
            max_age_s=config.max_age_s,
            timing=self._timing,
            ranks_matter=ranks_matter,
        )

    @property
    def platform(self) -> Platform:
        """Telegram."""
        return Platform.TELEGRAM

    async def run(self) -> None:
        """Receive until cancelled.

        Raises:
            ConfigError: Telegram refuses the token.
            StoreError: the inbox cannot be read.
        """
        lanes = Lanes()
        menu: asyncio.Task[None] | None = None
        try:
            me = self._handler.me = await self._arrive()
            log.info("telegram: listening as @%s", me.username)
            await self._conversation.knows_itself(Platform.TELEGRAM, str(me.id))
            menu = asyncio.create_task(fill_menus(self._api))
            receiver = Receiver(
                api=self._api,
                me=me,
                inbox=self._inbox,
                lanes=lanes,
                handle=self._handler,
                timing=self._timing,
            )
            await receiver.replay()
            if self._config.webhook_url:
                await self._webhook(receiver).run()
            else:
                await receiver.poll()
        except InvalidToken:
            # Without the cause: the library's message repeats the token.
            raise ConfigError(
                "[telegram] token_file or CHATELIER_TELEGRAM_TOKEN was refused by Telegram"
                f" ({self._config.api_base}): expected the token that @BotFather shows for this bot"
            ) from None
        finally:
            if menu is not None:
                menu.cancel()
                await asyncio.gather(menu, return_exceptions=True)
            await lanes.close(self._timing.farewell_s)
            await self._handler.close()
            await self._sender.close()
            await self._api.close_connections()

    def _webhook(self, receiver: Receiver) -> Webhook:
        return Webhook(api=self._api, config=self._config, take=receiver.take, timing=self._timing)

    async def deliver(self, message: Outgoing) -> Receipt:
        """Send or edit one message.

        Raises:
            RetryLater, DoubtfulSend, Rejected, ChatGone: see `bot.errors`.
        """
        return await self._sender.deliver(message)

    async def permissions(self, chat_id: str, user_id: str) -> Permissions:
        """What Telegram says of this member.

        Raises:
            RetryLater, Rejected, ChatGone: it could not be asked.
        """
        try:
            return await self._handler.permissions(chat_id, user_id)
        except TelegramError as error:
            raise translate(error, repeatable=True) from error

    async def _arrive(self) -> Me:
        """Wait until Telegram answers; where it is to be polled, make sure that it can be."""
        pause = self._timing.back_off_s
        while True:
            try:
                await self._api.initialize()
                if not self._config.webhook_url:
                    await self._api.delete_webhook()
                known = self._api.bot
                hears_all = bool(known.can_read_all_group_messages)
                return Me(known.id, known.username or "", hears_all)
            except InvalidToken:
                raise
            except TelegramError as error:
                log.warning(
                    "telegram: not reached, again in %.0f s (%s). `chatelier check` tells more;"
                    " where it is blocked, set [telegram] proxy",
                    pause,
                    error,
                )
                await asyncio.sleep(pause)
                pause = min(2 * pause, self._timing.longest_s)

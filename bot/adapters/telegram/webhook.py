"""Updates that Telegram sends to an address of ours, instead of being asked for them.

Something in front of it (a reverse proxy, a tunnel) speaks HTTPS. Who does not know the secret,
which is made anew at each start and told to Telegram alone, is turned away before anything is read.
Telegram repeats what was not answered with 200, so an update is answered once it is on disk.
"""

import asyncio
import hmac
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from telegram.error import InvalidToken, TelegramError

from bot.adapters.telegram.api import ALLOWED_UPDATES, Api
from bot.adapters.telegram.timing import Timing
from bot.config import TelegramConfig
from bot.errors import ConfigError, StoreError

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 a name, no secret
_MOST_BYTES = 2**20


class Webhook:
    """Listens until cancelled; `take` puts updates on disk."""

    def __init__(
        self,
        *,
        api: Api,
        config: TelegramConfig,
        take: Callable[[list[dict[str, Any]]], Awaitable[None]],
        timing: Timing,
    ) -> None:
        self._api = api
        self._config = config
        self._take = take
        self._timing = timing
        self._secret = secrets.token_urlsafe(32)
        self._one_by_one = asyncio.Lock()

    async def run(self) -> None:
        """Listen, and tell Telegram where.

        Raises:
            ConfigError: the address cannot be used.
            telegram.error.InvalidToken: Telegram refuses the token.
        """
        app = web.Application(client_max_size=_MOST_BYTES)
        app.router.add_post("/{path:.*}", self._hear)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
        await runner.setup()
        try:
            await self._listen(runner)
            await self._register()
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        host, port = self._config.webhook_host, self._config.webhook_port
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise ConfigError(
                f"[telegram] webhook_port: {host}:{port} cannot be used"
                f" ({error.strerror or error}); choose another one"
            ) from None

    async def _register(self) -> None:
        pause = self._timing.back_off_s
        while True:
            try:
                await self._api.set_webhook(
                    self._config.webhook_url,
                    secret_token=self._secret,
                    allowed_updates=ALLOWED_UPDATES,
                    max_connections=1,  # in the order in which they were said
                )
            except InvalidToken:
                raise
            except TelegramError as error:
                log.warning("telegram: no webhook yet, again in %.0f s: %s", pause, error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, self._timing.longest_s)
            else:
                log.info("telegram: updates come to %s", self._config.webhook_url)
                return

    async def _hear(self, request: web.Request) -> web.Response:
        told = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(told.encode(), self._secret.encode()):
            return web.Response(status=403)
        try:
            update = json.loads(await request.text())
            int(update["update_id"])
        except (ValueError, KeyError, TypeError):
            # Repeating it would help nobody; what is an update but unreadable is set aside later.
            log.error("telegram: something that is no update came to the webhook")
            return web.Response()
        try:
            async with self._one_by_one:
                await self._take([update])
        except StoreError as error:
            log.error("telegram: an update cannot be stored, it will come again: %s", error)
            return web.Response(status=503)
        return web.Response()

"""Discord as a `ChatAdapter`: connects, hands what it hears to the conversation, delivers."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord

from bot.adapters.discord import people
from bot.adapters.discord.attachments import Fetcher
from bot.adapters.discord.commands import Tree, sync_if_changed
from bot.adapters.discord.errors import NETWORK, translate
from bot.adapters.discord.gateway import Gateway, base_address
from bot.adapters.discord.greet import greet
from bot.adapters.discord.interactions import Interactions
from bot.adapters.discord.mentions import Mentions
from bot.adapters.discord.presence import keep_present
from bot.adapters.discord.receive import Receiver
from bot.adapters.discord.responses import Responses
from bot.adapters.discord.send import Sender
from bot.config import DiscordConfig
from bot.conversation import Conversation
from bot.domain import Outgoing, Permissions, Platform, Receipt
from bot.errors import DeliveryError, RetryLater
from bot.inbox import Inbox

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0
_AWAY = (discord.HTTPException, discord.GatewayNotFound, discord.ConnectionClosed, *NETWORK)
"""Discord cannot be reached now."""


class DiscordAdapter:
    """One bot account on Discord."""

    platform = Platform.DISCORD

    def __init__(
        self, *, config: DiscordConfig, token: str, conversation: Conversation, inbox: Inbox
    ) -> None:
        self._config = config
        self._token = token
        self._conversation = conversation
        self._inbox = inbox
        self._responses = Responses.none()
        self._began = discord.utils.utcnow()
        self._pause = FIRST_PAUSE_S
        self._gateway: Gateway | None = None
        self._sender: Sender | None = None

    async def run(self) -> None:
        """Listen until cancelled; without a connection, try again with growing pauses.

        Raises:
            ConfigError: Discord refuses the token, or the bot.
        """
        with base_address(self._config.api_base):
            while True:
                try:
                    async with self._connection() as gateway:
                        await gateway.stay(self._token)
                except _AWAY as error:
                    log.warning(
                        "discord: no connection (%s: %s); again in %.0f s. `chatelier check` tells"
                        " more; where it is blocked, set [discord] proxy",
                        type(error).__name__,
                        error,
                        self._pause,
                    )
                await asyncio.sleep(self._pause * random.uniform(0.8, 1.2))
                self._pause = min(self._pause * 2, LONGEST_PAUSE_S)

    async def deliver(self, message: Outgoing) -> Receipt:
        """Send or edit one message; see `ChatAdapter`."""
        if self._sender is None:
            raise RetryLater(2, "not connected to Discord")
        return await self._sender.deliver(message)

    async def permissions(self, chat_id: str, user_id: str) -> Permissions:
        """Whether the member may manage the server that the channel belongs to.

        Raises:
            DeliveryError: Discord cannot be asked now.
        """
        if self._gateway is None:
            raise RetryLater(2, "not connected to Discord")
        try:
            return Permissions(is_admin=await _is_admin(self._gateway, int(chat_id), int(user_id)))
        except discord.NotFound:
            return Permissions()
        except (discord.DiscordException, *NETWORK) as error:
            raise translate(error) or DeliveryError(str(error)) from error

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Gateway]:
        """A client and all that listens to it; closed in the opposite order."""
        receiver = Receiver(self._inbox)
        async with (
            Fetcher.opened(api_base=self._config.api_base, proxy=self._config.proxy) as fetcher,
            Gateway(
                proxy=self._config.proxy,
                hear=receiver.hear,
                logged_in=lambda: self._logged_in(gateway, receiver, interactions.tree),
                joined=lambda guild: receiver.start(
                    greet(gateway, self._conversation, guild), "greeting"
                ),
            ) as gateway,
        ):
            interactions = Interactions(
                gateway=gateway,
                conversation=self._conversation,
                fetcher=fetcher,
                responses=self._responses,
            )
            mentions = Mentions(gateway=gateway, conversation=self._conversation, fetcher=fetcher)
            receiver.use({"INTERACTION_CREATE": interactions, "MESSAGE_CREATE": mentions})
            try:
                yield gateway
            finally:
                self._gateway = self._sender = None
                await receiver.close()

    def _logged_in(self, gateway: Gateway, receiver: Receiver, tree: Tree) -> None:
        """REST works from here on; events come a moment later."""
        self._pause = FIRST_PAUSE_S
        self._gateway = gateway
        self._sender = Sender(gateway=gateway, responses=self._responses, began=self._began)
        receiver.start(receiver.replay(), "replay")
        receiver.start(_register(gateway, tree), "commands")
        receiver.start(keep_present(gateway, self._conversation.presence), "presence")
        if gateway.user is not None:
            me = self._conversation.knows_itself(Platform.DISCORD, str(gateway.user.id))
            receiver.start(me, "own account")


async def _register(gateway: Gateway, tree: Tree) -> None:
    try:
        await sync_if_changed(tree, gateway)
    except (discord.DiscordException, *NETWORK):
        log.exception("discord: the commands could not be registered; old ones stay in force")


async def _is_admin(gateway: Gateway, chat_id: int, user_id: int) -> bool:
    channel = gateway.get_channel(chat_id) or await gateway.fetch_channel(chat_id)
    guild = getattr(channel, "guild", None)
    if not isinstance(guild, discord.Guild):
        return False
    member = await guild.fetch_member(user_id)
    roles = frozenset(role.id for role in member.roles)
    return people.is_admin(guild, user_id, roles)

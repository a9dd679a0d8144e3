"""Everything goes through the proxy of its own setting, HTTP or SOCKS, over real sockets.

The names of the hosts exist nowhere (RFC 2606, `.invalid`), so what went past a proxy would fail.
"""

from pathlib import Path
from typing import Literal, cast

import pytest
from safetensors.torch import save
from torch import randn

from bot.adapters.telegram import TelegramAdapter
from bot.check import _platforms
from bot.check.finding import Level
from bot.config import ModelsConfig, Secrets, TelegramConfig
from bot.conversation import Conversation
from bot.database import Database
from bot.inbox import Inbox
from bot.models.add import Order, add
from tests.app_fixture import DISCORD_TOKEN, TELEGRAM_TOKEN, app_config
from tests.standins.discord import DiscordServer
from tests.standins.discord_bench import bench
from tests.standins.hub import Hub
from tests.standins.proxies import Proxy
from tests.standins.telegram import TOKEN, TelegramServer
from tests.standins.telegram_scene import ANN, QUICK, Talk, png, running

pytestmark = pytest.mark.timeout(300)

Kind = Literal["http", "socks5"]
KINDS = pytest.mark.parametrize("kind", ["http", "socks5"])
PNG = png(16, 16)


@KINDS
async def test_telegram_goes_through_its_proxy(database: Database, kind: Kind) -> None:
    """Polling, sending and files."""
    talk = Talk()
    async with (
        TelegramServer() as server,
        Proxy(kind, {"telegram.invalid": server.base}) as proxy,
    ):
        adapter = TelegramAdapter(
            config=TelegramConfig(api_base="http://telegram.invalid", proxy=proxy.address),
            token=TOKEN,
            conversation=cast(Conversation, talk),
            inbox=Inbox(database),
            timing=QUICK,
        )
        async with running(adapter):
            await server.photo(server.group(), ANN, PNG, "/draw a fox")
            await server.next(lambda c: c.method == "sendMessage" and "a fox" in c.p["text"])
    assert talk.heard[0].source == PNG
    assert set(proxy.asked) == {"telegram.invalid"}


@KINDS
async def test_discord_goes_through_its_proxy(database: Database, kind: Kind) -> None:
    """REST, gateway and attachments."""
    async with DiscordServer() as server:
        here, server.world.address = server.world.address, "http://discord.invalid"
        ann = server.user("ann")
        art = server.channel(server.guild("Painters", ann), "art")
        async with (
            Proxy(kind, {"discord.invalid": here}) as proxy,
            bench(server, database, proxy=proxy.address) as ready,
        ):
            picture = server.attachment("in.png", PNG)
            await server.slash(ann, art, "draw", {"prompt": "a fox", "image": picture})
            assert (await ready.asked()).source == PNG
    assert set(proxy.asked) == {"discord.invalid"}


@KINDS
async def test_models_come_through_their_proxy(tmp_path: Path, kind: Kind) -> None:
    """From a mirror of the hub, description and file."""
    embedding = save({"emb_params": randn(2, 768)})
    async with (
        Hub({"dream.safetensors": embedding}) as hub,
        Proxy(kind, {"hub.invalid": hub.base}) as proxy,
    ):
        config = ModelsConfig(hub="http://hub.invalid", proxy=proxy.address)
        order = Order(source="ann/dream")
        path = await add(order, tmp_path, config, lambda *_: None, lambda _: None)
    assert path.read_bytes() == embedding
    assert set(proxy.asked) == {"hub.invalid"}


@KINDS
async def test_the_check_asks_through_the_proxies_too(
    tmp_path: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line for each proxy, and the platforms' lines are what stands behind them."""
    monkeypatch.setattr("bot.check.telegram._LISTEN_S", 1)
    async with (
        TelegramServer() as telegram,
        DiscordServer() as discord,
        Proxy(kind, {"telegram.invalid": telegram.base}) as first,
        Proxy(kind, {"discord.invalid": discord.api_base}) as second,
    ):
        config = app_config(
            telegram={"api_base": "http://telegram.invalid", "proxy": first.address},
            discord={"api_base": "http://discord.invalid/api/v10", "proxy": second.address},
        )
        keys = Secrets(telegram_token=TELEGRAM_TOKEN, discord_token=DISCORD_TOKEN)
        found = [f async for f in _platforms(config, keys, tmp_path)]
    lines = [str(f) for f in found]
    assert [f.text for f in found if f.topic == "proxy"] == [
        f"{kind}://127.0.0.1:{proxy.port} answers" for proxy in (first, second)
    ]
    assert any("✓ telegram   @ChatelierBot" in line for line in lines), lines
    assert any("✓ discord    chatelier" in line for line in lines), lines
    assert {f.level for f in found} == {Level.GOOD}
    assert {*first.asked, *second.asked} == {"telegram.invalid", "discord.invalid"}


async def test_a_gateway_that_fails_at_first_is_asked_again(database: Database) -> None:
    """REST answers, and the very first connection to the gateway breaks: the bot lives on."""
    async with DiscordServer() as server:
        here, server.world.address = server.world.address, "http://discord.invalid"
        ann = server.user("ann")
        art = server.channel(server.guild("Painters", ann), "art")
        async with Proxy("http", {"discord.invalid": here}) as proxy:
            proxy.cut = b"/gateway?"
            async with bench(server, database, proxy=proxy.address) as ready:
                await server.slash(ann, art, "draw", {"prompt": "a fox"})
                await ready.asked()
    assert proxy.cut == b""

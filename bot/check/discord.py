"""What Discord says of the bot's account: token, servers, and what it may do there."""

from typing import Any

from bot.check.finding import Finding, bad, good, info
from bot.check.telegram import TokenRefused
from bot.check.web import Ailing, Api, Unreachable, opened
from bot.config import DiscordConfig

NEEDED = {
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Attach Files": 1 << 15,
    "Read Message History": 1 << 16,
    "Send Messages in Threads": 1 << 38,
}
"""The least permissions, by the names that Discord shows, as bits of its permission number."""
_ADMINISTRATOR = 1 << 3


def invite_link(application_id: str) -> str:
    """Where a server's owner adds the bot, with the least permissions."""
    return (
        f"https://discord.com/oauth2/authorize?client_id={application_id}"
        f"&scope=bot+applications.commands&permissions={sum(NEEDED.values())}"
    )


async def application(api: Api, token: str) -> dict[str, Any]:
    """Discord's object of the bot's application.

    Raises:
        TokenRefused, Unreachable, Ailing
    """
    reply = await _get(api, token, "/oauth2/applications/@me")
    if not isinstance(reply, dict):
        raise Ailing("what answers is not Discord's API; look at [discord] api_base")
    return reply


async def discord_findings(api: Api, token: str) -> list[Finding]:
    """One line for the account, and one for each server where something is missing."""
    try:
        mine = await application(api, token)
        servers = await _get(api, token, "/users/@me/guilds?limit=200")
    except (TokenRefused, Unreachable, Ailing) as error:
        return [bad("discord", str(error))]
    servers = servers if isinstance(servers, list) else []
    count = "1 server" if len(servers) == 1 else f"{len(servers)} servers"
    where = f"in {count}" if servers else "in no server yet"
    return [
        good("discord", f"{mine.get('name')}, {where}; the link that invites it: {_invite(mine)}"),
        *(finding for server in servers if (finding := _lacking(server, mine))),
    ]


def _lacking(server: dict[str, Any], mine: dict[str, Any]) -> Finding | None:
    has = int(server.get("permissions") or 0)
    if server.get("owner") or has & _ADMINISTRATOR:
        return None
    lacking = [name for name, bit in NEEDED.items() if not has & bit]
    if not lacking:
        return None
    return bad(
        "discord",
        f"{server.get('name')}: the bot lacks {', '.join(lacking)}; give its role these, or"
        f" invite it again: {_invite(mine)}",
    )


def _invite(mine: dict[str, Any]) -> str:
    return invite_link(str(mine.get("id")))


async def _get(api: Api, token: str, path: str) -> Any:
    reply = await api.get(path, {"Authorization": f"Bot {token}"})
    if reply.status in (401, 403):
        raise TokenRefused("the token is refused; reset it in Discord's developer portal (Bot)")
    if reply.status != 200:
        raise Ailing(f"Discord answers with {reply.status}; try again later")
    return reply.body


async def check_discord(config: DiscordConfig, token: str) -> tuple[list[Finding], float | None]:
    """The findings, and Discord's clock where it told it."""
    if not token:
        return [info("discord", "no token (CHATELIER_DISCORD_TOKEN, or `chatelier init`)")], None
    async with opened(config.api_base, config.proxy, token) as api:
        return await discord_findings(api, token), api.date

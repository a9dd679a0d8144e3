"""Whether the proxies of the configuration answer at all."""

import asyncio
from collections.abc import Iterable

from yarl import URL

from bot.check.finding import Finding, bad, good
from bot.check.web import TIMEOUT_S, absent, shown


async def proxy_findings(proxies: Iterable[str]) -> list[Finding]:
    """One line for each different address; whether it lets anything through is told elsewhere."""
    return [await _reached(address) for address in dict.fromkeys(p for p in proxies if p)]


async def _reached(address: str) -> Finding:
    url = URL(address)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(url.host, url.port)
    except (OSError, TimeoutError) as error:
        return bad("proxy", absent(address, error))
    writer.close()
    return good("proxy", f"{shown(address)} answers")

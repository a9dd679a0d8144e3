"""axe-core, asked what keeps somebody from using a page (https://github.com/dequelabs/axe-core)."""

import json
from functools import cache
from pathlib import Path

from tests.browser.chromium import Page

SCRIPT = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
_ASK = """axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify(
  found.violations.map(v => [v.id, v.impact, v.help, v.nodes.map(n => n.html.slice(0, 200))])))"""


@cache
def script() -> str:
    return SCRIPT.read_text("utf-8")


async def violations(page: Page) -> list[str]:
    """What is wrong with the page as it stands now, everything axe knows, best practices too."""
    await page.evaluate(
        "Promise.all(document.getAnimations().filter(a => isFinite("
        "a.effect.getComputedTiming().endTime)).map(a => a.finished.catch(() => 0)))"
    )
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(f"{script()}; 0")
    return [
        f"{rule} ({how}): {told} {nodes}"
        for rule, how, told, nodes in json.loads(await page.evaluate(_ASK))
    ]

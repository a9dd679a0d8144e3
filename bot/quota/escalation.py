"""How strikes grow into time-outs and bans (pure)."""

from dataclasses import dataclass
from math import inf

from bot.config import ModerationConfig

DAY_S = 86_400.0
FIXED_DAYS = 365
"""How long a refusal by the rule that protects minors counts."""
GROWTH = 6
"""How many times longer each time-out is than the one before: an hour, six, a day and a half."""


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from a strike."""

    seconds: float | None = None
    """A time-out, `inf` for a ban; None: a warning."""
    left: int = 0
    """After a warning: how many more strikes until something follows."""


def of_strikes(count: int, rules: ModerationConfig) -> Step:
    """After the `count`th strike in one chat within `strike_days`."""
    each = rules.strikes_to_timeout
    if count % each:
        return Step(left=each - count % each)
    number = count // each
    if rules.timeouts_to_ban and number >= rules.timeouts_to_ban:
        return Step(inf)
    return Step(60.0 * rules.timeout_minutes * GROWTH ** min(number - 1, 5))


def of_fixed_rule(count: int, rules: ModerationConfig) -> Step:
    """After the `count`th refusal by the rule that protects minors, wherever it was."""
    if count >= rules.fixed_rule_to_ban:
        return Step(inf)
    return Step(count * DAY_S)

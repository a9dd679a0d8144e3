"""What follows from each category of the prompt filter, in each chat.

`[moderation]` holds until an operator says otherwise by command, everywhere or for a chat; what a
chat's admins say counts where it is stricter than that.
"""

from collections.abc import Iterable, Mapping

from bot.audit import Audit
from bot.database import Row, Transaction
from bot.errors import NotPermitted
from bot.phrase import phrase
from bot.quota.prompt_filter import Action

_MINE = "SELECT chat, category, by_operator, action FROM filter_actions WHERE chat IN ('', ?)"

_STRICTNESS = tuple(Action)


async def read(t: Transaction, chat: str) -> list[Row]:
    """What was set for `chat`, and everywhere."""
    return await t.rows(_MINE, (chat,))


def effective(
    rows: Iterable[Row], usual: Mapping[str, Action], *, of_admins: bool = True
) -> dict[str, Action]:
    """Categories to what follows from them; without `of_admins` as the operator has it."""
    actions = dict(usual)
    said = sorted(rows, key=lambda r: (not r["by_operator"], r["chat"]))
    for row in said:
        category, action = row["category"], Action(row["action"])
        if row["by_operator"]:
            actions[category] = action
        elif of_admins:
            actions[category] = max(actions[category], action, key=_STRICTNESS.index)
    return actions


async def change(
    t: Transaction,
    category: str,
    action: Action | None,
    *,
    usual: Mapping[str, Action],
    chat: str,
    by: str,
    as_operator: bool,
) -> tuple[Action, Action]:
    """Set what follows from a category in `chat` (empty: everywhere), or take it back (None); what
    holds before and after. An operator's word takes that of the chat's admins away.

    Raises:
        NotPermitted: an admin of a chat asks for less than the operator does.
    """
    rows = await read(t, chat)
    before = effective(rows, usual)[category]
    least = effective(rows, usual, of_admins=False)[category]
    if not as_operator and action and _STRICTNESS.index(action) < _STRICTNESS.index(least):
        raise NotPermitted(phrase("filter-action-laxer", action=phrase(f"filter-action-{least}")))
    layers = (0, 1) if as_operator else (0,)
    for layer in layers:
        await t.run(
            "DELETE FROM filter_actions WHERE chat = ? AND category = ? AND by_operator = ?",
            (chat, category, layer),
        )
    if action is not None:
        await t.run(
            "INSERT INTO filter_actions VALUES (?, ?, ?, ?)",
            (chat, category, int(as_operator), action),
        )
    after = effective(await read(t, chat), usual)[category]
    await Audit.record(
        t,
        account=by,
        act="filter-action",
        target=chat or "all",
        before=f"{category}: {before}",
        after=f"{category}: {after}",
        chat=chat,
    )
    return before, after

"""The buttons under messages, built here and nowhere else.

All that a button knows stands in it: an action, a job, and mostly a picture of that job. What that
means is looked up when it is pressed, so that it works for ever.
"""

from collections.abc import Sequence

from bot.domain import Button, Job, Picture
from bot.phrase import Phrase, phrase
from bot.replies import say

UPSCALE, VARY, AGAIN, EDIT = "upscale", "vary", "again", "edit"
FILE, INFO, DELETE, REPORT = "file", "info", "delete", "report"
_SIGNS = {AGAIN: "🎲", EDIT: "✏️", FILE: "📄", INFO: "ℹ️", DELETE: "🗑", REPORT: "⚑"}


def worded_button(action: str, argument: str, language: str) -> Button:
    """A button with its name on it: `cancel`, `approve`, `leave`."""
    return Button(label=say(phrase(f"button-{action}"), language), action=action, argument=argument)


def result_buttons(
    job: Job, shown: Sequence[Picture], language: str, *, report: bool = False
) -> tuple[Button, ...]:
    """What can be done with the pictures of a result: those that its message shows, in order.

    `report`: admins hear of complaints here. None where no picture is shown.
    """
    if not shown:
        return ()
    several = len(shown) > 1
    whole = job.id if several else f"{job.id}:{shown[0].index}"
    made = [
        Button(
            label=f"{letter}{number}" if several else letter,
            action=action,
            argument=f"{job.id}:{picture.index}",
            about=_about(action, language, number if several else 0),
            row=row if several else 0,
        )
        for row, (letter, action) in enumerate((("U", UPSCALE), ("V", VARY)))
        for number, picture in enumerate(shown, 1)
    ]
    signs = (AGAIN, EDIT, FILE, INFO, DELETE, *((REPORT,) if report else ()))
    return (*made, *(_sign(action, whole, language, _row(action, several)) for action in signs))


def _row(action: str, several: bool) -> int:
    """A single picture has what draws in one row, and the rest in another."""
    if several:
        return 2
    return 0 if action in (AGAIN, EDIT) else 1


def _sign(action: str, argument: str, language: str, row: int) -> Button:
    return Button(
        label=_SIGNS[action],
        action=action,
        argument=argument,
        about=_about(action, language, 0),
        row=row,
    )


def _about(action: str, language: str, number: int) -> str:
    """In words; `number` is 0 where there is one picture only."""
    key = f"button-about-{action}"
    item: Phrase = phrase(key, number=number) if action in (UPSCALE, VARY) else phrase(key)
    return say(item, language)

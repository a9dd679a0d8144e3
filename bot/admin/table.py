"""All acts of `/admin` and all settings of `/settings`, in one table.

Grammar, permissions, menus and the tables of docs/administration.md follow from it. A chat's
admins act within their chat alone; what is `operator_only` is refused to them.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.quota.prompt_filter import Action
from bot.quota.word_lists import CATEGORIES
from bot.replies import LANGUAGES


class Kind(StrEnum):
    """What a parameter is."""

    MEMBER = "member"
    """A mention, a reply, `telegram:123`, or a bare id of the platform at hand."""
    CHAT = "chat"
    """`telegram:-100123`, `discord:456`, or nothing for the chat at hand."""
    AMOUNT = "amount"
    """`50/day`, `20/hour`, `unlimited`, `default`."""
    CREDITS = "credits"
    """`20`."""
    DURATION = "duration"
    """`2d`, `1h30m`, `forever`."""
    WORD = "word"
    TEXT = "text"
    """A reason: the rest of the line."""
    WORDS = "words"
    """For the prompt filter: the rest of the line."""
    COUNT = "count"
    CHOICE = "choice"
    MODEL = "model"
    """A checkpoint of the catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of an act."""

    name: str
    kind: Kind
    required: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act. `everywhere`: an operator may add `--everywhere` (or `--chat ID`) to it."""

    name: str
    """In menus, such as `quota-chat`."""
    words: str
    """As it is typed, such as `quota chat`."""
    example: str = ""
    """What may follow, such as `@ann 50/day`."""
    parameters: tuple[Parameter, ...] = ()
    operator_only: bool = False
    everywhere: bool = False


def _member(name: str = "member") -> Parameter:
    return Parameter(name=name, kind=Kind.MEMBER)


_AMOUNT = Parameter(name="amount", kind=Kind.AMOUNT, required=False)
"""Without one, what holds is told."""
_DURATION = Parameter(name="duration", kind=Kind.DURATION, required=False)
_REASON = Parameter(name="reason", kind=Kind.TEXT, required=False)
_CHAT = Parameter(name="chat", kind=Kind.CHAT, required=False)
_WORDS = Parameter(name="words", kind=Kind.WORDS)

FILTER_ACTIONS = (*(action.value for action in reversed(Action)), "default")
"""What may follow from one; `default` takes back what was set."""


def _category(*, required: bool = True) -> Parameter:
    """Where it may be left out, it stands before a colon."""
    return Parameter(name="category", kind=Kind.CHOICE, required=required, choices=CATEGORIES)


ACTS = (
    Act(
        name="quota",
        words="quota",
        example="@ann 50/day",
        parameters=(_member(), _AMOUNT),
        everywhere=True,
    ),
    Act(name="quota-chat", words="quota chat", example="200/day", parameters=(_CHAT, _AMOUNT)),
    Act(
        name="quota-all",
        words="quota all",
        example="2000/day",
        parameters=(_AMOUNT,),
        operator_only=True,
    ),
    Act(
        name="grant",
        words="grant",
        example="@ann 20 7d",
        parameters=(
            _member(),
            Parameter(name="credits", kind=Kind.CREDITS),
            _DURATION,
            _REASON,
        ),
        everywhere=True,
    ),
    Act(
        name="ban",
        words="ban",
        example="@ann 2d spam",
        parameters=(_member(), _DURATION, _REASON),
        everywhere=True,
    ),
    Act(
        name="unban",
        words="unban",
        example="@ann",
        parameters=(_member(), _REASON),
        everywhere=True,
    ),
    Act(
        name="tier",
        words="tier",
        example="@ann patron",
        parameters=(_member(), Parameter(name="tier", kind=Kind.WORD)),
        operator_only=True,
    ),
    Act(
        name="link",
        words="link",
        example="telegram:123 discord:456",
        parameters=(_member(), _member("other")),
        operator_only=True,
    ),
    Act(
        name="unlink",
        words="unlink",
        example="telegram:123",
        parameters=(_member(),),
        operator_only=True,
    ),
    Act(
        name="chat-allow",
        words="chat allow",
        example="telegram:-100123",
        parameters=(_CHAT,),
        operator_only=True,
    ),
    Act(
        name="chat-deny",
        words="chat deny",
        example="telegram:-100123",
        parameters=(_CHAT,),
        operator_only=True,
    ),
    Act(name="chats", words="chat list", operator_only=True),
    Act(
        name="pause",
        words="pause",
        example="new graphics card",
        parameters=(_REASON,),
        everywhere=True,
    ),
    Act(name="resume", words="resume", everywhere=True),
    Act(
        name="drain",
        words="drain",
        example="moving house",
        parameters=(_REASON,),
        operator_only=True,
    ),
    Act(name="status", words="status"),
    Act(
        name="log",
        words="log",
        example="10",
        parameters=(Parameter(name="count", kind=Kind.COUNT, required=False),),
        everywhere=True,
    ),
    Act(
        name="strikes",
        words="strikes",
        example="10",
        parameters=(Parameter(name="count", kind=Kind.COUNT, required=False),),
        everywhere=True,
    ),
    Act(
        name="filter-add",
        words="filter add",
        example="gore: splatter",
        parameters=(_category(required=False), _WORDS),
        everywhere=True,
    ),
    Act(
        name="filter-rm",
        words="filter rm",
        example="splatter",
        parameters=(_WORDS,),
        everywhere=True,
    ),
    Act(name="filter-list", words="filter list", everywhere=True),
    Act(
        name="filter-test",
        words="filter test",
        example="a fox in the snow",
        parameters=(_WORDS,),
        everywhere=True,
    ),
    Act(
        name="filter-action",
        words="filter action",
        example="gore spoiler",
        parameters=(
            _category(),
            Parameter(name="action", kind=Kind.CHOICE, choices=FILTER_ACTIONS),
        ),
        everywhere=True,
    ),
)

LANGUAGE_CHOICES = ("auto", *LANGUAGES)
BUTTON_CHOICES = ("everyone", "requester")
PICTURE_CHOICES = ("allow", "spoiler", "blur", "hold", "drop")


def _setting(name: str, kind: Kind, choices: tuple[str, ...] = ()) -> Act:
    value = Parameter(name="value", kind=kind, choices=choices)
    return Act(name=name, words=name, parameters=(value,))


SETTINGS = (
    _setting("language", Kind.CHOICE, LANGUAGE_CHOICES),
    _setting("model", Kind.MODEL),
    _setting("size", Kind.TEXT),
    _setting("steps", Kind.COUNT),
    _setting("negative", Kind.TEXT),
    _setting("style", Kind.TEXT),
    _setting("buttons", Kind.CHOICE, BUTTON_CHOICES),
    _setting("pictures", Kind.CHOICE, PICTURE_CHOICES),
    _setting("pictures-from", Kind.TEXT),
    _setting("pictures-adult", Kind.CHOICE, PICTURE_CHOICES),
)
"""What a chat's admins set for it. The word `default` in place of a value takes it back."""

PERSONAL = ("language", "model", "size", "steps", "negative")
"""What members set for themselves: `/settings my model …`, or any `/settings` in private."""

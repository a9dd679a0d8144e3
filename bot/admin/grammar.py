"""What an admin typed becomes one `Asked`, or all its faults at once (pure)."""

import difflib
import re
from dataclasses import dataclass, field

from bot.admin.amounts import Limit, NotAnAmount, take_amount
from bot.admin.durations import NotADuration, take_duration
from bot.admin.table import ACTS, Act, Kind, Parameter
from bot.admin.targets import ACCOUNT, IN_CHAT, Named, chat_key, is_chat, named
from bot.domain import Platform, Requester
from bot.errors import BadCommand
from bot.phrase import Phrase, phrase
from bot.replies.messages import shortened

REASON_CHARS = 200
MOST_LOGGED = 50

_ALIASES = {
    "chats": "chat list",
    "unpause": "resume",
    "额度": "quota",
    "额度 群": "quota chat",
    "额度 总": "quota all",
    "赠送": "grant",
    "封禁": "ban",
    "解封": "unban",
    "等级": "tier",
    "关联": "link",
    "取消关联": "unlink",
    "暂停": "pause",
    "恢复": "resume",
    "排空": "drain",
    "状态": "status",
    "日志": "log",
    "过滤 添加": "filter add",
    "过滤 删除": "filter rm",
    "filter remove": "filter rm",
    "过滤 列表": "filter list",
    "过滤 测试": "filter test",
    "过滤 处理": "filter action",
    "违规": "strikes",
}
_CHOICES = {
    "色情": "sexual",
    "血腥": "gore",
    "仇恨": "hate",
    "自残": "self-harm",
    "self_harm": "self-harm",
    "辱骂": "degrading",
    "其他": "other",
    "拒绝": "refuse",
    "审核": "hold",
    "遮挡": "spoiler",
    "遮罩": "spoiler",
    "负面": "negative",
    "允许": "allow",
    "默认": "default",
}
_ACTS = {act.words: act for act in ACTS}
_ACTS |= {alias: _ACTS[words] for alias, words in _ALIASES.items()}

_DASHES = re.compile(r"(?<!\S)[—–−]{1,2}(?=[a-z全])", re.I)
_EVERYWHERE = re.compile(r"(?<!\S)--(?:everywhere|global|全局)(?!\S)", re.I)
_NUMERIC = re.compile(r"[+-]?[\d.]")
_AND = re.compile(r"^(?:and\b|和|以及|[,;、])\s*", re.I)
_ME = frozenset(("me", "myself", "我", "自己", "本人"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is known beside the text. `target`: the member mentioned or replied to."""

    platform: Platform | None = None
    target: Requester | None = None
    target_problem: str = ""
    is_reply: bool = False
    speaker: str = ""
    """The account of the one who says it: `me`."""


@dataclass(slots=True, kw_only=True)
class Asked:
    """An act, understood. `member` and `other` are accounts, `chat` a chat's key."""

    act: Act
    members: list[str] = field(default_factory=list)
    chat: str = ""
    everywhere: bool = False
    limits: list[Limit] = field(default_factory=list)
    """At most one for the day and one for the hour."""
    credits: int = 0
    """Millicredits of a gift."""
    seconds: float | None = None
    """How long; None: for ever, or not said."""
    count: int | None = None
    word: str = ""
    reason: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    """Choices by the name of their parameter."""
    text: str = ""
    """What the prompt filter is about."""


def parse(text: str, heard: Heard) -> Asked:
    """Understand what follows `/admin`.

    Raises:
        BadCommand: it is not understood; every fault has a phrase.
    """
    text = _DASHES.sub("--", " ".join(text.split()))
    act, _ = _act(_EVERYWHERE.sub("", IN_CHAT.sub("", text)).strip())
    reader = _Reader(act, heard)
    return reader.read(text)


def _act(text: str) -> tuple[Act, str]:
    """The act that `text` begins with, and what follows it; two words are tried before one."""
    words = text.split(" ", 2)
    for used in (2, 1):
        name = " ".join(words[:used]).lower()
        if len(words) >= used and name in _ACTS:
            return _ACTS[name], " ".join(words[used:])
    if not text:
        raise BadCommand(phrase("admin-usage"))
    typed = words[0].lower()[:40]
    several = sorted(name for name in _ACTS if name.startswith(f"{typed} "))
    if several:
        raise BadCommand(phrase("admin-which", known=", ".join(several)))
    close = difflib.get_close_matches(typed, [name.split()[0] for name in _ACTS], 1, 0.6)
    if close:
        raise BadCommand(phrase("admin-unknown-near", asked=typed, near=close[0]))
    known = ", ".join(sorted({act.words.split()[0] for act in ACTS}))
    raise BadCommand(phrase("admin-unknown", asked=typed, known=known))


class _Reader:
    """Reads the parameters of one act from left to right, and collects what is wrong."""

    def __init__(self, act: Act, heard: Heard) -> None:
        self._heard = heard
        self._faults: list[Phrase] = []
        self._kinds = [parameter.kind for parameter in act.parameters]
        self._rest = ""
        self._asked = Asked(act=act)
        self._untimed = False

    def read(self, text: str) -> Asked:
        """The act with its parameters."""
        _, self._rest = _act(self._flags(text))
        for _ in range(self._kinds.count(Kind.MEMBER)):
            self._take_member()
        for parameter in self._asked.act.parameters:
            self._take(parameter)
        self._settle_members()
        if self._rest:
            self._fault("admin-left-over", rest=shortened(self._rest, 40))
        if self._faults:
            raise BadCommand(*self._faults, self._example())
        return self._asked

    def _flags(self, text: str) -> str:
        for found in IN_CHAT.finditer(text):
            self._asked.chat = self._chat_key(found[1])
        self._asked.everywhere = bool(_EVERYWHERE.search(text))
        text = " ".join(_EVERYWHERE.sub(" ", IN_CHAT.sub(" ", text)).split())
        flagged = self._asked.everywhere or self._asked.chat
        if flagged and not self._asked.act.everywhere:
            self._fault("admin-no-scope", act=self._asked.act.words)
        elif self._asked.everywhere and self._asked.chat:
            self._fault("admin-two-scopes")
        return text

    def _take(self, parameter: Parameter) -> None:
        match parameter.kind:
            case Kind.CHAT:
                self._take_chat()
            case Kind.AMOUNT:
                self._take_limits(parameter)
            case Kind.CREDITS:
                self._take_credits()
            case Kind.DURATION:
                self._take_duration()
            case Kind.COUNT:
                self._take_count()
            case Kind.WORD:
                self._take_word()
            case Kind.CHOICE:
                self._take_choice(parameter)
            case Kind.WORDS:
                self._take_words()
            case Kind.TEXT:
                self._take_member_late()
                self._take_reason()
            case _:
                pass

    # Members ---------------------------------------------------------------------------------

    def _take_member(self) -> None:
        """An explicit member in front, if there is one."""
        word, _, rest = self._rest.partition(" ")
        if word.lower() in _ME and self._heard.speaker:
            self._asked.members.append(self._heard.speaker)
            self._rest = rest
            return
        who = named(word)
        if who is None or (_is_bare(who) and not self._is_id(rest)):
            return
        self._name(who)
        self._rest = rest

    def _is_id(self, rest: str) -> bool:
        """Whether a number in front names somebody, by what follows it."""
        if Kind.AMOUNT in self._kinds or Kind.CREDITS in self._kinds:
            return _begins(rest)
        word = self._rest.partition(" ")[0]
        return len(word) >= 5 or Kind.TEXT not in self._kinds

    def _take_member_late(self) -> None:
        """`grant 20 @ann`: taken where nobody else can be meant."""
        is_missing = len(self._asked.members) < self._kinds.count(Kind.MEMBER)
        if is_missing and not self._heard.is_reply:
            self._take_member()

    def _name(self, who: Named) -> None:
        if who.name:
            problem = self._heard.target_problem or "target-unknown"
            self._faults.append(phrase(problem, name=who.written[:60]))
            self._asked.members.append("")
            return
        known = who.at(self._heard.platform)
        if known is None:
            self._fault("admin-which-platform", asked=who.written)
        elif known.id.startswith("-"):
            self._fault("admin-chat-no-member", asked=who.written)
        self._asked.members.append(known.key if known else "")

    def _settle_members(self) -> None:
        wanted = self._kinds.count(Kind.MEMBER)
        missing = wanted - len(self._asked.members)
        if missing <= 0:
            return
        target = self._heard.target
        if ACCOUNT.search(self._asked.reason):
            self._fault("admin-target-unclear")
        elif target is not None and target.account not in self._asked.members and missing == 1:
            self._asked.members.append(target.account)
        elif self._heard.target_problem:
            name = target.name if target else ""
            self._faults.append(phrase(self._heard.target_problem, name=name))
        else:
            self._fault("admin-whom" if wanted == 1 else "admin-both")

    # Other parameters ------------------------------------------------------------------------

    def _take_chat(self) -> None:
        word, _, rest = self._rest.partition(" ")
        if not word or (Kind.AMOUNT in self._kinds and not is_chat(word, _begins(rest))):
            return
        self._asked.chat = self._chat_key(word)
        self._rest = rest

    def _chat_key(self, word: str) -> str:
        key = chat_key(word, self._heard.platform)
        if not key:
            self._fault("admin-bad-chat", chat=shortened(word, 40))
        return key

    def _amount(self, fault: str = "") -> Limit | None:
        """`fault`: what is said of anything that is no amount; else what is wrong with it."""
        try:
            taken = take_amount(self._rest)
        except NotAnAmount as error:
            self._fault(fault or error.key, asked=shortened(str(error), 20))
        else:
            if taken is not None:
                limit, self._rest = taken
                return limit
            if self._rest:
                self._fault(fault or "admin-amount-unclear", asked=shortened(self._rest, 20))
            else:
                self._fault("admin-amount-missing")
        self._rest = ""
        return None

    def _take_limits(self, parameter: Parameter) -> None:
        """`50/day`, or one for each window: `50/day 10/hour`."""
        limits = self._asked.limits
        while self._rest or (parameter.required and not limits):
            if limits and not _begins(self._rest):
                break
            if (limit := self._amount()) is None:
                break
            if any(limit.windows & known.windows for known in limits):
                self._fault("admin-amount-twice")
            limits.append(limit)
            self._rest = _AND.sub("", self._rest)
        self._take_member_late()

    def _take_credits(self) -> None:
        written = self._rest
        limit = self._amount("admin-credits-unclear")
        if limit is not None and (limit.window or not limit.millicredits):
            self._fault("admin-credits-unclear", asked=shortened(written.split()[0], 20))
        elif limit is not None:
            self._asked.credits = limit.millicredits

    def _take_duration(self) -> None:
        try:
            taken = take_duration(self._rest)
        except NotADuration as error:
            self._fault("admin-duration-unclear", asked=str(error))
            self._rest = ""
            return
        if taken is not None:
            self._asked.seconds, self._rest = taken
        self._untimed = taken is None

    def _take_count(self) -> None:
        word, _, self._rest = self._rest.partition(" ")
        if not word:
            return
        if not word.isdecimal() or not 1 <= int(word[:6]) <= MOST_LOGGED:
            self._fault("admin-count-range", asked=shortened(word, 20), most=MOST_LOGGED)
            return
        self._asked.count = int(word)

    def _take_word(self) -> None:
        self._asked.word, _, self._rest = self._rest.partition(" ")
        if not self._asked.word:
            self._fault("admin-tier-missing")

    def _take_reason(self) -> None:
        printable = "".join(c if c.isprintable() else " " for c in self._rest)
        self._asked.reason, self._rest = printable.strip()[:REASON_CHARS], ""
        if self._untimed and (time := _time_at_end(self._asked.reason)):
            self._fault("admin-duration-behind", asked=time)

    def _take_choice(self, parameter: Parameter) -> None:
        """A word in front; one that may be left out has a colon behind it, or brackets."""
        first = r"\[([^\]]+)\]|([^\s:：]+)[:：]" if not parameter.required else r"(\S+)()"
        found = re.match(first, self._rest)
        typed = (found[1] or found[2] or "").strip().lower() if found else ""
        choice = _CHOICES.get(typed, typed)
        if choice in parameter.choices and found:
            self._asked.chosen[parameter.name] = choice
            self._rest = self._rest[found.end() :].strip()
        elif parameter.required or self._rest.startswith("["):
            known = ", ".join(parameter.choices)
            self._fault("admin-which-choice", asked=shortened(typed, 20), known=known)
            self._rest = ""

    def _take_words(self) -> None:
        printable = "".join(c if c.isprintable() or c == "\u200d" else " " for c in self._rest)
        self._asked.text, self._rest = printable.strip(), ""
        if not self._asked.text:
            self._fault("admin-words-missing")

    # Faults ----------------------------------------------------------------------------------

    def _fault(self, key: str, **args: str | int) -> None:
        self._faults.append(phrase(key, **args))

    def _example(self) -> Phrase:
        act = self._asked.act
        return phrase("admin-example", example=f"/admin {act.words} {act.example}".strip())


def _time_at_end(reason: str) -> str:
    """The duration that a reason ends with, as in `spam 2d`: it may be meant for how long."""
    words = reason.split()
    for count in (1, 2):
        tail = " ".join(words[-count:])
        try:
            taken = take_duration(tail)
        except NotADuration:
            continue
        if taken is not None and taken[0] is not None:
            return tail
    return ""


def _is_bare(who: Named) -> bool:
    return who.platform is None and not who.name


def _begins(text: str) -> bool:
    """Whether `text` begins with an amount, right or wrong."""
    if _NUMERIC.match(text):
        return True
    try:
        return take_amount(text) is not None
    except NotAnAmount:
        return True

"""`/settings`: what a chat or a member has chosen for requests that do not say.

Values are tried as a request would be, by the same grammar and against the same catalogue and
limits, and the words of a style by the prompt filter. So what is kept can be drawn.
"""

import difflib
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot import values
from bot.admin.table import PERSONAL, SETTINGS
from bot.command import flags, parse_draw
from bot.config import Config, DefaultsConfig
from bot.domain import Catalog, DrawRequest, Incoming
from bot.errors import BadCommand, NotPermitted, RejectedPrompt
from bot.phrase import Phrase, phrase
from bot.preferences import Owner, Preferences, PreferenceStore
from bot.quota.prompt_filter import Fields, Verdict
from bot.replies import LANGUAGES
from bot.resolve import resolve
from bot.resolve.style import PLACE
from bot.spec import RenderSpec

STYLE_CHARS = 500

_NAMES = {setting.words: setting.words for setting in SETTINGS} | {
    "lang": "language",
    "checkpoint": "model",
    "neg": "negative",
    "语言": "language",
    "模型": "model",
    "尺寸": "size",
    "步数": "steps",
    "负面": "negative",
    "负面提示词": "negative",
    "风格": "style",
    "按钮": "buttons",
    "图片": "pictures",
    "图片阈值": "pictures-from",
    "成人图片": "pictures-adult",
}
_PICTURES: dict[str, str | None] = {
    "allow": "allow", "允许": "allow", "spoiler": "spoiler", "遮挡": "spoiler",
    "blur": "blur", "模糊": "blur", "hold": "hold", "待审": "hold", "drop": "drop", "丢弃": "drop",
}  # fmt: skip
_WORDS: dict[str, dict[str, str | None]] = {
    "language": {
        **{language: language for language in LANGUAGES},
        "en": "en", "english": "en", "英文": "en", "英语": "en",
        "zh": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh",
        "auto": None, "自动": None,
    },
    "buttons": {
        "everyone": None, "all": None, "所有人": None,
        "requester": "requester", "本人": "requester",
    },
    "pictures": _PICTURES,
    "pictures-adult": _PICTURES,
}  # fmt: skip
_DEFAULT = frozenset(("default", "reset", "默认", "恢复默认"))
_NOTHING = frozenset(("none", "nothing", "empty", "无", "没有"))
_MINE = re.compile(r"(?:my|mine|me|我的|我)(?:\s+|$)", re.IGNORECASE)


def as_set(incoming: Incoming) -> Incoming:
    """`/language zh` as the `/settings my language zh` that it is; anything else as it was."""
    if incoming.command.lower() not in ("language", "lang"):
        return incoming
    return replace(incoming, command="settings", text=f"my language {incoming.text}".strip())


class Choices:
    """Shows and sets what a chat's admins, or members for themselves, have chosen."""

    def __init__(
        self,
        *,
        config: Config,
        store: PreferenceStore,
        catalog: Callable[[], Catalog],
        judge: Callable[[Fields, str], Awaitable[Verdict]],
    ) -> None:
        self._config = config
        self._store = store
        self._catalog = catalog
        self._judge = judge

    async def run(self, incoming: Incoming, *, operator: bool) -> tuple[Phrase, ...]:
        """Do what follows `/settings`.

        Raises:
            Refusal: not understood, not there, not allowed; nothing was changed.
        """
        text, to = incoming.text.strip(), incoming.reply_to
        mine = _MINE.match(text)
        text = text[mine.end() :] if mine else text
        scope: Owner = "member" if mine or to.private else "chat"
        owner = incoming.requester.account if scope == "member" else to.chat
        held = await self._held(incoming)
        if not text:
            return self._overview(held, scope)
        typed, _, value = text.partition(" ")
        name = _name(typed, scope)
        if not value.strip():
            return (self._line(name, held, scope), phrase(f"about-settings-{name}"))
        if scope == "chat" and not (incoming.is_chat_admin or operator):
            raise NotPermitted(phrase("settings-admins-only"))
        here = held if scope == "member" else replace(held, member={})
        usual = here.defaults(self._config.defaults)
        kept, notes = await self._checked(name, value.strip(), usual, to.chat)
        by = incoming.requester.account
        before = await self._store.set(scope, owner, name, kept, by=by)
        changed = phrase(
            "settings-changed" if before != kept else "settings-unchanged",
            name=phrase(f"settings-name-{name}"),
            scope=scope,
            before=worded(name, before),
            after=worded(name, kept),
        )
        return (changed, *notes)

    async def _held(self, incoming: Incoming) -> Preferences:
        return await self._store.of(incoming.reply_to.chat, incoming.requester.account)

    # Showing ---------------------------------------------------------------------------------

    def _overview(self, held: Preferences, scope: Owner) -> tuple[Phrase, ...]:
        names = PERSONAL if scope == "member" else tuple(s.name for s in SETTINGS)
        lines = (self._line(name, held, scope) for name in names)
        return (phrase(f"settings-title-{scope}"), *lines, phrase(f"settings-how-{scope}"))

    def _line(self, name: str, held: Preferences, scope: Owner) -> Phrase:
        own = held.member if scope == "member" else held.chat
        if name in own:
            value: str | Phrase = worded(name, own[name])
        else:
            value = phrase("settings-as-default", value=self._usual(name))
        return phrase("settings-line", name=phrase(f"settings-name-{name}"), value=value)

    def _usual(self, name: str) -> str | Phrase:
        """What holds where nothing was chosen."""
        usual, catalog = self._config.defaults, self._catalog()
        width, height = usual.width, usual.height
        match name:
            case "model" if usual.checkpoint or catalog.default_checkpoint:
                return usual.checkpoint or catalog.default_checkpoint
            case "size" if width and height:
                return f"{width}×{height}"
            case "steps" if usual.steps:
                return str(usual.steps)
            case "negative" | "style":
                text = usual.negative_prompt if name == "negative" else usual.style
                return text or phrase("settings-nothing")
            case "language" | "buttons":
                return phrase(f"settings-usual-{name}")
            case "pictures":
                return worded(name, self._config.moderation.picture_action)
            case "pictures-adult":
                return worded(name, self._config.moderation.age_restricted_action)
            case "pictures-from":
                return f"{self._config.moderation.picture_threshold:g}"
        return phrase("settings-suits-model")

    # Checking --------------------------------------------------------------------------------

    async def _checked(
        self, name: str, value: str, usual: DefaultsConfig, chat: str
    ) -> tuple[str | None, tuple[Phrase, ...]]:
        """The value to keep (None: the default), and what has to be said about it."""
        plain = " ".join("".join(c if c.isprintable() else " " for c in value).split())
        if plain.lower() in _DEFAULT:
            return None, ()
        match name:
            case "language" | "buttons" | "pictures" | "pictures-adult":
                words = _WORDS[name]
                if plain.lower() not in words:
                    raise BadCommand(phrase(f"settings-bad-{name}", asked=plain[:40]))
                return words[plain.lower()], ()
            case "model":
                spec, _ = self._tried(DrawRequest(checkpoint=plain), usual)
                return spec.checkpoint.name, ()
            case "size":
                spec, notes = self._written(name, plain, usual)
                return f"{spec.width}x{spec.height}", notes
            case "steps":
                spec, notes = self._written(name, plain, usual)
                return str(spec.steps), notes
            case "pictures-from":
                return _probability(plain), ()
            case _:
                return await self._text(name, plain, chat), ()

    def _written(
        self, name: str, value: str, usual: DefaultsConfig
    ) -> tuple[RenderSpec, tuple[Phrase, ...]]:
        parsed = parse_draw(f"x --{name} {value}")
        if parsed.faults or parsed.request.prompt.strip() != "x":
            flag = flags.named(name)
            example = flag.example.rpartition(" ")[2] if flag else ""
            raise BadCommand(phrase("settings-bad-value", asked=value[:40], example=example))
        return self._tried(parsed.request, usual)

    def _tried(
        self, request: DrawRequest, usual: DefaultsConfig
    ) -> tuple[RenderSpec, tuple[Phrase, ...]]:
        """What a request would get.

        Raises:
            UnknownName, BadCommand: it would be refused.
        """
        tried = DrawRequest(
            prompt="x",
            checkpoint=request.checkpoint,
            width=request.width,
            height=request.height,
            aspect=request.aspect,
            steps=request.steps,
        )
        resolved = resolve(
            tried,
            self._catalog(),
            self._config.limits,
            DefaultsConfig(checkpoint=usual.checkpoint),
            seed_source=lambda: 0,
        )
        return resolved.spec, resolved.notes

    async def _text(self, name: str, value: str, chat: str) -> str:
        """A style or a negative prompt that may be drawn in `chat`; "" where none is wanted."""
        if value.lower() in _NOTHING:
            return ""
        most = STYLE_CHARS
        if len(value) > most:
            raise BadCommand(phrase("settings-too-long", length=len(value), most=most))
        style = name == "style"
        if style and value.replace(PLACE, "").strip(" ,") == "":
            raise BadCommand(phrase("settings-style-empty"))
        prompt = value.replace(PLACE, " ") if style else ""
        fields = Fields(prompt=prompt, negative_prompt="" if style else value)
        verdict = await self._judge(fields, chat)
        if not verdict.allowed:
            raise RejectedPrompt(verdict.phrase)
        return value


def _name(typed: str, scope: Owner) -> str:
    """The setting that was meant.

    Raises:
        BadCommand: there is none of that name, or members have none of their own.
    """
    name = _NAMES.get(typed.lower())
    if name is None:
        known = ", ".join(s.words for s in SETTINGS)
        if close := difflib.get_close_matches(typed.lower()[:40], _NAMES, 1, 0.6):
            raise BadCommand(phrase("settings-unknown-near", asked=typed[:40], near=close[0]))
        raise BadCommand(phrase("settings-unknown", asked=typed[:40], known=known))
    if scope == "member" and name not in PERSONAL:
        raise BadCommand(phrase("settings-of-chats", name=phrase(f"settings-name-{name}")))
    return name


def _probability(written: str) -> str:
    """`0.6` or `60%`, as a number above 0 and up to 1.

    Raises:
        BadCommand: it is none.
    """
    share = values.decimal(written)
    if share is None or not 0 < share <= 1:
        raise BadCommand(phrase("settings-bad-value", asked=written[:40], example="0.6"))
    return f"{share:g}"


def worded(name: str, value: str | None) -> str | Phrase:
    """A value as it is kept (None: the default), for people."""
    if value is None:
        return phrase("settings-default")
    if value == "":
        return phrase("settings-nothing")
    match name:
        case "language":
            return phrase(f"settings-language-{value}")
        case "buttons":
            return phrase(f"settings-buttons-{value}")
        case "pictures" | "pictures-adult":
            return phrase(f"settings-pictures-{value}")
        case "size":
            return value.replace("x", "×")
        case _:
            return value

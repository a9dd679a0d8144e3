"""`/preset`: save, list and delete presets; to use one is to draw, see `as_drawn`."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.command import parse_draw
from bot.domain import Answer, Incoming, Job
from bot.errors import BadCommand, RejectedPrompt
from bot.infotext import format_infotext
from bot.journal import Journal
from bot.phrase import Phrase, phrase
from bot.preferences import Preferences
from bot.presets import MOST, MOST_CHARACTERS, NAME_CHARACTERS, Preset, PresetStore, is_name
from bot.quota.prompt_filter import Fields, Verdict
from bot.replies.answers import answer
from bot.replies.messages import shortened
from bot.spec import RenderSpec

COMMAND = "preset"
_VERBS = {
    "save": "save", "add": "save", "set": "save", "保存": "save", "存": "save",
    "use": "use", "用": "use", "使用": "use",
    "list": "list", "ls": "list", "列表": "list", "查看": "list",
    "rm": "rm", "remove": "rm", "delete": "rm", "del": "rm", "删除": "rm", "删": "rm",
}  # fmt: skip
_FIRST_WORD = re.compile(r"(\S+)\s*(.*)", re.DOTALL)
_OF_ONE_PICTURE = re.compile(
    r"(?:Variation seed strength|Variation seed|Seed|Version): [^,]+(?:, |$)"
)


def as_drawn(incoming: Incoming) -> Incoming:
    """`/preset use NAME words`, or `/preset NAME words`, as the `/draw` that it is; anything else
    as it was."""
    verb, name, words = _taken(incoming.text)
    if incoming.command.lower() != COMMAND or verb != "use" or not is_name(name):
        return incoming
    return replace(incoming, command="draw", text=f"{words}\n--preset {name}".strip())


def settings_of(spec: RenderSpec) -> str:
    """The infotext of `spec` without what is of one picture alone: a preset of its look."""
    *prompts, fields = format_infotext(spec, 0, "").split("\n")
    return "\n".join((*prompts, _OF_ONE_PICTURE.sub("", fields).rstrip(", ")))


class PresetCommands:
    """Answers `/preset`. `judge` says whether words may be drawn in a chat."""

    def __init__(
        self,
        *,
        store: PresetStore,
        journal: Journal,
        judge: Callable[[Fields, str], Awaitable[Verdict]],
    ) -> None:
        self._store = store
        self._journal = journal
        self._judge = judge

    async def run(self, incoming: Incoming, _: Preferences) -> Answer:
        """Do what follows `/preset`.

        Raises:
            Refusal: it cannot be kept; nothing was changed.
        """
        verb, name, words = _taken(incoming.text)
        match verb:
            case "save":
                lines = await self._save(incoming, name, words)
            case "rm":
                lines = (await self._remove(incoming.requester.account, name),)
            case "show":
                lines = (await self._shown(incoming.requester.account, name),)
            case "list":
                lines = await self._list(incoming.requester.account)
            case _:
                raise BadCommand(phrase("preset-usage"))
        return answer(incoming.requester, *lines)

    async def _save(self, incoming: Incoming, name: str, words: str) -> tuple[Phrase, ...]:
        if not is_name(name) or name.lower() in _VERBS:
            raise BadCommand(phrase("preset-bad-name", asked=name[:40], most=NAME_CHARACTERS))
        if not words:
            words = settings_of((await self._picture(incoming)).spec)
        if len(words) > MOST_CHARACTERS:
            raise BadCommand(phrase("preset-long", length=len(words), most=MOST_CHARACTERS))
        await self._check(words, incoming.reply_to.chat)
        account = incoming.requester.account
        before = await self._store.find(account, name)
        if not await self._store.save(account, Preset(name=name, words=words)):
            raise BadCommand(phrase("preset-too-many", most=MOST))
        key = "preset-saved" if before is None else "preset-replaced"
        return (
            phrase(key, name=name, words=shortened(words, 200)),
            phrase("preset-how", name=name),
        )

    async def _picture(self, incoming: Incoming) -> Job:
        """The result that is answered, or else the member's last one."""
        to, job_id = incoming.reply_to, None
        if incoming.replied_message_id:
            replied = incoming.replied_message_id
            known = await self._journal.message(to.platform, to.chat_id, replied)
            job_id = known.job_id if known else None
        else:
            job_id = await self._store.last_drawn(incoming.requester.account)
        job = await self._journal.job(job_id) if job_id else None
        if job is None or not job.spec.prompt:
            raise BadCommand(phrase("preset-nothing"))
        return job

    async def _check(self, words: str, chat: str) -> None:
        """Refuse what could not be used anyway."""
        parsed = parse_draw(words)
        if parsed.faults:
            raise BadCommand(*parsed.faults)
        if parsed.request.preset is not None:
            raise BadCommand(phrase("preset-nested"))
        fields = Fields(
            prompt=parsed.request.prompt,
            negative_prompt=parsed.request.negative_prompt or "",
            names=tuple(lora.name for lora in parsed.request.loras),
        )
        verdict = await self._judge(fields, chat)
        if not verdict.allowed:
            raise RejectedPrompt(verdict.phrase)

    async def _remove(self, account: str, name: str) -> Phrase:
        if not name:
            raise BadCommand(phrase("preset-usage"))
        if await self._store.remove(account, name):
            return phrase("preset-removed", name=name)
        raise BadCommand(await self._store.unknown(account, name))

    async def _shown(self, account: str, name: str) -> Phrase:
        preset = await self._store.find(account, name)
        if preset is None:
            raise BadCommand(await self._store.unknown(account, name))
        return phrase("preset-line", name=preset.name, words=preset.words)

    async def _list(self, account: str) -> tuple[Phrase, ...]:
        presets = await self._store.all_of(account)
        if not presets:
            return (phrase("preset-none"), phrase("preset-usage"))
        lines = (phrase("preset-line", name=p.name, words=shortened(p.words, 60)) for p in presets)
        return (phrase("preset-title", count=len(presets)), *lines, phrase("preset-usage"))


def _taken(text: str) -> tuple[str, str, str]:
    """The verb, the name and the words. A name alone shows its preset, a name and words use it."""
    first, rest = _parted(text)
    if not first:
        return "list", "", ""
    if (verb := _VERBS.get(first.lower())) is None:
        return ("use" if rest else "show"), first, rest
    return (verb, *_parted(rest))


def _parted(text: str) -> tuple[str, str]:
    """The first word, and what follows it."""
    found = _FIRST_WORD.fullmatch(text.strip())
    return (found[1], found[2]) if found else ("", "")

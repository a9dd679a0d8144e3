"""What is wrong with a request, and what was changed in it."""

from bot.config import LimitsConfig
from bot.domain import Catalog
from bot.errors import BadCommand, UnknownName
from bot.phrase import Phrase, phrase
from bot.prompt import MOST_PROMPT_CHUNKS, likely_chunks

_ABOUT_NAMES = ("fault-name-", "fault-sampler-", "fault-schedule-")


class Report:
    """Collects faults and notes, so that all are told together."""

    def __init__(
        self, pasted: frozenset[str], faults: tuple[Phrase, ...], notes: tuple[Phrase, ...]
    ) -> None:
        self._pasted = pasted
        self._faults = list(faults)
        self._notes = list(notes)

    @property
    def notes(self) -> tuple[Phrase, ...]:
        """What was changed, in order."""
        return tuple(self._notes)

    def fault(self, fault: Phrase) -> None:
        """The request is refused, and this is one reason."""
        self._faults.append(fault)

    def note(self, note: Phrase) -> None:
        """The request is taken, with this change."""
        self._notes.append(note)

    def is_pasted(self, field: str) -> bool:
        """Whether the value of a field comes from a pasted block."""
        return field in self._pasted

    def missing(self, field: str, fault: Phrase, note: Phrase) -> None:
        """Something asked for does not exist here: a fault, or a note if it was pasted."""
        if self.is_pasted(field):
            self.note(note)
        else:
            self.fault(fault)

    def check_prompts(
        self, prompt: str, negative: str | None, limits: LimitsConfig, *, has_input: bool
    ) -> None:
        """A prompt says something, and neither is longer than allowed or in too many parts."""
        most = limits.max_prompt_chars
        if not prompt.strip(" ,.\n\t"):
            on_picture = phrase("fault-prompt-empty-image")
            self.fault(on_picture if has_input else phrase("fault-prompt-empty"))
        if len(prompt) > most:
            self.fault(phrase("fault-prompt-long", length=len(prompt), most=most))
        if negative and len(negative) > most:
            self.fault(phrase("fault-negative-long", length=len(negative), most=most))
        short = [text for text in (prompt, negative or "") if len(text) <= most]
        if any(likely_chunks(text) > MOST_PROMPT_CHUNKS for text in short):
            self.fault(phrase("fault-prompt-chunks", most=MOST_PROMPT_CHUNKS))

    def has_feature(self, feature: str, field: str, catalog: Catalog) -> bool:
        """Whether the renderer does this; if not, it is told."""
        if feature in catalog.features:
            return True
        self.missing(
            field,
            phrase("fault-feature", feature=feature),
            phrase("note-feature", feature=feature),
        )
        return False

    def raise_faults(self) -> None:
        """Raise everything that is wrong, if anything is."""
        if self._faults:
            only_names = all(f.key.startswith(_ABOUT_NAMES) for f in self._faults)
            raise (UnknownName if only_names else BadCommand)(*self._faults)

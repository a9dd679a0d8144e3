"""A job's messages: from a job and what happened to it to an `Outgoing` in words (pure)."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain import (
    Fate,
    Held,
    Job,
    JobEvent,
    JobState,
    Kind,
    Outgoing,
    Picture,
    Progress,
    Queued,
)
from bot.phrase import Phrase, phrase
from bot.replies import duration, language_for, say
from bot.replies.amounts import credit_words
from bot.replies.buttons import result_buttons, worded_button

PROMPT_SHOWN = 200
"""Characters of the prompt that a caption repeats."""
NOTES_SHOWN = 300
"""Characters of all that a caption tells besides."""
PROMPT_DECISIONS = ("prompt-release", "prompt-delete")
"""What admins may do with a request that waits for them: buttons."""


class Messages:
    """Words the messages of jobs. `language` is the configured one, or `auto`; `report`: members
    may complain of a result."""

    def __init__(self, language: str = "auto", *, report: bool = False) -> None:
        self._language = language
        self._report = report

    def status(self, job: Job, event: JobEvent) -> Outgoing:
        """The one status message, first sent and then edited."""
        language = self._of(job)
        progress = preview = None
        price = credit_words(job.cost)
        actions: tuple[str, ...] = ("cancel",)
        match event:
            case Held():
                line = phrase("prompt-held")
                if not job.reply_to.private:
                    actions = ("cancel", "prompt-show", *PROMPT_DECISIONS)
            case Queued(position=0):
                line = phrase("status-next", wait=event.eta_s, price=price)
            case Queued():
                place = event.position + 1
                key = "status-queued" if event.exact else "status-queued-far"
                line = phrase(key, place=place, wait=event.eta_s, price=price)
            case Progress():
                progress = event.step / max(1, event.steps)
                preview = event.preview
                line = _drawing(event, progress)
            case _:
                line = phrase("status-started")
        lines = [say(line, language), *(say(note, language) for note in job.notes)]
        return Outgoing(
            kind=Kind.STATUS,
            to=job.reply_to,
            text="\n".join(lines),
            nonce=f"{job.id}-s",
            edit=job.status_message_id,
            preview=preview,
            progress=progress,
            spoiler=job.spoiler,
            buttons=tuple(worded_button(action, job.id, language) for action in actions),
            job_id=job.id,
        )

    def end(self, job: Job, pictures: Sequence[Picture], *, is_demo: bool = False) -> Outgoing:
        """The message that ends a job: its pictures, or why there are none."""
        language = self._of(job)
        seen = tuple(p for p in pictures if not p.fate.hidden)
        told = []
        for fate in (Fate.DROPPED, Fate.HELD):
            if count := sum(p.fate is fate for p in pictures):
                line = phrase(f"pictures-{fate}", count=count, all=len(pictures))
                told.append(say(line, language))
        text = self._caption(job, seen, told, language) if seen else "\n".join(told)
        return Outgoing(
            kind=Kind.RESULT,
            to=job.reply_to,
            text=text or self._why(job, language),
            nonce=f"{job.id}-r",
            remove=job.status_message_id,
            remove_text=shortened(job.spec.prompt, 80),
            pictures=seen,
            as_file=job.as_file,
            spoiler=job.spoiler or any(p.fate is Fate.SPOILER for p in seen),
            buttons=result_buttons(job, seen, language, report=self._report),
            notify=job.requester,
            is_pressed=job.is_pressed,
            job_id=job.id,
            model_is_demo=is_demo,
        )

    def released(self, job: Job, pictures: Sequence[Picture], nonce: str) -> Outgoing:
        """Pictures that an admin let through, some time after the others."""
        return replace(self.end(job, pictures), nonce=nonce, remove=None)

    def unsendable(self, job: Job) -> Outgoing:
        """What is said when the platform will not take the pictures in any form."""
        language = self._of(job)
        return Outgoing(
            kind=Kind.RESULT,
            to=job.reply_to,
            text=say(phrase("result-unsendable"), language),
            nonce=f"{job.id}-u",
            remove=job.status_message_id,
            notify=job.requester,
            job_id=job.id,
        )

    def _of(self, job: Job) -> str:
        return language_for(job.requester.language, self._language)

    @staticmethod
    def _caption(job: Job, pictures: Sequence[Picture], told: Sequence[str], language: str) -> str:
        """Three lines at most: the words, how it was drawn, and what else is to be told."""
        spec = job.spec
        schedule = "" if spec.schedule in ("", "Automatic") else f" {spec.schedule}"
        facts = [
            say(phrase("caption-seed", seed=runs([p.seed for p in pictures])), language),
            say(phrase("caption-steps", steps=spec.steps), language),
            f"{spec.sampler}{schedule}",
            f"CFG {spec.cfg_scale:g}",
            "{}×{}".format(*spec.final_size),
        ]
        if spec.subseed_strength:
            seeds = runs([spec.seeds(p.index)[1] for p in pictures])
            varied = phrase("caption-vary", seed=seeds, strength=f"{spec.subseed_strength:g}")
            facts.append(say(varied, language))
        if spec.hires is not None:
            size, strength = f"{spec.width}×{spec.height}", f"{spec.hires.denoising_strength:g}"
            enlarged = phrase("caption-hires", size=size, strength=strength)
            facts.append(say(enlarged, language))
        if spec.input_sha256 is not None:
            strength = f"{spec.denoising_strength:g}"
            facts.append(say(phrase("caption-strength", strength=strength), language))
        facts += [spec.checkpoint.name, duration(job.seconds, language)]
        words = spec.words(pictures[0].index) if len(pictures) == 1 else spec.prompt
        lines = [shortened(words, PROMPT_SHOWN), " · ".join(facts)]
        if more := " ".join((*told, *(say(n, language) for n in job.notes))):
            lines.append(shortened(more, NOTES_SHOWN))
        return "\n".join(lines)

    @staticmethod
    def _why(job: Job, language: str) -> str:
        if job.state is JobState.CANCELLED:
            return say(phrase("job-cancelled"), language)
        if job.failure is None:
            return say(phrase("result-lost"), language)
        if not job.failure.incident:
            return say(phrase(job.failure.key), language)  # somebody decided so
        failed = phrase("job-failed", reason=phrase(job.failure.key), incident=job.failure.incident)
        return say(failed, language)


def runs(numbers: Sequence[int]) -> str:
    """`5–8, 11`: numbers that follow each other as their ends."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][-1] + 1:
            found[-1] = [found[-1][0], number]
        else:
            found.append([number])
    return ", ".join("–".join(map(str, run)) for run in found)


def _drawing(event: Progress, progress: float) -> Phrase:
    filled = round(progress * 10)
    bar = "▰" * filled + "▱" * (10 - filled)
    if event.eta_s is None or event.step >= event.steps:
        return phrase("status-drawing", bar=bar, percent=round(progress * 100))
    return phrase(
        "status-drawing-eta",
        bar=bar,
        percent=round(progress * 100),
        left=event.eta_s,
    )


def shortened(text: str, most: int) -> str:
    """One line of at most `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"

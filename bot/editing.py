"""✏️: what stands in the form of a picture, and what it asks for once it is filled in (pure)."""

from collections.abc import Mapping
from dataclasses import replace

from bot.command import Parsed, parse_draw
from bot.domain import Form, FormField, Job
from bot.phrase import phrase
from bot.replies import say
from bot.resolve.again import asked_again
from bot.tweak import over
from bot.values import shown

ACTION = "edit"


def edit_form(job: Job, index: int, language: str) -> Form:
    """The form of picture `index` of `job`: a strength only where it started from a picture."""
    again = asked_again(job.spec, index)
    values = {
        "prompt": again.prompt,
        "negative": again.negative_prompt or "",
        "seed": str(again.seed),
    }
    if again.denoising_strength is not None:
        values["strength"] = shown(again.denoising_strength)
    return Form(
        title=say(phrase("edit-title"), language),
        fields=tuple(
            FormField(
                name=name,
                label=say(phrase(f"edit-{name}"), language),
                value=value,
                long=name in ("prompt", "negative"),
                required=name == "prompt",
            )
            for name, value in values.items()
        ),
        action=ACTION,
        argument=f"{job.id}:{index}",
    )


def filled_in(job: Job, index: int, fields: Mapping[str, str]) -> Parsed:
    """The request that a form asks for. What was left as it stood is drawn to the letter; no seed
    asks for any. Flags in the words count, and what is wrong with the numbers is told as of
    flags."""
    base = asked_again(job.spec, index)
    prompt = fields.get("prompt", "").strip()
    is_new = prompt not in ("", base.prompt.strip())
    # A number in groups is one; what would stand behind a gap would be read as words.
    seed, strength = ("".join(fields.get(name, "").split()) for name in ("seed", "strength"))
    lines = [prompt if is_new else "", f"--seed {seed or 'random'}"]
    if base.denoising_strength is not None and strength:
        lines.append(f"--strength {strength}")
    words = parse_draw("\n".join(lines))
    if is_new and words.request.prompt:
        base = replace(base, prompt=words.request.prompt, raw=False)  # in the house style, as any
    flags = replace(words.request, prompt="")
    negative = fields.get("negative", base.negative_prompt or "").strip()
    if negative != (base.negative_prompt or "").strip() and flags.negative_prompt is None:
        base = replace(base, negative_prompt=negative)
    return over(base, flags, words)

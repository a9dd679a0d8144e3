"""The typed options of `/draw` in the words of the request."""

import re

from bot.adapters.discord.commands import DrawOptions
from bot.command import parse_draw
from bot.domain import DrawRequest


def understand(options: DrawOptions) -> tuple[str, DrawRequest]:
    """The text of the request, and what the options say beyond it.

    Sampler and size are read by the grammar that reads them in a text. What it cannot read goes
    back into the text as a flag, so that the member is told what is wrong with it there.
    """
    flags = " ".join(
        f"--{name} {_quoted(value)}"
        for name, value in (("sampler", options.sampler), ("size", options.size))
        if value
    )
    read = parse_draw(flags) if flags else None
    if read is not None and read.faults:
        return f"{options.prompt}\n{flags}", _typed(options, DrawRequest())
    return options.prompt, _typed(options, read.request if read else DrawRequest())


def _typed(options: DrawOptions, read: DrawRequest) -> DrawRequest:
    return DrawRequest(
        negative_prompt=options.negative,
        seed=options.seed,
        steps=options.steps,
        cfg_scale=options.cfg,
        sampler=read.sampler,
        schedule=read.schedule,
        width=read.width,
        height=read.height,
        aspect=read.aspect,
        count=options.count,
        denoising_strength=options.strength,
        hires_scale=options.hires,
        checkpoint=options.model,
        preset=options.preset,
        spoiler=options.spoiler,
        as_file=options.file,
    )


def _quoted(value: str) -> str:
    bare = re.sub(r"[\"“”\n]", " ", value).strip()
    return f'"{bare}"' if " " in bare else bare

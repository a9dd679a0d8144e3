"""Each way by which words reach the text encoder leads past the prompt filter.

A path is one thing that a member, an admin or the operator can do to have a word drawn. All are
walked with the real conversation over a real store, and end with the same private refusal.
"""

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.command.names import REPLY, WORDS
from bot.config import Config
from bot.database import Database
from bot.domain import Answer, CheckpointInfo, DrawRequest, Job, ModelFile, Press
from bot.inspection.client import Inspector
from bot.presets import Preset, PresetStore
from bot.quota.own_words import entry_of
from bot.quota.word_lists import shipped
from tests.front import Front, config
from tests.samples import CATALOG, DEMO, incoming, picture, reply_to, requester

WORD = next(
    e.text
    for e in shipped()
    if e.category == "gore" and not e.flag and e.text.isalpha() and len(e.text) > 6
)
"""One of our lists, so that none stands here."""
AVOIDED = "clothes"
"""What only a negative prompt may not hold."""
BASE = replace(DEMO, name="base", sha256="b" * 64, family="SDXL", native_size=64, demo=False)
NAMED = f"{WORD.title()}Style"
OFFERED = replace(
    CATALOG,
    checkpoints=(
        DEMO,
        replace(DEMO, name=f"{NAMED}Model", sha256="e" * 64),
        BASE,
        CheckpointInfo(
            name=f"{NAMED}Refiner", sha256="7a" * 32, family="SDXL refiner", native_size=64
        ),
    ),
    vaes=(ModelFile(name=f"{NAMED}Vae", sha256="1f" * 32),),
    loras=(ModelFile(name=f"{NAMED}Lora", sha256="2f" * 32),),
    embeddings=(ModelFile(name=f"{NAMED}Embedding", sha256="3f" * 32),),
    features=("hires", "clip_skip", "vae", "lora", "refiner"),
)
ANN = requester("1", name="Ann")


def png(parameters: str = "") -> bytes:
    out, info = io.BytesIO(), PngInfo()
    if parameters:
        info.add_text("parameters", parameters)
    Image.new("RGB", (64, 64), "red").save(out, "PNG", pnginfo=info)
    return out.getvalue()


def pasted(prompt: str, negative: str = "blurry") -> str:
    return (
        f"{prompt}\nNegative prompt: {negative}\nSteps: 12, Sampler: Euler, CFG scale: 7, Seed: 5"
    )


class Street(Front):
    async def asks(self, text: str = "", command: str = "draw", **changes: Any) -> Answer:
        asked = {"key": "asked", "requester": ANN, **changes}
        return await self.conversation.handle(incoming(text, command, **asked))

    async def drawn(self, text: str = "a red apple", **changes: Any) -> Job:
        """A result of Ann's in message 42."""
        job = await self.draw(text, key="drawn", requester=ANN, **changes)
        made = [(picture(0, png()), await self.store.put(png()))]
        async with self.database.transaction() as t:
            await self.journal.end_drawn(t, job.id, made, 1.0)
        await self.journal.told(job, ["42"])
        self.queue.remove(job.id)
        return job

    async def replies(self, text: str, command: str, **changes: Any) -> Answer:
        await self.drawn()
        return await self.asks(text, command, replied_message_id="42", **changes)

    async def presses(
        self, action: str, job: Job, fields: Mapping[str, str] | None = None
    ) -> Answer:
        press = Press(
            key="pressed",
            action=action,
            argument=f"{job.id}:0",
            requester=ANN,
            reply_to=reply_to("42"),
            fields=fields,
        )
        return await self.conversation.press(press)

    async def presses_anew(self, action: str) -> Answer:
        return await self.presses(action, await self.forbidden_since())

    async def set(self, scope: Any, owner: str, name: str, value: str) -> None:
        await self.preferences.set(scope, owner, name, value, by="telegram:5")

    async def has_preset(self, words: str) -> None:
        async def alone(account: str) -> tuple[str, ...]:
            return (account,)

        presets = PresetStore(self.database, alone)
        await presets.save("telegram:1", Preset(name="mine", words=words))

    async def forbidden_since(self) -> Job:
        """A result whose word was put on the chat's list after it was drawn."""
        job = await self.drawn("a zorbl in a field")
        await self.filters.add(
            entry_of("zorbl", "gore"), chat="telegram:-100", by="telegram:9", as_operator=True
        )
        return job


Path_ = Callable[[Street], Awaitable[Answer]]
PATHS: dict[str, Path_] = {}
"""What is done, to how."""


def path(name: str) -> Callable[[Path_], Path_]:
    def note(way: Path_) -> Path_:
        PATHS[name] = way
        return way

    return note


for _name, _text in {
    "the command": f"a garden, {WORD}",
    "a word of syntax": f"a [garden|{WORD[:2]}]{WORD[2:]}",
    "a weight": f"a ({WORD[:2]}:1.3){WORD[2:]}",
    "the negative prompt": f"a garden --no {AVOIDED}",
    "a pasted infotext": pasted(WORD),
    "the negative prompt of an infotext": pasted("a garden", AVOIDED),
    "a wildcard": f"a garden, {{red|{WORD}|blue}}",
    "half a word in a wildcard": f"a garden, {WORD[:2]}{{{WORD[2:]}|xx}}",
    "a schedule": f"a [garden:{WORD}:0.5]",
    "BREAK": f"a garden BREAK {WORD}",
    "the name of a checkpoint": f"a garden --model {NAMED}Model",
    "the name of a VAE": f"a garden --vae {NAMED}Vae",
    "the name of a LoRA": f"a garden <lora:{NAMED}Lora:0.7>",
    "the name of an embedding": f"a garden, {NAMED}Embedding",
    "the name of a refiner": f"a garden --model base --refiner {NAMED}Refiner",
}.items():
    PATHS[_name] = partial(Street.asks, text=_text)

CAPTIONS: dict[str, dict[str, Any]] = {
    "a caption": {"text": WORD, "source": png()},
    "a typed option": {"options": DrawRequest(prompt=WORD)},
    "a typed negative prompt": {
        "options": DrawRequest(prompt="a garden", negative_prompt=AVOIDED),
    },
    "the metadata of a picture": {"source": png(pasted(WORD))},
    "the negative prompt in the metadata of a picture": {
        "source": png(pasted("a garden", AVOIDED)),
    },
}
for _name, _asked in CAPTIONS.items():
    PATHS[_name] = partial(Street.asks, **_asked)

for _command in ("draw", "again", "vary", "upscale", REPLY, WORDS):
    PATHS[f"a reply: {_command}"] = partial(Street.replies, text=f"+{WORD}", command=_command)


@path("a preset")
async def preset(street: Street) -> Answer:
    await street.has_preset(f"{{prompt}}, {WORD}")
    return await street.asks("a garden --preset mine")


@path("the negative prompt of a preset")
async def negative_of_preset(street: Street) -> Answer:
    await street.has_preset(f"a garden --no {AVOIDED}")
    return await street.asks("--preset mine")


@path("the house style of a chat")
async def style(street: Street) -> Answer:
    await street.set("chat", "telegram:-100", "style", f"{{prompt}}, {WORD}")
    return await street.asks("a garden")


@path("the negative prompt of a chat")
async def negative_of_chat(street: Street) -> Answer:
    await street.set("chat", "telegram:-100", "negative", AVOIDED)
    return await street.asks("a garden")


@path("the negative prompt of a member")
async def negative_of_member(street: Street) -> Answer:
    await street.set("member", "telegram:1", "negative", AVOIDED)
    return await street.asks("a garden")


@path("the model of a chat")
async def model_of_chat(street: Street) -> Answer:
    await street.set("chat", "telegram:-100", "model", f"{NAMED}Model")
    return await street.asks("a garden")


@path("the form of ✏️")
async def form(street: Street) -> Answer:
    job = await street.drawn()
    return await street.presses("edit", job, {"prompt": WORD, "negative": "", "seed": "5"})


@path("the negative prompt in the form of ✏️")
async def negative_in_form(street: Street) -> Answer:
    job = await street.drawn()
    fields = {"prompt": "a garden", "negative": AVOIDED, "seed": "5"}
    return await street.presses("edit", job, fields)


for _button in ("again", "vary", "upscale"):
    PATHS[f"the button {_button}"] = partial(Street.presses_anew, action=_button)


@path("a word over the prompt and its negative prompt")
async def over_both(street: Street) -> Answer:
    return await street.asks(f"a garden, {WORD[:2]} --no {WORD[2:]}")


@path("a word over the prompt and the name of a LoRA")
async def over_lora(street: Street) -> Answer:
    street.catalog = replace(OFFERED, loras=(ModelFile(name=WORD[2:], sha256="4f" * 32),))
    return await street.asks(f"a garden, {WORD[:2]}<lora:{WORD[2:]}:1>")


@asynccontextmanager
async def opened(database: Database, folder: Path, settings: Config) -> AsyncIterator[Street]:
    async with Inspector("off") as inspector:
        street = Street(database, folder, settings, inspector)
        street.catalog = OFFERED
        yield street


def is_refused(answer: Answer) -> bool:
    """In private, by a category, and without the word."""
    said = answer.text.lower()
    assert answer.private
    assert answer.job_id is None, said
    assert WORD.lower() not in said
    assert "zorbl" not in said
    return "touches on gore" in said or "touches on sexual content" in said


@pytest.mark.parametrize("name", PATHS)
async def test_the_word_is_refused(database: Database, tmp_path: Path, name: str) -> None:
    """Whatever way it comes; nothing is charged, kept or put in line."""
    async with opened(database, tmp_path, config()) as street:
        before = await booked(street)
        answer = await PATHS[name](street)
        assert is_refused(answer), answer.text
        earlier = await booked(street)
        assert len(earlier) - len(before) == 2 * ("drawn" in {row["key"] for row in earlier})
        assert street.queue.work == 0


async def booked(street: Street) -> list[Any]:
    """Requests and what was paid for them."""
    return await street.database.rows(
        "SELECT request_key AS key FROM jobs UNION ALL"
        " SELECT j.request_key FROM ledger l JOIN jobs j ON j.id = l.job_id"
    )


@pytest.mark.parametrize(
    "defaults", [{"style": f"{{prompt}}, {WORD}"}, {"negative_prompt": AVOIDED}]
)
async def test_the_operators_own_defaults_are_read_too(
    database: Database, tmp_path: Path, defaults: dict[str, object]
) -> None:
    """`[defaults]` of the configuration."""
    async with opened(database, tmp_path, config(defaults=defaults)) as street:
        assert is_refused(await street.asks("a garden"))


@pytest.mark.parametrize("setting", [f"style {WORD}", f"negative {AVOIDED}"])
async def test_a_setting_that_would_be_refused_cannot_be_made(
    database: Database, tmp_path: Path, setting: str
) -> None:
    """Its admin is told at once, not each member later."""
    async with opened(database, tmp_path, config()) as street:
        answer = await street.asks(setting, "settings", is_chat_admin=True)
        assert is_refused(answer), answer.text


async def test_the_same_paths_without_the_word_lead_to_a_picture(
    database: Database, tmp_path: Path
) -> None:
    """So that it is the word that was refused."""
    async with opened(database, tmp_path, config()) as street:
        offered = replace(OFFERED, vaes=(ModelFile(name="plain", sha256="1f" * 32),))
        street.catalog = offered
        await street.has_preset("{prompt}, at night --no blurry")
        await street.set("chat", "telegram:-100", "style", "{prompt}, oil painting")
        for number, text in enumerate(
            ("a garden --preset mine", pasted("a garden"), "a garden --vae plain --no people")
        ):
            answer = await street.asks(text, key=f"n{number}")
            assert answer.job_id, answer.text
        answer = await street.asks(source=png(pasted("a garden")), key="metadata")
        assert answer.job_id, answer.text
        job = await street.drawn()
        answer = await street.presses(
            "edit", job, {"prompt": "a pear", "negative": "", "seed": "5"}
        )
        assert answer.job_id, answer.text

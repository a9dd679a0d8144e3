"""From what is asked to what is done."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command import parse_draw
from bot.config import DefaultsConfig, LimitsConfig
from bot.domain import (
    AskedLora,
    Catalog,
    CheckpointInfo,
    DrawRequest,
    LoraRef,
    ModelFile,
    ModelRef,
    RenderSpec,
)
from bot.errors import BadCommand, Refusal, UnknownName
from bot.lora_blocks import parse_blocks
from bot.phrase import Phrase, phrase
from bot.replies import LANGUAGES, say
from bot.resolve import Resolved, resolve
from bot.resolve.again import asked_again
from bot.spec import SEEDS
from tests.test_infotext import ONE_KEY_A_LINE, ONE_LINE_OF_PARAMETERS

SD15 = CheckpointInfo(
    name="anything-v5",
    sha256="a1" * 32,
    family="SD 1.x",
    native_size=512,
    aliases=("anime",),
)
SD15_TOO = replace(SD15, name="realistic_v5", sha256="b2" * 32, aliases=())
SDXL = CheckpointInfo(
    name="sdxl-base", sha256="c3" * 32, family="SDXL", native_size=1024, steps=30, cfg_scale=5.0
)
DEMO = CheckpointInfo(
    name="demo",
    sha256="d4" * 32,
    family="SD 1.x",
    native_size=64,
    size_multiple=16,
    max_side=128,
    sampler="Euler",
)
CATALOG = Catalog(
    checkpoints=(SD15, SD15_TOO, SDXL, DEMO),
    default_checkpoint="anything-v5",
    vaes=(ModelFile(name="ft-mse", sha256="e5" * 32, family="SD 1.x"),),
    loras=(
        ModelFile(name="ink_v2", sha256="f6" * 32, family="SD 1.x"),
        ModelFile(name="snow", sha256="07" * 32, family="SDXL"),
        ModelFile(name="any", sha256="18" * 32),
    ),
    embeddings=(ModelFile(name="EasyNegative", sha256="29" * 32),),
    samplers=("Euler a", "Euler", "DPM++ 2M"),
    schedules=("Karras", "Normal"),
    features=("lora", "vae", "clip_skip", "hires", "refiner"),
)
BARE = replace(CATALOG, features=())


def resolved(request: DrawRequest, catalog: Catalog = CATALOG, **more: Any) -> Resolved:
    more = {"limits": LimitsConfig(), "defaults": DefaultsConfig(), **more}
    result = resolve(request, catalog, seed_source=lambda: 42, **more)
    assert all(say(note, language) for note in result.notes for language in LANGUAGES)
    return result


def spec(request: DrawRequest, catalog: Catalog = CATALOG, **more: Any) -> RenderSpec:
    """The order, of which nothing had to be said."""
    result = resolved(request, catalog, **more)
    assert result.notes == ()
    return result.spec


def notes(request: DrawRequest, catalog: Catalog = CATALOG, **more: Any) -> list[str]:
    return [say(note) for note in resolved(request, catalog, **more).notes]


def faults(request: DrawRequest, catalog: Catalog = CATALOG, **more: Any) -> list[str]:
    with pytest.raises(Refusal) as caught:
        resolved(request, catalog, **more)
    assert all(say(p, language) for p in caught.value.phrases for language in LANGUAGES)
    return [say(p) for p in caught.value.phrases]


def cat(**said: Any) -> DrawRequest:
    return DrawRequest(prompt="a cat", **said)


def test_what_is_not_said_suits_the_checkpoint() -> None:
    """Every hole is filled."""
    assert spec(cat()) == RenderSpec(
        prompt="a cat",
        seed=42,
        steps=20,
        cfg_scale=7.0,
        sampler="DPM++ 2M",
        schedule="Karras",
        width=512,
        height=512,
        checkpoint=ModelRef(name="anything-v5", sha256=SD15.sha256),
    )


def test_what_is_said_is_done() -> None:
    """Nothing within the limits is touched."""
    request = cat(
        negative_prompt="dog",
        seed=2706937631,
        steps=33,
        cfg_scale=5.5,
        sampler="Euler a",
        schedule="Normal",
        width=768,
        height=640,
        count=3,
        denoising_strength=0.3,
        checkpoint="realistic_v5",
        vae="ft-mse",
        loras=(AskedLora(name="ink_v2", weight=0.8),),
        clip_skip=2,
    )
    assert spec(request, input_sha256="99", input_size=(5, 5)) == RenderSpec(
        prompt="a cat",
        negative_prompt="dog",
        seed=2706937631,
        steps=33,
        cfg_scale=5.5,
        sampler="Euler a",
        schedule="Normal",
        width=768,
        height=640,
        count=3,
        checkpoint=ModelRef(name="realistic_v5", sha256="b2" * 32),
        vae=ModelRef(name="ft-mse", sha256="e5" * 32),
        loras=(LoraRef(name="ink_v2", sha256="f6" * 32, weight=0.8),),
        clip_skip=2,
        input_sha256="99",
        denoising_strength=0.3,
    )


def test_the_checkpoint_may_have_its_own_values() -> None:
    """Where neither request nor configuration says otherwise."""
    own = spec(cat(checkpoint="sdxl-base"))
    assert (own.steps, own.cfg_scale, own.width, own.height) == (30, 5.0, 1024, 1024)
    assert (spec(cat(checkpoint="demo")).sampler, spec(cat(checkpoint="demo")).width) == (
        "Euler",
        64,
    )


def test_the_configuration_wins_over_the_checkpoint() -> None:
    """Zero and "" in it mean what suits the checkpoint."""
    defaults = DefaultsConfig(
        checkpoint="sdxl-base",
        steps=12,
        cfg_scale=3.0,
        sampler="k_euler_ancestral",
        width=768,
        height=512,
        negative_prompt="ugly",
        denoising_strength=0.4,
    )
    got = spec(cat(), defaults=defaults)
    assert (got.checkpoint.name, got.steps, got.cfg_scale) == ("sdxl-base", 12, 3.0)
    assert (got.sampler, got.schedule, got.width, got.height) == ("Euler a", "Automatic", 768, 512)
    assert got.negative_prompt == "ugly"
    assert spec(cat(), defaults=defaults, input_size=(9, 9)).denoising_strength == 0.4


def test_raw_leaves_out_the_house_style() -> None:
    """An explicit negative prompt replaces it too, even an empty one."""
    house = DefaultsConfig(negative_prompt="ugly")
    assert spec(cat(raw=True), defaults=house).negative_prompt == ""
    assert spec(cat(negative_prompt=""), defaults=house).negative_prompt == ""
    assert spec(cat(negative_prompt="dog"), defaults=house).negative_prompt == "dog"


@pytest.mark.parametrize(
    ("prompt", "style", "drawn"),
    [
        ("a cat", "soft light", "a cat, soft light"),
        ("a cat, ", "soft light", "a cat, soft light"),
        ("a cat", "oil painting of {prompt}, muted", "oil painting of a cat, muted"),
        ("a cat, soft light", "soft light", "a cat, soft light"),
        ("oil painting of a cat", "oil painting of {prompt}", "oil painting of a cat"),
    ],
)
def test_the_house_style_stands_around_every_prompt(prompt: str, style: str, drawn: str) -> None:
    """Behind it, or where the style says; a prompt that has it already stays as it is."""
    house = DefaultsConfig(style=style)
    assert spec(DrawRequest(prompt=prompt), defaults=house).prompt == drawn
    assert spec(DrawRequest(prompt=prompt, raw=True), defaults=house).prompt == prompt.strip()


def test_a_pasted_request_is_drawn_without_the_house_style() -> None:
    """The same picture again is what pasting is for."""
    parsed = parse_draw("a cat\nSteps: 20, Seed: 5, Size: 512x512")
    house = DefaultsConfig(style="soft light")
    assert spec(parsed.request, pasted=parsed.pasted, defaults=house).prompt == "a cat"


def test_a_style_brings_its_loras_and_embeddings() -> None:
    """As if the member had written them; an empty prompt is still a fault."""
    house = DefaultsConfig(style="<lora:any:0.5> ink", negative_prompt="EasyNegative")
    drawn = spec(cat(), defaults=house)
    assert [lora.weight for lora in drawn.loras] == [0.5]
    assert [e.name for e in drawn.embeddings] == ["EasyNegative"]
    assert faults(DrawRequest(), defaults=house)[0].startswith("What shall I draw?")


# Prompts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", ["", "  \n", " , ", "<lora:any:1>"])
def test_an_empty_prompt_is_refused(prompt: str) -> None:
    """With a picture the question is another one."""
    assert faults(DrawRequest(prompt=prompt))[0].startswith("What shall I draw?")
    with_picture = faults(DrawRequest(prompt=prompt), has_input=True)
    assert with_picture[0].startswith("What shall become of this picture?")


def test_a_prompt_that_is_too_long_is_refused() -> None:
    """Both prompts have the same limit."""
    limits = LimitsConfig(max_prompt_chars=4000)
    assert spec(DrawRequest(prompt="a" * 4000), limits=limits).prompt == "a" * 4000
    request = DrawRequest(prompt="a" * 5000, negative_prompt="b" * 4001)
    assert faults(request, limits=limits) == [
        "The prompt has 5,000 characters; at most 4,000 fit.",
        "The negative prompt has 4,001 characters; at most 4,000 fit.",
    ]


# Names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        "anything-v5",
        "Anything V5",
        "anything_v5.safetensors",
        "anime",
        "anyth",
        "a1a1a1a1",
        "A1A1A1A1A1",
        "a1" * 32,
        "anything-v5 [a1a1a1a1a1]",
        "renamed [a1a1a1a1a1]",
        "anything-v5 [0000000000]",
    ],
)
def test_a_checkpoint_is_found(asked: str) -> None:
    """By name, alias, file name, hash, title, or a part that only one has."""
    assert spec(cat(checkpoint=asked)).checkpoint.name == "anything-v5"


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ("anythng", "No checkpoint is called “anythng”. Did you mean anything-v5?"),
        ("anime!", "No checkpoint is called “anime!”. Did you mean anything-v5?"),
        ("v5", "“v5” may mean any of these; write more of the name: anything-v5, realistic_v5."),
        (
            "qqq",
            "No checkpoint is called “qqq”. There are: anything-v5, realistic_v5, sdxl-base, demo.",
        ),
        (
            "---",
            "No checkpoint is called “---”. There are: anything-v5, realistic_v5, sdxl-base, demo.",
        ),
    ],
)
def test_a_checkpoint_is_not_found(asked: str, fault: str) -> None:
    """A near name is offered, else the list; several are listed."""
    assert faults(cat(checkpoint=asked)) == [fault]


def test_an_unknown_name_alone_has_its_own_class() -> None:
    """Anything else makes it a bad command."""
    with pytest.raises(UnknownName):
        resolved(cat(checkpoint="qqq", loras=(AskedLora(name="qqq"),)))
    with pytest.raises(BadCommand):
        resolved(cat(checkpoint="qqq", steps=-1))


def test_without_any_checkpoint_the_operator_must_act() -> None:
    """It is said to the member all the same."""
    assert "tell the operator" in faults(cat(), Catalog())[0]


def test_a_missing_default_checkpoint_stops_nothing() -> None:
    """The first one stands in; `chatelier check` tells the operator."""
    defaults = DefaultsConfig(checkpoint="gone")
    assert spec(cat(), defaults=defaults).checkpoint.name == "anything-v5"
    lost = replace(CATALOG, default_checkpoint="gone")
    assert spec(cat(), lost).checkpoint.name == "anything-v5"


def test_vaes() -> None:
    """`Automatic` is the checkpoint's own."""
    assert spec(cat(vae="FT MSE")).vae == ModelRef(name="ft-mse", sha256="e5" * 32)
    assert spec(cat(vae="Automatic")).vae is None
    assert faults(cat(vae="ft-mes")) == ["No VAE is called “ft-mes”. Did you mean ft-mse?"]
    assert faults(cat(vae="x"), replace(CATALOG, vaes=())) == [
        "There is no VAE “x”; none is installed here."
    ]


def test_loras() -> None:
    """Each name is looked up; the weight stays."""
    request = cat(loras=(AskedLora(name="ink", weight=0.5), AskedLora(name="any", weight=-1)))
    assert spec(request).loras == (
        LoraRef(name="ink_v2", sha256="f6" * 32, weight=0.5),
        LoraRef(name="any", sha256="18" * 32, weight=-1),
    )
    assert faults(cat(loras=(AskedLora(name="imk_v2"),))) == [
        "No LoRA is called “imk_v2”. Did you mean ink_v2?"
    ]


def test_tags_that_still_stand_in_the_prompt_are_resolved() -> None:
    """A request that no grammar went through is the same request."""
    got = spec(DrawRequest(prompt="a cat <lora:any:0.5>"))
    assert (got.prompt, [lora.weight for lora in got.loras]) == ("a cat", [0.5])


@pytest.mark.parametrize(
    "request_",
    [
        DrawRequest(prompt="a cat <lora:any:0.5> <lora:Any:0.7>"),
        cat(loras=(AskedLora(name="any", weight=0.5), AskedLora(name="any", weight=0.7))),
    ],
)
def test_of_a_lora_that_is_named_twice_the_last_counts(request_: DrawRequest) -> None:
    """Whatever the case of its letters; and it is told, once."""
    got = resolved(request_)
    assert [lora.weight for lora in got.spec.loras] == [0.7]
    assert got.notes == (phrase("note-flag-twice", flag="<lora:any>"),)


def test_a_lora_of_another_family_is_refused() -> None:
    """It would do nothing, or crash."""
    assert faults(cat(loras=(AskedLora(name="snow"),))) == [
        "snow is made for SDXL and does not fit the checkpoint anything-v5 (SD 1.x)."
    ]
    assert spec(cat(loras=(AskedLora(name="snow"),), checkpoint="sdxl")).loras[0].name == "snow"


def test_a_lora_may_weigh_its_parts_and_blocks_differently() -> None:
    """A second weight, `te=`, `unet=` and `lbw=` arrive in the order, from tags and pasted blocks
    alike; block weights that are none are refused."""

    def lora(extra: str) -> LoraRef:
        return spec(DrawRequest(prompt=f"a cat <lora:any:0.5{extra}>")).loras[0]

    assert lora(":0.8") == LoraRef(name="any", sha256="18" * 32, weight=0.5, unet_weight=0.8)
    assert lora(":te=0").unet_weight == 0.5
    assert lora(":te=0").weight == 0
    assert lora(":unet=0.2").unet_weight == 0.2
    assert lora(":0.5").unet_weight is None
    assert lora(":lbw=OUTD").blocks == parse_blocks("OUTD")
    assert lora(":0.8:lbw=0,0,0,1,0,0,0,0,0,0,0,0.5").blocks == (0,) * 3 + (1,) + (0,) * 7 + (0.5,)
    assert lora(":IN02").blocks == parse_blocks("IN02")
    again = cat(loras=(AskedLora(name="any", weight=0.5, extra=("lbw=ALL",)),))
    assert spec(again).loras[0].blocks == (1.0,) * 17
    for wrong in ("lbw=1,2,3", "lbw=NONSENSE", "lbw=R,R", "1,0,R,0"):
        (fault,) = faults(DrawRequest(prompt=f"a cat <lora:any:1:{wrong}>"))
        assert "no block weights for the LoRA any" in fault
    (note,) = resolved(DrawRequest(prompt="a cat <lora:any:1:stop=10>")).notes
    assert note.key == "note-lora-extra"


@pytest.mark.parametrize("weight", ["1e9", "-101", "0.5:1e9", "1:te=1e9"])
def test_a_lora_of_absurd_weight_is_refused(weight: str) -> None:
    """No picture would come of it, which is not for the operator to mend."""
    number = weight.rpartition(":")[2].removeprefix("te=").replace("1e9", "1000000000")
    assert faults(DrawRequest(prompt=f"a cat <lora:any:{weight}>")) == [
        f"A weight of {number} for the LoRA any makes no picture. Choose -100 to 100; 1 is usual."
    ]
    assert spec(DrawRequest(prompt="a cat <lora:any:-100>")).loras[0].weight == -100


@pytest.mark.parametrize("extra", ["", ":0.8", ":te=0", ":lbw=OUTD", ":0.1:lbw=MID"])
def test_what_is_drawn_again_wears_its_loras_as_before(extra: str) -> None:
    """Weights of parts and blocks are in the record, and a button under the picture keeps them."""
    drawn = spec(DrawRequest(prompt=f"a cat <lora:any:0.5{extra}>"))
    assert spec(asked_again(drawn)).loras == drawn.loras


def test_networks_that_do_not_exist_here_are_told_from_typed_prompts_too() -> None:
    """Neither a hypernetwork's tag nor one in the negative prompt is dropped in silence."""
    (note,) = resolved(DrawRequest(prompt="a cat <hypernet:old:1>")).notes
    assert note.key == "note-network-ignored"
    assert notes(cat(negative_prompt="dog <lora:ink_v2:1>")) == [
        "ink_v2 has no effect in the negative prompt: LoRAs belong into the prompt."
    ]


def test_a_lora_that_fits_in_part_is_told() -> None:
    """How many of how many layers, before anything is drawn."""
    part = ModelFile(name="part", sha256="3a" * 32, family="SD 1.x", layers=192, fitting=120)
    (note,) = resolved(cat(loras=(AskedLora(name="part"),)), replace(CATALOG, loras=(part,))).notes
    assert "120 of its 192 layers" in say(note)


def test_what_is_made_for_real_checkpoints_does_not_fit_the_demo() -> None:
    """The demo is of a known family, but narrower."""
    offered = replace(CATALOG, checkpoints=(replace(DEMO, demo=True),))
    (fault,) = faults(cat(loras=(AskedLora(name="ink"),)), offered)
    assert fault == "ink_v2 is made for SD 1.x and does not fit the checkpoint demo (demo)."
    assert spec(cat(loras=(AskedLora(name="any"),)), offered).loras


def test_embeddings_of_another_family_are_refused_in_words() -> None:
    """Of two with one name the fitting one is taken; one that cannot fit is told by its name."""
    both = tuple(
        ModelFile(name="charm", sha256=f"{i}b" * 32, family=family)
        for i, family in enumerate(("SDXL", "SD 1.x"))
    )
    for offered in (both, both[::-1]):
        got = spec(cat(negative_prompt="charm"), replace(CATALOG, embeddings=offered))
        assert [e.sha256 for e in got.embeddings] == ["1b" * 32]
    (fault,) = faults(cat(negative_prompt="charm"), replace(CATALOG, embeddings=both[:1]))
    assert fault.startswith("“charm” in the prompt is an embedding made for SDXL")


@pytest.mark.parametrize(
    ("name", "prompt", "spoken"),
    [
        ("my style", "a cat in MY STYLE, red", True),
        ("my style", "a cat in my styles", False),
        ("水墨", "一只水墨猫", True),
        ("水墨", "ink", False),
        ("ink水", "ink水墨", True),
        ("ink水", "pink水墨", False),
        ("bad(v2)", r"cat, bad\(v2\)", True),
        ("bad-hands-5", "(bad-hands-5:1.2)", True),
        ("ü", "ü", True),
    ],
)
def test_names_with_spaces_and_foreign_letters_are_heard(
    name: str, prompt: str, spoken: bool
) -> None:
    """Words of Chinese stand side by side without spaces; brackets may be escaped."""
    offered = replace(CATALOG, embeddings=(ModelFile(name=name, sha256="4c" * 32),))
    assert bool(spec(cat(negative_prompt=prompt), offered).embeddings) is spoken


def test_embeddings_are_named_by_words_of_either_prompt() -> None:
    """Whole words, in any case."""
    got = spec(cat(negative_prompt="easynegative, bad"))
    assert got.embeddings == (ModelRef(name="EasyNegative", sha256="29" * 32),)
    assert spec(cat(negative_prompt="easynegativex")).embeddings == ()


def test_what_the_renderer_cannot_do_is_said() -> None:
    """Each feature by name, all together."""
    request = cat(hires_scale=2.0, clip_skip=2, vae="x", loras=(AskedLora(name="y"),))
    assert sorted(faults(request, BARE)) == [
        "Choosing a VAE is not available on this installation yet.",
        "Clip skip is not available on this installation yet.",
        "Hires fix is not available on this installation yet.",
        "LoRAs are not available on this installation yet.",
    ]
    assert spec(cat(clip_skip=1), BARE).clip_skip == 1


# Samplers -----------------------------------------------------------------------------------


def test_any_spelling_of_a_sampler() -> None:
    """Typed options come without the grammar."""
    got = spec(cat(sampler="dpmpp_2m karras"))
    assert (got.sampler, got.schedule) == ("DPM++ 2M", "Karras")
    assert spec(cat(sampler="Euler a")).schedule == "Automatic"
    assert spec(cat(schedule="normal")).schedule == "Normal"


def test_samplers_and_schedules_that_are_not_offered() -> None:
    """The offered ones are listed."""
    assert faults(cat(sampler="DDIM")) == [
        "The sampler DDIM is not available here. Choose one of: Euler a, Euler, DPM++ 2M."
    ]
    assert faults(cat(schedule="Beta")) == [
        "The schedule “Beta” is not available here. Choose one of: Automatic, Karras, Normal."
    ]


def test_the_usual_sampler_where_little_is_offered() -> None:
    """DPM++ 2M Karras, else Euler a, else what there is; Karras only where it is offered."""
    few = replace(CATALOG, samplers=("DDIM", "Euler a"))
    assert spec(cat(), few).sampler == "Euler a"
    assert spec(cat(), replace(few, samplers=("DDIM",))).sampler == "DDIM"
    assert spec(cat(), replace(few, samplers=("Own",))).sampler == "Own"
    plain = spec(cat(), replace(CATALOG, schedules=()))
    assert (plain.sampler, plain.schedule) == ("DPM++ 2M", "Automatic")


# Numbers ------------------------------------------------------------------------------------


def test_steps_and_count_are_clamped() -> None:
    """The intent is clear, and the change is told."""
    assert (spec(cat(steps=1, count=1)).steps, spec(cat(steps=60, count=4)).count) == (1, 4)
    result = resolved(cat(steps=900, count=10**18))
    assert (result.spec.steps, result.spec.count) == (60, 4)
    assert [say(n) for n in result.notes] == [
        "1000000000000000000 pictures became 4, the most for one request here.",
        "900 steps became 60, the most that is drawn here.",
    ]


def test_a_default_above_the_limit_is_clamped_silently() -> None:
    """The member did not ask for it."""
    assert spec(cat(), limits=LimitsConfig(max_steps=10)).steps == 10


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"steps": -5}, "-5 steps cannot be drawn. Choose 1 to 60."),
        ({"steps": 0}, "0 steps cannot be drawn. Choose 1 to 60."),
        ({"count": 0}, "0 pictures cannot be drawn. Choose 1 to 4."),
        (
            {"cfg_scale": 31.5},
            "A CFG scale of 31.5 makes no picture. Choose 0 to 30; 7 is usual.",
        ),
        (
            {"denoising_strength": 60.0},
            "A strength of 60 is unclear. Did you mean 0.6? 60% works too.",
        ),
        (
            {"denoising_strength": 100.0},
            "A strength of 100 is unclear. Did you mean 1? 100% works too.",
        ),
        (
            {"denoising_strength": -0.5},
            "A strength of -0.5 does not exist. It is above 0 and at most 1, such as 0.6 or 60%.",
        ),
        ({"clip_skip": 13}, "Clip skip 13 does not exist. Choose 1 to 12; 1 skips nothing."),
        ({"width": 0}, "A picture cannot be 0 pixels wide."),
        ({"height": -5}, "A picture cannot be -5 pixels high."),
        (
            {"seed": -7},
            "-7 is no seed. Seeds are whole numbers from 0 to 4294967295; -1 or random draws one.",
        ),
    ],
)
def test_a_number_without_sense_is_refused(said: dict[str, Any], fault: str) -> None:
    """What was meant is not clear."""
    assert faults(cat(**said), has_input=True) == [fault]


def test_all_faults_are_raised_together() -> None:
    """Those of the grammar, of numbers and of names, in one message."""
    grammar = phrase("fault-flag-unknown-near", flag="--stpes", near="--steps")
    request = DrawRequest(steps=-1, cfg_scale=99.0, checkpoint="qqq", sampler="DDIM", seed=-3)
    told = faults(request, faults=(grammar,))
    assert told[0] == "There is no --stpes. Did you mean --steps?"
    assert len(told) == 7


def test_notes_of_the_grammar_come_first() -> None:
    """One list of what was changed."""
    note = phrase("note-flag-twice", flag="--steps")
    assert resolved(cat(steps=99), notes=(note,)).notes[0] == note


def test_seeds() -> None:
    """-1 and nothing draw one; of two that are alike the smaller is taken, and said."""
    assert spec(cat(seed=-1)).seed == 42
    assert spec(cat(seed=0)).seed == 0
    assert spec(cat(seed=SEEDS - 1, count=2)).seed == SEEDS - 1
    assert "is no seed. Seeds are whole numbers from 0 to 4294967295" in faults(cat(seed=-3))[0]
    large = cat(seed=SEEDS + 5, subseed=3 * SEEDS + 9)
    assert (resolved(large).spec.seed, resolved(large).spec.subseed) == (5, 9)
    assert notes(large) == [
        "Seeds begin again after 4294967295, so 12884901897 is the same as 9.",
        "Seeds begin again after 4294967295, so 4294967301 is the same as 5.",
    ]
    drawn = resolve(cat(), CATALOG, LimitsConfig(), DefaultsConfig(), seed_source=lambda: 2**64 - 1)
    assert drawn.spec.seed == SEEDS - 1


@pytest.mark.parametrize(
    "text", ["apple BREAK " * 64, "😀" * 1300, "苹果，" * 800, "[a:" + "b BREAK " * 70 + ":9]"]
)
def test_a_prompt_that_fills_too_many_chunks_is_refused(text: str) -> None:
    """Positive or negative; the longest that is taken in words of letters is below that."""
    said = "at most 64 parts of 75 tokens"
    assert said in faults(DrawRequest(prompt=text))[0]
    assert said in faults(cat(negative_prompt=text))[0]
    assert spec(cat(negative_prompt="apple " * 666)).negative_prompt
    assert spec(cat(negative_prompt="苹果，" * 400)).negative_prompt


def test_strength_without_a_picture_is_said() -> None:
    """It changes nothing."""
    result = resolved(cat(denoising_strength=0.5))
    assert result.spec.denoising_strength == 1.0
    assert [n.key for n in result.notes] == ["note-strength-unused"]
    usual = DefaultsConfig(denoising_strength=0.4)
    assert spec(cat(), has_input=True, defaults=usual).denoising_strength == 0.4


# Sizes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ({}, (512, 512)),
        ({"aspect": (1.0, 1.0)}, (512, 512)),
        ({"aspect": (3.0, 2.0)}, (624, 416)),
        ({"aspect": (2.0, 3.0)}, (416, 624)),
        ({"aspect": (16.0, 9.0)}, (680, 384)),
        ({"width": 768}, (768, 512)),
        ({"height": 768}, (512, 768)),
        ({"width": 768, "aspect": (3.0, 2.0)}, (768, 512)),
        ({"height": 768, "aspect": (3.0, 2.0)}, (1152, 768)),
        ({"width": 640, "height": 448, "aspect": (9.0, 1.0)}, (640, 448)),
    ],
)
def test_sizes(said: dict[str, Any], size: tuple[int, int]) -> None:
    """A shape has the native area; a missing side is the usual one or follows from the shape."""
    got = spec(cat(**said))
    assert (got.width, got.height) == size


@pytest.mark.parametrize(
    ("said", "source", "size"),
    [
        ({}, (3000, 2000), (624, 416)),
        ({}, (10, 10), (512, 512)),
        ({"width": 768}, (3000, 2000), (768, 512)),
        ({"aspect": (1.0, 1.0)}, (3000, 2000), (512, 512)),
        ({"width": 512, "height": 512}, (3000, 2000), (512, 512)),
        ({}, (10000, 100), (2048, 64)),
    ],
)
def test_sizes_with_a_source(
    said: dict[str, Any], source: tuple[int, int], size: tuple[int, int]
) -> None:
    """The source's shape at the native area, unless something else is said."""
    got = spec(cat(**said), input_size=source, input_sha256="5")
    assert (got.width, got.height) == size


@pytest.mark.parametrize(
    ("said", "size", "note"),
    [
        ({"width": 500, "height": 500}, (504, 504), "multiples of 8"),
        ({"width": 1254, "height": 1254}, (1248, 1256), "multiples of 8"),
        ({"width": 99999, "height": 99999}, (1248, 1248), "1.6 megapixels"),
        ({"width": 4096, "height": 1024}, (2048, 512), "64 to 2048 pixels"),
        ({"width": 64, "height": 100}, (64, 104), "multiples of 8"),
        ({"width": 1, "height": 1}, (64, 64), "64 to 2048 pixels"),
        ({"aspect": (1000.0, 1.0)}, (2048, 64), "1000:1 became 2048×64"),
        ({"width": 999_999, "aspect": (1.0, 1.0)}, (1248, 1248), "999999×999999 became"),
        ({"width": 10**19, "height": 1}, (2048, 64), "became 2048×64"),
    ],
)
def test_sizes_are_clamped_and_told(said: dict[str, Any], size: tuple[int, int], note: str) -> None:
    """The shape is kept as far as the limits let it."""
    result = resolved(cat(**said))
    assert (result.spec.width, result.spec.height) == size
    assert len(result.notes) == 1
    assert note in say(result.notes[0])


def test_the_checkpoint_has_limits_of_its_own() -> None:
    """The demo model draws small pictures in multiples of 16."""
    result = resolved(cat(checkpoint="demo", width=512, height=256))
    assert (result.spec.width, result.spec.height) == (128, 64)
    shaped = spec(cat(checkpoint="demo", aspect=(3, 2)))
    assert (shaped.width, shaped.height) == (80, 48)


@settings(deadline=None)
@given(
    st.one_of(st.none(), st.integers(1, 10**6)),
    st.one_of(st.none(), st.integers(1, 10**6)),
    st.one_of(st.none(), st.tuples(st.floats(0.001, 1000), st.floats(0.001, 1000))),
    st.one_of(st.none(), st.tuples(st.integers(1, 20000), st.integers(1, 20000))),
    st.sampled_from([SD15, SDXL, DEMO]),
    st.builds(LimitsConfig, max_side=st.integers(128, 4096), max_pixels=st.integers(2**16, 2**24)),
)
def test_every_size_is_within_the_limits(
    width: int | None,
    height: int | None,
    aspect: tuple[float, float] | None,
    source: tuple[int, int] | None,
    checkpoint: CheckpointInfo,
    limits: LimitsConfig,
) -> None:
    """Whatever is asked: multiples, sides and pixels hold."""
    request = cat(width=width, height=height, aspect=aspect, checkpoint=checkpoint.name)
    got = resolved(request, limits=limits, input_size=source).spec
    for side in (got.width, got.height):
        assert side % checkpoint.size_multiple == 0
        assert (
            min(64, checkpoint.native_size // 2)
            <= side
            <= min(limits.max_side, checkpoint.max_side)
        )
    assert got.width * got.height <= limits.max_pixels


# Pasted blocks ------------------------------------------------------------------------------


def of_text(text: str, catalog: Catalog = CATALOG, **more: Any) -> Resolved:
    parsed = parse_draw(text)
    return resolved(
        parsed.request,
        catalog,
        pasted=parsed.pasted,
        faults=parsed.faults,
        notes=parsed.notes,
        **more,
    )


def test_a_pasted_block_is_drawn_with_what_is_here() -> None:
    """Checkpoint, LoRA and sampler of another machine are replaced, and it is told."""
    result = of_text(ONE_KEY_A_LINE, BARE)
    got = result.spec
    assert (got.seed, got.steps, got.width, got.height) == (3254280001, 28, 1024, 1024)
    assert (got.sampler, got.schedule, got.loras) == ("DPM++ 2M", "Karras", ())
    assert got.denoising_strength == 1.0
    assert [say(note) for note in result.notes] == [
        "The checkpoint yesmix_v16Original is not here; anything-v5 is used instead.",
        "The sampler DPM++ 2S a is not available here; DPM++ 2M is used instead.",
        "Seeds begin again after 4294967295, so 84858658625 is the same as 3254280001.",
        "Drawn without LoRAs, which are not available here yet.",
    ]
    missing = [say(note) for note in of_text(ONE_KEY_A_LINE).notes]
    assert "The LoRA cheeseDaddys_35 is not here and was left out." in missing


def test_the_old_hash_of_a_checkpoint_is_not_known_here() -> None:
    """A1111's first hashes were of another kind."""
    assert [n.key for n in of_text(ONE_LINE_OF_PARAMETERS).notes] == ["note-checkpoint-missing"]


def test_typed_names_stay_faults_beside_a_pasted_block() -> None:
    """A flag is meant."""
    with pytest.raises(UnknownName) as caught:
        of_text(f"{ONE_LINE_OF_PARAMETERS} --model qqq")
    assert [p.key for p in caught.value.phrases] == ["fault-name-unknown"]


@settings(deadline=None)
@given(
    st.builds(
        DrawRequest,
        prompt=st.text(),
        negative_prompt=st.one_of(st.none(), st.text()),
        seed=st.one_of(st.none(), st.integers()),
        steps=st.one_of(st.none(), st.integers()),
        cfg_scale=st.one_of(st.none(), st.floats()),
        sampler=st.one_of(st.none(), st.text()),
        schedule=st.one_of(st.none(), st.text()),
        count=st.one_of(st.none(), st.integers()),
        denoising_strength=st.one_of(st.none(), st.floats()),
        checkpoint=st.one_of(st.none(), st.text()),
        vae=st.one_of(st.none(), st.text()),
        loras=st.lists(st.builds(AskedLora, name=st.text()), max_size=3).map(tuple),
        hires_scale=st.one_of(st.none(), st.floats(), st.floats(1, 4)),
        hires_size=st.one_of(st.none(), st.tuples(st.integers(1), st.integers(1))),
        hires_steps=st.one_of(st.none(), st.integers()),
        hires_upscaler=st.one_of(st.none(), st.text()),
        hires_denoising_strength=st.one_of(st.none(), st.floats()),
        refiner=st.one_of(st.none(), st.text()),
        refiner_switch_at=st.one_of(st.none(), st.floats()),
        subseed=st.one_of(st.none(), st.integers()),
        subseed_strength=st.one_of(st.none(), st.floats()),
        clip_skip=st.one_of(st.none(), st.integers()),
    ),
    st.booleans(),
)
def test_any_request_is_drawn_or_refused_in_words(request: DrawRequest, has_input: bool) -> None:
    """Nothing else is raised, whatever typed options an adapter hands over."""
    phrases: tuple[Phrase, ...] = ()
    try:
        resolved(request, has_input=has_input)
    except Refusal as refusal:
        phrases = refusal.phrases
    assert all(say(p, language) for p in phrases for language in LANGUAGES)

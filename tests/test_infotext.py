"""Infotext: every form that people paste, and the round trip of our own."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import samplers
from bot.domain import AskedLora, DrawRequest, LoraRef, ModelRef, RenderSpec
from bot.infotext import Infotext, format_infotext, parse_infotext, to_request
from bot.infotext.keys import KEYS
from bot.replies import LANGUAGES, say
from bot.spec import SEEDS, HiresSpec, RefinerSpec, enlarged
from bot.upscalers import UPSCALERS

ONE_LINE_OF_PARAMETERS = """masterpiece, 1girl, (cat ears:1.2)
Negative prompt: lowres, bad hands
Steps: 28, Sampler: Euler a, CFG scale: 7, Seed: 2706937631, Size: 1024x512, Model hash: 925997e9"""

LABELS_ONLY = """prompt: (masterpiece:1.331), best quality,
illustration, 1girl,
(solo), cat ears

Negative prompt: lowres,bad anatomy,bad hands,
text,error,
cropped"""

ONE_KEY_A_LINE = "\n".join(
    (
        "<lora:cheeseDaddys_35:0.8>, masterpiece, best quality, "
        "[dark night, shooting star, flower], girl,",
        "",
        "Negative prompt: ",
        "EasyNegative, worst quality,",
        "low quality",
        "",
        "Steps: 28, ",
        "Sampler: DPM++ 2S a Karras, ",
        "CFG scale: 7, ",
        "Seed: 84858658625, ",
        "Size: 1024x1024, ",
        "Model: yesmix_v16Original, ",
        "Denoising strength: 0.68",
    )
)


def request(text: str) -> DrawRequest:
    return to_request(parse_infotext(text))[0]


def test_a1111s_own_form() -> None:
    """A prompt, a line `Negative prompt:`, a line of parameters."""
    assert request(ONE_LINE_OF_PARAMETERS) == DrawRequest(
        prompt="masterpiece, 1girl, (cat ears:1.2)",
        negative_prompt="lowres, bad hands",
        steps=28,
        sampler="Euler a",
        cfg_scale=7.0,
        seed=2706937631,
        width=1024,
        height=512,
        checkpoint="925997e9",
    )


def test_labels_without_parameters() -> None:
    """`prompt:` and `Negative prompt:`, each over several lines."""
    assert request(LABELS_ONLY) == DrawRequest(
        prompt="(masterpiece:1.331), best quality,\nillustration, 1girl,\n(solo), cat ears",
        negative_prompt="lowres,bad anatomy,bad hands,\ntext,error,\ncropped",
    )


def test_one_key_a_line_with_trailing_commas() -> None:
    """The label may stand alone; the old sampler name carries its schedule."""
    expected = DrawRequest(
        prompt=", masterpiece, best quality, [dark night, shooting star, flower], girl,",
        negative_prompt="EasyNegative, worst quality,\nlow quality",
        loras=(AskedLora(name="cheeseDaddys_35", weight=0.8),),
        steps=28,
        sampler="DPM++ 2S a",
        schedule="Karras",
        cfg_scale=7.0,
        seed=84858658625,
        width=1024,
        height=1024,
        checkpoint="yesmix_v16Original",
        denoising_strength=0.68,
    )
    assert request(ONE_KEY_A_LINE) == expected
    assert request("\r\n".join(ONE_KEY_A_LINE.split("\n"))) == expected


@pytest.mark.parametrize(
    "form",
    [
        ONE_LINE_OF_PARAMETERS.replace("\n", " "),
        ONE_LINE_OF_PARAMETERS.replace("\n", "\n\n"),
        f"```\n{ONE_LINE_OF_PARAMETERS}\n```",
        "Prompt: " + ONE_LINE_OF_PARAMETERS,
        ONE_LINE_OF_PARAMETERS + ",",
        ONE_LINE_OF_PARAMETERS + ", Version: v1.10.1",
        ONE_LINE_OF_PARAMETERS.replace(", ", "，"),
        ONE_LINE_OF_PARAMETERS.replace(": ", "：").replace("Steps：", "Steps: "),
        ONE_LINE_OF_PARAMETERS.replace("Steps", "steps").replace("CFG scale", "cfg_scale"),
    ],
    ids=["one line", "gaps", "fence", "label", "comma", "version", "，", "：", "case"],
)
def test_the_same_block_in_other_clothes(form: str) -> None:
    """Line breaks, fences, labels, punctuation and case change nothing."""
    expected = request(ONE_LINE_OF_PARAMETERS)
    got = request(form)
    unified = replace(
        got,
        prompt=got.prompt.replace("，", ", "),
        negative_prompt=(got.negative_prompt or "").replace("，", ", "),
    )
    assert unified == expected


def test_bold_keys_of_a_chat() -> None:
    """Discord's bold marks around keys are no part of them."""
    text = "**Prompt:** a cat\n**Negative prompt:** dog\n**Steps:** 28\n**Seed**: 5"
    expected = DrawRequest(prompt="a cat", negative_prompt="dog", steps=28, seed=5)
    assert request(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "正面提示词：一只猫\n负面提示词：狗\n步数：28，采样器：Euler a，提示词引导系数：7，"
        "种子：5，尺寸：512x768，模型：foo，重绘幅度：0.5",
        "提示词：一只猫\n反向提示词：狗\n迭代步数: 28\n采样方法: Euler a\n引导系数: 7\n"
        "随机种子: 5\n分辨率: 512×768\n模型: foo\n重绘强度: 0.5",
        "一只猫，负面：狗，步数：28，采样器：Euler a，CFG：7，种子：5，尺寸：512*768，大模型：foo，"
        "去噪强度：0.5",
    ],
    ids=["lines", "one a line", "one line"],
)
def test_chinese_keys_and_colons(text: str) -> None:
    """Translated front ends print Chinese keys with full-width punctuation."""
    assert request(text) == DrawRequest(
        prompt="一只猫",
        negative_prompt="狗",
        steps=28,
        sampler="Euler a",
        cfg_scale=7.0,
        seed=5,
        width=512,
        height=768,
        checkpoint="foo",
        denoising_strength=0.5,
    )


def test_every_name_of_every_key_is_known() -> None:
    """Each spelling of the table leads to its key."""
    sample = {"Sampler": "Euler a", "Schedule type": "Karras", "Size": "512x768"}
    for key, names in KEYS.items():
        for name in (key, *names):
            line = f"Steps: 20, {name}: {sample.get(key, '1')}"
            assert key in parse_infotext(f"cat\n{line}").fields, line


@pytest.mark.parametrize(
    "label", ["Negative prompt", "negative", "uc", "负面", "Undesired Content"]
)
def test_labels_of_the_negative_prompt(label: str) -> None:
    """NovelAI says `uc`, some say only `negative`."""
    for colon in (": ", ":", "："):
        assert parse_infotext(f"a cat\n{label}{colon}dog\nrat") == Infotext("a cat", "dog\nrat")


@pytest.mark.parametrize(
    "text",
    [
        "a cat",
        "cat | dog",
        "Size: large, and blue",
        "Model: a tall woman in red",
        "a recipe, steps: 3, oven",
        "scale: 1:10, model train",
        "a photo negative: film",
        "10 steps: up the hill",
    ],
)
def test_plain_prompts_are_left_alone(text: str) -> None:
    """A key is one only where its value fits; `|` separates nothing."""
    assert parse_infotext(text) == Infotext(text)


def test_gaps_between_parameters_are_no_prompt() -> None:
    """An empty line among keys is nothing."""
    expected = Infotext("a cat", fields={"Steps": "20", "Seed": "5"}, unknown=(("Mood", "x"),))
    assert parse_infotext("a cat\n\nSteps: 20\n\nMood: x\n\nSeed: 5\n\n") == expected


@pytest.mark.parametrize(
    "text",
    [
        "a cat\nCFG scale: 7\nSteps: 28\nSeed: 5\nModel: x",
        "a cat\nModel: x\nSeed: 5\nSteps: 28\nCFG scale: 7",
        "Seed: 5\nPrompt: a cat\nModel: x, Steps: 28, CFG scale: 7",
        "a cat Steps: 28, CFG scale: 7\nModel: x\nSeed: 5",
        "Model: x, CFG scale: 7, Steps: 28\nSeed: 5\n\na cat",
    ],
)
def test_keys_in_any_order(text: str) -> None:
    """Sites print them as they like, above or below the prompt."""
    expected = DrawRequest(prompt="a cat", cfg_scale=7.0, steps=28, seed=5, checkpoint="x")
    assert request(text) == expected


def test_an_unknown_key_begins_no_parameters() -> None:
    """Only among others it is one."""
    assert parse_infotext("Mood: calm, Size: 5x5").prompt == "Mood: calm, Size: 5x5"


def test_words_below_the_parameters_are_prompt() -> None:
    """Somebody pasted the block and wrote on."""
    assert parse_infotext("Steps: 20, Seed: 5\na cat in the snow").prompt == "a cat in the snow"


def test_prompts_of_a1111_are_kept_to_the_letter() -> None:
    """Above A1111's own line of parameters nothing is a key."""
    prompt = "a cat，\nSize: 5x5\nModel: x, steps: 3"
    negative = "dog，\nSeed: 7\nuc: rat"
    parameters = "Steps: 20, Sampler: Euler, Seed: 5"
    infotext = parse_infotext(f"{prompt}\nNegative prompt: {negative}\n{parameters}")
    fields = {"Steps": "20", "Sampler": "Euler", "Seed": "5"}
    assert infotext == Infotext(prompt, negative, fields, exact=True)
    assert parse_infotext(f"{prompt}\n{parameters}") == Infotext(prompt, None, fields, exact=True)


def test_unknown_keys_are_shown_and_expected_ones_are_quiet() -> None:
    """JSON text, lists and tables among the values confuse nothing."""
    text = (
        'a cat\nSteps: 30, VAE: "a, b.pt", Seed: 5, Version: f2, Clip skip: 2, CFG scale: 3.5, '
        'Lora hashes: "x: 1, y: 2", Hires upscale: 1.5, ADetailer model: face.pt, Template: "a, '
        '\\"b\\"", Hashes: {"vae": "6", "model": "a, b"}, Civitai resources: [{"a": 1, "b": 2}], '
        "Sampler: Nonsense 3000, Denoising strength: high"
    )
    asked, notes = to_request(parse_infotext(text))
    assert asked == DrawRequest(
        prompt="a cat",
        steps=30,
        vae="a, b.pt",
        seed=5,
        clip_skip=2,
        cfg_scale=3.5,
        hires_scale=1.5,
    )
    said = [say(note) for note in notes]
    assert said == [
        "“Sampler: Nonsense 3000” is not known here and was left out.",
        "“Denoising strength: high” is not known here and was left out.",
        'Left out, not known here: ADetailer model: face.pt, Template: a, "b"',
    ]


def test_broken_json_is_taken_as_it_stands() -> None:
    """A program that quotes carelessly loses nothing but its escapes."""
    fields = parse_infotext('cat\nSteps: 1, VAE: "a\\q, b", Seed: 5, Size: 5x6, Hashes: {"a').fields
    assert (fields["VAE"], fields["Seed"], fields["Size"]) == ("a\\q, b", "5", "5x6")


def test_notes_on_tags() -> None:
    """Networks that do not exist here are told; what follows a weight goes on to the resolver."""
    asked, notes = to_request(Infotext("cat <lora:a:1:lbw=ALL> <hypernet:b:1>"))
    assert [n.key for n in notes] == ["note-network-ignored"]
    assert [lora.extra for lora in asked.loras] == [("lbw=ALL",)]
    assert all(say(note, language) for note in notes for language in LANGUAGES)


def test_model_and_hash_make_a1111s_title() -> None:
    """Both together let the resolver prefer the hash."""
    text = "cat\nSteps: 1, Seed: 1, Model hash: 925997e9ab, Model: yes_v1"
    assert request(text).checkpoint == "yes_v1 [925997e9ab]"


def test_the_form_that_a1111_reads() -> None:
    """Order, keys and quoting are A1111's."""
    spec = RenderSpec(
        prompt="a cat",
        negative_prompt="dog",
        seed=5,
        steps=28,
        cfg_scale=7.0,
        sampler="Euler a",
        schedule="Karras",
        width=512,
        height=768,
        checkpoint=ModelRef(name="yes, v1", sha256="ab" * 32),
        vae=ModelRef(name="ft-mse", sha256="cd" * 32),
        loras=(LoraRef(name="ink", sha256="ef" * 32, weight=0.8),),
        clip_skip=2,
        input_sha256="0" * 64,
        denoising_strength=0.6,
    )
    assert format_infotext(spec, 1, "0.1.0") == (
        "a cat <lora:ink:0.8>\n"
        "Negative prompt: dog\n"
        "Steps: 28, Sampler: Euler a, Schedule type: Karras, CFG scale: 7, Seed: 6, "
        'Size: 512x768, Model hash: ababababab, Model: "yes, v1", VAE hash: cdcdcdcdcd, '
        'VAE: ft-mse, Denoising strength: 0.6, Clip skip: 2, Lora hashes: "ink: efefefefef", '
        "Version: Chatelier 0.1.0"
    )


def test_the_second_pass_in_the_form_that_a1111_reads() -> None:
    """Its keys, with the strength of the second pass under the name of img2img's."""
    spec = RenderSpec(
        prompt="a cat",
        seed=5,
        steps=28,
        cfg_scale=7.0,
        sampler="Euler a",
        width=512,
        height=768,
        checkpoint=ModelRef(name="xl", sha256="ab" * 32),
        hires=HiresSpec(width=768, height=1152, steps=12, denoising_strength=0.55),
        refiner=RefinerSpec(checkpoint=ModelRef(name="ref", sha256="cd" * 32), switch_at=0.8),
        subseed=90,
        subseed_strength=0.1,
    )
    assert format_infotext(spec, 1, "0.1.0") == (
        "a cat\n"
        "Steps: 28, Sampler: Euler a, Schedule type: Automatic, CFG scale: 7, Seed: 5, "
        "Size: 512x768, Model hash: ababababab, Model: xl, Variation seed: 91, "
        "Variation seed strength: 0.1, Denoising strength: 0.55, Hires upscale: 1.5, "
        "Hires steps: 12, Hires upscaler: Latent, Refiner: ref [cdcdcdcdcd], "
        "Refiner switch at: 0.8, Version: Chatelier 0.1.0"
    )


def test_upscalers_of_a1111_that_are_not_here_are_kept_for_the_resolver() -> None:
    """A name is resolved where it is known; what is missing is told later."""
    text = "a cat\nSteps: 9, Seed: 1, Hires upscaler: {}, Hires resize: 1024x1536"
    assert request(text.format("Latent (nearest-exact)")).hires_upscaler == "Latent (nearest-exact)"
    pasted = request(text.format("R-ESRGAN 4x+ Anime6B"))
    assert (pasted.hires_upscaler, pasted.hires_size) == ("R-ESRGAN 4x+ Anime6B", (1024, 1536))


# Round trip ---------------------------------------------------------------------------------

PROMPTS = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<>\r`"), min_size=1)
    .map(str.strip)
    .filter(lambda p: p and ":" not in p.split("\n")[0] and "：" not in p and "egative" not in p)
)
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="<>:[]"),
    min_size=1,
    max_size=20,
)
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
POSITIVE = st.floats(0.01, 30, allow_nan=False)
SPECS = st.builds(
    RenderSpec,
    prompt=PROMPTS,
    negative_prompt=st.one_of(st.just(""), PROMPTS),
    seed=st.integers(0, SEEDS - 1),
    steps=st.integers(1, 150),
    cfg_scale=POSITIVE,
    sampler=st.sampled_from(sorted(samplers.SAMPLERS)),
    schedule=st.sampled_from(sorted(samplers.SCHEDULES)),
    width=st.integers(8, 4096),
    height=st.integers(8, 4096),
    checkpoint=st.builds(ModelRef, name=NAMES, sha256=HASHES),
    vae=st.one_of(
        st.none(), st.builds(ModelRef, name=NAMES.map(lambda n: f"vae-{n}"), sha256=HASHES)
    ),
    loras=st.lists(
        st.builds(LoraRef, name=NAMES, sha256=HASHES, weight=st.floats(-2, 2)),
        max_size=3,
        unique_by=lambda lora: lora.name,
    ).map(tuple),
    clip_skip=st.integers(1, 12),
    input_sha256=st.one_of(st.none(), HASHES),
    denoising_strength=st.floats(0.01, 1),
    refiner=st.one_of(
        st.none(),
        st.builds(
            RefinerSpec,
            checkpoint=st.builds(ModelRef, name=NAMES, sha256=HASHES),
            switch_at=st.floats(0.01, 1),
        ),
    ),
    subseed=st.integers(0, SEEDS - 1),
    subseed_strength=st.one_of(st.just(0.0), st.floats(0.01, 1)),
    hires=st.one_of(
        st.none(),
        st.builds(
            HiresSpec,
            width=st.integers(1, 512).map(lambda n: n * 8),
            height=st.integers(1, 512).map(lambda n: n * 8),
            steps=st.integers(0, 150),
            denoising_strength=st.floats(0.01, 1),
            upscaler=st.sampled_from(UPSCALERS),
        ),
    ),
)


@settings(deadline=None)
@given(SPECS)
def test_every_field_survives_the_round_trip(spec: RenderSpec) -> None:
    """What is written into a picture asks for the same picture when it is pasted."""
    asked, notes = to_request(parse_infotext(format_infotext(spec, 0, "0.1.0")))
    hires = spec.hires
    strength = spec.denoising_strength if spec.input_sha256 else None
    if hires is not None:
        by_size = asked.hires_size or enlarged(spec.width, spec.height, asked.hires_scale or 0)
        assert by_size == (hires.width, hires.height)
    assert replace(asked, hires_scale=None, hires_size=None) == DrawRequest(
        prompt=spec.prompt,
        negative_prompt=spec.negative_prompt or None,
        seed=spec.seed,
        steps=spec.steps,
        cfg_scale=spec.cfg_scale,
        sampler=spec.sampler,
        schedule=spec.schedule,
        width=spec.width,
        height=spec.height,
        checkpoint=_title(spec.checkpoint),
        vae=spec.vae.name if spec.vae else None,
        loras=tuple(AskedLora(name=lora.name, weight=lora.weight) for lora in spec.loras),
        clip_skip=None if spec.clip_skip == 1 else spec.clip_skip,
        denoising_strength=hires.denoising_strength if hires else strength,
        hires_steps=hires.steps or None if hires else None,
        hires_upscaler=hires.upscaler if hires else None,
        refiner=_title(spec.refiner.checkpoint) if spec.refiner else None,
        refiner_switch_at=spec.refiner.switch_at if spec.refiner else None,
        subseed=spec.subseed if spec.subseed_strength else None,
        subseed_strength=spec.subseed_strength or None,
    )
    assert notes == ()


def _title(model: ModelRef) -> str:
    return f"{model.name} [{model.sha256[:10]}]"


@settings(deadline=None)
@given(st.text(st.sampled_from('a:,，："{}[]\\\nSteps: 28 Negative prompt: 步数*`<>lora')))
def test_any_text_can_be_pasted(text: str) -> None:
    """Nothing raises, and no words of a plain line are lost."""
    to_request(parse_infotext(text))


@settings(deadline=None)
@given(st.text())
def test_any_unicode_can_be_pasted(text: str) -> None:
    """Nothing raises."""
    to_request(parse_infotext(text))

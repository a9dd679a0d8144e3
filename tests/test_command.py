"""The grammar of a request."""

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.command import override, parse_command, parse_draw
from bot.command.flags import FLAGS, MIDJOURNEY
from bot.domain import AskedLora, DrawRequest
from bot.phrase import Phrase
from bot.replies import LANGUAGES, say
from tests.test_infotext import ONE_KEY_A_LINE, ONE_LINE_OF_PARAMETERS


def asked(text: str) -> DrawRequest:
    """The request of a text that has no fault and needs no note."""
    parsed = parse_draw(text)
    assert (parsed.faults, parsed.notes) == ((), ())
    return parsed.request


def faults(text: str) -> list[str]:
    return [say(fault) for fault in parse_draw(text).faults]


def notes(text: str) -> list[str]:
    return [say(note) for note in parse_draw(text).notes]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("--no dog", {"negative_prompt": "dog"}),
        ("--neg dog, rat", {"negative_prompt": "dog, rat"}),
        ("--uc dog", {"negative_prompt": "dog"}),
        ("-u dog", {"negative_prompt": "dog"}),
        ('--no "dog, --rat"', {"negative_prompt": "dog, --rat"}),
        ('--no ""', {"negative_prompt": ""}),
        ("--no模糊，（低质量）", {"negative_prompt": "模糊,(低质量)"}),
        ("--seed 5", {"seed": 5}),
        ("--seed=5", {"seed": 5}),
        ("--seed：5", {"seed": 5}),
        ("--seed5", {"seed": 5}),
        ("-x 5", {"seed": 5}),
        ("--seed -1", {"seed": -1}),
        ("--seed −1", {"seed": -1}),
        ("--seed random", {"seed": -1}),
        ("-x -1", {"seed": -1}),
        ("--steps 28", {"steps": 28}),
        ("--steps=28", {"steps": 28}),
        ("--STEPS 28", {"steps": 28}),
        ("-t 28", {"steps": 28}),
        ("-t28", {"steps": 28}),
        ("--步数28", {"steps": 28}),
        ("--cfg 7", {"cfg_scale": 7.0}),
        ("--cfg 7,5", {"cfg_scale": 7.5}),
        ("--cfg7.5", {"cfg_scale": 7.5}),
        ("--scale 7.5", {"cfg_scale": 7.5}),
        ("-c 7.5", {"cfg_scale": 7.5}),
        ("--sampler Euler a", {"sampler": "Euler a"}),
        ('--sampler "euler A"', {"sampler": "Euler a"}),
        ("--sampler 'Euler a'", {"sampler": "Euler a"}),
        ("-r k_euler_ancestral", {"sampler": "Euler a"}),
        ("--sampler EulerAncestralDiscreteScheduler", {"sampler": "Euler a"}),
        ("--sampler DPM++ 2M Karras", {"sampler": "DPM++ 2M", "schedule": "Karras"}),
        ("--schedule sgm uniform", {"schedule": "SGM Uniform"}),
        ("--size 768x512", {"width": 768, "height": 512}),
        ("--size 768*512", {"width": 768, "height": 512}),
        ("--size 768×512", {"width": 768, "height": 512}),
        ("--size 768 x 512", {"width": 768, "height": 512}),
        ("--size768x512", {"width": 768, "height": 512}),
        ("--尺寸 768x512", {"width": 768, "height": 512}),
        ("--width 768", {"width": 768}),
        ("-W 768", {"width": 768}),
        ("--height 512", {"height": 512}),
        ("-H 512", {"height": 512}),
        ("--ar 3:2", {"aspect": (3.0, 2.0)}),
        ("--ar16:9", {"aspect": (16.0, 9.0)}),
        ("--ar 16/9", {"aspect": (16.0, 9.0)}),
        ("--ar 16：9", {"aspect": (16.0, 9.0)}),
        ("--aspect 16:9", {"aspect": (16.0, 9.0)}),
        ("--size portrait", {"aspect": (2.0, 3.0)}),
        ("--ar landscape", {"aspect": (3.0, 2.0)}),
        ("--square", {"aspect": (1.0, 1.0)}),
        ("--size 竖", {"aspect": (2.0, 3.0)}),
        ("--横", {"aspect": (3.0, 2.0)}),
        ("--方", {"aspect": (1.0, 1.0)}),
        ("-n 4", {"count": 4}),
        ("-n4", {"count": 4}),
        ("--count 4", {"count": 4}),
        ("--batch 4", {"count": 4}),
        ("--strength 0.6", {"denoising_strength": 0.6}),
        ("--strength 60%", {"denoising_strength": 0.6}),
        ("--denoise .6", {"denoising_strength": 0.6}),
        ("-N 0,6", {"denoising_strength": 0.6}),
        ("--model anything-v5", {"checkpoint": "anything-v5"}),
        ("--model “my model”", {"checkpoint": "my model"}),
        ("-m 925997e9", {"checkpoint": "925997e9"}),
        ('-m "925997e9', {"checkpoint": "925997e9"}),
        ("--vae ft-mse", {"vae": "ft-mse"}),
        ("--lora ink:0.8", {"loras": (AskedLora(name="ink", weight=0.8),)}),
        ("--lora ink", {"loras": (AskedLora(name="ink", weight=1.0),)}),
        ("<lora:ink:0.8>", {"loras": (AskedLora(name="ink", weight=0.8),)}),
        ("<lyco:ink:0.8>", {"loras": (AskedLora(name="ink", weight=0.8),)}),
        ("--hires 1.5", {"hires_scale": 1.5}),
        ("--hires 1.5x", {"hires_scale": 1.5}),
        ("--hires", {"hires_scale": 2.0}),
        ("--高清 1.5", {"hires_scale": 1.5}),
        ("--hires-steps 12", {"hires_steps": 12}),
        ("--高清步数12", {"hires_steps": 12}),
        ("--hires-denoise 0,5", {"hires_denoising_strength": 0.5}),
        ("--高清幅度 50%", {"hires_denoising_strength": 0.5}),
        ("--hires-upscaler lanczos", {"hires_upscaler": "Lanczos"}),
        ("--hires-upscaler latent", {"hires_upscaler": "Latent"}),
        ("--hires-upscaler Latent (nearest-exact)", {"hires_upscaler": "Latent (nearest-exact)"}),
        (
            "--放大算法 latent bicubic antialiased",
            {"hires_upscaler": "Latent (bicubic antialiased)"},
        ),
        ("--refiner xl-refiner", {"refiner": "xl-refiner"}),
        ("--refiner xl-refiner:0.7", {"refiner": "xl-refiner", "refiner_switch_at": 0.7}),
        ("--精修 xl-refiner:70%", {"refiner": "xl-refiner", "refiner_switch_at": 0.7}),
        ("--subseed 9", {"subseed": 9}),
        ("--变异种子 9", {"subseed": 9}),
        ("--variation-seed random", {"subseed": -1}),
        ("--vary 0.1", {"subseed_strength": 0.1}),
        ("--subseed-strength 10%", {"subseed_strength": 0.1}),
        ("--变异强度 0.1", {"subseed_strength": 0.1}),
        ("--clip-skip 2", {"clip_skip": 2}),
        ("--clip_skip 2", {"clip_skip": 2}),
        ("--raw", {"raw": True}),
        ("-O", {"raw": True}),
        ("--spoiler", {"spoiler": True}),
        ("--file", {"as_file": True}),
        ("—seed 5", {"seed": 5}),
        ("–seed 5", {"seed": 5}),
        ("−seed 5", {"seed": 5}),
        ("——seed 5", {"seed": 5}),
        ("–x 5", {"seed": 5}),
        ("--n 4", {"count": 4}),
    ],
)
def test_every_flag(written: str, meant: dict[str, Any]) -> None:
    """Every spelling of every flag, behind the prompt and before it."""
    expected = DrawRequest(prompt="a red fox", **meant)
    assert asked(f"a red fox {written}") == expected
    if "negative_prompt" not in meant:
        assert asked(f"{written}, a red fox").prompt.lstrip(" ,") == "a red fox"
        assert replace(asked(f"{written}\na red fox"), prompt="a red fox") == expected


@pytest.mark.parametrize("flag", [f for f in FLAGS if f.example], ids=lambda f: f.names[0])
def test_every_example_works(flag: Any) -> None:
    """What a fault message tells people to write is understood, under every name."""
    value = flag.example.partition(" ")[2]
    for name in flag.names:
        dashes = "-" if len(name) == 1 and name.isascii() else "--"
        assert parse_draw(f"a fox {dashes}{name} {value}").faults == ()
        assert asked(f"a fox {dashes}{name} {value}") == asked(f"a fox {flag.example}")


@pytest.mark.parametrize(
    "text",
    [
        "a man in a t-shirt",
        "a -5 degree day",
        "sci-fi -- the end",
        "a well--known c--seed 5 tune",
        "the city—lights, a dog – the best — really",
        "a cat —sleeping",
        "一只猫——横",
        "-nsfw tag and -hello, -raw power, -no way",
        "a portrait of a king, landscape, square",
        "cat | dog | negative",
        "vitamin a-c 7",
        "a photo negative: film",
        "2+2=4, 50% off, C:\\x",
        "a man's hat 'quoted' \"5 inch\"",
        "emoji 👩‍🎨 stay",
    ],
)
def test_words_that_look_like_flags_survive(text: str) -> None:
    """Only known flags are taken."""
    assert asked(text) == DrawRequest(prompt=text)


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("a cat, --cfg 7, blue", "a cat, blue"),
        ("a cat --steps 20 in a hat", "a cat in a hat"),
        ("a cat, --steps 20", "a cat"),
        ("a cat --steps 20, blue,", "a cat, blue,"),
        ('a cat --no "dog"s', "a cat s"),
        ("--steps 20\na cat\n--seed 5\nblue", "a cat\nblue"),
        ("一只猫,--steps 20", "一只猫"),
        ("a cat --raw. Nice", "a cat. Nice"),
        ("--size 768 x 512 cats", "cats"),
        ("--hires 1.5 cats", "cats"),
        ("--hires cats", "cats"),
        ("--sampler euler a in a hat", "in a hat"),
    ],
)
def test_no_trace_of_a_flag_is_left(text: str, prompt: str) -> None:
    """The gap closes, with one space and one comma."""
    assert parse_draw(text).request.prompt == prompt


def test_flags_in_the_middle_of_a_negative_end_it() -> None:
    """`--no` reaches to the next flag or the end of its line."""
    expected = DrawRequest(prompt="a cat\nblue", negative_prompt="dog, rat", seed=5)
    assert asked("a cat --no dog, rat --seed 5\nblue") == expected


@pytest.mark.parametrize("label", ["Negative prompt:", "negative:", "uc:", "负面:", "负面："])
def test_a_line_of_negative_prompt(label: str) -> None:
    """Flags may stand on either side of it."""
    expected = DrawRequest(prompt="a cat", negative_prompt="dog\nrat", steps=20, seed=5)
    assert asked(f"a cat --steps 20\n{label} dog\nrat --seed 5") == expected


def test_full_width_punctuation() -> None:
    """What a Chinese keyboard types weighs and separates."""
    assert asked("一只猫，（红色：1.3） --ar 16：9").prompt == "一只猫,(红色:1.3)"


@pytest.mark.parametrize("text", ["一只猫 竖", "一只猫，竖", "一只猫 竖图", "一只猫 竖 --raw"])
def test_a_last_chinese_word_is_a_shape(text: str) -> None:
    """Only where it stands alone behind other words."""
    assert (asked(text).prompt, asked(text).aspect) == ("一只猫", (2.0, 3.0))
    assert asked("竖") == DrawRequest(prompt="竖")
    assert asked("一只猫横") == DrawRequest(prompt="一只猫横")


def test_s_is_ambiguous() -> None:
    """It is seed, steps, sampler or stylize, depending on the tool."""
    expected = ["-s is ambiguous here: use --seed, --steps or --sampler."]
    assert expected == faults("a cat -s 5") == faults("-s20 a cat")
    assert faults("a cat --s 250")[0].startswith("--s is ambiguous here")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a --stpes 20", "There is no --stpes. Did you mean --steps?"),
        ("a --stepz 20", "There is no --stepz. Did you mean --steps?"),
        ("a --shedule Karras", "There is no --shedule. Did you mean --schedule?"),
        ("a —stpes 20", "There is no --stpes. Did you mean --steps?"),
        ("a --negativ b", "There is no --negativ. Did you mean --negative?"),
        ("a --steps", "--steps needs a value, such as --steps 28."),
        ("a --steps --raw", "--steps needs a value, such as --steps 28."),
        ("a --no", "--no needs a value, such as --no blurry."),
        ("a --steps abc", "“--steps abc” is not understood. Write it like --steps 28."),
        ("a --steps 2.5", "“--steps 2.5” is not understood. Write it like --steps 28."),
        ("a --size big", "“--size big” is not understood. Write it like --size 768x512."),
        ("a --size 0x0", "“--size 0x0” is not understood. Write it like --size 768x512."),
        ("a --lora :1", "“--lora :1” is not understood. Write it like --lora NAME:0.8."),
        (
            "a --hires-upscaler ESRGAN",
            "There is no upscaler “ESRGAN” here. Choose one of: Latent, Latent (antialiased), "
            "Latent (bicubic), Latent (bicubic antialiased), Latent (nearest), "
            "Latent (nearest-exact), Lanczos, Nearest.",
        ),
        (
            "a --refiner :0.8",
            "“--refiner :0.8” is not understood. Write it like --refiner NAME:0.8.",
        ),
        ("a --sampler eulr", "No sampler is called “eulr”. Did you mean Euler?"),
    ],
)
def test_a_fault_says_what_to_write(text: str, fault: str) -> None:
    """Each names the flag and a remedy."""
    assert faults(text) == [fault]


def test_an_unknown_flag_without_a_near_name_lists_all() -> None:
    """Nobody is left guessing."""
    assert faults("a --zzzz")[0].startswith("There is no --zzzz. These exist: --no, --seed, ")


def test_unknown_samplers_and_schedules_list_what_exists() -> None:
    """Where nothing is near."""
    assert "DPM++ 2M" in faults("a --sampler qqqq")[0]
    assert "Karras" in faults("a --schedule qqqq")[0]


def test_all_faults_are_told_together() -> None:
    """Each once; a flood is counted."""
    assert len(faults("a --steps x --seed y --foo -s 1 --foo")) == 4
    many = faults(" ".join(f"--f{chr(97 + i)}" for i in range(20)))
    assert (len(many), many[-1]) == (9, "… and 12 more mistakes of this kind.")


def test_a_flag_given_twice() -> None:
    """The last one wins, and it is said; a size and a shape are one thing."""
    assert parse_draw("a --seed 5 --seed 6").request.seed == 6
    assert notes("a --seed 5 -x 6") == ["-x was given more than once; the last one counts."]
    later = parse_draw("a --size 512x512 --ar 3:2").request
    assert (later.width, later.height, later.aspect) == (None, None, (3.0, 2.0))
    later = parse_draw("a --portrait --size 512x768").request
    assert (later.width, later.height, later.aspect) == (512, 768, None)
    assert notes("a --portrait --size 5x7") == [
        "--size was given more than once; the last one counts."
    ]
    assert notes("a --width 512 --ar 3:2 --lora b --lora c") == []


def test_midjourney_flags_are_told_and_left_out() -> None:
    """What has a counterpart works, the rest is named once."""
    text = "a fox --ar 3:2 --v 6.1 --stylize 250 --style raw --tile --no dog --niji"
    parsed = parse_draw(text)
    expected = DrawRequest(prompt="a fox", aspect=(3.0, 2.0), negative_prompt="dog")
    assert (parsed.request, parsed.faults) == (expected, ())
    assert notes(text) == [
        "Left out, as it means something only in Midjourney: "
        "--v, --stylize, --style, --tile, --niji."
    ]
    assert all(parse_draw(f"a --{name} 1").faults == () for name in MIDJOURNEY)


def test_loras_of_tags_and_flags_are_joined() -> None:
    """A flag changes the weight of a tag of the same name."""
    loras = parse_draw("a <lora:x:1> <lora:y:1> --lora x:0.5 --lora z").request.loras
    expected = [("x", 0.5), ("y", 1.0), ("z", 1.0)]
    assert expected == [(lora.name, lora.weight) for lora in loras]


def test_flags_win_over_a_pasted_block() -> None:
    """And what is pasted is known as pasted."""
    parsed = parse_draw(f"{ONE_KEY_A_LINE}\n--seed 7 --portrait --no blurry -m other")
    request = parsed.request
    assert (request.seed, request.steps) == (7, 28)
    assert (request.aspect, request.width, request.height) == ((2.0, 3.0), None, None)
    assert (request.negative_prompt, request.checkpoint) == ("blurry", "other")
    assert {"sampler", "loras", "steps"} <= parsed.pasted
    assert parsed.pasted.isdisjoint({"seed", "checkpoint", "negative_prompt", "prompt"})
    assert parse_draw(f"--seed 7 {ONE_LINE_OF_PARAMETERS}").request.seed == 7


def test_typed_words_are_not_pasted() -> None:
    """A block without parameters was written here."""
    assert parse_draw("prompt: a cat\nuc: dog --seed 5").pasted == frozenset()


def test_typed_options_win_over_the_text() -> None:
    """Discord's options are stronger than flags and pasted values."""
    parsed = parse_draw(ONE_LINE_OF_PARAMETERS).under(DrawRequest(seed=1, checkpoint="x"))
    assert (parsed.request.seed, parsed.request.steps) == (1, 28)
    assert parsed.pasted.isdisjoint({"seed", "checkpoint"})


@pytest.mark.parametrize(
    ("base", "options", "merged"),
    [
        (DrawRequest(seed=1), DrawRequest(seed=0), DrawRequest(seed=0)),
        (DrawRequest(prompt="a"), DrawRequest(steps=5), DrawRequest(prompt="a", steps=5)),
        (DrawRequest(prompt="a"), DrawRequest(prompt="b"), DrawRequest(prompt="b")),
        (
            DrawRequest(negative_prompt="a"),
            DrawRequest(negative_prompt=""),
            DrawRequest(negative_prompt=""),
        ),
        (
            DrawRequest(width=5, height=6),
            DrawRequest(aspect=(1, 2)),
            DrawRequest(aspect=(1, 2)),
        ),
        (DrawRequest(width=5), DrawRequest(aspect=(1, 2)), DrawRequest(width=5, aspect=(1, 2))),
        (
            DrawRequest(aspect=(1, 2)),
            DrawRequest(width=5, height=6),
            DrawRequest(width=5, height=6),
        ),
        (DrawRequest(width=5, height=6), DrawRequest(width=7), DrawRequest(width=7, height=6)),
        (DrawRequest(hires_size=(8, 8)), DrawRequest(hires_scale=2), DrawRequest(hires_scale=2)),
        (DrawRequest(raw=True), DrawRequest(spoiler=True), DrawRequest(raw=True, spoiler=True)),
    ],
)
def test_override(base: DrawRequest, options: DrawRequest, merged: DrawRequest) -> None:
    """Fields that are set in the options win; zero and an empty negative prompt are set."""
    assert override(base, options) == merged


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/draw a cat", ("draw", "a cat")),
        (" /draw   a cat \n", ("draw", "a cat")),
        ("/draw@SomeBot a cat", ("draw", "a cat")),
        ("/DRAW\na cat", ("draw", "a cat")),
        ("/imagine x", ("draw", "x")),
        ("/sd", ("draw", "")),
        ("画 一只猫", ("draw", "一只猫")),
        ("画：一只猫", ("draw", "一只猫")),
        ("/画 一只猫", ("draw", "一只猫")),
        ("／draw a", ("draw", "a")),
        ("/admin quota @x 5/day", ("admin", "quota @x 5/day")),
        ("画画好累", ("", "画画好累")),
        ("a cat", ("", "a cat")),
        ("/", ("", "/")),
        ("", ("", "")),
    ],
)
def test_commands(text: str, command: tuple[str, str]) -> None:
    """Name and rest; aliases are resolved, the bot's name is dropped."""
    assert parse_command(text) == command


# Properties ---------------------------------------------------------------------------------

ONE_OF_EACH = (
    "--seed 5",
    "-t 28",
    "--cfg 7,5",
    "--sampler DPM++ 2M Karras",
    "--size 768x512",
    "-n 4",
    "-N 60%",
    '--model "my model"',
    "--vae ft",
    "--hires 1.5",
    "--clip-skip 2",
    "--raw",
    "--spoiler",
    "--file",
    "--no blurry, ugly",
)


@settings(deadline=None)
@given(st.permutations(ONE_OF_EACH), st.integers(0, len(ONE_OF_EACH)))
def test_the_order_of_flags_does_not_matter(flags: list[str], place: int) -> None:
    """Wherever the prompt stands between them (but not behind the open end of `--no`)."""
    expected = asked(f"a red fox {' '.join(ONE_OF_EACH)}")
    before, after = flags[:place], flags[place:]
    if before and before[-1].startswith("--no"):
        before, after = before[:-1], [before[-1], *after]
    assert asked(" ".join((*before, "a red fox", *after))) == expected


PIECES = st.sampled_from(
    [
        *("--", "-", "—", "–", "−", " ", "\n", "，", "：", '"', "“", "'", "=", ":", ",", "|", "x"),
        *("seed", "steps", "sampler", "size", "ar", "no", "lora", "hires", "s", "n", "竖", "负面"),
        *("Steps: 28", "Negative prompt:", "Size: 5x5", "euler a", "768", "7,5", "60%", "<lora:a:"),
        *(">", "(", "[", "cat", "9" * 30, "\x00", "😀", "ａ", "\u200b", "```"),
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
@example("--size " + "9" * 5000)
@example("--seed " + "9" * 5000)
@example("[" * 4000)
@example("--hires " + "1" * 4000)
@example("\ud800 --seed \udfff")
def test_any_text_has_an_answer(text: str) -> None:
    """Nothing raises, and every fault and note can be said in both languages."""
    parsed = parse_draw(text)
    parse_command(text)
    said: tuple[Phrase, ...] = (*parsed.faults, *parsed.notes)
    assert all(say(p, language) for p in said for language in LANGUAGES)


@settings(deadline=None)
@given(
    st.text(
        st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="：:，（）`-—–―−‒－<")
    )
)
def test_words_without_syntax_are_the_prompt(text: str) -> None:
    """What holds no flag, key or label comes through unchanged."""
    parsed = parse_draw(text)
    if parsed.request.aspect is None:
        assert parsed.request.prompt == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "a red fox in the snow, " * 170,
        "--no " * 800,
        "--seed 1 " * 440,
        "".join(f"--q{i:c}{j:c} " for i in range(97, 122) for j in range(97, 122)),
        " " * 4000 + "x",
        "Steps: 1, " + "a:[1," * 800,
        "Hashes: " + "[" * 4000,
        '--no "' * 660,
        "negative prompt:" * 250,
        "：" * 4000,
    ],
)
def test_no_request_takes_long(text: str) -> None:
    """4000 characters cost milliseconds, whatever they are."""
    start = time.process_time()
    parse_draw(text)
    assert time.process_time() - start < 0.5

"""The keys of an infotext under all their names, and the labels before the two prompts."""

import re
import unicodedata
from collections.abc import Callable

from bot import samplers, values

KEYS = {
    "Steps": ("step", "步数", "迭代步数", "采样步数", "采样迭代步数", "迭代步数(steps)"),
    "Sampler": (
        "sampler name",
        "sampling method",
        "采样器",
        "采样方法",
        "采样方法(sampler)",
        "取样器",
    ),
    "Schedule type": ("scheduler", "schedule", "调度类型", "调度器", "噪声调度"),
    "CFG scale": (
        "cfg",
        "scale",
        "guidance",
        "guidance scale",
        "prompt guidance",
        "提示词引导系数",
        "提示词引导系数(cfgscale)",
        "引导系数",
        "提示词相关性",
        "提示词相关性(cfgscale)",
        "cfg值",
    ),
    "Seed": ("种子", "随机种子", "随机数种子", "种子数", "图像生成种子"),
    "Size": ("resolution", "尺寸", "大小", "图片尺寸", "图像尺寸", "分辨率"),
    "Width": ("宽", "宽度"),
    "Height": ("高", "高度"),
    "Model": ("checkpoint", "模型", "大模型", "底模", "模型名称", "基础模型"),
    "Model hash": ("模型哈希", "模型哈希值", "模型hash"),
    "VAE": ("vae模型", "外挂vae"),
    "Denoising strength": ("denoise", "denoising", "重绘幅度", "重绘强度", "去噪强度", "降噪强度"),
    "Clip skip": ("clip跳过", "clip跳过层", "clip终止层数", "跳过层"),
    "Hires upscale": ("hires scale", "高清修复倍数", "放大倍数", "放大倍率", "高分辨率修复倍数"),
    "Hires resize": ("高清修复尺寸",),
    "Hires steps": ("高清修复步数", "高分迭代步数", "高分辨率修复步数"),
    "Hires upscaler": ("放大算法", "高清修复算法", "高清放大算法"),
    "Refiner": ("精修模型",),
    "Refiner switch at": ("切换时机",),
    "Variation seed": ("subseed", "变异种子", "变异随机种子"),
    "Variation seed strength": ("subseed strength", "变异强度"),
}
"""A1111's names; the others are what translations, sites and other tools print."""

QUIET = (
    "Version",
    "Lora hashes",
    "TI hashes",
    "VAE hash",
    "Hashes",
    "Civitai resources",
    "Civitai metadata",
    "Created Date",
    "Time taken",
    "版本",
)
"""Keys that say nothing about how to draw: they are left out without a word."""

_PROMPT = ("positive prompt", "prompt", "正面提示词", "正向提示词", "正面", "提示词", "正面提示詞")
_NEGATIVE = (
    "negative prompts",
    "negative prompt",
    "negative",
    "undesired content",
    "uc",
    "负面提示词",
    "负向提示词",
    "反向提示词",
    "反面提示词",
    "负面词",
    "反向词",
    "负面",
    "負面提示詞",
    "反向提示詞",
    "負面",
)
# In the middle of a line only what nobody writes by chance.
_NEGATIVE_INLINE = ("negative prompt", *(label for label in _NEGATIVE if not label.isascii()))


def _label(names: tuple[str, ...]) -> str:
    longest_first = map(re.escape, sorted(names, key=len, reverse=True))
    return rf"(?:\*\*)?(?:{'|'.join(longest_first)})(?:\*\*)?[ \t]?[:：](?:\*\*)?"


PROMPT_LABEL = re.compile(r"[ \t]{0,8}" + _label(_PROMPT), re.IGNORECASE)
NEGATIVE_LABEL = re.compile(r"[ \t]{0,8}" + _label(_NEGATIVE), re.IGNORECASE)
A1111_NEGATIVE = re.compile(r"Negative prompt:", re.IGNORECASE)
NEGATIVE_INLINE = re.compile(r"(?<![\w-])" + _label(_NEGATIVE_INLINE), re.IGNORECASE)
STEPS_INLINE = re.compile(
    r"(?<![\w-])" + _label(("Steps", *KEYS["Steps"])) + r"\s{0,3}\d{1,6}\s{0,3}(?=[,，]|$)",
    re.IGNORECASE,
)


def _folded(key: str) -> str:
    return re.sub(r"[\s_*-]", "", unicodedata.normalize("NFKC", key[:60]).casefold())


_BY_NAME = {_folded(form): key for key, forms in KEYS.items() for form in (key, *forms)}
_QUIET = frozenset(map(_folded, QUIET))

_EVIDENT: dict[str, Callable[[str], object]] = {
    "Steps": values.whole,
    "Sampler": samplers.sampler,
    "Schedule type": samplers.schedule,
    "CFG scale": values.decimal,
    "Seed": values.seed,
    "Size": lambda text: values.size(text) if not text.strip().isdigit() else None,
    "Width": values.whole,
    "Height": values.whole,
    "Model hash": re.compile(r"\s*[0-9a-fA-F]{6,64}\s*").fullmatch,
    "Denoising strength": values.decimal,
    "Clip skip": values.whole,
    "Hires upscale": values.decimal,
    "Hires steps": values.whole,
    "Variation seed": values.seed,
    "Variation seed strength": values.decimal,
}


def known(key: str) -> str | None:
    """A1111's name of a key in any spelling."""
    return _BY_NAME.get(_folded(key))


def is_quiet(key: str) -> bool:
    """Whether a key may be left out without telling anybody."""
    return _folded(key) in _QUIET


def is_evident(key: str, value: str) -> bool:
    """Whether this pair can be nothing but a parameter, even in the middle of a prompt."""
    check = _EVIDENT.get(known(key) or "")
    return check is not None and check(value) is not None

"""What stands behind a LoRA's name in its tag: weights of its own for parts and blocks (pure)."""

from bot.domain import AskedLora, LoraRef, ModelFile
from bot.lora_blocks import parse_blocks
from bot.phrase import phrase
from bot.resolve.report import Report
from bot.values import decimal, shown

MOST_WEIGHT = 100


def lora_ref(asked: AskedLora, file: ModelFile, report: Report) -> LoraRef:
    """The LoRA as an order names it.

    Known behind the weight are a second one for the UNet, `te=`, `unet=` and `lbw=`, as A1111 and
    sd-webui-lora-block-weight have them. Block weights that cannot be read are a fault: without
    them the picture would be another one. Anything else is left out and told.
    """
    text, unet = asked.weight, None
    blocks: tuple[float, ...] = ()
    for i, extra in enumerate(asked.extra):
        key, equals, value = (part.strip() for part in extra.partition("="))
        number = decimal(value if equals else key)
        found = parse_blocks(value if equals else key)
        if not equals and i == 0 and number is not None:
            unet = number
        elif key.lower() == "te" and number is not None:
            text = number
        elif key.lower() == "unet" and number is not None:
            unet = number
        elif found is not None and (not equals or key.lower() == "lbw"):
            blocks = found
        elif key.lower() == "lbw" or (not equals and "," in extra):
            _refuse_blocks(asked, value if equals else key, report)
        else:
            report.note(phrase("note-lora-extra", name=asked.name[:60], extra=extra[:60]))
    if text != asked.weight and unet is None:
        unet = asked.weight
    _check_weight(asked, text if unet is None else max(text, unet, key=abs), report)
    if file.fitting < file.layers:
        report.note(
            phrase("note-lora-partial", name=file.name, fitting=file.fitting, layers=file.layers)
        )
    return LoraRef(
        name=file.name,
        sha256=file.sha256,
        weight=text,
        unet_weight=None if unet == text else unet,
        blocks=blocks,
    )


def _check_weight(asked: AskedLora, weight: float, report: Report) -> None:
    if abs(weight) > MOST_WEIGHT:
        name, written = asked.name[:60], shown(weight)
        report.fault(phrase("fault-lora-weight", name=name, asked=written, most=MOST_WEIGHT))


def _refuse_blocks(asked: AskedLora, value: str, report: Report) -> None:
    report.missing(
        "loras",
        phrase("fault-lora-blocks", name=asked.name[:60], asked=value[:60]),
        phrase("note-lora-extra", name=asked.name[:60], extra=value[:60]),
    )

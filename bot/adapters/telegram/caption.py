"""What stands under a picture: few lines, and a link to the picture that it came from."""

from dataclasses import dataclass, replace

from telegram import MessageEntity

from bot.adapters.telegram.text import CAPTION_UNITS, shorten, units
from bot.domain import Outgoing, ReplyTo

LINES = 3
_SUPERGROUP = "-100"


@dataclass(frozen=True, slots=True)
class Caption:
    """Words and what is marked in them, counted in UTF-16 units."""

    text: str = ""
    entities: tuple[MessageEntity, ...] = ()


def caption(message: Outgoing, *, notice: str = "", origin: str = "") -> Caption:
    """What stands under the pictures of `message`, in `CAPTION_UNITS`.

    `notice` stands in the last line, whole; `origin` are the words that link to the picture that
    this one came from, where there is a way to link to it.
    """
    gap = " " if message.text.count("\n") + 1 >= LINES else "\n"
    tail = f"{gap}{notice}" if notice and message.text else notice
    address = link(message.to) if origin else ""
    mark = f" · {origin}" if address else ""
    head, *rest = shorten(message.text, CAPTION_UNITS - units(tail + mark)).split("\n")
    if mark and rest:
        head = f"{head}\n{rest.pop(0)}"
    made = Caption("\n".join((f"{head}{mark}", *rest)) + tail)
    if not mark:
        return made
    start = units(head) + units(mark) - units(origin)
    entity = MessageEntity(MessageEntity.TEXT_LINK, start, units(origin), url=address)
    return replace(made, entities=(entity,))


def link(to: ReplyTo) -> str:
    """The address of the message that `to` is about, for those in the chat; empty where the
    answer replies to that very message, or where the chat's messages have no address: only those
    of supergroups do (https://core.telegram.org/api/links#message-links)."""
    about = to.about_id or ""
    if about == to.message_id or not about.isdecimal() or not to.chat_id.startswith(_SUPERGROUP):
        return ""
    parts = (to.chat_id.removeprefix(_SUPERGROUP), to.thread_id, about)
    return "https://t.me/c/" + "/".join(part for part in parts if part)

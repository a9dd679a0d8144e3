"""A form as Telegram can have one: a message that wants an answer."""

from telegram import ForceReply, Message, MessageEntity, User

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.post import NO_LINKS, Post
from bot.adapters.telegram.text import MESSAGE_UNITS, shorten, units
from bot.domain import Form, Outgoing

_PLACEHOLDER = 64
"""Characters that the Bot API takes."""


async def ask(
    api: Api, post: Post, message: Outgoing, form: Form, words: tuple[str, str]
) -> Message:
    """Ask `message.notify`, by name, to answer with what `form` wants to know; what it holds
    already stands there to be copied. `words`: the question, and what stands in the empty line.
    In a channel nobody is named, and Telegram takes no such line there.

    Raises:
        telegram.error.TelegramError: as `Post.send`.
    """
    question, placeholder = words
    held = shorten(as_words(form), MESSAGE_UNITS - units(question) - 2)
    entities = [MessageEntity(MessageEntity.PRE, units(question) + 1, units(held))]
    who, box = message.notify, None
    if who is not None and who.name and who.user_id.isdecimal():
        # The answer box opens for those who are mentioned.
        box = ForceReply(selective=True, input_field_placeholder=placeholder[:_PLACEHOLDER])
        at = units(question.partition(who.name)[0])
        user = User(int(who.user_id), who.name, is_bot=False)
        entities.insert(
            0, MessageEntity(MessageEntity.TEXT_MENTION, at, units(who.name), user=user)
        )
    return await post.send(
        api.send_message,
        message,
        text=f"{question}\n{held}",
        entities=entities,
        reply_markup=box,
        disable_notification=True,
        link_preview_options=NO_LINKS,
    )


def as_words(form: Form) -> str:
    """What the fields hold, as it would be typed."""
    lines = {"prompt": "", "negative": ""}
    flags = []
    for field in form.fields:
        value = field.value.strip()
        if field.name == "prompt":
            lines["prompt"] = value
        elif field.name == "negative" and value:
            lines["negative"] = f"Negative prompt: {value}"
        elif value:
            flags.append(f"--{field.name} {value}")
    return "\n".join(line for line in (*lines.values(), " ".join(flags)) if line)

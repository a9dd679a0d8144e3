"""What is said about pictures that wait for an admin (pure)."""

from collections.abc import Sequence

from bot.domain import Button, Job, Kind, Outgoing, Picture, ReplyTo, Requester
from bot.phrase import Phrase, phrase
from bot.replies import say
from bot.replies.messages import shortened

PROMPT_SHOWN = 100
"""Characters of the prompt that an admin reads in private."""


def question(job: Job, count: int, why: str, language: str) -> Outgoing:
    """For the admins of the chat, in the chat: without the pictures, and without the words that
    were asked for."""
    name = job.requester.name or phrase("somebody")
    text = say(phrase(f"held-{why}-ask", count=count, name=name), language)
    buttons = _buttons(job.id, ("look", "release", "discard"), language)
    return Outgoing(kind=Kind.NOTE, to=job.reply_to, text=text, buttons=buttons)


def reported(job: Job, language: str) -> Outgoing:
    """In a private chat, where nobody else could be asked."""
    return Outgoing(kind=Kind.NOTE, to=job.reply_to, text=say(phrase("held-report-told"), language))


def shown_aside(
    job: Job,
    picture: Picture,
    why: str,
    who: Requester,
    nonce: str,
    language: str,
    *,
    chat: Phrase | str,
) -> Outgoing:
    """One picture, covered, to somebody who may decide, in their private chat; `chat` names where
    it was asked for."""
    about = phrase(
        f"held-{why}-aside",
        name=job.requester.name or job.requester.account,
        chat=chat,
        prompt=shortened(job.spec.prompt, PROMPT_SHOWN),
    )
    return Outgoing(
        kind=Kind.NOTE,
        to=ReplyTo(platform=who.platform, chat_id="", message_id="", private=True),
        text=say(about, language),
        nonce=nonce,
        pictures=(picture,),
        spoiler=True,
        buttons=_buttons(f"{job.id}:{picture.index}", ("release", "discard"), language),
        notify=who,
        job_id=job.id,
    )


def removal(job: Job, message_id: str, cover: Picture, language: str) -> Outgoing:
    """Takes a reported message away, or covers it."""
    return Outgoing(
        kind=Kind.REMOVE,
        to=job.reply_to,
        text=say(phrase("held-covered"), language),
        remove=message_id,
        pictures=(cover,),
    )


def stays(job: Job, language: str) -> Outgoing:
    """For the admins of the chat, where the platform lets us neither delete nor change it."""
    return Outgoing(kind=Kind.NOTE, to=job.reply_to, text=say(phrase("held-stays"), language))


def deleted(job: Job, count: int, language: str) -> Outgoing:
    """For the member whose pictures were not released."""
    text = say(phrase("held-deleted-told", count=count), language)
    return Outgoing(kind=Kind.NOTE, to=job.reply_to, text=text, notify=job.requester)


def lost(job: Job, language: str) -> Outgoing:
    """A released picture whose file is gone."""
    text = say(phrase("result-lost"), language)
    return Outgoing(kind=Kind.NOTE, to=job.reply_to, text=text, notify=job.requester)


def decided(to: ReplyTo, outcome: str, who: Requester, language: str) -> Outgoing:
    """In place of the question, once somebody has answered it."""
    text = say(phrase(f"held-{outcome}-by", name=who.name or who.account), language)
    return Outgoing(kind=Kind.NOTE, to=to, text=text, edit=to.message_id)


def _buttons(argument: str, actions: Sequence[str], language: str) -> tuple[Button, ...]:
    return tuple(
        Button(label=say(phrase(f"button-{a}"), language), action=a, argument=argument)
        for a in actions
    )

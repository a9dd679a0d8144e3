"""From an `Outgoing` to what discord.py takes."""

import io
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.adapters.discord import buttons
from bot.adapters.discord.files import Upload, uploads
from bot.adapters.discord.words import CONTENT_MAX, cut, plain
from bot.domain import Kind, Outgoing, ReplyTo
from bot.phrase import phrase
from bot.replies import language_for, say

SPOILER = "SPOILER_"
LINES = 3
"""Of a caption."""
ROOM = 300
"""Characters left for a name, a link and a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A new message, still to be turned into arguments: files are used up by each try."""

    text: str
    channel_id: str
    reference: str | None
    nonce: str
    files: list[Upload]
    spoiler: bool
    view: discord.ui.View | None
    member: int | None
    """Who is notified."""
    language: str
    shrunk: bool = False

    def arguments(self) -> dict[str, Any]:
        """For `channel.send`."""
        chosen = self.as_follow_up()
        if self.reference:
            chosen["reference"] = discord.MessageReference(
                message_id=int(self.reference),
                channel_id=int(self.channel_id),
                # Refused where it was deleted, so that the member is named instead and notified.
                fail_if_not_exists=True,
            )
        return {**chosen, "nonce": self.nonce or None}

    def as_follow_up(self) -> dict[str, Any]:
        """For the follow-up of an interaction: no reference, no nonce."""
        chosen: dict[str, Any] = {
            "content": self.text or None,
            "files": [f.file(spoiler=self.spoiler) for f in self.files],
            "allowed_mentions": _mentions(self.member),
            "suppress_embeds": True,
        }
        return {**chosen, "view": self.view} if self.view else chosen

    def without_reference(self) -> "Letter":
        """The message it answers cannot be referred to; then the member is named instead."""
        return replace(self, reference=None, text=_naming(self.text, self.member))

    def aside(self, channel_id: str) -> "Letter":
        """In the private chat of the member, with a sentence that says why."""
        note = say(phrase("discord-sent-aside"), self.language)
        text = self.text.removeprefix(f"<@{self.member}> ")
        return replace(self, channel_id=channel_id, reference=None, text=_noted(text, note))

    def recompressed(self, files: list[Upload]) -> "Letter":
        """With smaller files and a sentence that says so."""
        if self.files != files and not self.shrunk:
            note = say(phrase("discord-recompressed"), self.language)
            return replace(self, files=files, text=_noted(self.text, note))
        return replace(self, files=files)


def letter(message: Outgoing) -> Letter:
    """What is sent for `message`."""
    result = message.kind is Kind.RESULT
    member = int(message.notify.user_id) if message.notify and result else None
    reference = message.to.message_id or None
    language = language_for(message.notify.language if message.notify else None)
    text = cut(plain(message.text), CONTENT_MAX - ROOM)
    if message.pictures:
        text = _with_origin(text, message.to, language)
    if reference is None or reference == message.remove or message.is_pressed:
        # A reply notifies the author of what it answers. Here that is the bot itself.
        text = _naming(text, None if message.to.private else member)
    return Letter(
        text=text,
        channel_id=message.to.chat_id,
        reference=reference,
        nonce=message.nonce,
        files=_files(message),
        spoiler=message.spoiler,
        view=buttons.view(message.buttons),
        member=member,
        language=language,
    )


def _with_origin(text: str, to: ReplyTo, language: str) -> str:
    """With a link to the picture that this one came from, unless it replies to that very message;
    behind the facts in the second line. Messages outside of servers have no address."""
    if not to.about_id or to.about_id == to.message_id or not to.space_id:
        return text
    address = f"https://discord.com/channels/{to.space_id}/{to.chat_id}/{to.about_id}"
    words, *rest = text.split("\n", 2)
    facts = f"{words}\n{rest.pop(0)}" if rest else words
    mark = f"[{say(phrase('discord-origin'), language)}]({address})"
    return "\n".join((f"{facts} · {mark}", *rest))


def _noted(text: str, note: str) -> str:
    """With a sentence more, on a line of its own where three lines allow that."""
    gap = " " if text.count("\n") + 1 >= LINES else "\n"
    return cut(f"{text}{gap}{note}")


def _files(message: Outgoing) -> list[Upload]:
    """The pictures, or the one that shows them all."""
    if message.grid is None:
        return uploads(message.job_id, message.pictures)
    shown = "-".join(str(p.index + 1) for p in message.pictures)
    return [Upload(name=f"{message.job_id}-grid-{shown}.jpg", content=message.grid)]


def edit(message: Outgoing) -> dict[str, Any]:
    """Arguments for the edit of a status message, with its preview where there is one."""
    chosen: dict[str, Any] = {
        "content": cut(plain(message.text)),
        "view": buttons.view(message.buttons),
    }
    if message.preview is not None:
        preview = io.BytesIO(message.preview)
        chosen["attachments"] = [
            discord.File(preview, filename="preview.jpg", spoiler=message.spoiler)
        ]
    elif not message.buttons:
        chosen["attachments"] = []
    return chosen


def is_this(found: discord.Message, message: Outgoing) -> bool:
    """Whether `found`, one of our own messages, is what `message` would send again.

    Discord does not store nonces, so the file names tell; without files, the words.
    """
    if str(found.id) == message.remove:
        return False
    if message.pictures:
        # A job's pictures may come in several messages: one that was released comes later.
        names = {_stem(a.filename.removeprefix(SPOILER)) for a in found.attachments}
        return names == {_stem(u.name) for u in _files(message)}
    if found.reference is None:
        return False
    same = str(found.reference.message_id) == message.to.message_id
    return same and plain(message.text) in found.content


def _stem(name: str) -> str:
    """Recompressed, a file has another suffix."""
    return name.rpartition(".")[0]


def _mentions(member: int | None) -> discord.AllowedMentions:
    if member is None:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(
        everyone=False, roles=False, users=[discord.Object(member)], replied_user=True
    )


def _naming(text: str, member: int | None) -> str:
    name = f"<@{member}>"
    return text if member is None or text.startswith(name) else f"{name} {text}".strip()

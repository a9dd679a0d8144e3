"""The borders of the program: the only Protocols, one question each where possible."""

from collections.abc import AsyncGenerator, Mapping
from typing import Protocol

from bot.domain import (
    Catalog,
    Outgoing,
    Permissions,
    Platform,
    Receipt,
    RenderEvent,
    RenderSpec,
)


class Renderer(Protocol):
    """Draws. Many jobs may be in it at once; the render loop batches them."""

    @property
    def catalog(self) -> Catalog:
        """What it offers now (the stored catalogue until the render process is up)."""
        ...

    def render(
        self, job_id: str, spec: RenderSpec, inputs: Mapping[str, bytes]
    ) -> AsyncGenerator[RenderEvent]:
        """Draw `spec`, telling steps and pictures; ends after the last picture.

        `inputs` maps the SHA-256 of each input picture to its PNG bytes. Closing the iterator or
        cancelling its task cancels the job at any stage. The loop never waits for its reader: old
        `StepDone`s are dropped, pictures never.

        Raises:
            RenderError: drawing failed (its subclasses say how).
            JobCancelled: the job was cancelled from elsewhere.
        """
        ...


class ChatAdapter(Protocol):
    """Speaks to one platform: hands what it hears to the conversation, brings what it is given."""

    @property
    def platform(self) -> Platform:
        """The platform it owns."""
        ...

    async def run(self) -> None:
        """Listen until cancelled. Raises ConfigError where the token is refused for good."""
        ...

    async def deliver(self, message: Outgoing) -> Receipt:
        """Send or edit one message.

        Raises:
            RetryLater, DoubtfulSend, Rejected, ChatGone: see `bot.errors`.
        """
        ...

    async def permissions(self, chat_id: str, user_id: str) -> Permissions:
        """What the platform says of this member in this chat."""
        ...

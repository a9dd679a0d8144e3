"""What the page learns of a message that nothing is drawn from."""

from pathlib import Path

import aiohttp
import pytest

from bot.database import Database
from bot.domain import Answer
from tests.studio_scene import studio


@pytest.mark.parametrize(
    ("typed", "answer", "refused"),
    [
        ("/draw a fig --stesp 5", Answer(text="I do not know --stesp."), True),
        ("/draw a fig", Answer(job_id="job"), False),
        ("/draw", Answer(text="Tell me what to draw."), False),
        ("/queue", Answer(text="Nothing is waiting."), False),
    ],
)
async def test_the_page_learns_of_a_refusal(
    database: Database, tmp_path: Path, typed: str, answer: Answer, refused: bool
) -> None:
    """Only a prompt that will not be drawn is told as refused, so that it can be corrected."""
    async with studio(database, tmp_path) as scene:
        scene.conversation.answer = answer
        form = aiohttp.FormData({"text": typed}, default_to_multipart=True)
        async with scene.http.post(f"{scene.address}/api/messages", data=form()) as told:
            assert (await told.json())["refused"] is refused

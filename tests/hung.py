"""Delivered requests with their pictures, put into the journal as they would stand there."""

from collections.abc import Sequence

from bot.database import Database
from bot.domain import Fate, ModelRef, Picture, Platform
from bot.journal import Journal
from bot.picture_store import PictureStore
from tests import samples


def infotext(prompt: str, seed: int, model: str = "demo") -> str:
    return (
        f"{prompt}\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, Seed: {seed},"
        f" Size: 512x512, Model: {model}"
    )


async def hang(
    database: Database,
    store: PictureStore,
    prompts: Sequence[str],
    *,
    seeds: Sequence[int] = (1,),
    model: str = "demo",
    chat_id: str = "studio",
    fate: Fate = Fate.SHOWN,
    file: str = "0" * 64,
    first: int = 1,
) -> None:
    """One request a prompt, with a picture a seed; messages are numbered like the requests, from
    `first` on. `file`: the SHA-256 of what all of them show."""
    journal = Journal(database, store)
    async with database.transaction() as t:
        for number, prompt in enumerate(prompts, first):
            job = samples.job(
                f"job{number}",
                key=f"{chat_id}/{number}",
                requester=samples.requester("local", platform=Platform.STUDIO),
                reply_to=samples.reply_to(
                    f"{number}00", chat_id, platform=Platform.STUDIO, private=True
                ),
                spec=samples.spec(prompt=prompt, checkpoint=ModelRef(name=model, sha256="d" * 64)),
                text=prompt,
            )
            await journal.accept(t, job)
            shown = [
                Picture(
                    index=i, png=b"", seed=seed, infotext=infotext(prompt, seed, model), fate=fate
                )
                for i, seed in enumerate(seeds)
            ]
            await journal.end_drawn(t, job.id, [(picture, file) for picture in shown], 3.0)
            ids = [f"{number}0{i + 1}" for i in range(len(seeds))]
            await journal._shown_in(t, job, ids, range(len(seeds)))
            await t.run("UPDATE jobs SET told = 1, state = 'delivered' WHERE id = ?", (job.id,))

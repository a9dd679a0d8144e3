"""Jobs for tests of the queue, and a queue that is asked without waiting."""

from typing import Any

from bot.domain import Job
from bot.job_queue import JobQueue
from tests.samples import job, reply_to, requester


def asked(name: str, user: str = "a", chat: str = "-100", cost: int = 1000, **more: Any) -> Job:
    """A job of a member in a chat; the chat `private` is the member's own."""
    private = chat == "private"
    to = reply_to(chat_id=user if private else chat, private=private)
    return job(name, requester=requester(user), reply_to=to, cost=cost, **more)


def put(
    queue: JobQueue, name: str, user: str = "a", chat: str = "-100", cost: int = 1000, **more: Any
) -> Job:
    one = asked(name, user, chat, cost, **more)
    queue.put(one)
    return one


def take(queue: JobQueue) -> str:
    """The next job; an error when there is none to be had at once."""
    try:
        queue.get().send(None)
    except StopIteration as given:
        return str(given.value)
    raise AssertionError("nothing may be begun")


def drain(queue: JobQueue) -> list[str]:
    """One after the other, each drawn before the next is begun."""
    out = []
    while len(queue):
        out.append(take(queue))
        queue.leave(out[-1])
    return out

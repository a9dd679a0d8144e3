"""Small values that many tests start from."""

from typing import Any

from bot.domain import (
    Catalog,
    CheckpointInfo,
    Incoming,
    Job,
    ModelRef,
    Picture,
    Platform,
    RenderSpec,
    ReplyTo,
    Requester,
)
from bot.quota.allowance import Allowance
from bot.quota.limits import UNLIMITED, Bound, Member, Scope
from bot.quota.windows import Clockface

NOON = 1_795_262_400.0
DAY = "2026-11-21"
"""The day of `NOON`, in UTC."""

DEMO = CheckpointInfo(
    name="demo", sha256="d" * 64, family="SD 1.x", native_size=64, max_side=512, demo=True
)
CATALOG = Catalog(
    checkpoints=(DEMO,),
    default_checkpoint="demo",
    samplers=("Euler", "Euler a", "DPM++ 2M"),
    schedules=("Automatic", "Karras"),
    device="test",
)
PNG = b"\x89PNG picture"


def requester(user_id: str = "1", **changes: Any) -> Requester:
    return Requester(**{"platform": Platform.TELEGRAM, "user_id": user_id, **changes})


def reply_to(message_id: str = "7", chat_id: str = "-100", **changes: Any) -> ReplyTo:
    return ReplyTo(
        **{
            "platform": Platform.TELEGRAM,
            "chat_id": chat_id,
            "message_id": message_id,
            **changes,
        }
    )


def spec(**changes: Any) -> RenderSpec:
    return RenderSpec(
        **{
            "prompt": "a red apple",
            "seed": 1,
            "steps": 20,
            "cfg_scale": 7.0,
            "sampler": "Euler a",
            "width": 512,
            "height": 512,
            "checkpoint": ModelRef(name="demo", sha256="d" * 64),
            **changes,
        }
    )


def job(id: str = "aaaaaaaaaaaa", **changes: Any) -> Job:
    return Job(
        **{
            "id": id,
            "key": f"-100/{id}",
            "spec": spec(),
            "requester": requester(),
            "reply_to": reply_to(),
            "cost": 1000,
            **changes,
        }
    )


def picture(index: int = 0, png: bytes = PNG) -> Picture:
    return Picture(index=index, png=png, seed=1 + index, infotext="a red apple\nSteps: 20")


def incoming(text: str = "a red apple", command: str = "draw", **changes: Any) -> Incoming:
    return Incoming(
        **{
            "key": f"key {text} {changes.get('requester', '')}",
            "command": command,
            "text": text,
            "requester": requester(),
            "reply_to": reply_to(),
            **changes,
        }
    )


def allowance(
    limit: int = UNLIMITED,
    *,
    account: str = "telegram:1",
    chat: str = "telegram:-100",
    noon: float = NOON,
) -> Allowance:
    """A personal limit of millicredits a day; what is used of it the ledger knows."""
    clock = Clockface(noon, "UTC")
    bound = Bound(
        scope=Scope.PERSON,
        window="day",
        slot=clock.day,
        limit=limit,
        used=0,
        resets_at=clock.resets_at("day"),
    )
    return Allowance(
        member=Member(account=account, chat=chat),
        clock=clock,
        accounts=(account,),
        bounds=(bound,),
    )

"""Which sampler and schedule draw a request."""

from bot import samplers
from bot.config import DefaultsConfig
from bot.domain import Catalog, CheckpointInfo, DrawRequest
from bot.phrase import phrase
from bot.resolve.report import Report
from bot.samplers import AUTOMATIC

USUAL = ("DPM++ 2M Karras", "Euler a", "Euler")
"""Tried in this order where neither request, configuration nor checkpoint names a sampler."""


def sampling(
    request: DrawRequest,
    catalog: Catalog,
    checkpoint: CheckpointInfo,
    defaults: DefaultsConfig,
    report: Report,
) -> tuple[str, str]:
    """A1111's names of sampler and schedule type, both offered by the renderer."""
    usual = _usual(catalog, checkpoint, defaults)
    name, carried = _asked(request, catalog, usual, report)
    if request.schedule is None:
        is_offered = carried is not None and carried in catalog.schedules
        return name, carried if carried is not None and is_offered else AUTOMATIC
    schedule = samplers.schedule(request.schedule) or request.schedule
    if schedule == AUTOMATIC or schedule in catalog.schedules:
        return name, schedule
    report.missing(
        "schedule",
        phrase(
            "fault-schedule-unknown",
            asked=schedule[:60],
            known=", ".join((AUTOMATIC, *catalog.schedules)),
        ),
        phrase("note-schedule-missing", asked=schedule[:60], used=AUTOMATIC),
    )
    return name, AUTOMATIC


def _asked(
    request: DrawRequest, catalog: Catalog, usual: tuple[str, str | None], report: Report
) -> tuple[str, str | None]:
    if request.sampler is None:
        return usual
    found = samplers.sampler(request.sampler) or (request.sampler, None)
    if found[0] in catalog.samplers:
        return found
    report.missing(
        "sampler",
        phrase("fault-sampler-missing", asked=found[0][:60], known=", ".join(catalog.samplers)),
        phrase("note-sampler-missing", asked=found[0][:60], used=usual[0]),
    )
    return usual


def _usual(
    catalog: Catalog, checkpoint: CheckpointInfo, defaults: DefaultsConfig
) -> tuple[str, str | None]:
    for spelling in (defaults.sampler, checkpoint.sampler or "", *USUAL, *catalog.samplers):
        found = samplers.sampler(spelling)
        if found and found[0] in catalog.samplers:
            return found
    return catalog.samplers[0] if catalog.samplers else "Euler a", None

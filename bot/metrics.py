"""Figures that are counted where things happen; `bot.watching` adds what can be looked up.

Names follow Prometheus' conventions (https://prometheus.io/docs/practices/naming/). No label holds
a member, a chat, a word of a prompt or the name of a file.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

# They would double the number of series, and nobody asks for them.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types here
REGISTRY = CollectorRegistry()

_WAITS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
_CALLS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

ACCEPTED = Counter(
    "chatelier_requests_accepted", "Requests accepted.", ["platform"], registry=REGISTRY
)
REFUSED = Counter(
    "chatelier_requests_refused",
    "Requests and commands refused, by the class of the refusal.",
    ["platform", "reason"],
    registry=REGISTRY,
)
WAITED = Histogram(
    "chatelier_wait_seconds",
    "From a request's acceptance until drawing begins.",
    buckets=_WAITS,
    registry=REGISTRY,
)
DREW = Histogram(
    "chatelier_draw_seconds",
    "How long drawing a job takes, beside others in its batch.",
    buckets=_WAITS,
    registry=REGISTRY,
)
ENDED = Counter(
    "chatelier_jobs_ended",
    "Jobs that ended, by how: drawn, cancelled, or the class of the failure.",
    ["outcome"],
    registry=REGISTRY,
)
PICTURES = Counter(
    "chatelier_pictures",
    "Pictures drawn, by what the picture check made of them.",
    ["fate"],
    registry=REGISTRY,
)
DELIVERED = Counter(
    "chatelier_deliveries",
    "Ends of jobs brought to their chats, by outcome: delivered, rejected, gone, given_up.",
    ["platform", "outcome"],
    registry=REGISTRY,
)
RETRIED = Counter(
    "chatelier_delivery_retries",
    "Messages that had to be tried again, by the class of the error.",
    ["platform", "reason"],
    registry=REGISTRY,
)
API_CALLS = Counter(
    "chatelier_api_calls",
    "Calls of the platforms, by HTTP status; 429 is a limit, 0 no answer.",
    ["platform", "status"],
    registry=REGISTRY,
)
API_SECONDS = Histogram(
    "chatelier_api_seconds",
    "How long calls of the platforms take, long polls left out.",
    ["platform"],
    buckets=_CALLS,
    registry=REGISTRY,
)

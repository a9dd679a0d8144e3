"""Who may speak to the page: this machine's own browser windows, and nobody they visit.

A page of another site can make a browser send requests to loopback (forms, images, `fetch`), and
by DNS rebinding even read the answers under a name of its own. The first is stopped by the
headers `Origin` and `Sec-Fetch-Site`, which browsers set and pages cannot; the second by `Host`.
"""

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.errors import ConfigError

_WILDCARDS = ("0.0.0.0", "::", "")  # noqa: S104 - recognised here, never bound to by default
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: under it browsers send `Origin: null` with the page's own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def check_exposure(host: str, password: str) -> None:
    """Refuse to serve others than this machine without a password.

    Raises:
        ConfigError: `[studio] host` is not loopback and there is no password.
    """
    if not password and not is_loopback(host):
        raise ConfigError(
            f"[studio] host = {host!r}: other machines could use the studio; "
            "set CHATELIER_STUDIO_PASSWORD (or CHATELIER_STUDIO_PASSWORD_FILE), "
            "or use host = '127.0.0.1'"
        )


def is_loopback(host: str) -> bool:
    """Whether this name or address can only mean this machine."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def guard(bound_host: str) -> Middleware:
    """Middleware that refuses foreign hosts and foreign origins with 403."""

    @web.middleware
    async def refuse_foreign(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _host_is_ours(request.headers.get("Host", ""), bound_host):
            return web.Response(status=403, text="Chatelier: unknown host name\n")
        if not _origin_is_ours(request):
            return web.Response(status=403, text="Chatelier: requests of other sites are refused\n")
        return await handler(request)

    return refuse_foreign


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """`on_response_prepare`: what every answer carries."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def _host_is_ours(header: str, bound_host: str) -> bool:
    try:
        name = urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return False
    if is_loopback(name) or name == bound_host.strip("[]").lower():
        return True
    # Bound to every address, the machine may have any name. There is a password then, and a
    # rebound name has no cookie.
    return bound_host in _WILDCARDS and name != ""


def _origin_is_ours(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none"):
        # Somebody follows a link to the page: harmless, and a strict cookie stays behind.
        return (
            request.method == "GET"
            and request.headers.get("Sec-Fetch-Mode") == "navigate"
            and not request.path.startswith("/api/")
        )
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc == request.headers.get("Host")

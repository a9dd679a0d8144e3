"""A small client of the Chrome DevTools Protocol: enough to use the studio like a person does.

https://chromedevtools.github.io/devtools-protocol/
"""

import asyncio
import base64
import json
import shutil
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, Any

import aiohttp

PATIENCE_S = 20.0
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)


def find() -> str | None:
    """The browser of this machine, if there is one."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


class Page:
    """One tab."""

    def __init__(self, browser: "Browser", session: str) -> None:
        self._browser = browser
        self._session = session
        self.complaints: list[str] = []
        """Errors of scripts and refused resources, as the browser's console shows them."""
        self._dragged: asyncio.Future[dict[str, Any]] | None = None

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        return await self._browser.call(method, self._session, **params)

    async def emulate(
        self,
        *,
        width: int = 1100,
        height: int = 800,
        dark: bool = False,
        phone: bool = False,
        language: str = "en-GB",
    ) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        agent = (await self.call("Browser.getVersion"))["userAgent"]
        await self.call("Network.setUserAgentOverride", userAgent=agent, acceptLanguage=language)

    async def go(self, address: str) -> None:
        await self.call("Page.navigate", url=address)
        await self.until("document.readyState === 'complete'")

    async def evaluate(self, expression: str) -> Any:
        answer = await self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def until(self, condition: str, patience_s: float = PATIENCE_S) -> None:
        """Wait in the page, frame by frame, until a JavaScript condition holds."""
        waiting = (
            "new Promise(resolve => { const look = () => "
            f"({condition}) ? resolve(true) : setTimeout(look, 25); look(); }})"
        )
        try:
            async with asyncio.timeout(patience_s):
                while not await self._holds(waiting):
                    pass
        except TimeoutError:
            text = await self.evaluate("document.body.innerText")
            raise AssertionError(f"never true: {condition}\n{text}\n{self.complaints}") from None

    async def _holds(self, waiting: str) -> bool:
        try:
            return bool(await self.evaluate(waiting))
        except AssertionError as error:
            if not any(sign in str(error) for sign in ("navigated", "context")):
                raise
            return False  # Another page was opened meanwhile: ask that one.

    async def type(self, text: str) -> None:
        """Into whatever has the focus, or else into the field for messages: a tab that opened on
        a busy machine may not have been given the focus yet."""
        await self.evaluate(
            "document.activeElement === document.body && document.getElementById('text')?.focus()"
        )
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, code: int, *, shift: bool = False) -> None:
        same = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 8 * shift}
        text = {"text": "\r"} if key == "Enter" else {}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **same, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **same)

    async def click(self, selector: str) -> None:
        """With the mouse, in the middle of the last element that fits."""
        await self.until(f"document.querySelectorAll({selector!r}).length")
        place = await self.evaluate(
            f"(() => {{ const e = [...document.querySelectorAll({selector!r})].at(-1);"
            "e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            "return {x: r.x + r.width / 2, y: r.y + r.height / 2}; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place
            )

    async def drag(self, source: str, target: str) -> None:
        """With the mouse, from the middle of one element to that of another, both in sight."""
        await self.call("Input.setInterceptDrags", enabled=True)
        self._dragged = asyncio.get_running_loop().create_future()
        begin, end = await self._middle(source), await self._middle(target)
        mouse = {"button": "left", "buttons": 1}
        await self.call("Input.dispatchMouseEvent", type="mousePressed", **mouse, **begin)
        for step in (5, 10, 20):
            near = {"x": begin["x"] + step, "y": begin["y"] + step}
            await self.call("Input.dispatchMouseEvent", type="mouseMoved", **mouse, **near)
        data = await asyncio.wait_for(self._dragged, PATIENCE_S)
        for kind in ("dragEnter", "dragOver", "drop"):
            await self.call("Input.dispatchDragEvent", type=kind, data=data, **end)
        await self.call("Input.dispatchMouseEvent", type="mouseReleased", **mouse, **end)

    async def _middle(self, selector: str) -> dict[str, float]:
        found: dict[str, float] = await self.evaluate(
            f"(r => ({{x: r.x + r.width / 2, y: r.y + r.height / 2}}))"
            f"(document.querySelector({selector!r}).getBoundingClientRect())"
        )
        return found

    async def choose_file(self, selector: str, file: Path) -> None:
        root = await self.call("DOM.getDocument")
        node = await self.call(
            "DOM.querySelector", nodeId=root["root"]["nodeId"], selector=selector
        )
        await self.call("DOM.setFileInputFiles", files=[str(file)], nodeId=node["nodeId"])

    async def screenshot(self, file: Path, **options: Any) -> None:
        # Everything that moves has come to rest, so that the same page makes the same picture.
        await self.evaluate(
            "Promise.all(document.getAnimations().filter(a => isFinite("
            "a.effect.getComputedTiming().endTime)).map(a => a.finished.catch(() => 0)))"
        )
        shot = await self.call("Page.captureScreenshot", **{"format": "png", **options})
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def hear(self, method: str, params: dict[str, Any]) -> None:
        if method == "Input.dragIntercepted" and self._dragged is not None:
            self._dragged.set_result(params["data"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"])[:500])
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")


class Browser:
    """A connection to a running browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}

    async def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        self._number += 1
        number = self._number
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        await self._socket.send_json(message)
        return await future

    async def new_page(self, context_id: str) -> Page:
        target = await self.call(
            "Target.createTarget", url="about:blank", browserContextId=context_id
        )
        attached = await self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        page = self._pages[attached["sessionId"]] = Page(self, attached["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            await page.call(f"{domain}.enable")
        return page

    async def listen(self) -> None:
        async for raw in self._socket:
            message = json.loads(raw.data)
            if "id" not in message:
                page = self._pages.get(message.get("sessionId", ""))
                if page:
                    page.hear(message["method"], message["params"])
                continue
            future = self._waiting.pop(message["id"])
            if future.done():
                continue
            if "error" in message:
                future.set_exception(AssertionError(message["error"]["message"]))
            else:
                future.set_result(message["result"])


@contextmanager
def launched(profile: Path) -> Iterator[str]:
    """Start the browser with an empty profile in the folder `profile`; its address."""
    program = find()
    assert program is not None, "no browser on this machine"
    command = [program, *_FLAGS, f"--user-data-dir={profile}"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        try:
            assert process.stderr is not None
            address = _address(process.stderr)
            drain = threading.Thread(target=process.stderr.read)
            drain.start()
            yield address
        finally:
            process.terminate()
        drain.join()


@asynccontextmanager
async def opened_page(address: str, **emulated: Any) -> AsyncIterator[Page]:
    """A tab of the browser at `address`, with storage of its own."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(address, max_msg_size=0) as socket,
    ):
        browser = Browser(socket)
        listener = asyncio.create_task(browser.listen())
        try:
            context = await browser.call("Target.createBrowserContext")
            page = await browser.new_page(context["browserContextId"])
            await page.emulate(**emulated)
            yield page
            await browser.call("Target.disposeBrowserContext", **context)
        finally:
            listener.cancel()
            await asyncio.wait([listener])


def _address(stderr: IO[str]) -> str:
    said = ""
    for line in stderr:
        said += line
        if line.startswith("DevTools listening on "):
            return line.split()[-1]
    raise AssertionError(f"the browser did not start: {said}")

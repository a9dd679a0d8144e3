"""Set Chatelier up in `.venv`, then run it, its tests or its checks.

    python3 run.py                  set up, then run the bot
    python3 run.py run [args]       the same, with arguments for `chatelier run`
    python3 run.py setup            only set up; does nothing when nothing changed
    python3 run.py test [args]      the tests; arguments go to pytest
    python3 run.py check            lint, types, contracts, docs and test
    python3 run.py lint | types | contracts | docs | format
    python3 run.py torture [args]   kill the bot a thousand times, and count what was lost
    python3 run.py screenshots      the pictures of the docs, taken of the local page by a test

Needs Python 3.11 and nothing else. Old Pythons must be able to read this file as far as the
sentence that refuses them, so its syntax stays plain.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        f"Chatelier needs Python 3.11 or newer, and this is {sys.version.split()[0]}. "
        "Install a newer one and run this file with it."
    )

import concurrent.futures
import contextlib
import ctypes.util
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
INDEX_VARIABLE = "CHATELIER_TORCH_INDEX"
CHECKS: dict[str, tuple[tuple[str, ...], ...]] = {
    "lint": (("-m", "ruff", "check", "."), ("-m", "ruff", "format", "--check", ".")),
    "types": (("-m", "mypy"),),
    "contracts": (("-c", "from importlinter.cli import lint_imports_command as c; c()"),),
    "docs": (("-m", "mkdocs", "build", "--strict", "--quiet"),),
    # Tests of one file share what is costly to make, so a file stays in one process.
    "test": (("-m", "pytest", "--cov", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"),),
}
AXE = ROOT / "tests" / "browser" / "axe"
FORMAT = (("-m", "ruff", "check", "--fix", "."), ("-m", "ruff", "format", "."))


class SetupError(Exception):
    """Setting up cannot go on; `str()` says why and what helps."""


# Which torch suits this machine -----------------------------------------------------------


@dataclass(frozen=True)
class Wheel:
    """A file that pip would install."""

    name: str
    version: str
    url: str


def build_kind(version: str, names: Iterable[str], system: str) -> str:
    """What a torch build draws with: `cpu`, `cuda`, `rocm` or `metal`.

    `version` is torch's own, such as `2.13.0+cu130`; `names` are the packages beside it, by which
    a build without such a suffix gives itself away; `system` is `platform.system()`.
    """
    suffix = version.partition("+")[2]
    if suffix:
        kinds = {"cu": "cuda", "ro": "rocm", "cp": "cpu"}
        return kinds.get(suffix[:2], "cpu")
    if any(name.startswith(("nvidia-", "cuda-")) for name in names):
        return "cuda"
    return "metal" if system == "Darwin" else "cpu"


def choose_torch(kind: str, nvidia: bool, index: str) -> str:
    """`keep` pip's offer, take torch from the `index`, or `warn` and keep the offer."""
    if kind == "metal" or (kind == "cuda") == nvidia:
        return "keep"
    return "index" if index else "warn"


def unsuitable(kind: str, nvidia: bool) -> str:
    """Why the operator may want another build, and how to get it."""
    have = (
        "This machine has an NVIDIA driver, but pip offers a build of torch without CUDA, "
        "which draws on the processor."
        if nvidia
        else f"This machine has no NVIDIA driver, but pip offers a {kind.upper()} build of torch. "
        "It works, draws on the processor, and takes far more room than needed."
    )
    return have + (
        f"\nFor a build that suits it, stop with Ctrl-C, set {INDEX_VARIABLE} to the address of "
        "another package index\n(PyTorch's “Get Started” page shows one for each kind: the "
        "address after --index-url), and start again.\nSetup goes on."
    )


def has_nvidia_driver() -> bool:
    """Whether an NVIDIA driver is installed, whatever card it drives."""
    library = "nvcuda" if platform.system() == "Windows" else "cuda"
    return bool(shutil.which("nvidia-smi") or ctypes.util.find_library(library))


# What changed since the last setup --------------------------------------------------------


def fingerprint(root: Path, venv: Path, index: str) -> str:
    """Changes whenever setting up again would install something else."""
    parts = [(root / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    parts += [(venv / "pyvenv.cfg").read_bytes(), str(root).encode(), index.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_current(root: Path, venv: Path, index: str) -> bool:
    """Whether the last setup was finished, and nothing it depends on has changed."""
    try:
        mark = (venv / "chatelier-setup").read_text("utf-8")
        return python_in(venv).exists() and mark == fingerprint(root, venv, index)
    except OSError:
        return False


def python_in(venv: Path) -> Path:
    """The interpreter of a virtual environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def normal(name: str) -> str:
    """`discord.py`, `Discord_PY` and `discord-py` are one distribution."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(venv: Path) -> dict[str, str]:
    """Name and version of every distribution in a virtual environment."""
    found: dict[str, str] = {}
    for folder in venv.glob("**/site-packages/*.dist-info"):
        name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
        found[normal(name)] = version
    return found


# Setting up -------------------------------------------------------------------------------


def set_up() -> None:
    """Make `.venv` what pyproject.toml and constraints.txt ask for."""
    index = os.environ.get(INDEX_VARIABLE, "").strip()
    if is_current(ROOT, VENV, index):
        return
    started = time.monotonic()
    make_venv()
    (VENV / "chatelier-setup").unlink(missing_ok=True)
    say("looking what is needed")
    wanted = resolve(requirements())
    torch_index = index if torch_comes_from_index(wanted, index) else ""
    if torch_index:
        pinned = torch_pin((ROOT / "constraints.txt").read_text("utf-8"))
        torch = ["--no-deps", "--force-reinstall", "--index-url", torch_index, pinned]
        say(f"torch from the index that {INDEX_VARIABLE} names: {told_size(resolve(torch))}")
        pip_install(torch, 1)
        wanted = resolve(requirements())
    if wanted:
        say(f"packages to install: {len(wanted)}, {told_size(wanted)} to download")
    pip_install(["-c", "constraints.txt", "-e", ".[test]"], len(wanted))
    write_whole(VENV / "chatelier-setup", fingerprint(ROOT, VENV, index))
    say(f"ready after {time.monotonic() - started:.0f} s")


def say(text: str) -> None:
    """A line about the setup, seen at once even through a pipe."""
    print("setup: " + text, flush=True)


def make_venv() -> None:
    """Create `.venv`, or take the one that is there if its Python works and is new enough."""
    probe = "import sys; sys.exit(sys.version_info < (3, 11))"
    if not (python_in(VENV).exists() and succeeds(["-c", probe])):
        if importlib.util.find_spec("ensurepip") is None:
            raise SetupError(
                "this Python cannot make virtual environments; "
                "on Debian and Ubuntu install the package python3-venv"
            )
        say(f"making .venv with Python {platform.python_version()}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    elif not succeeds(["-m", "pip", "--version"]):
        subprocess.run([str(python_in(VENV)), "-m", "ensurepip"], check=True)
    # Older ones download whole wheels only to look at them, and tell no progress to a pipe.
    pip_install(["--quiet", "pip>=25"])


def succeeds(arguments: list[str]) -> bool:
    """Whether `.venv`'s Python runs these arguments and ends well."""
    try:
        command = [str(python_in(VENV)), *arguments]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def requirements() -> list[str]:
    """What pyproject.toml asks for, the tests' needs included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["test"]]


def torch_pin(constraints: str) -> str:
    """The line of constraints.txt that fixes torch's version."""
    return next(line for line in constraints.splitlines() if line.startswith("torch=="))


def torch_comes_from_index(wanted: list[Wheel], index: str) -> bool:
    """Decide between pip's own offer (or what is installed) and the index; tell the operator."""
    now = installed(VENV)
    names = {wheel.name: wheel.version for wheel in wanted}
    version = names.get("torch") or now.get("torch", "")
    kind = build_kind(version, names if "torch" in names else now, platform.system())
    nvidia = has_nvidia_driver()
    choice = choose_torch(kind, nvidia, index)
    if choice == "warn" and "torch" in names:
        say(f"torch {version}: {told_size(wanted)} to download")
        say(unsuitable(kind, nvidia))
    return choice == "index"


def resolve(wanted: list[str]) -> list[Wheel]:
    """The wheels that pip would install for these requirements, and has not yet."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        pip_install(
            ["--dry-run", "--quiet", "--report", str(report), "-c", "constraints.txt", *wanted]
        )
        rows = json.loads(report.read_text("utf-8"))["install"]
    return [
        Wheel(
            normal(row["metadata"]["name"]), row["metadata"]["version"], row["download_info"]["url"]
        )
        for row in rows
    ]


def pip_install(arguments: list[str], total: int = 0) -> None:
    """Run `pip install`, showing one line of progress over `total` packages.

    Raises:
        SetupError: pip failed; what it said has been printed.
    """
    command = [str(python_in(VENV)), "-m", "pip", "install", "--disable-pip-version-check"]
    if total:
        command += ["--progress-bar", "raw"]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
        with subprocess.Popen(
            command + arguments,
            cwd=ROOT,
            stdout=subprocess.PIPE if total else subprocess.DEVNULL,
            stderr=complaints,
            encoding="utf-8",
            errors="replace",
            env=dict(os.environ, PYTHONUTF8="1", PYTHONUNBUFFERED="1"),
        ) as pip:
            show_progress(pip.stdout or (), total, sys.stdout)
        if pip.returncode == 0:
            return
        complaints.seek(0)
        sys.stderr.write(complaints.read())
    raise SetupError(
        "pip could not install what is needed (see above). "
        "Once that is mended, start again: nothing is left half done."
    )


# Size and progress ------------------------------------------------------------------------


def told_size(wheels: list[Wheel]) -> str:
    """The size of a download in words."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        sizes = list(pool.map(size_of, [wheel.url for wheel in wheels]))
    known = f"{max(sum(sizes) / 1e6, 1):.0f} MB"
    return known if all(sizes) else "at least " + known


def size_of(url: str) -> int:
    """Bytes behind an address, 0 where it does not tell; a local file is no download, but counts
    as it takes the room all the same."""
    try:
        question = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(question, timeout=15) as answer:
            return int(answer.headers.get("Content-Length") or 0)
    except (OSError, ValueError):
        return 0


WHEEL = re.compile(r"\s*(?:Downloading|Processing|Using cached) (?:\S*/)?(\S+?)-\d\S*\.whl(?: |$)")
PART = re.compile(r"Progress (\d+) of (\d+)$")


def progress_lines(lines: Iterable[str], total: int) -> Iterator[tuple[str, bool]]:
    """pip's words, one `(text, part)` for each worth showing; `part` means it will be replaced."""
    begun, name = 0, ""
    for line in lines:
        if wheel := WHEEL.match(line):
            begun, name = begun + 1, wheel[1]
            yield f"{min(begun, total)} of {total}  {name}", True
        elif (part := PART.match(line)) and int(part[2]):
            done, size = int(part[1]) / 1e6, int(part[2]) / 1e6
            yield f"{min(begun, total)} of {total}  {name}  {done:.0f} of {size:.0f} MB", True
        elif line.startswith("Installing collected packages"):
            yield "installing (this takes a minute)", False


def show_progress(lines: Iterable[str], total: int, out: TextIO) -> None:
    """One line that changes in a terminal; a few lines that stay in a log."""
    live, last = out.isatty(), time.monotonic()
    for text, part in progress_lines(lines, total):
        if live:
            out.write("\r\033[K" + "setup: " + text + ("" if part else "\n"))
        elif not part or time.monotonic() - last > 10:
            last = time.monotonic()
            out.write("setup: " + text + "\n")
        out.flush()


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is either there complete or not there."""
    partial = path.with_suffix(".part")
    partial.write_text(text, "utf-8")
    partial.replace(path)


# Commands ---------------------------------------------------------------------------------


def tool(*arguments: str) -> int:
    """Run `.venv`'s Python; its exit code. Ctrl-C is the child's to handle."""
    command = [str(python_in(VENV)), *arguments]
    with subprocess.Popen(command, cwd=ROOT) as child:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                return child.wait()


def become(*arguments: str) -> int:
    """Let `.venv`'s Python take over, so that stopping this process stops that one."""
    if os.name != "nt":  # there exec starts a second process and returns to the shell at once
        command = [str(python_in(VENV)), *arguments]
        os.execv(command[0], command)
    return tool(*arguments)


def check(names: list[str]) -> int:
    """Run checks, all of them even when one fails; 0 when all pass."""
    failed: list[str] = []
    for name in names:
        print(f"{name}:", flush=True)
        if max([tool(*command) for command in CHECKS[name]]):
            failed.append(name)
    if len(names) > 1:
        print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return 1 if failed else 0


def fetch_axe() -> None:
    """What the tests judge the page's accessibility with, where there is npm: it is needed by
    nothing else, and without it those tests are skipped."""
    npm, there = shutil.which("npm"), AXE / "node_modules" / ".package-lock.json"
    wanted = axe_version(AXE / "package-lock.json")
    if npm is None or (there.exists() and axe_version(there) == wanted):
        return
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=AXE, check=False).returncode:
        say("axe-core could not be fetched; tests of accessibility will be skipped")


def axe_version(lock: Path) -> object:
    """The version of axe-core in a lock file of npm."""
    return json.loads(lock.read_text("utf-8"))["packages"]["node_modules/axe-core"]["version"]


def main(arguments: list[str]) -> int:
    """Do what the command line asks; the exit code."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("run", [])
    if command in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    known = ["run", "setup", *CHECKS, "check", "format", "torture", "screenshots"]
    if command not in known:
        print(f"run.py knows {', '.join(known)}, not `{command}`", file=sys.stderr)
        return 2
    set_up()
    if command in ("test", "check"):
        fetch_axe()
    if command == "run":
        return become("-m", "bot.cli", "run", *rest)
    if command == "test" and rest:
        return tool("-m", "pytest", *rest)
    if command == "screenshots":
        os.environ["STUDIO_SCREENSHOTS"] = str(ROOT / "docs" / "images")
        return tool("-m", "pytest", "tests/test_studio_app.py")
    if command == "torture":
        return tool("-m", "benchmarks", "torture", *rest)
    if command == "format":
        return max([tool(*step) for step in FORMAT])
    return check({"setup": [], "check": list(CHECKS)}.get(command, [command]))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit("setup: " + str(error))
    except KeyboardInterrupt:
        sys.exit(130)

"""The container: its rules, and its very steps carried out in a clean folder without Docker."""

import asyncio
import json
import os
import re
import shutil
import site
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import open_app
from bot.config import MetricsConfig, Secrets
from bot.watching.server import watched
from tests.app_fixture import app_config

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICE: dict[str, Any] = COMPOSE["services"]["chatelier"]


def stages() -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """By name: what a stage begins from, and its instructions."""
    found: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    name = ""
    for line in DOCKERFILE.splitlines():
        if begun := re.match(r"FROM (\S+) AS (\S+)", line):
            name = begun[2]
            found[name] = (begun[1], [])
        elif name and (step := re.match(r"([A-Z]+) (.+)", line)):
            found[name][1].append((step[1], " ".join(step[2].split())))
    return found


def steps_of(stage: str) -> list[tuple[str, str]]:
    """All instructions that make a stage, its ancestors' first."""
    known = stages()
    if stage not in known:
        return []
    before, own = known[stage]
    return steps_of(before) + own


@pytest.mark.skipif(
    not shutil.which("hadolint", path=str(Path(sys.executable).parent)),
    reason="hadolint has no wheel for this machine",
)
def test_hadolint_finds_nothing() -> None:
    """The linter of Dockerfiles, with its own rules."""
    ran = subprocess.run(
        [Path(sys.executable).parent / "hadolint", ROOT / "Dockerfile"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "")


@pytest.mark.parametrize("stage", ["cuda", "cpu"])
def test_an_image_runs_as_nobody_special_and_is_watched(stage: str) -> None:
    """A user of its own, a health check, no secret in any layer."""
    kinds = dict(steps_of(stage))
    assert kinds["USER"] == "10001"
    assert kinds["HEALTHCHECK"]
    assert kinds["ENTRYPOINT"] == '["chatelier"]'
    assert list(stages())[-1] == "cuda"  # what is built without --target
    words = " ".join(text for _, text in steps_of(stage)).upper()
    assert not re.search(r"TOKEN|PASSWORD|SECRET", words)


def test_only_what_is_needed_goes_into_the_build() -> None:
    """Tokens, pictures, models and the rest of the folder are not even sent to Docker."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    allowed = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        word
        for stage in ("installed-cpu", "installed-cuda")
        for kind, text in steps_of(stage)
        if kind == "COPY" and "--from" not in text
        for word in text.split()[:-1]
    }
    assert copied == allowed


def clean_folder(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """What the image's build stage has, and an environment whose packages are ours."""
    venv = tmp_path / "opt"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    ours = next(p for p in site.getsitepackages() if p.endswith("site-packages"))
    theirs = next(venv.glob("[Ll]ib/**/site-packages"))
    # Everything but this project itself, which stands there as a link to the working tree.
    (theirs / "ours.pth").write_text(f"{ours}\n")
    source = tmp_path / "src"
    source.mkdir()
    environ = {
        "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "PIP_NO_BUILD_ISOLATION": "false",  # pip's way to say: take the setuptools that is here
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INDEX": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return source, environ


@pytest.mark.skipif(os.name == "nt", reason="the image's steps are for Linux")
def test_the_steps_of_the_image_make_a_bot_that_works(tmp_path: Path) -> None:
    """Each COPY and RUN of the build, in a clean folder; what is big is looked up, not fetched."""
    source, environ = clean_folder(tmp_path)
    for kind, text in steps_of("installed-cuda"):
        if kind == "COPY":
            *names, target = text.split()
            for name in names:
                place = source / target / name if target == "./" else source / target
                copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
                copy(ROOT / name, place)
        elif kind == "RUN" and "venv" not in text:
            dry = {"PIP_DRY_RUN": "1"} if "needed.txt" in text and "pip" in text else {}
            ran = subprocess.run(
                ["sh", "-c", text], cwd=source, env=environ | dry, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            assert ran.returncode == 0, text + ran.stderr
            assert "Would install" not in ran.stdout or "pip" not in text
    shutil.rmtree(source)
    home = tmp_path / "srv"
    home.mkdir()
    ran = subprocess.run(
        ["chatelier", "check", "--json"], cwd=home, env=environ,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = {line["topic"] for line in json.loads(ran.stdout)}
    assert {"device", "model", "disk"} <= found
    ran = subprocess.run(
        ["python", "-c", "import bot; print(bot.__file__)"], cwd=home, env=environ,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.startswith(str(tmp_path / "opt"))


async def test_the_health_check_is_the_bots(tmp_path: Path) -> None:
    """The image's own command, against a bot that is well and one that is gone."""
    command = json.loads(dict(steps_of("cuda"))["HEALTHCHECK"].split("CMD ")[1])
    assert f":{MetricsConfig().port}/healthz" in command[-1]
    async with (
        open_app(app_config(), Secrets(), tmp_path) as app,
        watched(app, MetricsConfig(port=0)) as address,
    ):
        port = address.rpartition(":")[2]
        asked = [sys.executable, "-c", command[-1].replace("9464", port)]
        well = await asyncio.to_thread(subprocess.run, asked, check=False)
    gone = await asyncio.to_thread(subprocess.run, asked, stderr=subprocess.DEVNULL, check=False)
    assert (well.returncode, gone.returncode) == (0, 1)


def test_the_service_has_no_more_rights_than_it_needs() -> None:
    """Read-only root, no capabilities, nothing published, models only read, time to stop."""
    assert SERVICE["read_only"] is True
    assert SERVICE["cap_drop"] == ["ALL"]
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    assert SERVICE["tmpfs"] == ["/tmp"]
    assert "ports" not in SERVICE
    assert "privileged" not in SERVICE
    assert int(SERVICE["stop_grace_period"].removesuffix("s")) >= 30
    mounts = {v.split(":")[1]: v for v in SERVICE["volumes"]}
    assert mounts["/srv/chatelier/models"].endswith(":ro")
    assert mounts["/srv/chatelier/data"] == "data:/srv/chatelier/data"
    assert dict(steps_of("cuda"))["WORKDIR"] == "/srv/chatelier"


def test_the_service_reserves_a_card_and_the_other_file_gives_it_back() -> None:
    """`compose.cpu.yaml` builds the other target."""
    (device,) = SERVICE["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    assert SERVICE["build"]["target"] in stages()
    text = (ROOT / "compose.cpu.yaml").read_text("utf-8")
    assert "deploy: !reset null" in text
    other = yaml.safe_load(text.replace("!reset ", ""))["services"]["chatelier"]
    assert other["build"]["target"] in stages()
    assert set(other["build"]["args"]) == {"TORCH_INDEX"}


def test_tokens_come_as_secrets_where_init_puts_them() -> None:
    """Each environment variable names a file that a secret becomes."""
    for platform in ("telegram", "discord"):
        named = SERVICE["environment"][f"CHATELIER_{platform.upper()}_TOKEN_FILE"]
        assert named == f"/run/secrets/{platform}"
        assert platform in SERVICE["secrets"]
        assert COMPOSE["secrets"][platform]["file"] == f"./secrets/{platform}-token"


@pytest.mark.parametrize("page", ["container.md", "container.zh.md", "troubleshooting.md"])
def test_the_pages_hand_the_tokens_to_the_user_of_the_image(page: str) -> None:
    """Docker keeps owner and mode of a secret's file, and `init` makes it its owner's alone."""
    told = (ROOT / "docs" / page).read_text("utf-8")
    assert f"chown {dict(steps_of('cuda'))['USER']} secrets/*-token" in told

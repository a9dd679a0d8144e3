"""Setting up: which torch, when again, and what is shown (the real thing runs in CI itself)."""

import ast
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import run

CUDA_KIN = ["torch", "nvidia-cudnn-cu13", "triton"]


@pytest.mark.parametrize(
    ("version", "names", "system", "kind"),
    [
        ("2.13.0+cpu", ["torch"], "Linux", "cpu"),
        ("2.13.0+cu130", ["torch"], "Windows", "cuda"),
        ("2.13.0+rocm6.4", ["torch"], "Linux", "rocm"),
        ("2.13.0", CUDA_KIN, "Linux", "cuda"),
        ("2.15.0", ["torch", "cuda-toolkit"], "Linux", "cuda"),
        ("2.13.0", ["torch", "sympy"], "Linux", "cpu"),
        ("2.13.0", ["torch", "sympy"], "Windows", "cpu"),
        ("2.13.0", ["torch", "sympy"], "Darwin", "metal"),
    ],
)
def test_a_build_is_known_by_its_version_or_by_what_it_brings(version, names, system, kind):
    """A suffix tells; without one, CUDA libraries beside it do."""
    assert kind == run.build_kind(version, names, system)


@pytest.mark.parametrize(
    ("kind", "nvidia", "index", "choice"),
    [
        ("cpu", False, "", "keep"),
        ("cpu", False, "https://x", "keep"),
        ("cuda", True, "", "keep"),
        ("metal", False, "", "keep"),
        ("rocm", False, "", "keep"),
        ("cuda", False, "https://x", "index"),
        ("cuda", False, "", "warn"),
        ("cpu", True, "https://x", "index"),
        ("cpu", True, "", "warn"),
    ],
)
def test_pips_offer_is_taken_where_it_suits_and_the_index_where_not(kind, nvidia, index, choice):
    """Without an index to go to, an unsuitable build is better than none."""
    assert choice == run.choose_torch(kind, nvidia, index)


@pytest.mark.parametrize(("kind", "nvidia"), [("cuda", False), ("cpu", True)])
def test_the_notice_names_the_variable(kind, nvidia):
    """Whoever gets an unsuitable build is told how to get another."""
    assert "CHATELIER_TORCH_INDEX" in run.unsuitable(kind, nvidia)


@pytest.fixture
def finished(tmp_path: Path) -> tuple[Path, Path]:
    """A project and a `.venv` whose setup was finished."""
    (tmp_path / "pyproject.toml").write_text("[project]")
    (tmp_path / "constraints.txt").write_text("torch==2.13.0\n")
    venv = tmp_path / ".venv"
    run.python_in(venv).parent.mkdir(parents=True)
    run.python_in(venv).touch()
    (venv / "pyvenv.cfg").write_text("version = 3.11.7\n")
    run.write_whole(venv / "chatelier-setup", run.fingerprint(tmp_path, venv, ""))
    return tmp_path, venv


def test_nothing_is_done_when_nothing_changed(finished):
    """A finished setup is recognised, without starting anything."""
    assert run.is_current(*finished, "")


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt", ".venv/pyvenv.cfg"])
def test_a_changed_file_asks_for_a_new_setup(finished, name):
    """Requirements, versions and the Python itself all count."""
    (finished[0] / name).write_text("something else")
    assert not run.is_current(*finished, "")


def test_another_index_asks_for_a_new_setup(finished):
    """Setting the variable later exchanges torch."""
    assert not run.is_current(*finished, "https://x")


@pytest.mark.parametrize("name", [".venv/chatelier-setup", ".venv/pyvenv.cfg"])
def test_a_broken_setup_is_redone(finished, name):
    """The mark is written last: without it, or without the rest, setup was not finished."""
    (finished[0] / name).unlink()
    assert not run.is_current(*finished, "")


def test_a_venv_without_its_python_is_redone(finished):
    """The Python that made it may have been removed since."""
    run.python_in(finished[1]).unlink()
    assert not run.is_current(*finished, "")


def test_installed_distributions_are_found_under_any_spelling(tmp_path):
    """Folder names of site-packages differ from the names in requirements."""
    for name in ("torch-2.13.0+cpu", "Discord_PY-2.7.1"):
        (tmp_path / f"lib/python3.11/site-packages/{name}.dist-info").mkdir(parents=True)
    assert run.installed(tmp_path) == {"torch": "2.13.0+cpu", "discord-py": "2.7.1"}


def test_torch_is_pinned_in_the_constraints():
    """The version that the index is asked for is the tested one."""
    assert run.torch_pin((run.ROOT / "constraints.txt").read_text()).startswith("torch==2.")


def test_every_requirement_is_pinned():
    """What pyproject.toml names directly has its tested version in constraints.txt."""
    lines = (run.ROOT / "constraints.txt").read_text().splitlines()
    pinned = {run.normal(line.partition("==")[0]) for line in lines if "==" in line}
    assert all("+" not in line and "@" not in line for line in lines if "==" in line)
    for requirement in run.requirements():
        name = requirement.split(";")[0].split("[")[0].split(">")[0].strip()
        assert run.normal(name) in pinned


def test_the_size_of_a_download_is_asked_from_where_it_lies(tmp_path):
    """A wheel's size is told before it is taken; what does not answer makes it `at least`."""
    wheel = tmp_path / "x.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("data", os.urandom(3_000_000))
    here = run.Wheel("x", "1", wheel.as_uri())
    gone = run.Wheel("y", "1", (tmp_path / "gone.whl").as_uri())
    assert run.told_size([here]) == "3 MB"
    assert run.told_size([here, gone]) == "at least 3 MB"


PIP_SAYS = """\
Processing /wheels/torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl
Collecting tqdm==4.70.1
  Downloading tqdm-4.70.1-py3-none-any.whl.metadata (57 kB)
  Downloading tqdm-4.70.1-py3-none-any.whl (78 kB)
Progress 0 of 2000000
Progress 1000000 of 2000000
Collecting rich
  Using cached rich-15.0.0-py3-none-any.whl
Installing collected packages: tqdm, torch
Successfully installed torch-2.13.0 tqdm-4.70.1
""".splitlines(keepends=True)


def test_progress_is_one_line_in_a_terminal():
    """What pip tells becomes the number, the name and the part that is there."""
    assert list(run.progress_lines(PIP_SAYS, 3)) == [
        ("1 of 3  torch", True),
        ("2 of 3  tqdm", True),
        ("2 of 3  tqdm  0 of 2 MB", True),
        ("2 of 3  tqdm  1 of 2 MB", True),
        ("3 of 3  rich", True),
        ("installing (this takes a minute)", False),
    ]


def test_a_log_gets_few_lines():
    """Where no line can be replaced, only what lasts is written."""
    out = io.StringIO()
    run.show_progress(PIP_SAYS, 2, out)
    assert out.getvalue() == "setup: installing (this takes a minute)\n"


def test_an_old_python_can_read_the_sentence_that_refuses_it():
    """The syntax is that of Python 3.8, and the refusal comes before any import that 3.11 needs."""
    source = Path(run.__file__).read_text("utf-8")
    body = ast.parse(source, feature_version=(3, 8)).body
    before = body[: next(i for i, node in enumerate(body) if isinstance(node, ast.If))]
    imports = [node for node in before if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["import sys"]


def test_an_unknown_command_is_told_what_there_is():
    """Exit code 2, and the list of commands."""
    ran = subprocess.run(
        [sys.executable, run.__file__, "tset"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "test" in ran.stderr
    assert "`tset`" in ran.stderr


def test_pips_report_becomes_wheels(monkeypatch):
    """The report's names are spelt in one way, versions and addresses kept."""
    row = {
        "metadata": {"name": "Discord.PY", "version": "2.7.1"},
        "download_info": {"url": "file:///d.whl"},
    }

    def pip(arguments: list[str]) -> None:
        report = Path(arguments[arguments.index("--report") + 1])
        report.write_text(json.dumps({"install": [row]}))

    monkeypatch.setattr(run, "pip_install", pip)
    assert [run.Wheel("discord-py", "2.7.1", "file:///d.whl")] == run.resolve(["discord.py"])

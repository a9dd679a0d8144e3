"""`python -m benchmarks NAME [--json FILE]` prints the figures of one benchmark.

A benchmark is a module of this package with `run() -> dict`, perhaps `table(figures)` that makes
them readable and `verdict(figures)` that fails on some; `--quick`, `--cycles` and `--seed` are for
those whose `run` takes them.
"""

import argparse
import importlib
import inspect
import json
from pathlib import Path


def main() -> None:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", help="filter, render, …")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--quick", action="store_true", help="fewer runs, where there is a choice")
    parser.add_argument("--cycles", type=int, metavar="N", help="torture: how many lives")
    parser.add_argument("--seed", type=int, metavar="S", help="torture: repeat a run")
    asked = parser.parse_args()
    if not asked.name.isidentifier():
        parser.error(f"no benchmark is called {asked.name!r}")
    module = importlib.import_module(f"benchmarks.{asked.name}")
    run = module.run
    said = {"quick": asked.quick or None, "cycles": asked.cycles, "seed": asked.seed}
    options = {name: value for name, value in said.items() if value is not None}
    if strange := set(options) - set(inspect.signature(run).parameters):
        parser.error(f"{asked.name} takes no --{', --'.join(sorted(strange))}")
    figures = run(**options)
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    if asked.json:
        asked.json.write_text(text + "\n", "utf-8")
    print(module.table(figures) if hasattr(module, "table") else text)
    if hasattr(module, "verdict"):
        module.verdict(figures)


if __name__ == "__main__":
    main()

"""Draw every test prompt with seeds 0-3 and measure what comes out; nothing is picked.

    python -m demo_model.evaluate --data DATA --model bot/render/demo --out demo_model/samples

Writes ``evaluation.json``, ``evaluation.md`` and the sample grids. Needs the sprites, the composed
bank (for its classifier: run ``demo_model.classifier`` first) and the exported file.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline

from demo_model.classifier import load_classifier
from demo_model.compose import load_sprites
from demo_model.export import DEFAULTS, NAME
from demo_model.grid import save_grid, save_sheets
from demo_model.judge import SEEDS, judge, judges_themselves, seed_difference, share
from demo_model.models import PICTURE
from demo_model.prompts import Test, all_tests
from demo_model.report import COLUMNS, report
from demo_model.rules import Rules


class Artist:
    """Draws with the exported file, as a user of diffusers would."""

    def __init__(self, folder: Path, steps: int, scale: float) -> None:
        self.steps, self.scale = steps, scale
        self.pipe = StableDiffusionPipeline.from_single_file(
            str(folder / NAME),
            config=str(folder / "config"),
            local_files_only=True,
            torch_dtype=torch.float32,
            safety_checker=None,
        )
        self.pipe.scheduler = DPMSolverMultistepScheduler.from_config(
            self.pipe.scheduler.config, use_karras_sigmas=True
        )
        self.pipe.set_progress_bar_config(disable=True)

    def time_one(self) -> float:
        """Seconds for one picture, the best of four."""
        taken = []
        for _ in range(4):
            begin = time.time()
            self.draw(["a cat"], [0])
            taken.append(time.time() - begin)
        return min(taken)

    def draw(self, prompts: list[str], seeds: list[int]) -> np.ndarray:
        """One picture for each prompt and seed, uint8 (n, 128, 128, 3)."""
        parts = []
        for k in range(0, len(prompts), 32):
            generators = [torch.Generator().manual_seed(seed) for seed in seeds[k : k + 32]]
            pictures = self.pipe(
                prompts[k : k + 32],
                num_inference_steps=self.steps,
                guidance_scale=self.scale,
                height=PICTURE,
                width=PICTURE,
                generator=generators,
                output_type="np",
            ).images
            parts.append((pictures * 255).round().astype(np.uint8))
        return np.concatenate(parts)


def summary(tests: list[Test], verdicts: list[dict]) -> dict:
    """Shares in total and by group."""
    groups = {
        "all": lambda test: True,
        "English": lambda test: test.language == "en",
        "Chinese": lambda test: test.language == "zh",
        "object alone": lambda test: test.kind == "plain",
        "with a colour": lambda test: test.kind == "colour",
        "in a scene": lambda test: test.kind == "scene",
        "two objects": lambda test: test.kind == "pair",
        "combination never seen in training": lambda test: test.unseen,
    }
    table = {}
    for name, belongs in groups.items():
        chosen = [v for test, v in zip(tests, verdicts, strict=True) if belongs(test)]
        table[name] = {key: share(chosen, key) for key in COLUMNS} | {"pictures": len(chosen)}
    return table


def collect(tests: list[Test], verdicts: list[dict]) -> tuple[dict, list[dict]]:
    """Figures by object and by prompt."""
    objects: dict[str, dict] = {}
    single = [(t.thing, v) for t, v in zip(tests, verdicts, strict=True) if not t.other]
    for name in sorted({thing for thing, _ in single}):
        mine = [v for thing, v in single if thing == name]
        wrong = [v["thing"] for v in mine if not v["object"]]
        common = sorted(set(wrong), key=lambda other: -wrong.count(other))[:3]
        objects[name] = {"object": share(mine, "object"), "mistaken for": common}
    prompts = []
    for k in range(0, len(tests), len(SEEDS)):
        mine = verdicts[k : k + len(SEEDS)]
        agree = {key: sum(v[key] for v in mine) for key in COLUMNS if key in mine[0]}
        prompts.append(asdict(tests[k]) | {"agree": agree})
    return objects, prompts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=DEFAULTS["steps"])
    parser.add_argument("--scale", type=float, default=DEFAULTS["cfg_scale"])
    parser.add_argument("--only", type=int, default=1, help="every n-th prompt, for a quick look")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    artist = Artist(args.model, args.steps, args.scale)
    seconds = artist.time_one()
    sprites = load_sprites(args.data)
    rules, model = Rules(sprites), load_classifier(args.data / "classifier.pt")
    tests = [test for test in all_tests()[:: args.only] for _ in SEEDS]
    pictures = artist.draw(
        [test.prompt for test in tests], list(SEEDS) * (len(tests) // len(SEEDS))
    )
    verdicts = judge(tests, pictures, rules, model)
    objects, prompts = collect(tests, verdicts)
    result = {
        "settings": (
            f"{args.steps} steps of DPM++ 2M Karras at CFG {args.scale}, {PICTURE}x{PICTURE}, "
            f"seeds 0-3, nothing picked; {seconds:.2f} s a picture on {args.threads} CPU threads."
        ),
        "seconds": round(seconds, 3),
        "summary": summary(tests, verdicts),
        "judges": judges_themselves(tests, rules, model, sprites),
        "difference between seeds": seed_difference(tests, pictures, verdicts, sprites),
        "objects": objects,
        "prompts": prompts,
    }
    text = json.dumps(result, ensure_ascii=False, indent=1)
    (args.out / "evaluation.json").write_text(text + "\n", encoding="utf-8")
    (args.out / "evaluation.md").write_text(report(result), encoding="utf-8")
    save_sheets(pictures, tests, len(SEEDS), args.out)
    save_grid(artist, args.out, SEEDS)
    print(result["settings"])
    print(json.dumps(result["summary"], indent=1), result["judges"])


if __name__ == "__main__":
    main()

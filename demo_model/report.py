"""The evaluation as markdown."""

from __future__ import annotations

TARGETS = {"colour": 0.95, "scene": 0.95, "object": 0.75}
OTHERS = ("whole colour", "nearest colour", "pair")
COLUMNS = (*TARGETS, *OTHERS)
NOTES = """\
Colour: half of the object's part that takes colours has this name. Whole colour: the name that most
of the whole object takes (a penguin's belly counts). Nearest colour: the composed drawing whose
mean colour is nearest. Object: the classifier names it. Pair: it names both, each in its half.
"""


def percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def report(result: dict) -> str:
    """The figures as markdown."""
    lines = ["# Evaluation", "", result["settings"], ""]
    lines += [NOTES, f"| prompts | pictures | {' | '.join(COLUMNS)} |"]
    lines.append("|---" * (2 + len(COLUMNS)) + "|")
    rows = dict(result["summary"])
    rows["*target*"] = TARGETS | {"pictures": ""}
    rows["*the judges on composed pictures*"] = result["judges"]
    for name, row in rows.items():
        shares = " | ".join(percent(row.get(key)) for key in COLUMNS)
        lines.append(f"| {name} | {row['pictures']} | {shares} |")
    seeds = result["difference between seeds"]
    lines += [
        "",
        f"Mean difference between the pictures of seeds 0-3 (of 255): {seeds['drawn']} drawn, "
        f"{seeds['composed']} among composed pictures of the same. Four seeds put a lone object in "
        f"{seeds['places']} different places or sizes on average.",
        "",
        "## Objects",
        "",
        "Share of pictures in which the classifier names the object.",
        "",
    ]
    lines += ["| object | recognised | mistaken for |", "|---|---|---|"]
    for name, row in sorted(result["objects"].items(), key=lambda item: -item[1]["object"]):
        lines.append(f"| {name} | {percent(row['object'])} | {', '.join(row['mistaken for'])} |")
    lines += ["", "## Prompts", "", "Pictures of four (seeds 0-3) that agree.", ""]
    lines += [f"| prompt | unseen | {' | '.join(COLUMNS)} |"]
    lines.append("|---" * (2 + len(COLUMNS)) + "|")
    for row in result["prompts"]:
        cells = [row["prompt"], "yes" if row["unseen"] else ""]
        cells += [str(row["agree"].get(key, "")) for key in COLUMNS]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"

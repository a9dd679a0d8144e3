"""The evaluation as markdown."""

from __future__ import annotations

TARGETS = {"colour": 0.95, "scene": 0.95, "object": 0.75}


def percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def report(result: dict) -> str:
    """The figures as markdown."""
    lines = ["# Evaluation", "", result["settings"], ""]
    lines += ["| prompts | pictures | colour | scene | object |", "|---|---|---|---|---|"]
    rows = dict(result["summary"])
    rows["*target*"] = TARGETS | {"pictures": ""}
    rows["*the judges on composed pictures*"] = result["judges"]
    for name, row in rows.items():
        shares = " | ".join(percent(row[key]) for key in TARGETS)
        lines.append(f"| {name} | {row['pictures']} | {shares} |")
    lines += [
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
    lines += ["| prompt | unseen | colour | scene | object |", "|---|---|---|---|---|"]
    for row in result["prompts"]:
        cells = [row["prompt"], "yes" if row["unseen"] else ""]
        cells += [str(row["agree"].get(key, "")) for key in TARGETS]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"

"""Write the tables of accuracy in `README.md` and `model/README.md` anew, from measured figures.

Run `python docs/make_tables.py` in the checkout after `publish`, which measures and writes the
card. `--clips clips.json` takes what `evaluate clips --json` wrote, too.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
GOALS: Final[Mapping[tuple[str, str], float]] = {
    ("ferplus", "five"): 0.925,
    ("ferplus", "seven"): 0.915,
    ("fer2013", "five"): 0.795,
    ("fer2013", "seed"): 0.77,
    ("fer2013", "seven"): 0.715,
}
FURTHER: Final = ("accuracy_without_copies", "accuracy_new_photographs", "macro_f1", "ece")


def readme_table(card: Mapping[str, Any]) -> str:
    """How often what runs by default is right, beside what it should reach."""
    head = "answer, emotions told apart, faces, right, goal, 95 % interval"
    head += ", right without copies, right on new photographs, macro F1, calibration error"
    rows = []
    for answering, views in card["runtimes"]["onnx"]["evaluation"].items():
        for view, told in views.items():
            goal = GOALS.get((answering, view))
            low, high = (f"{100 * bound:.1f}" for bound in told["interval"])
            reached = goal is None or told["accuracy"] >= goal
            rows.append(
                [
                    *(f"`{answering}`", view, f"{told['n']:,}", f"**{percent(told['accuracy'])}**"),
                    "–" if goal is None else percent(goal) + ("" if reached else ", missed"),
                    f"{low}–{high}",
                    *(percent(told[key]) for key in FURTHER),
                ]
            )
    return table(head.split(", "), rows, left=2)


def card_table(card: Mapping[str, Any]) -> str:
    """How often each form of the model is right."""
    head = "answer, emotions, trained weights, int8 by ONNX Runtime, int8 by LiteRT"
    head += ", calibration error of these three"
    rows = []
    runtimes = [card, card["runtimes"]["onnx"], card["runtimes"]["litert"]]
    for answering, views in card["evaluation"].items():
        for view in views:
            told = [runtime["evaluation"][answering][view] for runtime in runtimes]
            errors = ", ".join(percent(figures["ece"]) for figures in told)
            right = (percent(figures["accuracy"]) for figures in told)
            rows.append([answering, view, *right, errors])
    # The page that shows this allows no style in its markup, which aligning columns would be.
    return table(head.split(", "), rows, left=6)


def class_table(card: Mapping[str, Any]) -> str:
    """How each of seven emotions is told by what runs by default: precision, recall."""
    told = {
        answering: views["seven"]["per_class"]
        for answering, views in card["runtimes"]["onnx"]["evaluation"].items()
    }
    rows = [
        [
            emotion,
            f"{told['ferplus'][emotion]['n']:,}",
            *(both(told[answering][emotion]) for answering in ("video", "ferplus")),
            f"{told['fer2013'][emotion]['n']:,}",
            both(told["fer2013"][emotion]),
        ]
        for emotion in card["labels"]
    ]
    head = ["emotion", "faces by votes", "video", "ferplus", "faces by label", "fer2013"]
    return table(head, rows, left=len(head))


def both(told: Mapping[str, float]) -> str:
    """Precision and recall of one emotion."""
    return f"{percent(told['precision'])}, {percent(told['recall'])}"


def coverage_table(card: Mapping[str, Any]) -> str:
    """What is read from which readability on, and how often that is right."""
    points = card["runtimes"]["onnx"]["coverage"]["points"]
    rows = [
        [f"{point['threshold']:g}", percent(point["read"]), percent(point["accuracy"])]
        for point in points
    ]
    return table(["read from a readability of", "faces read", "right"], rows, left=3)


def clip_table(clips: Sequence[Mapping[str, Any]]) -> str:
    """What was seen in each clip of a customer."""
    rows = [
        [
            f"`{Path(clip['name']).stem}`",
            f"{clip['happy']:.0%}".replace("%", " %"),
            f"{clip['angry']:.0%}".replace("%", " %"),
            "yes" if clip["right"] else "**no**",
        ]
        for clip in sorted(clips, key=lambda clip: (clip["label"] != "happy", clip["name"]))
    ]
    return table(["clip", "happy", "angry", "right"], rows, left=4)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> str:
    """Markdown; all columns but so many are numbers."""
    lines = ["---"] * left + ["---:"] * (len(head) - left)
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, lines, *rows))


def percent(share: float) -> str:
    """With one decimal."""
    return f"{100 * share:.1f} %"


def put(text: str, new: str) -> str:
    """Replace the table that has the same head."""
    head = re.escape(new.splitlines()[0])
    found, count = re.subn(rf"^{head}\n(?:\|.*\n)*", lambda _: new, text, flags=re.MULTILINE)
    if count != 1:
        raise SystemExit(f"There are {count} tables with the head {new.splitlines()[0]}")
    return found


def main() -> None:
    """Rewrite both pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=Path)
    clips = parser.parse_args().clips
    card = json.loads((ROOT / "model" / "expression.json").read_text())
    readme, model = ROOT / "README.md", ROOT / "model" / "README.md"
    text = put(readme.read_text(), readme_table(card))
    if clips:
        text = put(text, clip_table(json.loads(clips.read_text())["clips"]))
    readme.write_text(text)
    text = model.read_text()
    for made in (card_table, class_table, coverage_table):
        text = put(text, made(card))
    model.write_text(text)


if __name__ == "__main__":
    main()

"""Draws the diagrams of these pages: boxes and arrows."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

DOCS = Path(__file__).parent
CORE = {"data", "networks", "statistics", "sweeps"} | {
    "critical",
    "training",
    "measures",
    "populations",
}
BLUE, GREEN, GRAY = "#dbe9f6", "#d9efdf", "#eeeeee"


def box(
    panel: Axes, x: float, y: float, width: float, height: float, text: str, color: str
) -> None:
    """Draw a box with text in its middle."""
    patch = FancyBboxPatch(
        (x, y),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=color,
        edgecolor="#555555",
    )
    panel.add_patch(patch)
    panel.text(x + width / 2, y + height / 2, text, ha="center", va="center")


def arrow(panel: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw an arrow."""
    panel.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "#555555"})


def diagram(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure without axes, one unit an inch."""
    figure, panel = plt.subplots(figsize=(width, height))
    figure.subplots_adjust(0, 0, 1, 1)
    panel.set(xlim=(0, width), ylim=(0, height))
    panel.set_axis_off()
    return figure, panel


def rooms() -> Figure:
    """The rooms of the house, from the list in architecture.md."""
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    names = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    floors = text.split("```")[1].strip("\n").split("\n")
    figure, panel = diagram(9.4, 0.46 * len(floors) + 0.1)
    for number, floor in enumerate(reversed(floors)):
        y, words = 0.1 + 0.46 * number, re.split(r"\s{2,}", floor)
        here = [word for word in words if word in names]
        space = 9 / len(here) if len(here) == len(words) else 1.6
        color = GRAY if number == 0 else BLUE
        for place, name in enumerate(here):
            shade = GREEN if name in CORE else color
            box(panel, 0.3 + place * space, y, space - 0.1, 0.36, name, shade)
        if len(here) < len(words):
            panel.text(1.95, y + 0.18, words[-1], va="center", color="#555555")
    arrow(panel, (0.15, 0.46 * len(floors)), (0.15, 0.1))
    return figure


def cluster() -> Figure:
    """The driver, its tasks, and what goes between them."""
    figure, panel = diagram(8.4, 3.1)
    box(panel, 0.1, 1.2, 2.2, 1.1, "driver\nbyheart run ...", BLUE)
    box(panel, 0.1, 0.1, 2.2, 0.6, "results, checkpoints", GRAY)
    arrow(panel, (1.2, 1.2), (1.2, 0.7))
    for y, text in (
        (2.2, "task: a chunk of networks\n1 core, or 1 GPU"),
        (1.2, "task: a chunk of networks"),
        (0.2, "task: a chunk of networks"),
    ):
        box(panel, 5.6, y, 2.7, 0.75, text, GREEN)
        arrow(panel, (2.3, 1.85), (5.6, y + 0.5))
        arrow(panel, (5.6, y + 0.25), (2.3, 1.65))
    panel.text(3.1, 2.75, "chunks, longest first\n(data once a machine)", ha="center")
    panel.text(3.3, 0.25, "progress, checkpoints,\nresults", ha="center")
    return figure


def training_loops() -> Figure:
    """A shuffled minibatch, with and without the positions of its examples."""
    figure, panel = diagram(9.4, 3.9)
    examples, batch = ["cat", "dog", "cat", "bird", "dog", "bird"], [4, 0, 3]
    panel.text(0.75, 3.6, "data set", ha="center")
    for place, label in enumerate(examples):
        box(panel, 0.35, 2.95 - 0.55 * place, 0.9, 0.45, label, GRAY)
        panel.text(0.2, 3.17 - 0.55 * place, str(place), ha="center", va="center")
    panel.text(3.4, 3.6, "shuffled minibatch", ha="center")
    arrow(panel, (1.45, 2.1), (2.5, 2.1))
    for place, position in enumerate(batch):
        y = 2.7 - 0.85 * place
        box(panel, 2.7, y, 1.4, 0.6, f"{examples[position]}\nindex {position}", BLUE)
    rows = [
        (2.35, GREEN, "batch(index, logits)", batch),
        (0.75, "#f8dcd3", "batch(range(3), logits)", [0, 1, 2]),
    ]
    for y, color, call, logged in rows:
        arrow(panel, (4.3, 2.1), (4.85, y + 0.35))
        box(panel, 4.95, y, 2.1, 0.7, call, color)
        arrow(panel, (7.1, y + 0.35), (7.4, y + 0.35))
        for place, (row, seen) in enumerate(zip(logged, batch, strict=True)):
            same = row == seen
            sign = "is the" if same else "gets the"
            text = f"row {row} ({examples[row]}) {sign} {examples[seen]}"
            panel.text(7.5, y + 0.68 - 0.32 * place, text, va="center")
    return figure


def torch_modules() -> Figure:
    """The two ways of torch_modules.md from a module to measures."""
    figure, panel = diagram(9.2, 3.15)
    box(panel, 0.05, 0.85, 1.5, 0.8, "torch module", GRAY)
    box(panel, 2.2, 1.6, 1.9, 0.8, "exported graph,\nlowered to JAX", GREEN)
    box(panel, 4.7, 1.6, 1.6, 0.8, "network\nof byheart", BLUE)
    box(panel, 6.9, 1.6, 2.2, 0.8, "populations, audits,\nall measures", GRAY)
    box(
        panel,
        2.2,
        0.1,
        4.1,
        0.8,
        "critical_samples(module, ...)\nby torch's own gradients",
        GREEN,
    )
    box(panel, 6.9, 0.1, 2.2, 0.8, "the same points", GRAY)
    arrow(panel, (1.55, 1.4), (2.2, 1.9))
    arrow(panel, (1.55, 1.1), (2.2, 0.55))
    arrow(panel, (4.1, 2.0), (4.7, 2.0))
    arrow(panel, (6.3, 2.0), (6.9, 2.0))
    arrow(panel, (6.3, 0.5), (6.9, 0.5))
    panel.annotate(
        "",
        (0.8, 1.65),
        (5.5, 2.4),
        arrowprops={
            "arrowstyle": "-|>",
            "color": "#555555",
            "connectionstyle": "arc3,rad=0.3",
        },
    )
    panel.text(2.6, 2.98, "to_torch", ha="center", va="center")
    panel.text(3.15, 1.25, "compared with torch", ha="center", va="center")
    return figure


def own_objects() -> Figure:
    """The kinds of objects of own_objects.md, and the split that they become."""
    figure, panel = diagram(8.9, 2.8)
    kinds = [
        "arrays, tensors, lists",
        "pandas, polars",
        "Arrow tables",
        "scikit-learn's Bunch",
        "Hugging Face Dataset",
        "torch Dataset",
    ]
    for place, kind in enumerate(kinds):
        x, y = 0.05 + 2.3 * (place % 2), 1.9 - 0.8 * (place // 2)
        box(panel, x, y, 2.15, 0.6, kind, GRAY)
    box(panel, 5.15, 1.1, 1.5, 0.6, "load_data", GREEN)
    arrow(panel, (4.55, 1.4), (5.1, 1.4))
    for y, part in ((1.5, "training"), (0.7, "validation")):
        box(panel, 7.2, y, 1.6, 0.6, part, BLUE)
        arrow(panel, (6.7, 1.4), (7.15, y + 0.3))
    panel.text(8.0, 2.25, "Split", ha="center", va="bottom")
    return figure

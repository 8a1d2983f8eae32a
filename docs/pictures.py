"""Draws the pictures of these pages: diagrams, and the results of the code in them.

python docs/pictures.py                    draws all of them into docs/figures
python docs/pictures.py vectors verdicts   draws some of them

The other figures are those of stored runs: each is a file in `figures/` of the run
that its page names.
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import byheart as bh
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from byheart.cli.main import main
from byheart.drawing.style import DISTINCT_COLORS, styled
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import diagrams
import pictures_of_data
from page_code import DOCS, computed


def draw(names: list[str]) -> None:
    """Draw the named pictures, or all."""
    for name in names or PICTURES:
        with styled(name), in_a_folder():
            drawn = PICTURES[name]()
            target = DOCS / "figures" / f"{name}.png"
            if isinstance(drawn, Path):
                shutil.copy(drawn, target)
            else:
                drawn.savefig(target, dpi=130, pil_kwargs={"optimize": True})
                plt.close(drawn)
            print(f"{target.relative_to(DOCS.parent)}: {target.stat().st_size:,} bytes")


@contextlib.contextmanager
def in_a_folder() -> Iterator[None]:
    """Work in an empty folder inside this context: pages write files."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        yield


def verdicts() -> Figure:
    """Three claims of the reproduction, one of each verdict, with their seeds."""
    text = (DOCS / "reproduction.json").read_text(encoding="utf-8")
    claims = {(one["claim"], one["data"]): one for one in json.loads(text)}
    dropout = [(f"F10{name}", "cifar10") for name in ("c-dropout", "b-input_noise")]
    shown = [("F4b", "mnist"), *dropout]
    figure, panel = plt.subplots(figsize=(6.6, 2.2), layout="constrained")
    for y, key in enumerate(shown):
        claim = claims[key]
        color = {"holds": "#009e73", "fails": "#d55e00"}.get(
            claim["verdict"], "#555555"
        )
        panel.plot(claim["interval"], [y, y], color=color, linewidth=3)
        panel.plot(claim["estimate"], y, "o", color=color, markersize=8)
        panel.plot(claim["per_seed"], np.full(claim["seeds"], y - 0.25), "|k")
        panel.text(0.14, y, claim["verdict"], va="center", color=color, weight="bold")
    panel.axvline(0, color="#222222", linestyle="--")
    panel.set_yticks(range(len(shown)), [f"{claim}, {data}" for claim, data in shown])
    panel.set(xlabel="the claim's number, and its threshold", ylim=(-0.5, 2.4))
    panel.grid(axis="y", visible=False)
    return figure


def audit() -> Figure:
    """The most suspect digits of an audit with planted wrong labels, and its power."""
    from byheart.auditing.examples import audited_examples
    from byheart.auditing.planting import plant

    clean = audited_examples(bh.load("digits")).dataset
    planted = plant(clean.labels, 10, 0.05, seed=0)
    data = clean.alike(clean.inputs, planted.labels, index=clean.index)
    found = bh.audit(data)
    figure = plt.figure(figsize=(8.4, 3.1), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.15, 1))
    rows = found.suspects(12).itertuples()
    for panel, row in zip(left.subplots(2, 6).flat, rows, strict=True):
        panel.imshow(data.inputs[row.row].squeeze(), cmap="gray_r", vmin=0, vmax=1)
        panel.set(xticks=[], yticks=[])
        panel.grid(visible=False)
        panel.set_title(f"{row.label} → {row.suggested_label}", loc="center")
    panel, power = right.subplots(), found.power[found.power.k <= 400]
    order = found.examples.row.to_numpy()
    held = np.cumsum(planted.is_planted[order]) / planted.is_planted.sum()
    panel.plot(np.arange(1, 401), held[:400], color="#222222", label="found")
    panel.plot(power.k, power.uniform, "o--", label="stated, wrong at random")
    panel.plot(power.k, power.likeliest, "s:", label="stated, likeliest other")
    panel.set(xlabel="length of the list of suspects", ylim=(0, 1.02))
    panel.set_ylabel("share of wrong labels in it")
    panel.legend(loc="lower right")
    return figure


def audit_page() -> Path:
    """The page of an audit of digits with planted wrong labels, under review."""
    from byheart.auditing.planting import plant
    from PIL import Image

    sys.path.insert(0, str(DOCS.parent / "tests"))
    from browser import opened, watched_page

    digits = bh.load("digits").training
    labels = plant(digits.labels, 10, 0.05, seed=0).labels
    data = digits.alike(digits.inputs, labels, index=digits.index)
    bh.audit(data, networks=20, architecture=bh.MLP((64,)), epochs=20, out="audit")
    address = Path("audit/report.html").resolve().as_uri()
    size = {"width": 1180, "height": 1330}
    with (
        opened() as browser,
        watched_page(browser, address, viewport=size) as (page, _),
    ):
        for key in "wwwwwuw":
            page.keyboard.press(key)
        page.screenshot(path="page.png")
    Image.open("page.png").convert("RGB").quantize(200).save("page.png", optimize=True)
    return Path("page.png").resolve()


def certified() -> Figure:
    """Boxes around points in two dimensions: found, certified or undecided."""
    random = np.random.default_rng(3)
    labels = random.integers(0, 3, 260)
    angle = 2 * np.pi * labels / 3 + random.normal(0, 0.5, 260)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = (points + random.normal(0, 0.35, points.shape)).astype(np.float32)
    training = bh.Dataset(points[:200], labels[:200], name="rings")
    split = bh.Split(training, bh.Dataset(points[200:], labels[200:], name="rings"))
    recipe = bh.Recipe(bh.MLP((24, 24)), bh.SGD(0.2), batch_size=20, epochs=300)
    network = bh.train(recipe, [bh.Member()], split).network(bh.Member())
    units, radius = training.standardizer, 0.18
    found = bh.bracketed_ratio(
        network,
        points[200:],
        radius=radius,
        search=bh.TargetedSearch(),
        key=jax.random.key(0),
        standardizer=units,
    )
    figure, panel = plt.subplots(figsize=(6.8, 4.6))
    figure.subplots_adjust(left=0.1, right=0.74, bottom=0.11, top=0.92)
    across, up = np.meshgrid(np.linspace(-1.9, 2, 500), np.linspace(-1.9, 1.9, 500))
    grid = np.stack([across.ravel(), up.ravel()], axis=1).astype(np.float32)
    classes = np.asarray(network(jnp.asarray(grid))).argmax(axis=1)
    shades = ["#ffffff", "#ececec", "#d8d8d8"]
    panel.contourf(
        across, up, classes.reshape(across.shape), [-1, 0, 1, 2], colors=shades
    )
    reach = radius * np.asarray(units.deviation)
    undecided = ~found.is_critical & ~found.is_certified
    kinds = {
        "found": (found.is_critical, "#d55e00", "-"),
        "certified": (found.is_certified, "#0072b2", "-"),
        "undecided": (undecided, "#444444", ":"),
    }
    for name, (chosen, color, line) in kinds.items():
        for point in points[200:][chosen]:
            box = Rectangle(point - reach, *(2 * reach), fill=False, ec=color, ls=line)
            box.set_linewidth(1.4)
            panel.add_patch(box)
        text = f"{name}: {chosen.sum()}"
        panel.plot(*points[200:][chosen].T, "o", ms=3, color=color, label=text)
    panel.set(xlabel="first feature", ylabel="second feature")
    panel.set_title(f"critical sample ratio: {found}", loc="left")
    panel.grid(visible=False)
    panel.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def figure_of_a_run(experiment: str) -> Path:
    """Return the only figure of a run on the digits."""
    main(["run", experiment, "--data", "digits", "--out", "run"])
    main(["report", "run", "--format", "png", "--width", "5in"])
    (figure,) = Path("run").rglob("*.png")
    return figure.resolve()


def own_experiment() -> Path:
    """The figure of the example that own_experiment.md explains."""
    sys.path.insert(0, str(DOCS.parent / "examples"))
    return figure_of_a_run("clean_labels_first:CleanLabelsFirst")


def later() -> Path:
    """The figure of noise-nearby on the digits."""
    return figure_of_a_run("noise-nearby")


def which_measure() -> Figure:
    """Held-out probability against memorization, as the tutorial computes them."""
    os.environ["MPLBACKEND"] = "agg"
    values = computed("tutorial.md")
    plt.close("all")
    labels, is_wrong = values["labels"], values["is_wrong"]
    rate = values["rate"]
    x = values["held_out"].mean[np.arange(len(labels)), labels]
    y = values["memorized"].estimate
    figure, panel = plt.subplots(figsize=(5.6, 3.6), layout="constrained")
    kinds = {
        "easy": (~is_wrong & (rate < 0.5), "o", "#bbbbbb"),
        "hard, label right": (~is_wrong & (rate >= 0.5), "s", DISTINCT_COLORS[0]),
        "label wrong": (is_wrong, "^", DISTINCT_COLORS[1]),
    }
    for name, (chosen, marker, color) in kinds.items():
        panel.plot(x[chosen], y[chosen], marker, color=color, ms=4, label=name)
    panel.set_xlabel("probability of the label, by networks that never saw it")
    panel.set_ylabel("memorization")
    panel.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


PICTURES: dict[str, Callable[[], Figure | Path]] = {
    "rooms": diagrams.rooms,
    "audit": audit,
    "audit-page": audit_page,
    "certified": certified,
    "cluster": diagrams.cluster,
    "verdicts": verdicts,
    "own-noise": pictures_of_data.own_noise,
    "vectors": pictures_of_data.vectors,
    "embeddings": pictures_of_data.embeddings,
    "own-pictures": pictures_of_data.own_pictures,
    "own-tables": pictures_of_data.own_tables,
    "own-objects": diagrams.own_objects,
    "training-loops": diagrams.training_loops,
    "own-network": pictures_of_data.own_network,
    "torch-modules": diagrams.torch_modules,
    "own-experiment": own_experiment,
    "later": later,
    "which-measure": which_measure,
}

if __name__ == "__main__":
    bh.use_all_cores()  # Pages that call it may come after others.
    draw(sys.argv[1:])

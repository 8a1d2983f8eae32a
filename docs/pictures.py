"""Draws the pictures of these pages: diagrams, and the results of the code in them.

python docs/pictures.py                    draws all of them into docs/figures
python docs/pictures.py vectors verdicts   draws some of them

The other figures are those of stored runs: each is a file in `figures/` of the run
that its page names.
"""

import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import byheart as bh
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from byheart.cli.main import main
from byheart.drawing.style import DISTINCT_COLORS, KIND_COLORS, styled
from matplotlib.colors import ListedColormap, to_rgba
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.patches import Rectangle

import diagrams

DOCS = Path(__file__).parent


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


def computed(page: str, n_blocks: int | None = None) -> dict[str, Any]:
    """Return the variables of a page after its first blocks of Python, or all."""
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    values: dict[str, Any] = {}
    exec("\n".join(blocks[:n_blocks]), values)
    return values


def verdicts() -> Figure:
    """Three claims of the reproduction, one of each verdict, with their seeds."""
    text = (DOCS / "reproduction.json").read_text(encoding="utf-8")
    claims = {(one["claim"], one["data"]): one for one in json.loads(text)}
    shown = [("F4b", "mnist"), ("F78a-labels", "cifar10"), ("F78a-inputs", "cifar10")]
    figure, panel = plt.subplots(figsize=(6.6, 2.2), layout="constrained")
    for y, key in enumerate(shown):
        claim = claims[key]
        color = {"holds": "#009e73", "fails": "#d55e00"}.get(
            claim["verdict"], "#555555"
        )
        panel.plot(claim["interval"], [y, y], color=color, linewidth=3)
        panel.plot(claim["estimate"], y, "o", color=color, markersize=8)
        panel.plot(claim["per_seed"], np.full(claim["seeds"], y - 0.25), "|k")
        panel.text(0.21, y, claim["verdict"], va="center", color=color, weight="bold")
    panel.axvline(0, color="#222222", linestyle="--")
    panel.set_yticks(range(len(shown)), [f"{claim}, {data}" for claim, data in shown])
    panel.set(xlabel="the claim's number, and its threshold", ylim=(-0.5, 2.4))
    panel.grid(axis="y", visible=False)
    return figure


def own_noise() -> Figure:
    """Digits with noise of several kinds: those of own_noise.md, and randX."""
    values = computed("own_noise.md")
    training = values["split"].training
    chosen = np.flatnonzero(np.isin(training.labels, (4, 9)))[:8]
    flipped = bh.add_noise(training, bh.ClassFlips(1.0, values["confused"])).labels
    rows = {
        "as they are": training.inputs,
        "RandX": bh.add_noise(training, bh.RandX(1.0)).inputs,
        "Blurred": bh.add_noise(training, values["Blurred"](1.0)).inputs,
    }
    figure, axes = plt.subplots(3, 8, figsize=(7, 3.1), layout="constrained")
    for panels, (name, images) in zip(axes, rows.items(), strict=True):
        for panel, place in zip(panels, chosen, strict=True):
            panel.imshow(
                np.asarray(images[place]).squeeze(), cmap="gray_r", vmin=0, vmax=1
            )
            panel.set(xticks=[], yticks=[])
            panel.grid(visible=False)
        panels[0].set_ylabel(name)
    for panel, place in zip(axes[0], chosen, strict=True):
        was, now = training.labels[place], flipped[place]
        panel.set_title(f"{was}" if was == now else f"{was} → {now}", loc="center")
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


def vectors() -> Figure:
    """The wines of vectors.md in two features, and which of them are critical."""
    values = computed("vectors.md")
    split, found = values["split"], values["found"]
    inputs = np.asarray(split.training.standardizer(split.validation.inputs))
    names = list(values["wine"].feature_names)
    one, other = names.index("alcohol"), names.index("flavanoids")
    is_critical = np.asarray(found.is_critical)
    figure, panel = plt.subplots(figsize=(5.2, 3.6), layout="constrained")
    for label, name in enumerate(split.training.class_names):
        here = np.asarray(split.validation.labels) == label
        color = DISTINCT_COLORS[label]
        panel.plot(*inputs[here][:, [one, other]].T, "o", color=color, label=name)
    ringed = inputs[is_critical][:, [one, other]]
    panel.plot(*ringed.T, "o", ms=12, mfc="none", mec="k", label="critical")
    panel.set_xlabel("alcohol, standard deviations from the mean")
    panel.set_ylabel("flavanoids, the same")
    panel.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


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


def own_tables() -> Figure:
    """Some rows of own_tables.md, and the features that they become."""
    values = computed("own_tables.md")
    table, training = values["table"], values["split"].training
    chosen = np.unique(training.labels, return_index=True)[1].repeat(2)
    chosen[1::2] += [2, 5, 4]
    names = training.legend.feature_names
    features = np.asarray(training.standardizer(training.inputs[chosen]))
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(8.6, 2.7), layout="constrained", width_ratios=(1.25, 1)
    )
    columns = ["bottle", "alcohol", "hue", "magnesium", "aged in", "decanted"]
    rows = table.iloc[training.index[chosen]]
    cells = rows[columns].astype(object).fillna("")
    left.axis("off")
    texts = cells.to_numpy().astype(str).tolist()
    drawn = left.table(texts, colLabels=columns, loc="center")
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(7)
    drawn.scale(1, 1.35)
    image = right.imshow(features, cmap="RdBu_r", vmin=-2.5, vmax=2.5, aspect="auto")
    right.grid(False)
    right.set_xticks(range(len(names)), names, rotation=40, ha="right", fontsize=7)
    right.set_yticks(range(len(chosen)), cells["bottle"], fontsize=7)
    figure.colorbar(image, ax=right, label="standard deviations")
    return figure


def embeddings() -> Figure:
    """Some digits of embeddings.md at the places of their first two features."""
    training = computed("embeddings.md")["split"].training
    first, second = training.inputs[:, :2].T
    figure, panel = plt.subplots(figsize=(7, 4))
    panel.scatter(first, second, s=0)
    for place in range(260):
        picture = training.legend.inputs[training.index[place], ..., 0]
        color = DISTINCT_COLORS[training.labels[place] % len(DISTINCT_COLORS)]
        shades = ListedColormap(np.linspace((1, 1, 1, 0), to_rgba(color), 64))
        box = OffsetImage(picture, zoom=1.9, cmap=shades)
        panel.add_artist(
            AnnotationBbox(box, (first[place], second[place]), frameon=False)
        )
    panel.set(xlabel="first feature", ylabel="second feature")
    figure.tight_layout()
    return figure


def own_pictures() -> Figure:
    """Some pictures of own_pictures.md, and what is kept of them."""
    split = computed("own_pictures.md")["split"]
    training = split.training
    chosen = [
        *np.flatnonzero(training.labels == 0)[:3],
        *np.flatnonzero(training.labels == 1)[:3],
    ]
    figure, panels = plt.subplots(2, len(chosen), figsize=(7, 2.9))
    for place, (above, below) in zip(chosen, panels.T, strict=True):
        picture = plt.imread(Path("shapes", training.ids[place]))
        height, width = picture.shape[:2]
        side = min(height, width)
        corner = ((width - side) / 2 - 0.5, (height - side) / 2 - 0.5)
        above.imshow(picture)
        above.add_patch(Rectangle(corner, side, side, fill=False, linewidth=1.2))
        above.set_title(training.ids[place], fontsize=7)
        above.set_xlabel(f"{width} x {height}", fontsize=7)
        below.imshow(training.inputs[place])
        below.set_xlabel("24 x 24", fontsize=7)
        for panel in (above, below):
            panel.set_xticks([])
            panel.set_yticks([])
    figure.tight_layout()
    return figure


def own_network() -> Figure:
    """The residual network of own_network.md through training."""
    values = computed("own_network.md", n_blocks=2)
    measures = [bh.Accuracy(), bh.CriticalSampleRatio(bh.Pixels(10))]
    epochs = [0, 1, 2, 3, 4, 6, 8, 10]
    trained = bh.train(
        values["recipe"],
        values["members"],
        values["split"],
        measures=measures,
        measured_epochs=epochs,
    )
    shown = {
        "validation_accuracy": "validation accuracy",
        "csr_validation": "critical sample ratio",
    }
    figure, axes = plt.subplots(1, 2, figsize=(7.4, 2.8), layout="constrained")
    for panel, (name, title) in zip(axes, shown.items(), strict=True):
        for (level, curves), color in zip(
            trained.trace[name].groupby("rand_y"),
            (KIND_COLORS["real"], KIND_COLORS["rand_y"]),
            strict=True,
        ):
            label = f"random labels {level:.0%}"
            panel.plot(
                epochs, curves.mean("member"), "o-", ms=3, color=color, label=label
            )
        panel.set(xlabel="epoch", title=title, ylim=(0, 1.02))
    axes[0].legend()
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
    "own-noise": own_noise,
    "vectors": vectors,
    "embeddings": embeddings,
    "own-pictures": own_pictures,
    "own-tables": own_tables,
    "own-objects": diagrams.own_objects,
    "training-loops": diagrams.training_loops,
    "own-network": own_network,
    "torch-modules": diagrams.torch_modules,
    "own-experiment": own_experiment,
    "later": later,
    "which-measure": which_measure,
}

if __name__ == "__main__":
    draw(sys.argv[1:])

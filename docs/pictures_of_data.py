"""Pictures of data, noise and networks of your own, by the code of their pages."""

from pathlib import Path

import byheart as bh
import matplotlib.pyplot as plt
import numpy as np
from byheart.drawing.style import DISTINCT_COLORS, KIND_COLORS
from matplotlib.colors import ListedColormap, to_rgba
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.patches import Rectangle

from page_code import computed


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

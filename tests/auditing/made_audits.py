"""Audits of made data with made scores: nothing is trained."""

import functools

import numpy as np
import xarray as xr

import byheart as bh
from byheart.auditing.choice import Choice
from byheart.auditing.examples import AuditedExamples, audited_examples
from byheart.auditing.settings import AuditSettings
from byheart.auditing.stages import PreparedAudit
from byheart.training.recipe import Recipe

N_NETWORKS, EPOCHS = 20, 5
RECIPE = Recipe(bh.MLP((4,)), bh.Adam(), batch_size=5, epochs=EPOCHS)


def made_examples(n: int = 300, n_classes: int = 4, shape: tuple[int, ...] = (6, 5, 1), **more: object) -> bh.Dataset:
    """Return examples whose brightest place is that of their class; one in ten labels is wrong."""
    rng = np.random.default_rng(0)
    classes = np.arange(n) % n_classes
    inputs = rng.uniform(0, 0.5, (n, *shape)).astype(np.float32)
    inputs.reshape(n, -1)[np.arange(n), classes] += 0.5
    is_wrong = rng.permutation(n) < n // 10
    labels = np.where(is_wrong, (classes + rng.integers(1, n_classes, n)) % n_classes, classes)
    names = tuple(f"{'abcdefghijkl'[place]} class" for place in range(n_classes))
    return bh.Dataset(inputs, labels, **{"class_names": names, "name": "made", **more})


def made_scores(examples: AuditedExamples) -> xr.Dataset:
    """Return scores of networks that know the classes, ordered by class as those of a sweep."""
    data = examples.split.training
    n, n_classes, rng = len(data), data.n_classes, np.random.default_rng(1)
    classes = data.inputs.reshape(n, -1)[:, :n_classes].argmax(axis=1)
    p = rng.dirichlet(np.full(n_classes, 0.1), n)
    order = np.argsort(p, axis=1)
    p[np.arange(n)[:, None], order] = np.sort(p, axis=1)
    best = p.argmax(axis=1)
    rows = np.arange(n)
    p[rows, best], p[rows, classes] = p[rows, classes], p[rows, best].copy()
    p = np.maximum(p, 1e-4) / np.maximum(p, 1e-4).sum(axis=1, keepdims=True)
    votes = np.array([rng.multinomial(N_NETWORKS // 2, one) for one in p])
    own = p[rows, data.labels]
    learned = np.minimum(N_NETWORKS // 2, np.rint(own[:, None] * 2 * np.arange(1, EPOCHS + 1))).astype(np.int32)
    of_examples = {
        "label": data.labels,
        "n_seen": np.full(n, N_NETWORKS // 2),
        "n_right_seen": learned[:, -1],
        "memorization": rng.uniform(0, 1, n),
        "memorization_se": np.full(n, 0.1),
        "area_under_margin": own - p.max(axis=1) + rng.normal(0, 0.1, n),
        "mean_loss": -np.log(own),
        "epochs_to_learn": np.full(n, 2.0),
        "forgetting_events": np.zeros(n),
        "confidence": own,
        "variability": np.full(n, 0.1),
        "early_error": 1 - own,
    }
    of_classes = {
        "held_out_probability": p,
        "held_out_probability_se": np.sqrt(p * (1 - p) / (N_NETWORKS / 2)),
        "held_out_geometric_mean": p,
        "votes": votes,
    }
    return xr.Dataset(
        {
            **{name: (("example", "class"), one) for name, one in of_classes.items()},
            **{name: ("example", one) for name, one in of_examples.items()},
            "n_learned": (("example", "epoch"), learned),
        },
        attrs={"n_diverged": 0, "held_out_accuracy": np.full(N_NETWORKS // 2, 0.9), "jax": "0", "byheart": "0"},
    )


def made_audit(data: bh.Dataset, linear_accuracy: float = 0.8) -> bh.Audit:
    """Return the audit of data with made scores."""
    examples = audited_examples(data)
    settings = AuditSettings(N_NETWORKS, RECIPE.architecture, RECIPE.optimizer, EPOCHS)
    choice = Choice(RECIPE, (("MLP(())", EPOCHS, linear_accuracy),), linear_accuracy)
    return PreparedAudit(examples, settings).audit(choice, made_scores(examples), None)


@functools.cache
def images_audit() -> bh.Audit:
    """Return an audit of 300 small images of four classes."""
    return made_audit(made_examples())

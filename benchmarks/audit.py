"""Audits of data with planted wrong labels of four kinds: ranking, stated power, number of wrong labels, verdicts.

    python -m benchmarks.audit [DATA ...]          digits and mnist (10,000 images; needs BYHEART_DATA) by default
    python -m benchmarks.audit --tables            audits nothing, and prints the tables of results/audit.json

Each row is one audit with 40 networks. Rows are written to results/audit.json as they are done, and a row that is there
is not computed again. The size of networks and the number of epochs are those that the audit of the data as they are
chooses. Kinds of wrong labels:

    uniform      any other class
    likeliest    the class that held-out networks find the likeliest of the others, of data as they are
    matrix       by the class alone: a class becomes the one that networks confuse it with most (3 of 4), or the second
    region       any other class, among the third of the examples that lie lowest along the first principal component
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

import byheart as bh
from benchmarks import common
from byheart import literals
from byheart.auditing.examples import audited_examples
from byheart.auditing.suspicion import HeldOutEvidence

KINDS = ("uniform", "matrix", "likeliest", "region")
SHARES = (0.05, 0.01, 0.20)
SEEDS = 3
NETWORKS = 40
FILE = common.RESULTS / "audit.json"
ORDER = [(seed, share, kind) for seed in range(SEEDS) for share in SHARES for kind in KINDS]


def data_named(name: str) -> bh.Dataset:
    """Return all examples of digits, or 10,000 training images of another data set."""
    if name == "digits":
        return audited_examples(bh.load("digits")).dataset
    return bh.load(name, training=10_000).training


def with_wrong_labels(
    data: bh.Dataset, clean: bh.Audit, kind: str, share: float, seed: int
) -> tuple[bh.Dataset, np.ndarray]:
    """Return the data with planted wrong labels, and which they are."""
    rng = np.random.default_rng([seed, KINDS.index(kind), round(1000 * share)])
    n, n_wrong = len(data), round(share * len(data))
    labels, n_classes = data.labels.astype(int), data.n_classes
    chosen = rng.permutation(n)[:n_wrong]
    if kind == "region":
        flat = data.inputs.reshape(n, -1)
        component = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)[2][0]
        lowest = np.argsort((flat - flat.mean(axis=0)) @ component)[: max(n // 3, n_wrong)]
        chosen = rng.permutation(lowest)[:n_wrong]
    others = np.where(np.arange(n_classes) == labels[:, None], -1.0, clean.held_out_probabilities)
    if kind == "likeliest":
        wrong = others.argmax(axis=1)
    elif kind == "matrix":
        confused = np.array([np.maximum(others[labels == one], 0).mean(axis=0) for one in range(n_classes)])
        first, second = np.argsort(-confused, axis=1)[:, :2].T
        wrong = np.where(rng.random(n) < 0.75, first[labels], second[labels])
    else:
        wrong = (labels + rng.integers(1, n_classes, n)) % n_classes
    is_wrong = np.isin(np.arange(n), chosen)
    return data.alike(data.inputs, np.where(is_wrong, wrong, labels), index=data.index), is_wrong


def recipe_of(found: bh.Audit) -> bh.Recipe:
    """Return the recipe of an audit's networks."""
    settings = found.summary["recipe"]
    return bh.Recipe(
        literals.parse(settings["architecture"]),
        literals.parse(settings["optimizer"]),
        batch_size=settings["batch_size"],
        epochs=settings["epochs"],
    )


def networks_like(recipe: bh.Recipe) -> dict[str, Any]:
    """Return the options of an audit whose networks are of the same size, and trained for as long."""
    return {"architecture": recipe.architecture, "epochs": recipe.epochs}


def measured(found: bh.Audit, is_wrong: np.ndarray) -> dict[str, Any]:
    """Return the numbers of one row."""
    table = found.examples.sort_values("row")
    labels, rows = found.scores.label.values, np.arange(len(table))
    mean, geometric = found.scores.held_out_probability.values, found.scores.held_out_geometric_mean.values
    arithmetic = HeldOutEvidence.of(mean, mean, labels)
    scores = {
        "suspicion": table.suspicion,
        "wrong probability": table.wrong_probability,
        "wrong probability, arithmetic mean": arithmetic.wrong[rows, labels],
        "self-confidence": 1 - mean[rows, labels],
        "normalized margin": -arithmetic.margin[rows, labels],
        "geometric self-confidence": 1 - geometric[rows, labels],
        "area under margin": -table.area_under_margin,
        "mean loss": table.mean_loss,
        "memorization": table.memorization,
    }
    k, n = int(is_wrong.sum()), len(is_wrong)
    held = is_wrong[found.examples.row.values]
    wrong, counts = found.summary["wrong_labels"], {}
    for truth, mask in (("wrong", is_wrong), ("right", ~is_wrong)):
        verdict = table.verdict.values[mask]
        counts[truth] = {one: int((verdict == one).sum()) for one in found.summary["verdicts"]}
    return {
        "average precision": {name: float(average_precision_score(is_wrong, one)) for name, one in scores.items()},
        "AUROC": {name: float(roc_auc_score(is_wrong, one)) for name, one in scores.items()},
        "found at the true number": float(held[:k].mean()),
        "stated at the true number": {
            kind: float(np.interp(k, found.power.k, found.power[kind]))
            for kind in ("uniform", "likeliest", "as_estimated")
        },
        "exact share": k / n,
        "estimated share": wrong["share"],
        "interval": [wrong["low"], wrong["high"]],
        "estimated by the noise model": wrong["by_noise_model"],
        "verdicts": counts,
        "held-out accuracy": found.summary["held_out_accuracy"],
    }


def main(names: list[str]) -> None:
    """Measure, print and store, row by row; then print tables."""
    rows = json.loads(FILE.read_text())["rows"] if FILE.exists() else []
    if names != ["--tables"]:
        measure(names, rows)
    print_tables(rows)


def measure(names: list[str], rows: list[dict[str, Any]]) -> None:
    """Add the rows of data sets that are not stored yet."""
    bh.use_all_cores()
    bh.keep_compiled_programs()
    for name in names:
        data = data_named(name)
        start = time.perf_counter()
        clean = bh.audit(
            data, networks=NETWORKS, show_progress=False, out=Path(tempfile.gettempdir()) / f"audit-of-{name}"
        )
        seconds = time.perf_counter() - start
        how = networks_like(recipe_of(clean))
        nothing = {"data": name, "kind": "as they are", "share": 0.0, "seed": 0}
        if not any(all(row[key] == value for key, value in nothing.items()) for row in rows):
            add(rows, nothing | {"seconds": seconds, "summary": short(clean)})
        for seed, share, kind in ORDER:
            key = {"data": name, "kind": kind, "share": share, "seed": seed}
            if any(all(row[one] == value for one, value in key.items()) for row in rows):
                continue
            noisy, is_wrong = with_wrong_labels(data, clean, kind, share, seed)
            start = time.perf_counter()
            found = bh.audit(noisy, networks=NETWORKS, **how, seed_base=1000 * seed, show_progress=False)
            add(rows, key | {"seconds": time.perf_counter() - start, **measured(found, is_wrong)})


def print_tables(rows: list[dict[str, Any]]) -> None:
    """Print the tables of README.md, and the numbers of docs/audit.md."""
    planted = [row for row in rows if "AUROC" in row]
    print(common.table(in_short(planted)))
    print(f"\nAll {len(planted)} rows together:\n\n{common.table(by_score(planted))}")
    for kind, of in (("as_estimated", planted), ("uniform", [row for row in planted if row["kind"] == "uniform"])):
        stated = [row["stated at the true number"][kind] - row["found at the true number"] for row in of]
        print(f"stated ({kind}) and found differ on the mean over {len(of)} rows by {np.mean(np.abs(stated)):.3f}")
    for words, is_region in (("other wrong labels", False), ("wrong labels in one region", True)):
        covers = [
            row["interval"][0] <= row["exact share"] <= row["interval"][1]
            for row in planted
            if (row["kind"] == "region") == is_region
        ]
        print(f"the interval covers the share of {words} in {sum(covers)} of {len(covers)} rows")
    print(
        f"right labels called suspect: at most {max(_share(row['verdicts']['right']) for row in planted):.2%} of a row"
    )


def by_score(rows: list[dict[str, Any]]) -> list[dict[str, object]]:
    """Return one line for each score, over all rows; the best mean average precision comes first."""
    best = [max(row["average precision"].values()) for row in rows]
    lines = []
    for score in rows[0]["average precision"]:
        precision = np.array([row["average precision"][score] for row in rows])
        lines.append(
            {
                "score": score,
                "mean AP": f"{precision.mean():.3f}",
                "farthest behind the best": f"{(best - precision).max():.3f}",
                "mean AUROC": f"{np.mean([row['AUROC'][score] for row in rows]):.4f}",
            }
        )
    return sorted(lines, key=lambda line: line["mean AP"], reverse=True)


def in_short(rows: list[dict[str, Any]]) -> list[dict[str, object]]:
    """Return one line for each data set, kind and share: means over seeds."""
    lines = []
    keys = {(row["data"], row["kind"], row["share"]) for row in rows}
    for key in sorted(keys, key=lambda one: (one[0], one[2], KINDS.index(one[1]))):
        these = [row for row in rows if (row["data"], row["kind"], row["share"]) == key]
        precision = {score: _mean(these, "average precision", score) for score in these[0]["average precision"]}
        best = max((one for one in precision if one != "suspicion"), key=lambda one: precision[one])
        wrong = sum(sum(row["verdicts"]["wrong"].values()) for row in these)
        lines.append(
            {
                "data": key[0],
                "wrong labels": f"{key[1]}, {key[2]:.0%}",
                "seeds": len(these),
                "AP": f"{precision['suspicion']:.4f}",
                "best single score": f"{precision[best]:.4f}, {best}",
                "AUROC": f"{_mean(these, 'AUROC', 'suspicion'):.4f}",
                "found": f"{np.mean([row['found at the true number'] for row in these]):.3f}",
                "stated, at random": f"{_mean(these, 'stated at the true number', 'uniform'):.3f}",
                "stated, as estimated": f"{_mean(these, 'stated at the true number', 'as_estimated'):.3f}",
                "estimated share": "; ".join(
                    "{:.1%} [{:.1%}, {:.1%}]".format(row["estimated share"], *row["interval"]) for row in these
                ),
                "wrong, but fine": f"{sum(row['verdicts']['wrong']['fine'] for row in these) / wrong:.1%}",
                "right, but suspect": f"{np.mean([_share(row['verdicts']['right']) for row in these]):.1%}",
            }
        )
    return lines


def _mean(rows: list[dict[str, Any]], group: str, name: str) -> float:
    return float(np.mean([row[group][name] for row in rows]))


def _share(counts: dict[str, int]) -> float:
    return counts["suspect label"] / sum(counts.values())


def short(found: bh.Audit) -> dict[str, Any]:
    """Return the parts of a summary that matter here."""
    names = ("recipe", "held_out_accuracy", "linear_accuracy", "verdicts", "wrong_labels", "choice")
    return {name: found.summary[name] for name in names}


def add(rows: list[dict[str, Any]], row: dict[str, Any]) -> None:
    """Store one more row, and print it in short."""
    rows.append(row)
    whole = {"circumstances": common.circumstances(), "settings": {"networks": NETWORKS}, "rows": rows}
    FILE.write_text(json.dumps(whole, indent=1) + "\n")
    said = {name: row[name] for name in ("data", "kind", "share", "seed")}
    if "AUROC" in row:
        said |= {name: round(value, 4) for name, value in row["average precision"].items()}
        said["AUROC"] = round(row["AUROC"]["suspicion"], 4)
    print(said, f"{row['seconds']:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ["digits", "mnist"])

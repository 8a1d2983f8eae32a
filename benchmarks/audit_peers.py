"""Suspicion beside the scores of cleanlab, Datagnosis and scikit-learn, on the same planted wrong labels.

    python -m benchmarks.audit_peers make FOLDER [DATA ...] [--seeds 3] [--shares 0.05 0.2 0.01]
    PEERS/bin/python benchmarks/audit_peer_scores.py FOLDER
    python -m benchmarks.audit_peers table FOLDER

The first makes the data (digits, wine, breast_cancer, mnist), the audit, and five-fold probabilities of the same
architecture. The second adds the scores of the peers, in an environment of theirs. The third prints the average
precision of all, how often the suspicion is the best or nearly so, and each case beside its best peer; it stores them
in results/audit_peers.json.

A case is data with wrong labels (`benchmarks.audit` says which). Each is a file of FOLDER, and one that is there is not
made again. Five-fold probabilities are means over as many networks as make the same number of updates as the audit.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special
import sklearn.datasets
from sklearn.metrics import average_precision_score, roc_auc_score

import byheart as bh
from benchmarks import common
from benchmarks.audit import KINDS, NETWORKS, data_named, networks_like, recipe_of, with_wrong_labels

FOLDS = 5
REPEATS = NETWORKS // 2 // (FOLDS - 1)
"""Networks for each fold. Each is trained on four fifths of the examples, those of the audit on a half."""
SHARES = (0.05, 0.20, 0.01)
SEEDS = 3
DATA = ("digits", "wine", "breast_cancer", "mnist")
OURS = "byheart: suspicion"
NEARLY = 0.005
"""Average precision by which the suspicion may be behind the best score of a case."""

Row = dict[str, Any]


def main() -> None:
    """Do one of the steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("make", "table"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("data", nargs="*", default=list(DATA))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--shares", type=float, nargs="+", choices=SHARES, default=list(SHARES))
    chosen = parser.parse_args()
    if chosen.step == "table":
        tables(chosen.folder)
        return
    bh.use_all_cores()
    bh.keep_compiled_programs()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name in chosen.data:
        make(name, chosen.folder, chosen.seeds, chosen.shares)


def named(name: str) -> bh.Dataset:
    """Return data of `benchmarks.audit`, or a table of scikit-learn."""
    if name in ("wine", "breast_cancer"):
        table = getattr(sklearn.datasets, f"load_{name}")()
        return bh.Dataset(table.data, table.target, name=name)
    return data_named(name)


def make(name: str, folder: Path, n_seeds: int, shares: Sequence[float]) -> None:
    """Write the cases of a data set that are not there."""
    data = named(name)
    clean = bh.audit(data, networks=NETWORKS, show_progress=False)
    how = networks_like(recipe_of(clean))
    for seed in range(n_seeds):
        for share in shares:
            for kind in KINDS:
                file = folder / f"{name}-{kind}-{share:g}-{seed}.npz"
                if file.exists():
                    continue
                noisy, is_wrong = with_wrong_labels(data, clean, kind, share, seed)
                start = time.perf_counter()
                found = bh.audit(noisy, networks=NETWORKS, **how, seed_base=1000 * seed, show_progress=False)
                audited = time.perf_counter()
                probabilities = five_fold(noisy, recipe_of(found), seed)
                seconds = np.array([audited - start, time.perf_counter() - audited])
                suspicion = found.examples.sort_values("row").suspicion.values
                partial = file.with_suffix(".partial")
                with partial.open("wb") as stream:
                    np.savez(
                        stream,
                        inputs=noisy.inputs.reshape(len(noisy), -1).astype(np.float32),
                        labels=noisy.labels.astype(int),
                        is_wrong=is_wrong,
                        suspicion=suspicion,
                        probabilities=probabilities,
                        seconds=seconds,
                    )
                partial.rename(file)
                common.say(f"{file.name}: suspicion {average_precision_score(is_wrong, suspicion):.4f}")


def five_fold(data: bh.Dataset, recipe: bh.Recipe, seed: int) -> np.ndarray:
    """Return out-of-fold probabilities (example, class) of a recipe."""
    inclusions = [bh.AllButFold(FOLDS, fold, seed=seed) for fold in range(FOLDS)]
    members = bh.grid(seed=range(REPEATS), inclusion=inclusions)
    split = bh.Split(data, data)
    population = bh.train(recipe, members, split, show_progress=False)
    total = np.zeros((len(data), data.n_classes))
    count = np.zeros(len(data))
    for member in members:
        out = np.setdiff1d(np.arange(len(data)), member.inclusion.indices(len(data)))
        logits = np.concatenate(
            [
                np.asarray(population.network(member)(data.inputs[part]))
                for part in np.array_split(out, len(out) // 500 + 1)
            ]
        )
        total[out] += scipy.special.softmax(logits.astype(float), axis=1)
        count[out] += 1
    return total / count[:, None]


def tables(folder: Path) -> None:
    """Print and store the average precision of every score: means over cases, and each case beside its best peer."""
    rows = list[Row]()
    for file in sorted(folder.glob("*.npz")):
        scores_file = folder / "peers" / file.name
        if scores_file.exists():
            rows += rows_of(file.stem, dict(np.load(file)), dict(np.load(scores_file)))
    found = {"In short": in_short(rows)}
    found |= {f"In short, {name}": in_short([row for row in rows if row["data"] == name]) for name in names_in(rows)}
    found |= {"The best, or nearly": nearly_best(cases(rows)), "Cases": cases(rows)}
    common.report("audit_peers", {"networks": NETWORKS}, found)


def rows_of(name: str, case: dict[str, np.ndarray], scores: dict[str, np.ndarray]) -> list[Row]:
    """Return a row for each score of a case."""
    data, kind, share, seed = name.rsplit("-", 3)
    is_wrong, rows = case["is_wrong"], list[Row]()
    for score, values in {OURS: case["suspicion"], **scores}.items():
        if score.startswith("seconds"):
            continue
        seconds = scores.get(f"seconds {score}", case["seconds"][0])
        rows.append(
            {
                "data": data, "kind": kind, "share": float(share), "seed": int(seed), "score": score,
                "average precision": float(average_precision_score(is_wrong, values)),
                "AUROC": float(roc_auc_score(is_wrong, values)),
                "precision at the true number": float(is_wrong[np.argsort(-values)[: is_wrong.sum()]].mean()),
                "seconds": float(seconds),
            }
        )  # fmt: skip
    return rows


def names_in(rows: list[Row]) -> list[str]:
    """Return the names of the data."""
    return list(dict.fromkeys(row["data"] for row in rows))


def in_short(rows: list[Row]) -> list[Row]:
    """Return the means of each score, the best one first, and how far it is behind the best of its case at most."""
    best, found = best_of_cases(rows), list[Row]()
    for score in dict.fromkeys(row["score"] for row in rows):
        own = [row for row in rows if row["score"] == score]
        behind = [best[case_of(row)]["average precision"] - row["average precision"] for row in own]
        means = {
            name: float(np.mean([row[name] for row in own]))
            for name in ("average precision", "AUROC", "precision at the true number", "seconds")
        }
        found.append({"score": score, "cases": len(own)} | means | {"farthest behind": max(behind)})
    return sorted(found, key=lambda row: -row["average precision"])


def cases(rows: list[Row]) -> list[Row]:
    """Return the cases, each with our average precision and that of the best score of a peer in this case."""
    peers = best_of_cases([row for row in rows if row["score"] != OURS])
    return [
        {**{name: row[name] for name in ("data", "kind", "share", "seed", "average precision", "AUROC")},
         "best peer": peers[case_of(row)]["score"], "its average precision": peers[case_of(row)]["average precision"]}
        for row in rows
        if row["score"] == OURS
    ]  # fmt: skip


def nearly_best(found: list[Row]) -> list[Row]:
    """Return in how many cases the suspicion is at most `NEARLY` behind the best peer, by data and by share."""
    groups = {(key, row[key]): None for key in ("data", "share") for row in found}
    chosen = {"all": found} | {f"{key} {value}": [r for r in found if r[key] == value] for key, value in groups}
    return [
        {
            "cases": name,
            "number": len(own),
            "the best, or nearly": sum(
                row["average precision"] >= row["its average precision"] - NEARLY for row in own
            ),
        }
        for name, own in chosen.items()
    ]


def best_of_cases(rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    """Return the row with the largest average precision of each case."""
    best = dict[tuple[Any, ...], Row]()
    for row in rows:
        if case_of(row) not in best or row["average precision"] > best[case_of(row)]["average precision"]:
            best[case_of(row)] = row
    return best


def case_of(row: Row) -> tuple[Any, ...]:
    """Return what tells cases apart."""
    return row["data"], row["kind"], row["share"], row["seed"]


if __name__ == "__main__":
    main()

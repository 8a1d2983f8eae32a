"""Scores of cleanlab, Datagnosis and scikit-learn for the cases of `benchmarks.audit_peers`, beside byheart.

    python3 -m venv PEERS && PEERS/bin/pip install -r benchmarks/requirements-audit-peers.txt
    PEERS/bin/python benchmarks/audit_peer_scores.py FOLDER

It does not import byheart. Higher scores are more suspect. Each case is written to FOLDER/peers as it is done.
"""

import contextlib
import importlib.util
import io
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from cleanlab.rank import get_label_quality_scores
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

METHODS = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")
MOST_FOR_BOOSTING = 2_000
"""Most examples for gradient boosting, which takes far longer than all other scores for 10,000 images."""
EPOCHS_OF_DATAGNOSIS = 20


def main(folder: Path) -> None:
    """Score the cases that are not scored yet."""
    warnings.simplefilter("ignore")
    (folder / "peers").mkdir(exist_ok=True)
    for file in sorted(folder.glob("*.npz")):
        target = folder / "peers" / file.name
        if target.exists():
            continue
        found = scores_of(dict(np.load(file)))
        partial = target.with_suffix(".partial")
        with partial.open("wb") as stream:
            np.savez(stream, **found)
        partial.rename(target)
        print(file.name, flush=True)


def scores_of(case: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return scores by name, and the seconds that each took."""
    inputs, labels = case["inputs"], case["labels"]
    sources = {"same network": (case["probabilities"], float(case["seconds"][1]))}
    learners = {"logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))}
    if len(labels) <= MOST_FOR_BOOSTING:
        learners["gradient boosting"] = HistGradientBoostingClassifier(random_state=0)
    for name, learner in learners.items():
        start = time.perf_counter()
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        found = cross_val_predict(learner, inputs, labels, cv=folds, method="predict_proba", n_jobs=2)
        sources[name] = (found, time.perf_counter() - start)
    scores = dict[str, np.ndarray]()
    for source, (probabilities, seconds) in sources.items():
        clipped = np.clip(probabilities, 1e-12, 1)
        clipped /= clipped.sum(axis=1, keepdims=True)
        for method in METHODS:
            score = f"cleanlab {method.replace('_', ' ')}, {source}"
            scores[score] = -get_label_quality_scores(labels, clipped, method=method)
            scores[f"seconds {score}"] = np.array(seconds)
        score = f"cleanlab Datalab, {source}"
        scores[score] = -datalab_scores(labels, clipped)
        scores[f"seconds {score}"] = np.array(seconds)
    if importlib.util.find_spec("datagnosis") is not None:
        scores |= of_datagnosis(inputs, labels)
    return scores


def datalab_scores(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the label scores of Datalab."""
    from cleanlab import Datalab

    lab = Datalab(data={"label": labels.tolist()}, label_name="label", task="classification", verbosity=0)
    lab.find_issues(pred_probs=probabilities, issue_types={"label": {}})
    return lab.get_issues("label").label_score.to_numpy()


def of_datagnosis(inputs: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the scores of Datagnosis, each by a training run of its own network, as its plugins do it."""
    import torch
    from datagnosis.plugins import Plugins
    from datagnosis.plugins.core.datahandler import DataHandler
    from datagnosis.plugins.core.models.simple_mlp import SimpleMLP

    standardized = StandardScaler().fit_transform(inputs).astype(np.float32)
    n_classes = int(labels.max()) + 1
    scores = dict[str, np.ndarray]()
    for name, options in (("aum", {}), ("data_iq", {}), ("el2n", {}), ("forgetting", {"total_samples": len(labels)})):
        start = time.perf_counter()
        torch.manual_seed(0)
        network = SimpleMLP(standardized.shape[1], n_classes)
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
            plugin = Plugins().get(
                name,
                model=network,
                criterion=torch.nn.CrossEntropyLoss(),
                optimizer=torch.optim.Adam(network.parameters(), lr=0.001),
                lr=0.001,
                epochs=EPOCHS_OF_DATAGNOSIS,
                num_classes=n_classes,
                device=torch.device("cpu"),
                **options,
            )
            plugin.fit(DataHandler(standardized, labels, batch_size=32), use_caches_if_exist=False, workspace=folder)
            found = plugin.scores[0] if isinstance(plugin.scores, tuple) else plugin.scores
        sign = 1 if plugin.hard_direction() == "high" else -1
        scores[f"Datagnosis {name}"] = sign * np.asarray(found, float)
        scores[f"seconds Datagnosis {name}"] = np.array(time.perf_counter() - start)
    return scores


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Audits by any classifier in place of networks."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_audits import made_examples
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import byheart as bh
from byheart.auditing.learners import FLOOR, checked_probabilities, name_of_learner
from byheart.auditing.pair_sweep import TRAINING_SCORES
from byheart.checks import BadInput
from byheart.data.balanced_half import BalancedHalf

DATA = made_examples(120, shape=(6,))
FEATURES, NAMES = np.asarray(DATA.inputs), np.array(DATA.class_names)[DATA.labels]
Calls = list[tuple[np.ndarray, np.ndarray, int]]


def nearest_center(inputs: np.ndarray, labels: np.ndarray, seed: int) -> Callable[[np.ndarray], np.ndarray]:
    """Train a classifier by the nearest mean of a class; it depends on nothing random."""
    centers = np.stack([inputs[labels == label].mean(axis=0) for label in range(labels.max() + 1)])

    def predict(others: np.ndarray) -> np.ndarray:
        powers = np.exp(-20 * ((others[:, None] - centers) ** 2).sum(axis=2))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    return predict


def audit(learner: Any, **settings: Any) -> bh.Audit:
    return bh.audit(FEATURES, NAMES, learner=learner, networks=12, show_progress=False, **settings)


def test_a_learner_finds_wrong_labels_and_has_no_scores_of_training() -> None:
    found = audit(nearest_center)
    classes = np.arange(len(FEATURES)) % 4
    is_wrong = np.array(DATA.class_names)[classes] != NAMES
    assert is_wrong[found.suspects(int(is_wrong.sum())).row].mean() > 0.8
    assert found.examples[list(TRAINING_SCORES)].isna().all().all()
    others = found.examples.drop(columns=list(TRAINING_SCORES))
    assert not others.isna().any().any()
    assert found.summary["recipe"] == {"learner": "test_learners:nearest_center"}
    assert "12 classifiers, test_learners:nearest_center" in repr(found)


def test_each_half_is_trained_on_once_with_a_seed_of_its_own_and_predicts_the_other_half() -> None:
    """Held-out probabilities equal means over pairs of what the learner predicts, by a plain loop."""
    calls: Calls = []

    def recording(inputs: np.ndarray, labels: np.ndarray, seed: int) -> Callable[[np.ndarray], np.ndarray]:
        calls.append((inputs, labels, seed))
        return nearest_center(inputs, labels, seed)

    found = audit(recording, seed_base=5)
    assert [seed for *_, seed in calls] == list(range(5, 17))
    order = np.argsort(DATA.labels, kind="stable")
    counts, total, n = tuple(np.bincount(DATA.labels).tolist()), np.zeros((len(order), 4)), np.zeros(len(order))
    for place in range(12):
        seen = BalancedHalf(counts, 5 + place // 2, bool(place % 2)).indices(len(order))
        held_out = np.setdiff1d(np.arange(len(order)), seen)
        np.testing.assert_array_equal(calls[place][0], FEATURES[order[seen]])
        predict = nearest_center(FEATURES[order[seen]], DATA.labels[order[seen]].astype(int), 0)
        total[order[held_out]] += checked_probabilities(predict(FEATURES[order[held_out]]), len(held_out), 4)
        n[order[held_out]] += 1
    np.testing.assert_allclose(found.held_out_probabilities, total / n[:, None], atol=1e-6)


def test_a_classifier_of_scikit_learn_is_copied_and_gets_the_seed() -> None:
    tree = DecisionTreeClassifier(max_features=1)
    pipeline = make_pipeline(StandardScaler(), tree)
    labels = DATA.labels.astype(int)
    same, again, other = (bh.SklearnLearner(pipeline)(FEATURES, labels, seed)(FEATURES * 0.9) for seed in (1, 1, 2))
    np.testing.assert_array_equal(same, again)
    assert (same != other).any()
    assert not hasattr(tree, "tree_")
    assert audit(tree).summary["recipe"] == {"learner": "SklearnLearner(DecisionTreeClassifier(max_features=1))"}


def test_a_class_that_a_half_lacks_gets_the_smallest_probability() -> None:
    labels = DATA.labels.copy()
    labels[7] = 4
    data = bh.Dataset(FEATURES, labels, (*DATA.class_names, "a rare class"), "made")
    found = bh.audit(data, learner=nearest_center, networks=12, show_progress=False)
    assert found.held_out_probabilities[7, 4] == pytest.approx(FLOOR, rel=0.01)
    assert found.held_out_probabilities[8:, 4].max() > 10 * FLOOR


N_CALLS: list[int] = []


def counted(inputs: np.ndarray, labels: np.ndarray, seed: int) -> Callable[[np.ndarray], np.ndarray]:
    N_CALLS.append(1)
    return nearest_center(inputs, labels, seed)


def test_an_audit_by_a_learner_resumes_and_has_a_page_without_curves_of_learning(tmp_path: Path) -> None:
    N_CALLS.clear()
    before = audit(counted, out=tmp_path)
    after = audit(counted, out=tmp_path)
    assert sum(N_CALLS) == 12
    assert before.examples.equals(after.examples)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "networks of this page are classifiers, trained by <code>test_learners:counted</code>" in page
    assert 'id="curve"' not in page


@dataclasses.dataclass(frozen=True)
class WithPower:
    """A learner with a setting."""

    power: float

    def __call__(self, inputs: np.ndarray, labels: np.ndarray, seed: int) -> Callable[[np.ndarray], np.ndarray]:
        return nearest_center(inputs * self.power, labels, seed)


def test_a_stored_audit_is_refused_for_a_learner_that_cannot_be_known_again(tmp_path: Path) -> None:
    assert name_of_learner(WithPower(2.0)) == "WithPower(power=2.0)"
    captured = 1.0
    with pytest.raises(BadInput, match="must be known again"):
        audit(lambda inputs, labels, seed: nearest_center(inputs * captured, labels, seed), out=tmp_path)
    audit(WithPower(1.0), out=tmp_path)
    with pytest.raises(BadInput, match="other settings: `learner` is WithPower"):
        audit(WithPower(2.0), out=tmp_path)


def logits(inputs: np.ndarray, labels: np.ndarray, seed: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda others: others[:, :4] * 3


@pytest.mark.parametrize(
    ("learner", "message"),
    [
        (3, "got int"),
        (LogisticRegression, "got ABCMeta|got type"),
        (logits, "sum to 1; those of .* Return their softmax"),
        (lambda inputs, labels, seed: lambda others: others, r"a probability of each of the 4 classes .*\(120, 6\)"),
        (StandardScaler(), "`fit\\(inputs, labels, seed\\)`"),
    ],
)
def test_a_bad_learner_is_refused_in_a_sentence(learner: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        audit(learner)


def test_settings_of_networks_are_refused_beside_a_learner() -> None:
    with pytest.raises(BadInput, match="`epochs` is of networks"):
        audit(nearest_center, epochs=3)
    with pytest.raises(BadInput, match=r"`classifier` must be .* no `predict_proba`"):
        bh.SklearnLearner(StandardScaler())

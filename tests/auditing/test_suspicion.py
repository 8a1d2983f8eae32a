"""Suspicion: the mean of three ranks, and what it would be under other labels."""

import numpy as np
import pytest
import scipy
from made_probabilities import N_CLASSES, made
from sklearn.metrics import average_precision_score

from byheart.auditing.suspicion import HeldOutEvidence, held_out_suspicion, margins_under_every_label, suspicion
from byheart.statistics.label_noise import fit_label_noise
from byheart.statistics.training_dynamics import margins

MADE = made()
EVIDENCE = HeldOutEvidence.of(MADE.mean, MADE.geometric, MADE.labels)
ROWS = np.arange(len(MADE.labels))


def test_the_evidence_under_the_own_label_is_that_of_the_statistics() -> None:
    found = fit_label_noise(MADE.geometric, MADE.labels)
    np.testing.assert_allclose(EVIDENCE.wrong[ROWS, MADE.labels], found.wrong, atol=1e-9)
    for label in range(N_CLASSES):
        own = np.full(len(ROWS), label)
        np.testing.assert_allclose(EVIDENCE.margin[:, label], margins(MADE.mean, own), atol=1e-12)


def test_suspicion_is_the_mean_of_three_ranks() -> None:
    found = suspicion(EVIDENCE, MADE.area, MADE.labels)
    scores = [EVIDENCE.wrong[ROWS, MADE.labels], -EVIDENCE.margin[ROWS, MADE.labels], -MADE.area]
    for place in (0, 17, 999):
        ranks = [np.mean(score < score[place]) + np.mean(score == score[place]) / 2 for score in scores]
        assert found[place] == pytest.approx(np.mean(ranks), abs=1e-12)
    assert (found > 0).all()
    assert (found < 1).all()


def test_suspicion_ranks_wrong_labels_better_than_the_area_under_the_margin_alone() -> None:
    found = average_precision_score(MADE.is_wrong, suspicion(EVIDENCE, MADE.area, MADE.labels))
    alone = average_precision_score(MADE.is_wrong, -MADE.area)
    assert found > alone


def test_held_out_suspicion_under_the_own_label_is_its_two_ranks() -> None:
    found = held_out_suspicion(EVIDENCE, MADE.labels)[ROWS, MADE.labels]
    two = [
        scipy.stats.rankdata(score) - 0.5
        for score in (EVIDENCE.wrong[ROWS, MADE.labels], -EVIDENCE.margin[ROWS, MADE.labels])
    ]
    np.testing.assert_allclose(found, np.mean(two, axis=0) / len(ROWS), atol=1e-12)


def test_a_margin_of_tied_probabilities_is_0() -> None:
    assert margins_under_every_label(np.array([[0.5, 0.5, 0.0]])).tolist() == [[0.0, 0.0, -0.5]]

"""Power: the stated share of wrong labels in a list is the one of a slow count, and close to what planting finds."""

import numpy as np
import pytest
from made_probabilities import N_CLASSES, made

from byheart.auditing.power import PROBABLY_RIGHT, Power
from byheart.auditing.suspicion import HeldOutEvidence, held_out_suspicion

MADE = made()
EVIDENCE = HeldOutEvidence.of(MADE.mean, MADE.geometric, MADE.labels)
POWER = Power(EVIDENCE, MADE.mean, MADE.labels)
ROWS = np.arange(len(MADE.labels))


def slow_power(k: int, kind: str) -> float:
    """Look at every reference under every other label."""
    every = held_out_suspicion(EVIDENCE, MADE.labels)
    threshold = sorted(every[ROWS, MADE.labels])[-k]
    held = total = 0.0
    for place in ROWS:
        own = MADE.labels[place]
        if EVIDENCE.wrong[place, own] >= PROBABLY_RIGHT:
            continue
        others = [label for label in range(N_CLASSES) if label != own]
        likeliest = max(others, key=lambda label: MADE.mean[place, label])
        for label in others:
            weight = {
                "uniform": 1.0,
                "likeliest": float(label == likeliest),
                "as_estimated": EVIDENCE.noise.transition[own, label],
            }[kind]
            total += weight
            held += weight * (every[place, label] >= threshold)
    return held / total


@pytest.mark.parametrize("kind", ["uniform", "likeliest", "as_estimated"])
@pytest.mark.parametrize("k", [20, 200])
def test_power_is_the_share_that_a_slow_loop_counts(k: int, kind: str) -> None:
    assert POWER.found(k, kind) == pytest.approx(slow_power(k, kind))


def test_stated_power_is_about_what_is_found() -> None:
    own = held_out_suspicion(EVIDENCE, MADE.labels)[ROWS, MADE.labels]
    for k in (100, 200, 400):
        found = MADE.is_wrong[np.argsort(-own)[:k]].sum() / MADE.is_wrong.sum()
        assert POWER.found(k, "uniform") == pytest.approx(found, abs=0.08)


def test_the_table_has_the_length_and_grows_with_the_list() -> None:
    table = POWER.table(length=123)
    assert 123 in table.k.values
    assert table.k.is_monotonic_increasing
    for kind in ("uniform", "likeliest", "as_estimated"):
        assert table[kind].is_monotonic_increasing
    assert (table.likeliest <= table.uniform).all()
    assert table.expected_precision.between(0, 1).all()


def test_pairs_that_cannot_be_told_apart_are_named_worst_first() -> None:
    mean = np.repeat([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]], 30, axis=0)
    labels = np.repeat([0, 1, 2], 30)
    power = Power(HeldOutEvidence.of(mean, mean, labels), mean, labels)
    pairs = power.inseparable_pairs(k=3)
    assert {pair[:2] for pair in pairs if 2 not in pair[:2]} <= {(0, 1), (1, 0)}
    assert [pair[2] for pair in pairs] == sorted(pair[2] for pair in pairs)
    assert np.isfinite(power.by_class(3)).all()

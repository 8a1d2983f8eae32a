"""filters on made-up results: claims that hold where they should, and figures."""

import dataclasses
import re

import numpy as np
import pytest
from made_examples import FACTS, filters, made_filters, without

from byheart.checks import BadInput
from byheart.drawing import canvas
from byheart.networks.cnn import CNN
from byheart.training.member import Member, noise_at

STRUCTURED = {"real": 0.4, "rand_y": 0.2, "rand_x": 0.05}
FLAT = {"real": -0.1, "rand_y": -0.1, "rand_x": 0.1}


def odds(share: float) -> float:
    """Return the energy at low frequencies relative to that at higher ones."""
    return share / (1 - share)


@pytest.mark.parametrize(("gains", "verdict"), [(STRUCTURED, "holds"), (FLAT, "fails")])
def test_claims_follow_the_gain_of_low_frequencies(gains: dict[str, float], verdict: str) -> None:
    results = made_filters(filters(), gains)
    found = {claim.name: claim.judge(results) for claim in filters().claims()}
    assert {name: one.verdict for name, one in found.items()} == dict.fromkeys(found, verdict)
    before, rand_x, rand_y = (odds(0.3 + gain) for gain in (0, gains["rand_x"], gains["rand_y"]))
    assert found["F2"].interval.estimate == pytest.approx(rand_y / before, rel=0.08)
    assert found["F2-beyond-randX"].interval.estimate == pytest.approx(rand_y / rand_x, rel=0.08)


def test_a_network_that_diverged_has_no_value() -> None:
    results = without(made_filters(filters(), STRUCTURED), 2)
    assert filters().sweep().members[2] == Member(0, noise_at(0.0, 1.0))
    (claim,) = (claim for claim in filters().claims() if claim.name == "F2")
    assert np.isnan(claim.judge(results).values).sum() == 1


def test_filters_of_each_kind_and_of_the_start_are_drawn() -> None:
    figures = filters().figures(without(made_filters(filters(), STRUCTURED), 1), "made up")
    assert [figure.name for figure in figures] == ["filters", "filter-structure"]
    titles = [panel.title for panel in figures[0].panels]
    assert titles == ["real, epoch 5", "randX, epoch 5", "randY, epoch 5", "before training (epoch 0)"]
    for figure in figures:
        assert all("</svg>" in panel.svg for panel in canvas.drawn_panels(figure))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("measured_epochs", (1, 5), "`measured_epochs` must hold 0, the untrained network"),
        ("n_shown", 0, "`n_shown` must be a whole number of at least 1; got 0."),
        ("architecture", CNN((), (4,), crop=0), "`architecture` must have a convolution"),
        ("n_validation", 0, "`n_validation` must be a whole number of at least 1; got 0."),
    ],
)
def test_a_setting_that_cannot_be_is_told(field: str, value: object, message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        dataclasses.replace(filters(), **{field: value}).check(FACTS)

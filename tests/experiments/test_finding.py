"""The conclusion of a chapter: words of the experiment for its main claim, or its verdicts."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

from byheart.experiments.claims import Claim, Judgment
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding, conclusion_of, tally_of
from byheart.paper.catalog import EXPERIMENTS
from byheart.statistics.rules import Above

HOLDS, FAILS, UNDECIDED = [1.0, 1.1, 1.2], [-1.0, -1.1, -1.2], [-1.0, 0.1, 1.0]
FINDING = Finding("X", "The sky is blue", "The sky is green")
FACTS = {
    "digits": DataSummary("digits", (8, 8, 1), 1437, 360),
    "cifar10": DataSummary("cifar10", (32, 32, 3), 50_000, 10_000),
}


def judged(name: str, values: list[float]) -> Judgment:
    return Claim(name, f"{name} is so.", "its number", lambda results: np.array(values), Above(0)).judge(xr.Dataset())


def test_the_main_claim_speaks_in_the_experiments_words() -> None:
    others = [judged("Y", FAILS)]
    assert conclusion_of([judged("X", HOLDS), *others], FINDING) == "The sky is blue"
    assert conclusion_of([judged("X", FAILS), *others], FINDING) == "The sky is green"
    assert conclusion_of([judged("X", UNDECIDED), *others], FINDING) == "Undecided whether the sky is blue"


def test_without_words_a_single_claim_is_stated_with_its_verdict_and_several_are_counted() -> None:
    assert conclusion_of([judged("Y", HOLDS)], FINDING) == "Y is so"
    assert conclusion_of([judged("Y", FAILS)]) == "Fails: Y is so"
    assert conclusion_of([judged("Y", UNDECIDED)]) == "Undecided: Y is so"
    assert conclusion_of([judged("Y", HOLDS), judged("Z", FAILS)], FINDING) == "1 of 2 claims holds, 1 fails"
    assert conclusion_of([]) == "Measured without a claim"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([HOLDS], "The claim holds"),
        ([HOLDS, HOLDS], "Both claims hold"),
        ([UNDECIDED] * 3, "All 3 claims are undecided"),
        ([HOLDS, HOLDS, FAILS, UNDECIDED, UNDECIDED], "2 of 5 claims hold, 1 fails, 2 are undecided"),
        ([FAILS, UNDECIDED], "0 of 2 claims hold, 1 fails, 1 is undecided"),
    ],
)
def test_claims_are_counted_in_words(values: list[list[float]], words: str) -> None:
    assert tally_of([judged("Y", one) for one in values]) == words


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_each_experiment_of_the_paper_concludes_from_a_claim_of_its_own(name: str) -> None:
    kind = EXPERIMENTS[name]
    assert kind.finding is not None
    for facts in FACTS.values():
        claims = kind.for_scale("tiny", facts).claims()
        assert kind.finding.claim in [claim.name for claim in claims if claim.applies_to(facts.name)]
    sentences = [kind.finding.conclusion(verdict) for verdict in ("holds", "fails", "undecided")]
    assert len(set(sentences)) == 3
    assert not any(sentence.endswith(".") for sentence in sentences)
    assert dataclasses.is_dataclass(kind.finding)

"""Sentences about the numbers behind a conclusion."""

import math

import numpy as np
import pytest
import xarray as xr

from byheart.experiments.claims import Claim, Judgment
from byheart.experiments.finding import Finding
from byheart.report.glossary import TERMS, explained
from byheart.report.reading import reading_in_words
from byheart.statistics.rules import Above, Between, Rule

HOLDS, FAILS, UNDECIDED = [1.0, 1.1, 1.2], [-1.0, -1.1, -1.2], [-1.0, 0.1, 1.0]


POSITIVE = Above(0)


def judged(name: str, values: list[float], rule: Rule = POSITIVE) -> Judgment:
    return Claim(name, f"{name} is so.", "its number", lambda results: np.array(values), rule).judge(xr.Dataset())


def test_the_main_number_is_that_of_the_finding_and_the_verdicts_are_those_of_the_others() -> None:
    judgments = [judged("X", HOLDS), judged("Y", FAILS), judged("Z", UNDECIDED), judged("V", UNDECIDED)]
    reading = reading_in_words(judgments, Finding("Y", "It is", "It is not"))
    assert reading == (
        "The number of Y is −1.100 over 3 seeds (95 % interval [−1.348, −0.852]); to hold, the whole interval must "
        "lie above 0. X holds; Z and V are undecided."
    )
    assert reading_in_words(judgments, None).startswith("The number of X is 1.100 over 3 seeds")
    many = [judged(f"X{number}", HOLDS) for number in range(6)]
    assert reading_in_words(many, None).endswith(" 5 other claims hold.")
    assert reading_in_words([], None) == ""


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.1], "is 0.100 over 1 seed (needs two seeds)"),
        (
            [0.1, 0.1],
            "is 0.100 over 2 seeds (seeds do not differ); to hold, the whole interval must lie between −1 and 1",
        ),
        ([0.1, 0.1, math.nan], "over 2 of 3 seeds"),
        ([math.nan, math.nan], "has no value in any seed, so that nothing is decided."),
    ],
)
def test_seeds_without_an_interval_or_a_value_are_told(values: list[float], words: str) -> None:
    assert words in reading_in_words([judged("X", values, Between(-1, 1))], None)


def test_the_first_of_each_term_is_explained_and_markup_is_not_obeyed() -> None:
    found = str(explained("randX <b> randX, unrandY, randYs & randY"))
    assert found.count('href="#term-randX"') == found.count('href="#term-randY"') == 1
    assert found.startswith('<a class="term" href="#term-randX">randX</a> &lt;b&gt; randX, unrandY, randYs &amp; <a ')
    assert len({term.id for term in TERMS}) == len(TERMS)

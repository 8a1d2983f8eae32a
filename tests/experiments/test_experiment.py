"""Experiments outside the paper: default settings limited to the data, their own scales, and errors."""

import dataclasses
from typing import ClassVar

import pytest

from byheart.checks import BadInput, Problems
from byheart.experiments import ALL, DataSummary, Experiment, SearchExperiment, SensitivityExperiment
from byheart.experiments import ThroughTrainingExperiment as Base
from byheart.populations.sweep import PopulationSweep
from byheart.training.member import grid

DIGITS = DataSummary("digits", (8, 8, 1), 1437, 360)
FEW = DataSummary("few", (8, 8, 1), 20, 5)
SIZES = pytest.mark.parametrize("facts", [DIGITS, FEW], ids=lambda facts: facts.name)


@dataclasses.dataclass(frozen=True)
class Plain(Base):
    """An experiment with all defaults."""

    name = "plain"
    n_training: int = 100

    def sweep(self) -> PopulationSweep:
        return PopulationSweep(self.recipe(), tuple(grid(seed=self.seed_range())))


@dataclasses.dataclass(frozen=True)
class Searching(SearchExperiment):
    """An experiment with all defaults."""

    name = "searching"
    sweep = Plain.sweep


@dataclasses.dataclass(frozen=True)
class Unrolling(SensitivityExperiment):
    """An experiment with all defaults."""

    name = "unrolling"
    sweep = Plain.sweep


@dataclasses.dataclass(frozen=True)
class Scaled(Plain):
    """An experiment with two groups of defaults."""

    name = "scaled"
    scales: ClassVar[tuple[str, ...]] = ("small", "large")

    @classmethod
    def for_data(cls, facts: DataSummary, scale: str | None = None) -> "Scaled":
        return cls(epochs={"small": 2, "large": 50}[cls.check_scale(scale) or ""])


@dataclasses.dataclass(frozen=True)
class Lacking(Base):
    """An experiment with a setting without a default."""

    name = "lacking"
    sweep = Plain.sweep
    level: float


@SIZES
@pytest.mark.parametrize("kind", [Plain, Searching, Unrolling], ids=lambda kind: kind.name)
def test_the_defaults_of_every_base_can_run_on_data_of_any_size(kind: type[Experiment], facts: DataSummary) -> None:
    found = kind.for_data(facts)
    found.check(facts)
    assert ALL not in found.settings().values()
    assert found == found.limited_to_data(facts)
    assert found.seed_range() == range(5)


def test_defaults_are_cut_to_the_data_and_given_settings_are_not() -> None:
    assert Plain.for_data(FEW).n_training == Plain.for_data(FEW).batch_size == 20
    with pytest.raises(BadInput, match="`n_training` must be at most 20, the number available in few; got 100"):
        Plain(n_validation=5).limited_to_data(FEW).check(FEW)


def test_it_has_no_scales_unless_it_names_some() -> None:
    with pytest.raises(BadInput, match=r"plain has one group of default settings and no scales; got 'tiny'\."):
        Plain.for_data(DIGITS, "tiny")
    assert [Scaled.for_data(DIGITS, scale).epochs for scale in (None, "small", "large")] == [2, 2, 50]
    with pytest.raises(BadInput, match="There is no scale of scaled named 'tiny'"):
        Scaled.for_data(DIGITS, "tiny")


def test_a_setting_without_a_default_is_named() -> None:
    with pytest.raises(BadInput, match="lacking has settings without a default: level"):
        Lacking.for_data(DIGITS)


def test_problems_of_base_and_subclass_are_told_together() -> None:
    problems = Problems("cannot start")
    dataclasses.replace(Plain.for_data(DIGITS), seeds=0, seed_base=-1, batch_size=0).collect_problems(problems, DIGITS)
    told = " ".join(problems.messages)
    assert all(name in told for name in ("`seeds`", "`seed_base`", "`batch_size`"))


def test_it_says_nothing_of_its_own_by_default() -> None:
    plain = Plain.for_data(DIGITS)
    assert (plain.title(), plain.source, list(plain.remarks(DIGITS)), list(plain.claims())) == ("plain", "", [], [])
    assert Plain.reference() == f"{__name__}:Plain"

"""The paper's experiments by name. The list is here, so that nothing else is imported to show it."""

import dataclasses
import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from byheart.paper.experiment import PaperExperiment


@dataclasses.dataclass(frozen=True)
class Entry:
    """An experiment of the paper.

    Attributes:
        figure: numbers of the paper's figures, such as "7 and 8".
        summary: what the experiment shows, in one line.
        reference: where its class is, as `module:Name`.
    """

    figure: str
    summary: str
    reference: str

    @property
    def experiment(self) -> Any:
        """The class, imported when it is asked for."""
        module, _, name = self.reference.partition(":")
        return getattr(importlib.import_module(module), name)


CATALOG: dict[str, Entry] = {
    "easy-examples": Entry(
        "1",
        "which examples are easy and which are hard, over many seeds: real data against noise",
        "byheart.paper.easy_examples.experiment:EasyExamples",
    ),
    "filters": Entry(
        "2",
        "first-layer filters learned from real data, random labels and random inputs",
        "byheart.paper.filters.experiment:Filters",
    ),
    "sensitivity-inequality": Entry(
        "3",
        "few real examples influence the loss strongly, all random ones do: Gini coefficients of loss sensitivity",
        "byheart.paper.sensitivity_inequality.experiment:SensitivityInequality",
    ),
    "class-sensitivity": Entry(
        "4",
        "how much inputs of one class influence the loss of another, for real and for random inputs",
        "byheart.paper.class_sensitivity.experiment:ClassSensitivity",
    ),
    "capacity": Entry(
        "5",
        "validation accuracy against units: noise needs more units",
        "byheart.paper.capacity.experiment:Capacity",
    ),
    "convergence": Entry(
        "6",
        "time to convergence against units and examples, with and without noise",
        "byheart.paper.convergence.experiment:Convergence",
    ),
    "patterns-first": Entry(
        "7 and 8",
        "networks learn patterns first and noise later: accuracy and critical samples through training",
        "byheart.paper.patterns_first.experiment:PatternsFirst",
    ),
    "critical-samples": Entry(
        "9",
        "critical samples through training for real data, random inputs and random labels",
        "byheart.paper.critical_samples.experiment:CriticalSampleRatios",
    ),
    "regularization": Entry(
        "10 and 11",
        "regularizers keep networks from fitting noise, some of them at little cost",
        "byheart.paper.regularization.experiment:Regularization",
    ),
}
"""Experiments by name, in the order of the figures."""


class _Experiments(Mapping[str, Any]):
    """The classes of the experiments by name; each is imported when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        return CATALOG[name].experiment

    def __iter__(self) -> Iterator[str]:
        return iter(CATALOG)

    def __len__(self) -> int:
        return len(CATALOG)


EXPERIMENTS: "Mapping[str, type[PaperExperiment]]" = _Experiments()
"""The classes of the experiments by name, in the order of the figures."""

DATA_OF_THE_PAPER: dict[str, tuple[str, ...]] = {
    "mnist": (
        *("easy-examples", "sensitivity-inequality", "class-sensitivity"),
        *("capacity", "convergence", "patterns-first"),
    ),
    "cifar10": ("easy-examples", "filters", "capacity", "patterns-first", "critical-samples", "regularization"),
}
"""The paper's experiments on each data set; docs/choices.md gives reasons where the paper does not name the data."""


def __getattr__(name: str) -> Any:
    """Return an experiment by the name of its class: stored runs refer to `byheart.paper.catalog:Name`."""
    for entry in CATALOG.values():
        if entry.reference.endswith(f":{name}"):
            return entry.experiment
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""An experiment of one's own: are examples with the right label fitted before those with a random one?

python clean_labels_first.py
byheart run clean_labels_first:CleanLabelsFirst --data digits --level 0.6
byheart run clean_labels_first:CleanLabelsFirst --help
byheart report runs/clean-labels-first-digits
"""

import dataclasses
import sys

import byheart as bh
from byheart.cli.main import main
from byheart.experiments import (
    Above,
    Claim,
    Figure,
    Panel,
    ThroughTrainingExperiment,
    curve_with_band,
    epoch_axis,
    share_axis,
)


@dataclasses.dataclass(frozen=True)
class CleanLabelsFirst(ThroughTrainingExperiment):
    """Settings of clean-labels-first.

    Attributes:
        level: share of the labels that are random.
    """

    name = "clean-labels-first"
    summary = "whether clean examples are fitted before those with random labels"
    description = (
        "Some of the labels are random. Patterns help with the clean ones alone, so these should be fitted first."
    )

    n_training: int = 400
    epochs: int = 20
    level: float = 0.4

    def collect_problems(self, problems, facts):
        """Collect a level out of range, too."""
        super().collect_problems(problems, facts)
        with problems.noted():
            bh.RandY(self.level)

    def sweep(self):
        """Return the networks, one for each seed, and what is measured of them."""
        return bh.PopulationSweep(
            recipe=self.recipe(),
            members=tuple(bh.grid(seed=self.seed_range(), rand_y=[self.level])),
            measures=(bh.Accuracy(),),
            measured_epochs=self.schedule,
            noise_seed=self.noise_seed,
        )

    def claims(self):
        """Return the statement, with a number for each seed and a rule that is fixed before the run."""
        statement = "Clean examples are fitted before those with random labels."
        statistic = "training accuracy, clean minus noisy examples, mean over epochs"
        return [Claim("clean-first", statement, statistic, lead_of_clean, Above(0))]

    def figures(self, results, data_label):
        """Return a figure of both accuracies."""
        panel = Panel("training accuracy", Curves(results), "Accuracy on clean and on noisy examples against epochs.")
        caption = f"{data_label}; mean and 95 % interval over seeds."
        return [Figure("clean-labels-first", "Clean and noisy examples", caption, (panel,), columns=1)]


def over_seeds(results):
    """Return the results over (seed, epoch): here, a member is a seed."""
    return results.swap_dims(member="seed")


def lead_of_clean(results):
    """Return the number of the claim, (seed,)."""
    found = over_seeds(results)
    return (found.training_accuracy_clean - found.training_accuracy_noisy).mean("epoch").values


@dataclasses.dataclass(frozen=True)
class Curves:
    """Draws both accuracies."""

    results: object

    def __call__(self, axis):
        """Draw on an axis of matplotlib."""
        for part in ("clean", "noisy"):
            accuracy = over_seeds(self.results)[f"training_accuracy_{part}"]
            curve_with_band(axis, accuracy, "epoch", label=part)
        epoch_axis(axis, int(self.results.epoch[-1]))
        share_axis(axis, "training accuracy")
        axis.legend()


if __name__ == "__main__":
    sys.exit(main(["run", "clean_labels_first:CleanLabelsFirst", *sys.argv[1:]]))

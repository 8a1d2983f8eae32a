"""Look-up of the experiments named on the command line: those of both catalogs, and `module:Name`."""

from collections.abc import Sequence

from byheart import checks
from byheart.experiments.experiment import Experiment
from byheart.experiments.importing import experiment_of
from byheart.later.catalog import LATER
from byheart.paper.catalog import EXPERIMENTS


def experiment_named(word: str) -> type[Experiment]:
    """Return the experiment that a word names: one of a catalog, which `run_arguments` has checked, or `module:Name`.

    Raises:
        BadInput: a module has no such experiment.
    """
    reference = LATER[word].reference if word in LATER else word
    return experiment_of(reference) if ":" in reference else EXPERIMENTS[word]


def common_scale(kinds: Sequence[type[Experiment]], scale: str | None) -> str | None:
    """Return the scale that all experiments of a run share; None if they have no scales.

    Raises:
        BadInput: an experiment has no such scale, or some have scales and others have none.
    """
    scales = {kind.check_scale(scale): kind.name for kind in kinds}
    if len(scales) > 1:
        raise checks.BadInput(
            f"{' and '.join(scales.values())} do not share a scale; run them one by one, or give a `--scale` that all "
            "have."
        )
    return next(iter(scales))

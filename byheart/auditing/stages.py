"""The stages of an audit: the choice, the networks, and the check by planted labels. Each is stored and resumes."""

import dataclasses
import functools

import numpy as np
import xarray as xr

import byheart
from byheart import literals
from byheart.auditing.choice import LINEAR, Choice, candidates, choice_sweep, chosen, largest_recipe
from byheart.auditing.collecting import collected
from byheart.auditing.examples import AuditedExamples
from byheart.auditing.judging import Judged, judged
from byheart.auditing.learner_sweep import LearnerSweep
from byheart.auditing.learners import name_of_learner
from byheart.auditing.logistic_regression import best_linear_accuracy
from byheart.auditing.pair_sweep import pair_sweep
from byheart.auditing.planting import plant
from byheart.auditing.result import Audit
from byheart.auditing.settings import AuditSettings
from byheart.auditing.weakness import weaknesses
from byheart.execution.chunks import Job, chunk_names
from byheart.statistics.chance import guessing_accuracy
from byheart.sweeps.protocol import Sweep
from byheart.training.recipe import Recipe

CHOICE, NETWORKS, PLANTED = "choice", "networks", "planted"
"""Labels of the stages, in order."""


@dataclasses.dataclass(frozen=True)
class PreparedAudit:
    """An audit whose input has been checked. Its methods train nothing.

    Attributes:
        examples: the examples.
        settings: the settings.
    """

    examples: AuditedExamples
    settings: AuditSettings

    def __post_init__(self) -> None:
        self.choice_job()
        job = self.networks_job(largest_recipe(self.settings, self._input_shape, self._class_counts))
        chunk_names(job.label, job.sweep, "", job.chunk_sizes)  # Refuses values that have no name.

    @property
    def choice_in_words(self) -> str:
        """The words for what the choice decides, such as "CNN size and epochs"."""
        architectures, _ = candidates(self.settings, self._input_shape, len(self.examples.dataset))
        kinds = dict.fromkeys(type(one).__name__ for one in architectures if one != LINEAR)
        own = self.settings.architecture is not None
        named = " or ".join(kinds)
        return f"{named} size and epochs" if named and not own else "size and epochs"

    def choice_job(self) -> Job:
        """Return the sweep of the choice.

        Raises:
            BadInput: a candidate cannot be trained on the examples.
        """
        split = self.examples.split
        sweep = choice_sweep(self.settings, self._input_shape, self._class_counts)
        sweep.check(split)
        return Job(CHOICE, sweep, split, sweep.chunk_sizes(split))

    def chosen(self, found: xr.Dataset) -> Choice:
        """Return the choice by the results of `choice_job`."""
        return chosen(self.settings, found, self._input_shape, self._class_counts)

    def networks_job(self, recipe: Recipe | None) -> Job:
        """Return the sweep over all networks; its results are the scores of `collected`.

        Args:
            recipe: of all networks; None if the learner of the settings trains them.

        Raises:
            BadInput: the recipe cannot be trained on the examples.
        """
        return self._job(NETWORKS, self.examples, recipe)

    def planted_job(self, recipe: Recipe | None) -> Job:
        """Return the sweep over networks that are trained with planted wrong labels."""
        return self._job(PLANTED, self._planted[0], recipe)

    def largest_jobs(self) -> list[Job]:
        """Return all stages, with the candidate that trains longest as the chosen one, for an estimate of time."""
        recipe = largest_recipe(self.settings, self._input_shape, self._class_counts)
        jobs = [self.choice_job(), self.networks_job(recipe)]
        return [*jobs, self.planted_job(recipe)] if self.settings.plant is not None else jobs

    def audit(self, choice: Choice, scores: xr.Dataset, planted_scores: xr.Dataset | None) -> Audit:
        """Return the result.

        Args:
            choice: the chosen recipe.
            scores: results of `networks_job`.
            planted_scores: results of `planted_job`; None without planted labels.
        """
        in_order = _in_order_of_source(self.examples, scores)
        data = self.examples.dataset
        found = judged(self.examples, in_order, self.settings.networks)
        summary = self._summary(choice, scores, found)
        if planted_scores is not None:
            summary["planted"] = self._check(planted_scores)
        return Audit(found.examples, found.held_out_probabilities, found.power, summary, in_order, data, found.plan)

    def _check(self, scores: xr.Dataset) -> dict[str, object]:
        """Return the comparison of stated power with what was found among planted labels."""
        examples, is_planted = self._planted
        found = judged(examples, _in_order_of_source(examples, scores), self.settings.networks)
        n = int(is_planted.sum())
        held = is_planted[found.examples.row.values]
        lists = found.power
        return {
            "number": n,
            "share": n / len(is_planted),
            "found": float(held[:n].mean()),
            "stated": float(np.interp(n, lists.k, lists.uniform)),
            "by_list_length": [
                {"k": int(k), "found": float(held[: int(k)].sum() / n), "stated": float(stated)}
                for k, stated in zip(lists.k, lists.uniform, strict=True)
            ],
            "estimated_share_of_wrong_labels": found.numbers["wrong_labels"],
        }

    @functools.cached_property
    def _planted(self) -> tuple[AuditedExamples, np.ndarray]:
        """The examples with planted labels, and whether each is one."""
        data = self.examples.dataset
        planted = plant(data.labels, data.n_classes, self.settings.plant or 0.0, self.settings.seed_base)
        return self.examples.relabelled(planted.labels), planted.is_planted

    def _summary(self, choice: Choice, scores: xr.Dataset, found: Judged) -> dict[str, object]:
        data, accuracy = self.examples.dataset, np.asarray(scores.attrs["held_out_accuracy"], float)
        recipe, settings = choice.recipe, self.settings
        linear_accuracy = best_linear_accuracy(choice.linear_accuracy, data, settings.seed_base)
        return {
            "data": data.name,
            "notes": list(self.examples.notes),
            "cautions": weaknesses(
                accuracy,
                linear_accuracy,
                self.examples.class_counts,
                scores.attrs["n_diverged"],
                settings.learner is not None,
            ),
            "examples": len(data),
            "class_names": list(data.class_names),
            "class_counts": list(self.examples.class_counts),
            "networks": settings.networks,
            "networks_diverged": int(scores.attrs["n_diverged"]),
            "held_out_accuracy": float(np.nanmean(accuracy)),
            "linear_accuracy": linear_accuracy,
            "guessing_accuracy": guessing_accuracy(list(self.examples.class_counts)),
            **found.numbers,
            "recipe": _recipe_as_text(recipe, settings),
            "choice": [
                {"architecture": architecture, "epochs": epochs, "held_out_accuracy": round(of_one, 5)}
                for architecture, epochs, of_one in choice.accuracies
            ],
            "settings": settings_as_text(settings),
            "data_fingerprint": data.fingerprint,
            "versions": {"byheart": byheart.__version__, "jax": scores.attrs["jax"]},
        }

    def _job(self, label: str, examples: AuditedExamples, recipe: Recipe | None) -> Job:
        split, settings = examples.split, self.settings
        sweep: Sweep
        if settings.learner is not None:
            sweep = LearnerSweep.of(settings.learner, examples.class_counts, settings.networks, settings.seed_base)
        else:
            assert recipe is not None
            sweep = pair_sweep(recipe, examples.class_counts, settings.networks, settings.seed_base)
        sweep.check(split)
        labels = split.training.labels.astype(np.int64)
        epochs = 0 if recipe is None else recipe.epochs
        fold = functools.partial(collected, labels=labels, n_classes=split.n_classes, epochs=epochs)
        return Job(label, sweep, split, sweep.chunk_sizes(split), fold)

    @property
    def _input_shape(self) -> tuple[int, ...]:
        return self.examples.dataset.input_shape

    @property
    def _class_counts(self) -> tuple[int, ...]:
        return self.examples.class_counts


def _in_order_of_source(examples: AuditedExamples, scores: xr.Dataset) -> xr.Dataset:
    return scores.isel(example=np.argsort(examples.order))


def _recipe_as_text(recipe: Recipe | None, settings: AuditSettings) -> dict[str, object]:
    """Return how the networks were trained, by name."""
    if recipe is None:
        assert settings.learner is not None
        return {"learner": name_of_learner(settings.learner)}
    return {
        "architecture": literals.text(recipe.architecture),
        "optimizer": literals.text(recipe.optimizer),
        "batch_size": recipe.batch_size,
        "epochs": recipe.epochs,
    }


def settings_as_text(settings: AuditSettings) -> dict[str, object]:
    """Return the settings by name, as they can be written on the command line; a learner by its name."""
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    learner = values.pop("learner")
    of_networks: dict[str, object] = {
        name: value if value is None or isinstance(value, int | float) else literals.text(value)
        for name, value in values.items()
    }
    return of_networks | {"learner": None if learner is None else name_of_learner(learner)}

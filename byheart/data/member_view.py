"""The data of a member: its examples with their inputs and labels after noise."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from byheart.data.dataset import Dataset
from byheart.data.inclusion import AllExamples, Inclusion
from byheart.data.noise import Noise, level_of, n_noisy
from byheart.data.noisy_dataset import PURPOSE, NoiseFamily, NoisyDataset, noise_family
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.data.split import Split
from byheart.keys import key_for


class TracedView(eqx.Module):
    """The numbers by which a member's data differ from those of others.

    They are traced in a population, so that one program serves all members.

    Attributes:
        n_noisy: exact number of noisy training examples of each kind.
        n_noisy_validation: exact number of noisy examples in `MemberData.validation_alike`, of each kind that replaces
            inputs.
        included: (included,), positions of the training examples that the member is trained on; None if it is trained
            on all.
    """

    n_noisy: tuple[int | Int[Array, "..."], ...] = ()
    n_noisy_validation: tuple[int | Int[Array, "..."], ...] = ()
    included: Int[Array, "... included"] | None = None


class MemberData(eqx.Module):
    """The data of one member.

    Attributes:
        training: the examples that it is trained on, with its noise.
        validation: validation data without noise.
        validation_alike: validation data with the same share of inputs replaced as in training, to measure a network on
            inputs like those it was trained on. Labels are clean, and meaningless for replaced inputs.
    """

    training: NoisyDataset
    validation: NoisyDataset
    validation_alike: NoisyDataset

    @property
    def every_example(self) -> NoisyDataset:
        """Return all training examples with the member's noise, including those that it is not trained on.

        Measures over the axis `example` use these, so that members trained on different examples share one table.
        """
        return self.training.whole

    @property
    def is_included(self) -> Bool[Array, " example"]:
        """Return whether the member is trained on an example, (example,) over all training examples."""
        return self.training.is_chosen

    @property
    def held_out(self) -> NoisyDataset | None:
        """The training examples that the member is not trained on, with its noise; None if it is trained on all."""
        return self.training.left_out


class NoisySplit(eqx.Module):
    """Hold all noisy versions of a split, which share its arrays."""

    training: NoiseFamily
    validation: NoiseFamily

    def view(self, noises: Sequence[Noise] = (), inclusion: Inclusion | None = None) -> TracedView:
        """Return the view of a member: the numbers of noisy examples, and the examples that it is trained on.

        Args:
            noises: the member's noises; other kinds replace nothing.
            inclusion: the examples that the member is trained on; None for all.
        """
        n = self.training.n_examples
        of_inputs = [noise for noise in noises if noise.replaces == "inputs"]
        counts = (self.training.counts(noises), self.validation.counts(of_inputs))
        return TracedView(*counts, None if inclusion is None else jnp.asarray(inclusion.indices(n)))

    def for_member(self, view: TracedView) -> MemberData:
        """Return the data of a member."""
        return MemberData(
            training=self.training.with_counts(view.n_noisy, view.included),
            validation=NoisyDataset.clean(
                self.validation.clean_inputs, self.validation.clean_labels, self.validation.standardizer
            ),
            validation_alike=self.validation.with_counts(view.n_noisy_validation),
        )


def noisy_split(split: Split, noise_seed: int = 0, kinds: Sequence[Noise] = ()) -> NoisySplit:
    """Return all versions of `split` with these kinds of noise, for one draw.

    Random validation inputs have the mean and standard deviation of the training data; they are drawn independently of
    the training ones. No other kinds are drawn.

    Memory: the inputs once, and once more for each kind that replaces inputs.
    """
    of_inputs = [kind for kind in kinds if kind.replaces == "inputs"]
    validation_key = key_for("noise of validation data", noise_seed)
    return NoisySplit(
        noise_family(split.training, key_for(PURPOSE, noise_seed), *kinds),
        noise_family(split.validation, validation_key, *of_inputs, like=split.training),
    )


def views_of(data: NoisySplit, noises: Sequence[tuple[Noise, ...]], inclusions: Sequence[Inclusion]) -> TracedView:
    """Return the views of several members, stacked on a first axis.

    Args:
        data: all noisy versions of the split.
        noises: noises of each member.
        inclusions: inclusion of each member. If all are `AllExamples`, no positions are stored.
    """
    takes_all = all(isinstance(one, AllExamples) for one in inclusions)
    views = [
        data.view(noise, None if takes_all else inclusion) for noise, inclusion in zip(noises, inclusions, strict=True)
    ]
    return jax.tree.map(lambda *values: jnp.asarray(np.stack(values).astype(np.int32)), *views)


def noise_levels(
    noises: Sequence[tuple[Noise, ...]], kinds: Sequence[Noise]
) -> dict[str, Float[np.ndarray, " member"]]:
    """Return the columns of noise in results: the level (member,) of each kind, 0 if a member does not have it.

    randX and randY always have a column, so that readers need no special case for data without noise.

    Args:
        noises: noises of each member.
        kinds: kinds of noise of the whole sweep.
    """
    names = dict.fromkeys([RandX.id, RandY.id, *(kind.id for kind in kinds)])
    return {name: np.array([level_of(noise, name) for noise in noises], float) for name in names}


def noise_attributes(kinds: Sequence[Noise]) -> dict[str, str]:
    """Return the attribute of results that lists kinds of noise besides randX and randY, for `noise_titles`."""
    others = {kind.id: kind.title for kind in kinds if kind.id not in (RandX.id, RandY.id)}
    return {"other_noise": json.dumps(others)} if others else {}


def noise_titles(attributes: Mapping[Any, Any]) -> dict[str, str]:
    """Return the titles of noise in results by the name of their column, from the attributes of the results."""
    return {RandX.id: RandX.title, RandY.id: RandY.title} | json.loads(attributes.get("other_noise", "{}"))


def example_facts(training: Dataset, family: NoiseFamily) -> dict[str, np.ndarray]:
    """Return facts (example,) of the training examples, from which those of every member follow.

    `index` is the position of an example in the data as loaded, `id` its name, if it has one, and `label` its label
    before noise. For each kind of noise, `<id>_rank` is the example's rank; for kinds that replace labels, `<id>_label`
    is the replacement. At level p the noise replaces examples of rank below `n_noisy(p, n)`.
    """
    facts = {"index": training.index, "label": np.asarray(family.clean_labels)}
    if training.ids is not None:
        facts["id"] = training.ids
    for draw in family.draws:
        facts[f"{draw.kind.id}_rank"] = np.asarray(draw.rank)
        if draw.kind.replaces == "labels":
            facts[f"{draw.kind.id}_label"] = np.asarray(draw.values)
    return facts


def labels_after_noise(
    facts: Mapping[Any, Any], levels: Mapping[str, float]
) -> tuple[Int[np.ndarray, " example"], Bool[np.ndarray, " example"]]:
    """Return the labels of a member's training examples, and which of the examples are noisy.

    Args:
        facts: facts as returned by `example_facts`, such as the coordinates of results.
        levels: the member's level of each kind of noise by its `id`; kinds at level 0 need no facts.
    """
    labels = np.asarray(facts["label"])
    is_noisy = np.zeros(len(labels), bool)
    for name in sorted(levels):
        if levels[name] == 0:
            continue
        is_replaced = np.asarray(facts[f"{name}_rank"]) < n_noisy(levels[name], len(labels))
        labels = np.where(is_replaced, facts[f"{name}_label"], labels) if f"{name}_label" in facts else labels
        is_noisy = is_noisy | is_replaced
    return labels, is_noisy

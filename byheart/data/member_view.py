"""One view of a member: which examples it sees, with which inputs and which labels."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from byheart.data.dataset import Dataset, Split
from byheart.data.inclusion import AllExamples, Inclusion
from byheart.data.noise import Noise, level_of, n_noisy
from byheart.data.noisy_dataset import PURPOSE, NoiseFamily, NoisyDataset, noise_family
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.keys import key_for


class TracedView(eqx.Module):
    """What tells a member's data from those of others, as numbers; traced in a population, so one program serves all members.

    Attributes:
        n_noisy: exact number of noisy training examples of each kind.
        n_noisy_validation: the same of `MemberData.validation_alike`, of each kind that replaces inputs.
        included: (included,), positions of the training examples that the member is trained on; None where they are all.
    """

    n_noisy: tuple[int | Int[Array, "..."], ...] = ()
    n_noisy_validation: tuple[int | Int[Array, "..."], ...] = ()
    included: Int[Array, "... included"] | None = None


class MemberData(eqx.Module):
    """What one member sees.

    Attributes:
        training: the examples that it is trained on, with its noise.
        validation: always clean.
        validation_alike: validation inputs replaced by noise to the same shares as the training inputs, for measures that ask how a
            network behaves on inputs of the kind it was trained on. Its labels are clean and, for replaced inputs, mean nothing.
    """

    training: NoisyDataset
    validation: NoisyDataset
    validation_alike: NoisyDataset

    @property
    def every_example(self) -> NoisyDataset:
        """All training examples, with the member's noise, those that it is not trained on included.

        Measures over the axis `example` look at these, so that members that are trained on different examples stand in one table.
        """
        return self.training.whole

    @property
    def is_included(self) -> Bool[Array, " example"]:
        """(example,), which of all training examples the member is trained on."""
        return self.training.is_chosen

    @property
    def held_out(self) -> NoisyDataset | None:
        """The training examples that the member is not trained on, with its noise; None where it is trained on all."""
        return self.training.left_out


class NoisySplit(eqx.Module):
    """All noisy versions of a split, sharing one copy of everything."""

    training: NoiseFamily
    validation: NoiseFamily

    def view(self, noises: Sequence[Noise] = (), inclusion: Inclusion | None = None) -> TracedView:
        """Return the numbers that tell a member's data: levels as numbers of examples, and the examples it is trained on.

        Args:
            noises: of the member; kinds that are not among them replace nothing.
            inclusion: which examples; None for all.
        """
        n = self.training.n_examples
        of_inputs = [noise for noise in noises if noise.replaces == "inputs"]
        counts = (self.training.counts(noises), self.validation.counts(of_inputs))
        return TracedView(*counts, None if inclusion is None else jnp.asarray(inclusion.indices(n)))

    def for_member(self, view: TracedView) -> MemberData:
        """Return the data of a member."""
        return MemberData(
            training=self.training.with_counts(view.n_noisy, view.included),
            validation=NoisyDataset.clean(self.validation.clean_images, self.validation.clean_labels),
            validation_alike=self.validation.with_counts(view.n_noisy_validation),
        )


def noisy_split(split: Split, noise_seed: int = 0, kinds: Sequence[Noise] = ()) -> NoisySplit:
    """Return all versions of `split` with these kinds of noise, for one draw.

    Random validation inputs have the mean and standard deviation of the training data; they are other draws than the training ones.
    Nothing is drawn for other kinds. Memory: the images once, and once more for each kind that replaces inputs.
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
        data: all noisy versions.
        noises: of each member.
        inclusions: of each member. Where all of them are `AllExamples`, nothing is taken out of anything.
    """
    takes_all = all(isinstance(one, AllExamples) for one in inclusions)
    views = [
        data.view(noise, None if takes_all else inclusion) for noise, inclusion in zip(noises, inclusions, strict=True)
    ]
    return jax.tree.map(lambda *values: jnp.asarray(np.stack(values), jnp.int32), *views)


def noise_levels(
    noises: Sequence[tuple[Noise, ...]], kinds: Sequence[Noise]
) -> dict[str, Float[np.ndarray, " member"]]:
    """Return the columns of noise in results: the level (member,) of each kind, 0 where a member has none.

    Those of randX and randY are always there, so that code that reads them needs no case for data without noise.

    Args:
        noises: of each member.
        kinds: of noise of the whole sweep.
    """
    names = dict.fromkeys([RandX.id, RandY.id, *(kind.id for kind in kinds)])
    return {name: np.array([level_of(noise, name) for noise in noises], float) for name in names}


def noise_attributes(kinds: Sequence[Noise]) -> dict[str, str]:
    """Return the attribute of results that names kinds of noise besides randX and randY, from which `noise_titles` reads them."""
    others = {kind.id: kind.title for kind in kinds if kind.id not in (RandX.id, RandY.id)}
    return {"other_noise": json.dumps(others)} if others else {}


def noise_titles(attributes: Mapping[Any, Any]) -> dict[str, str]:
    """Return the columns of noise in results, each with its title, from the attributes of the results."""
    return {RandX.id: RandX.title, RandY.id: RandY.title} | json.loads(attributes.get("other_noise", "{}"))


def example_facts(training: Dataset, family: NoiseFamily) -> dict[str, np.ndarray]:
    """Return facts (example,) of the training examples, from which those of every member follow.

    `index` is where an example stands in the data as they were loaded, and `label` its own label. For each kind of noise `<id>_rank` is the
    example's rank, and for kinds that replace labels `<id>_label` the label it gives: at level p the noise replaces what is of a rank below
    `n_noisy(p, n)`.
    """
    facts = {"index": training.index, "label": np.asarray(family.clean_labels)}
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
        facts: as `example_facts` gives them, such as the coordinates of results.
        levels: the member's level of each kind of noise, by its `id`; kinds at level 0 need no facts.
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

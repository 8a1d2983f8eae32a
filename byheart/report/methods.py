"""Paragraphs of methods to quote: data, networks, seeds, statistics and versions of a run."""

from collections.abc import Sequence
from typing import Any

from byheart import literals
from byheart.experiments.experiment import Experiment
from byheart.inputs import are_images, in_words
from byheart.report.chapters import ShownChapter
from byheart.runs.record import Record
from byheart.statistics.looks import PLANNED
from byheart.statistics.rules import ERROR
from byheart.statistics.scales import Angle, Log, Logit

STATISTICS = (
    "Each claim is a number that is computed for each seed. A claim holds if the whole 95 % interval of its mean over "
    "seeds (Student's t) lies on the claimed side of a threshold that was fixed before the run. It fails if the whole "
    "interval lies short of the smallest effect that matters, also fixed before (two one-sided tests), or of the "
    "threshold, if the claim names none. Otherwise it is undecided. A claim about several parts holds if each part "
    "does (intersection-union test), and fails if one part does, with Bonferroni's correction. Verdicts within a "
    "family of claims are by Holm's method. Intervals are about training again with other seeds on the same data, the "
    "same subset and the same draw of the noise."
)
ON_SCALES = {
    Logit.judged: "The numbers of these claims are shares, and were judged as their logits: {names}.",
    Angle.judged: "The numbers of these claims are shares, judged as the arcsine of their square root: {names}.",
    Log.judged: "The numbers of these claims are ratios, and were judged as their logarithms: {names}.",
}
AT_LOOKS = (
    "Seeds were added to networks behind undecided claims, so that claims were tested at up to {planned} looks, each "
    "with twice the seeds of the look before. Each look has a one-sided level of {level:.2%}, so that all looks "
    "together have 2.5 % (Pocock 1977, with Student's t); intervals have the level of a look."
)
_SAID = (
    *("n_training", "n_validation", "architecture", "optimizer", "batch_size", "epochs"),
    *("seeds", "seed_base", "noise_seed", "subset_seed"),
)
"""Settings that have words of their own."""
_VERSIONS = {"python": "Python", "jax": "JAX", "numpy": "NumPy"}


def methods_of(runs: Sequence[tuple[Record, Sequence[ShownChapter]]]) -> str:
    """Return paragraphs that state how runs were made: their data and experiments, statistics, and versions.

    Args:
        runs: the record and the chapters of each.
    """
    paragraphs = list[str]()
    for record, chapters in runs:
        paragraphs += [_data(record), *(_experiment(chapter) for chapter in chapters)]
    sources = dict.fromkeys(chapter.experiment.source for _, chapters in runs for chapter in chapters)
    if named := [source for source in sources if source]:
        paragraphs.append(f"Experiments and claims are after {'; '.join(named)}.")
    judgments = [judgment for _, chapters in runs for chapter in chapters for judgment in chapter.judgments]
    if judgments:
        names = {
            judged: dict.fromkeys(one.claim.name for one in judgments if one.claim.scale.judged == judged)
            for judged in ON_SCALES
        }
        on_scales = [ON_SCALES[judged].format(names=", ".join(found)) for judged, found in names.items() if found]
        looks = next((one.looks for one in judgments if one.looks is not None), None)
        at_looks = AT_LOOKS.format(planned=PLANNED, level=looks.level(ERROR)) if looks else ""
        paragraphs.append(" ".join(filter(None, [STATISTICS, at_looks, *on_scales])))
    return "\n\n".join([*paragraphs, *dict.fromkeys(_versions(*run) for run in runs)])


def _data(record: Record) -> str:
    facts = record.facts
    kind = "Images are" if are_images(facts.input_shape) else "Inputs have"
    size = in_words(facts.input_shape).removesuffix(" x 1")
    return (
        f"Data: {facts.name}, with {facts.n_training:,} training and {facts.n_validation:,} validation examples. "
        f"{kind} {size}.{''.join(f' {note}' for note in facts.notes)}"
    )


def _experiment(chapter: ShownChapter) -> str:
    experiment = chapter.experiment
    settings = experiment.settings()
    sentences = [f"Experiment {experiment.name}: {chapter.networks:,} networks."]
    sentences += [_training(settings), _seeds(experiment)]
    others = {name: value for name, value in settings.items() if name not in _SAID and value is not None}
    if others:
        listed = "; ".join(f"{name} = {literals.text(value)}" for name, value in others.items())
        sentences.append(f"Further settings: {listed}.")
    return " ".join(sentence for sentence in sentences if sentence)


def _training(settings: dict[str, Any]) -> str:
    """Return a sentence about the examples, networks and optimizer that are among the settings."""
    words = []
    if "architecture" in settings:
        words.append(f"Each is {literals.text(settings['architecture'])}")
    if "optimizer" in settings:
        words.append(f"trained by {literals.text(settings['optimizer'])}")
    examples = f"{settings['n_training']:,} training examples"
    if "n_validation" in settings:
        examples += f" (validated on {settings['n_validation']:,})"
    words.append(f"{'on' if words else 'On'} {examples}")
    if "batch_size" in settings:
        words.append(f"in minibatches of {settings['batch_size']}")
    if "epochs" in settings:
        words.append(f"for {settings['epochs']} epoch{'s' if settings['epochs'] != 1 else ''}")
    return ", ".join(words) + "."


def _seeds(experiment: Experiment) -> str:
    seeds, others = experiment.seed_range(), (experiment.noise_seed, experiment.subset_seed)
    several = f"{len(seeds)} seeds ({seeds[0]} to {seeds[-1]})" if len(seeds) > 1 else f"one seed ({seeds[0]})"
    return (
        f"Networks were trained with {several}, which set initial weights and the order of examples; "
        f"noise was drawn with seed {others[0]}, and the subset of the data with seed {others[1]}."
    )


def _versions(record: Record, chapters: Sequence[ShownChapter]) -> str:
    made_with = record.made_with
    packages = ", ".join(f"{title} {made_with[name]}" for name, title in _VERSIONS.items() if name in made_with)
    computed = "; ".join(dict.fromkeys(f"{chapter.versions} on {chapter.devices}" for chapter in chapters))
    started = (
        f"The run was started with byheart {made_with['byheart']} ({packages}). " if "byheart" in made_with else ""
    )
    return f"{started}Results were computed with {computed}."

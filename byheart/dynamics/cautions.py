"""What was odd about a log, in sentences: examples that were missed or seen twice, or an epoch that has not ended."""

from byheart.dynamics.sums import Sums


def cautions_of(sums: Sums, epochs: int, is_open: bool) -> tuple[str, ...]:
    """Return the cautions of a log with `epochs` finished epochs."""
    n_missing, never, n_repeats = _odd(sums, epochs)
    found = list[str]()
    if never:
        found.append(f"{_examples(never)} never seen: their scores are NaN. Is `index` the position in the data set?")
    if n_missing:
        found.append(
            f"{_examples(n_missing)} not seen in some epoch: their scores are of the epochs in which they were seen."
        )
    if n_repeats:
        found.append(
            f"{_examples(n_repeats)} seen more than once in an epoch: means are over all sightings, and such an epoch "
            "is right if all of them are."
        )
    if is_open:
        found.append(f"Epoch {epochs + 1} has not ended: scores hold the batches that came so far.")
    return tuple(found)


def said(sums: Sums, epochs: int, is_open: bool, n_classes: int | None) -> str:
    """Return the log in a line, and a line for each caution."""
    cautions = cautions_of(sums, epochs, is_open)
    of_classes = "" if n_classes is None else f" of {n_classes} classes"
    n_seen = int((sums.arrays["n_sightings"] > 0).sum())
    if not n_seen:
        seen = "no batch yet"
    elif cautions:
        seen = f"{n_seen:,} seen, {sums.n_examples - n_seen:,} missing"
    else:
        seen = "every example seen once in every epoch"
    plural = "" if epochs == 1 else "s"
    lines = [f"Dynamics({epochs} epoch{plural}, {sums.n_examples:,} examples{of_classes}: {seen})"]
    return "\n".join([*lines, *(f"  {caution}" for caution in cautions if n_seen)])


def _odd(sums: Sums, epochs: int) -> tuple[int, int, int]:
    """Return the numbers of examples missed in a finished epoch, never seen, and seen twice in an epoch."""
    n_epochs = sums.counts()["n_epochs"]
    n_sightings = sums.arrays["n_sightings"]
    never = n_sightings == 0
    finished = n_epochs - (sums.arrays["last_epoch"] > epochs)
    return int(((finished < epochs) & ~never).sum()), int(never.sum()), int((n_sightings > n_epochs).sum())


def _examples(n: int) -> str:
    return f"{n:,} example was" if n == 1 else f"{n:,} examples were"

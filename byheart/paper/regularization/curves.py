"""A curve of Figure 10: regularizers at several strengths, and its points in results."""

import dataclasses

import numpy as np
import xarray as xr

from byheart import checks, literals
from byheart.data.rand_y import RandY
from byheart.training.regularizer import Regularizer


@literals.register
@dataclasses.dataclass(frozen=True)
class Curve:
    """Regularizers that act together, at several strengths.

    Attributes:
        regularizers: the regularizers; their own strengths are not used.
        strengths: for each point of the curve, from weak to strong, one strength for each regularizer. A point needs a
            strength above 0; every curve starts at the network without regularizers.

    Raises:
        BadInput: no regularizer, no point, or invalid strengths.
    """

    regularizers: tuple[Regularizer, ...]
    strengths: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        kept = checks.several("regularizers", self.regularizers, Regularizer, "regularizers, such as Dropout()")
        object.__setattr__(self, "regularizers", kept)
        checks.fields(self, strengths=checks.each(checks.each(checks.finite)))
        if not self.regularizers or not self.strengths:
            raise checks.BadInput("A curve needs at least one regularizer and one point of strengths.")
        for point in self.strengths:
            if len(point) != len(self.regularizers):
                raise checks.BadInput(
                    f"Each point of a curve of {self.name} must have {len(self.regularizers)} strengths; got {point}."
                )
            for one, strength in zip(self.regularizers, point, strict=True):
                one.with_strength(strength)
            if not any(point):
                raise checks.BadInput(
                    "A point of a curve needs a strength above 0; all curves start without regularizers."
                )

    @property
    def name(self) -> str:
        """Names of all regularizers, joined by "+"."""
        return "+".join(one.name for one in self.regularizers)

    @property
    def title(self) -> str:
        """The name for readers."""
        return self.name.replace("+", " + ").replace("_", " ")

    def strength_in_words(self, point: int) -> str:
        """Return the strengths of a point, such as "0.5"; point 0 is the network without regularizers.

        >>> from byheart.regularizers.dropout import Dropout, InputDropout
        >>> Curve((Dropout(), InputDropout()), ((0.5, 0.1),)).strength_in_words(1)
        '0.5, 0.1'
        """
        return "none" if point == 0 else ", ".join(f"{strength:g}" for strength in self.strengths[point - 1])


def networks_of(results: xr.Dataset, curve: Curve, curves: tuple[Curve, ...]) -> xr.Dataset:
    """Return the networks of a curve over (seed, rand_y, point); point 0, without regularizers, is in all curves."""
    names = {one.name: 0.0 for other in curves for one in other.regularizers}
    settings = [name for name in results.coords if results[name].dims == ("member",) and name not in ("seed", RandY.id)]
    without_settings, points = results.drop_vars(settings), []
    for point in [(0.0,) * len(curve.regularizers), *curve.strengths]:
        wanted = names | {one.name: strength for one, strength in zip(curve.regularizers, point, strict=True)}
        is_wanted = np.all([results[name].values == strength for name, strength in wanted.items()], axis=0)
        here = without_settings.isel(member=np.flatnonzero(is_wanted))
        points.append(here.set_index(member=["seed", RandY.id]).unstack("member"))
    return xr.concat(points, "point").assign_coords(point=np.arange(len(points)))


def trade_off(results: xr.Dataset, curve: Curve, curves: tuple[Curve, ...]) -> xr.Dataset:
    """Return `noise_fit` and `accuracy` of a curve, each over (seed, point).

    `noise_fit` is the final training accuracy on random labels, `accuracy` the highest validation accuracy on real
    data through training.
    """
    networks = networks_of(results[["training_accuracy", "validation_accuracy"]], curve, curves)
    noise_fit = networks.training_accuracy.sel({RandY.id: 1.0}, drop=True).isel(epoch=-1, drop=True)
    accuracy = networks.validation_accuracy.sel({RandY.id: 0.0}, drop=True).max("epoch", skipna=False)
    return xr.Dataset({"noise_fit": noise_fit, "accuracy": accuracy}).transpose("seed", "point")

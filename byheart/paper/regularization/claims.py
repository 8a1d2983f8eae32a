"""The claims of regularization: F10a to F10d of Figure 10 and F11 of Figure 11, each as one number per seed."""

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.data.rand_y import RandY
from byheart.experiments.claims import Claim, PerSeed
from byheart.experiments.seed_selection import chosen_by_earlier_seeds
from byheart.paper.claim import FigureClaim, figure_claim
from byheart.paper.regularization.curves import Curve, networks_of, trade_off
from byheart.paper.smallest_effects import OF_ACCURACY, OF_LOSS
from byheart.regularizers.adversarial_training import AdversarialTraining
from byheart.regularizers.dropout import Dropout
from byheart.statistics.rules import Above, SmallestEffect
from byheart.statistics.scales import Logit
from byheart.statistics.trade_off import area_under, given_up_within, height_above, net_given_up

LITTLE = 0.02
"""F10a: largest loss of validation accuracy that counts as little."""
MUCH = 0.25
"""F10a: smallest drop of noise fit, as a share of random labels, at which a curve counts as flat."""
PRICE = 5.0
"""F10a-price: points of noise fit given up for each lost point of validation accuracy; above this, the price is low."""

Curves = tuple[Curve, ...]


def claims_of(curves: Curves, selected: Sequence[int]) -> Sequence[Claim]:
    """Return the claims that apply to the curves; `selected` has the point of each curve that Figure 11 shows."""
    dropout, both = Dropout.name, f"{Dropout.name}+{AdversarialTraining.name}"
    titles = {curve.name: curve.title for curve in curves}
    single = [curve.name for curve in curves if len(curve.regularizers) == 1]
    others = [name for name in single if name != dropout]
    area = (
        "area under the curve (mean of the validation accuracy to be had for at most x of noise fit, "
        "over x from 0 to 1)"
    )
    claims = [
        figure_claim(
            "F10a",
            "10",
            "With some regularizer, much less noise is fitted and validation accuracy is hardly lower.",
            f"noise fit given up while at most {LITTLE * 100:g} points of validation accuracy are lost, "
            "of the regularizer that is best so in the seeds before",
            _flatness_of_flattest(curves),
            Above(MUCH),
            scale=Logit(),
        ),
        figure_claim(
            "F10a-price",
            "10",
            f"With some regularizer, more than {PRICE:g} points of noise fit are given up for each point of validation "
            "accuracy.",
            f"noise fit given up less {PRICE:g} times the validation accuracy lost, "
            "of the regularizer and strength best so in the seeds before",
            _net_of_cheapest(curves),
            Above(0, SmallestEffect(PRICE * OF_ACCURACY.size, "the price of one point of accuracy")),
        ),
    ]

    def by_area(name: str, statement: str, curve: str, than: str, against: Sequence[str]) -> FigureClaim:
        statistic = f"{area}: that of {titles[curve]} minus {than}"
        return figure_claim(
            name, "10", statement, statistic, _area_beyond(curves, curve, against), Above(0, OF_ACCURACY)
        )

    if dropout in single and others:
        each = "that of each other single regularizer"
        claims.append(by_area("F10b", "Dropout is the most effective single regularizer.", dropout, each, others))
        claims += [
            by_area(
                f"F10b-{one}",
                f"Dropout is more effective than {titles[one]}.",
                dropout,
                f"that of {titles[one]}",
                [one],
            )
            for one in others
        ]
    if both in titles and single:
        each = "that of each single regularizer"
        claims.append(by_area("F10c", "Dropout with adversarial training is the best of all.", both, each, single))
    if both in titles and dropout in titles:
        claims.append(
            figure_claim(
                "F10c-dropout",
                "10",
                "With adversarial training dropout keeps more accuracy for the same noise fit.",
                "the highest validation accuracy to be had for at most x of noise fit: of both together minus that of "
                "dropout, mean over the x that both curves reach",
                _height_above(curves, both, dropout),
                Above(0, OF_ACCURACY),
            )
        )
    if len(curves) > 1:
        claims += [
            figure_claim(
                "F10d",
                "10",
                "Regularizers act on memorizing to different extents.",
                f"{area}: of the curve with the largest in the seeds before minus that with the smallest there",
                _spread(curves),
                Above(0, OF_ACCURACY),
            ),
            figure_claim(
                "F11",
                "11",
                "The order of training losses differs between random labels and real data.",
                "of two different settings that change places most clearly in the seeds before: "
                "by how many nats they do so in this one, on each of both data",
                _exchange(curves, selected),
                Above(0, OF_LOSS),
            ),
        ]
    return claims


def areas(results: xr.Dataset, curves: Curves) -> xr.DataArray:
    """Return the area under each curve, over (seed, curve)."""
    return _of_curves(results, curves, area_under)


def flatness(results: xr.Dataset, curves: Curves) -> xr.DataArray:
    """Return the drop of noise fit that costs at most `LITTLE` validation accuracy, over (seed, curve)."""
    return _of_curves(results, curves, lambda noise_fit, accuracy: given_up_within(noise_fit, accuracy, LITTLE))


def training_loss(results: xr.Dataset, curves: Curves, selected: Sequence[int]) -> xr.DataArray:
    """Return minibatch losses through training, over (setting, rand_y, seed, epoch).

    The settings are: no regularizer, then the selected point of each curve.
    """
    chosen = [networks_of(results[["batch_loss"]], curve, curves).batch_loss for curve in curves]
    losses = [one.sel(point=point, drop=True) for one, point in zip(chosen, selected, strict=True)]
    names = ["none", *(curve.name for curve in curves)]
    together = xr.concat([chosen[0].sel(point=0, drop=True), *losses], "setting").assign_coords(setting=names)
    return together.sel(epoch=together.epoch > 0).transpose("setting", RandY.id, "seed", "epoch")


def _of_curves(results: xr.Dataset, curves: Curves, measure: Callable[..., float]) -> xr.DataArray:
    found = []
    for curve in curves:
        points = trade_off(results, curve, curves)
        found.append(
            xr.apply_ufunc(measure, points.noise_fit, points.accuracy, input_core_dims=[["point"]] * 2, vectorize=True)
        )
    return xr.concat(found, "curve").assign_coords(curve=[curve.name for curve in curves]).transpose("seed", "curve")


def _flatness_of_flattest(curves: Curves) -> PerSeed:
    return lambda results: chosen_by_earlier_seeds(flatness(results, curves).values)


def _net_of_cheapest(curves: Curves) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        found = [trade_off(results, curve, curves) for curve in curves]
        net = [net_given_up(one.noise_fit.values, one.accuracy.values, PRICE)[:, 1:] for one in found]
        return chosen_by_earlier_seeds(np.concatenate(net, axis=1))

    return per_seed


def _area_beyond(curves: Curves, name: str, others: Sequence[str]) -> PerSeed:
    def per_seed(results: xr.Dataset) -> xr.DataArray:
        area = areas(results, curves)
        return area.sel(curve=name, drop=True) - area.sel(curve=list(others))

    return per_seed


def _height_above(curves: Curves, name: str, other: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        found = {curve.name: trade_off(results, curve, curves) for curve in curves}
        both = (found[which][axis].values for which in (name, other) for axis in ("noise_fit", "accuracy"))
        return np.array([height_above(*of_seed) for of_seed in zip(*both, strict=True)])

    return per_seed


def _spread(curves: Curves) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        area = areas(results, curves).values
        return chosen_by_earlier_seeds(area) - chosen_by_earlier_seeds(area, np.argmin)

    return per_seed


def _exchange(curves: Curves, selected: Sequence[int]) -> PerSeed:
    """Return a function for F11, over (seed, data).

    Its numbers are how much higher the loss of one setting is than that of another on real data, and how much lower on
    random labels. Only pairs of different settings count: a setting differs from itself by exactly 0 in every seed. The
    seeds before choose the pair, and which of the two is higher on real data. A number below 0 on random labels then
    says that the pair keeps its order in this seed.
    """

    def clearest(mean: Float[np.ndarray, "pair data"]) -> np.intp:
        return np.where(mean[:, 0] >= 0, mean.min(axis=1), -np.inf).argmax()

    def per_seed(results: xr.Dataset) -> xr.DataArray:
        loss = training_loss(results, curves, selected).mean("epoch", skipna=False)
        real, random = (loss.sel({RandY.id: level}).transpose("seed", "setting").values for level in (0.0, 1.0))
        one, other = np.nonzero(~np.eye(real.shape[1], dtype=bool))
        exchanged = np.stack([real[:, one] - real[:, other], random[:, other] - random[:, one]], axis=-1)
        chosen = chosen_by_earlier_seeds(exchanged, clearest)
        return xr.DataArray(chosen, {"data": ["real data", "random labels"]}, ("seed", "data"))

    return per_seed

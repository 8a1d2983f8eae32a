"""Critical samples: correct by the exact rule, equal to a plain loop, and independent of other samples."""

import inspect
import re
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles.lass_loop import lass_loop
from oracles.linear_boundary import critical_radius
from worlds import Curved, Linear, curved, labels_of, linear, points

from byheart.checks import BadInput
from byheart.critical.critical_sample_ratio import critical_sample_ratio
from byheart.critical.critical_samples import CriticalSamples, critical_samples
from byheart.critical.lass import LASS, EachSample, GlobalStop
from byheart.networks import blocks

KEY = jax.random.key(0)
NETWORK, IMAGES, RADIUS = curved(), points(20), 0.1
SEARCH = LASS(budget=8)
"""On `NETWORK`, about half of `IMAGES` are found within `RADIUS`."""
RESTARTED = LASS(budget=3, restarts=2)
CLIPPED = LASS(budget=6, step_size=0.05, noise_scale=0.1, clip_pixels=True)
BOUNDED = LASS(budget=6, step_size=0.05, noise_scale=0.1, bounds=((0.0,), 1.05))
RADII = np.random.default_rng(0).uniform(0.01, 0.3, 20).astype(np.float32)


def assert_same(one: CriticalSamples, other: CriticalSamples) -> None:
    """Check that flags and steps are equal, and points up to rounding of products with other batch sizes."""
    np.testing.assert_array_equal(one.is_critical, other.is_critical)
    np.testing.assert_array_equal(one.steps, other.steps)
    np.testing.assert_array_equal(one.is_finite, other.is_finite)
    np.testing.assert_allclose(one.critical_point, other.critical_point, atol=1e-6)


def first(found: CriticalSamples, n: int) -> CriticalSamples:
    return jax.tree.map(lambda leaf: leaf[:n], found)


@pytest.mark.parametrize(("n_classes", "side", "least_recall"), [(2, 4, 0.999), (3, 4, 0.95), (10, 16, 0.95)])
def test_on_linear_classifiers_what_is_found_is_critical_and_nearly_all_that_is_critical_is_found(
    n_classes: int, side: int, least_recall: float
) -> None:
    """Three classifiers, 100 images, radii at the quartiles of the exact ones; the paper's steps and budget."""
    n_found = n_critical = 0
    for seed in range(3):
        classifier, images = linear(n_classes, side * side, seed), points(100, (side, side, 1), seed)
        exact = critical_radius(classifier.weight, classifier.bias, images)
        for radius in np.quantile(exact, (0.25, 0.5, 0.75)):
            found = critical_samples(classifier, images, radius=float(radius), key=KEY)
            is_critical = np.asarray(found.is_critical)
            assert not (is_critical & (exact >= radius * (1 + 1e-5))).any()
            n_found += is_critical.sum()
            n_critical += (exact < radius).sum()
    assert n_found >= least_recall * n_critical


@pytest.mark.parametrize(
    ("radius", "search"),
    [(RADIUS, SEARCH), (RADIUS, RESTARTED), (0.3, CLIPPED), (0.3, BOUNDED), (RADII, SEARCH), (RADII, CLIPPED)],
    ids=["plain", "restarts", "clipped", "bounded", "radii", "radii, clipped"],
)
def test_the_search_equals_a_plain_loop_over_samples_and_steps(radius: float | np.ndarray, search: LASS) -> None:
    """Flags and steps are equal, points up to rounding; some samples are found at once, some late, some never."""
    fast = critical_samples(NETWORK, IMAGES, radius=radius, search=search, key=KEY)
    slow = lass_loop(NETWORK, IMAGES, radius, search, KEY)
    np.testing.assert_array_equal(fast.is_critical, slow.is_critical)
    np.testing.assert_array_equal(fast.steps, slow.steps)
    np.testing.assert_allclose(fast.critical_point, slow.critical_point, atol=1e-6)
    assert len(np.unique(fast.steps)) > 2


@pytest.mark.parametrize("stop", [EachSample(), GlobalStop(1)])
def test_a_critical_point_lies_in_the_box_and_has_another_class(stop: EachSample | GlobalStop) -> None:
    found = critical_samples(NETWORK, IMAGES, radius=RADIUS, search=LASS(budget=8, stop=stop), key=KEY)
    is_critical = np.asarray(found.is_critical)
    differs = labels_of(NETWORK, found.critical_point) != labels_of(NETWORK, IMAGES)
    np.testing.assert_array_equal(differs, is_critical)
    assert 0 < is_critical.mean() < 1
    assert np.abs(found.critical_point - IMAGES).max() <= RADIUS + 1e-6


def test_an_unfound_sample_keeps_its_own_image_as_point_and_has_spent_its_budget() -> None:
    found = critical_samples(NETWORK, IMAGES, radius=RADIUS, search=RESTARTED, key=KEY)
    unfound = ~np.asarray(found.is_critical)
    assert unfound.any()
    np.testing.assert_array_equal(found.critical_point[unfound], IMAGES[unfound])
    np.testing.assert_array_equal(found.steps[unfound], 9)


def test_a_class_that_flips_and_comes_back_is_found_at_its_first_crossing() -> None:
    """Steps of 0.04 pass through a band of another class; a check of the last point alone would miss it."""

    def banded(images: jax.Array) -> jax.Array:
        mean = images.mean(axis=(1, 2, 3))
        in_band = (mean > 0.55) & (mean < 0.6)
        return jnp.stack([0.5 - mean, jnp.where(in_band, 1.0, -1.0)], axis=1)

    images = jnp.full((3, 4, 4, 1), 0.5)
    search = LASS(budget=6, step_size=0.04, noise_scale=0.0)
    found = critical_samples(banded, images, radius=0.5, search=search, key=KEY)
    assert found.is_critical.all()
    np.testing.assert_array_equal(found.steps, 2)
    np.testing.assert_allclose(found.critical_point, 0.58, atol=1e-6)


@pytest.mark.parametrize("lanes", [1, 3, 7, 20])
def test_results_do_not_depend_on_the_number_of_lanes(lanes: int) -> None:
    """With 3 or 7 lanes the last batch of 20 samples is not full, but is also searched."""
    assert_same(
        critical_samples(NETWORK, IMAGES, radius=RADIUS, search=SEARCH, key=KEY, lanes=lanes),
        critical_samples(NETWORK, IMAGES, radius=RADIUS, search=SEARCH, key=KEY),
    )


@pytest.mark.parametrize("n", [1, 10])
def test_the_first_samples_of_a_set_are_searched_as_if_they_were_alone(n: int) -> None:
    assert_same(
        critical_samples(NETWORK, IMAGES[:n], radius=RADIUS, search=SEARCH, key=KEY),
        first(critical_samples(NETWORK, IMAGES, radius=RADIUS, search=SEARCH, key=KEY), n),
    )


@pytest.mark.parametrize("stop", [EachSample(), GlobalStop(1)])
def test_no_sample_is_left_out_when_lanes_and_blocks_do_not_divide_the_set(
    monkeypatch: pytest.MonkeyPatch, stop: EachSample | GlobalStop
) -> None:
    monkeypatch.setattr(blocks, "MOST_AT_ONCE", 5)
    images = points(13, seed=1)
    found = critical_samples(NETWORK, images, radius=0.9, search=LASS(stop=stop), key=KEY, lanes=4)
    assert found.is_critical.all()
    assert (labels_of(NETWORK, found.critical_point) != labels_of(NETWORK, images)).all()


def test_a_larger_budget_and_restarts_find_the_same_and_more() -> None:
    small, large, restarted = (
        jax.device_get(critical_samples(NETWORK, IMAGES, radius=0.05, search=search, key=KEY))
        for search in (LASS(budget=3), SEARCH, RESTARTED)
    )
    found = small.is_critical
    for more in (large, restarted):
        assert more.is_critical[found].all()
        assert more.is_critical.sum() > found.sum()
        np.testing.assert_allclose(more.critical_point[found], small.critical_point[found], atol=1e-6)


def test_one_key_gives_one_result_and_another_key_another() -> None:
    one, again, other = (
        critical_samples(NETWORK, IMAGES, radius=RADIUS, search=SEARCH, key=jax.random.key(seed)) for seed in (0, 0, 1)
    )
    jax.tree.map(np.testing.assert_array_equal, one, again)
    is_in_both = np.asarray(one.is_critical & other.is_critical)
    assert is_in_both.any()
    assert (one.critical_point != other.critical_point)[is_in_both].any()


def test_clipped_to_pixels_every_point_lies_in_0_to_1() -> None:
    images = jnp.round(IMAGES)
    free, clipped = (
        jax.device_get(critical_samples(NETWORK, images, radius=0.3, search=search, key=KEY))
        for search in (SEARCH, CLIPPED)
    )
    assert free.critical_point.min() < 0 < 1 < free.critical_point.max()
    assert clipped.critical_point.min() >= 0
    assert clipped.critical_point.max() <= 1
    assert clipped.is_critical.any()


def test_a_constant_classifier_has_no_critical_sample_and_every_budget_is_spent() -> None:
    found = critical_samples(
        lambda images: jnp.zeros((images.shape[0], 3)), IMAGES, radius=0.5, search=LASS(budget=5, restarts=1), key=KEY
    )
    assert found.ratio == 0
    np.testing.assert_array_equal(found.steps, 10)


def test_confidence_does_not_change_what_is_found() -> None:
    """Two classes, all logits times 1,000: every softmax is exactly 0 or 1 then, and its plain gradient 0."""
    classifier, images = linear(2), points(100)
    confident = Linear(1000 * classifier.weight, 1000 * classifier.bias)
    radius = float(np.median(critical_radius(classifier.weight, classifier.bias, images)))
    assert_same(
        critical_samples(confident, images, radius=radius, key=KEY),
        critical_samples(classifier, images, radius=radius, key=KEY),
    )


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 3.0), (0.1, 0.45), (255.0, 0.0), (1e-3, 0.0)])
def test_the_radius_is_in_the_units_of_the_images_and_not_relative_to_their_range(scale: float, shift: float) -> None:
    """The same classifier in other units of images finds the same, except a sample on the edge, due to rounding."""
    classifier, images = linear(2), points(100)
    radius = float(np.median(critical_radius(classifier.weight, classifier.bias, images)))
    weight = classifier.weight / scale
    moved = Linear(weight, classifier.bias - shift * weight.sum(axis=0))
    plain = critical_samples(classifier, images, radius=radius, key=KEY)
    found = critical_samples(moved, scale * images + shift, radius=scale * radius, key=KEY)
    assert 40 <= int(plain.is_critical.sum()) <= 50
    assert abs(int(found.is_critical.sum()) - int(plain.is_critical.sum())) <= 1


@pytest.mark.parametrize("stop", [EachSample(), GlobalStop(1)])
def test_samples_whose_logits_are_not_finite_are_named_and_never_averaged_away(stop: EachSample | GlobalStop) -> None:
    def broken(images: jax.Array) -> jax.Array:
        logits = NETWORK(images)
        return jnp.where(images[:, 0, 0] > 1, jnp.nan, logits)

    images = IMAGES.at[3, 0, 0].set(2.0).at[19, 0, 0].set(5.0)
    search = LASS(budget=4, clip_pixels=False, step_size=1e-3, noise_scale=1e-3, stop=stop)
    found = critical_samples(broken, images, radius=1e-2, search=search, key=KEY)
    np.testing.assert_array_equal(np.flatnonzero(~found.is_finite), [3, 19])
    assert not found.is_critical[jnp.array([3, 19])].any()
    assert np.isnan(found.ratio)
    np.testing.assert_array_equal(found.critical_point[3], images[3])


@pytest.mark.parametrize(("bad", "stop"), [(jnp.inf, EachSample()), (jnp.nan, GlobalStop(1))])
def test_logits_that_stop_to_be_finite_on_the_way_are_named(bad: float, stop: EachSample | GlobalStop) -> None:
    def broken(images: jax.Array) -> jax.Array:
        mean = images.mean(axis=(1, 2, 3))
        return jnp.stack([1.0 - 0.1 * mean, jnp.where(mean > 0.55, bad, 0.0)], axis=1)

    images = jnp.stack([jnp.full((4, 4, 1), level) for level in (0.5, 0.1)])
    search = LASS(budget=4, step_size=0.1, noise_scale=0.0, stop=stop)
    found = critical_samples(broken, images, radius=0.1, search=search, key=KEY)
    np.testing.assert_array_equal(found.is_finite, [False, True])
    assert not found.is_critical.any()


def test_a_sample_found_before_its_logits_stop_to_be_finite_is_critical() -> None:
    """The author's rule continues the search of samples already found; its later steps do not count."""

    def broken_beyond(images: jax.Array) -> jax.Array:
        mean = images.mean(axis=(1, 2, 3))
        return jnp.stack([0.55 - mean, jnp.where(mean > 0.65, jnp.nan, mean - 0.55)], axis=1)

    images = jnp.stack([jnp.full((4, 4, 1), level) for level in (0.5, 0.4, 0.3)])
    for stop in (EachSample(), GlobalStop(1)):
        search = LASS(budget=4, step_size=0.1, noise_scale=0.0, stop=stop)
        found = critical_samples(broken_beyond, images, radius=0.3, search=search, key=KEY)
        np.testing.assert_array_equal(found.is_critical, [True, True, True])
        np.testing.assert_array_equal(found.steps, [1, 2, 3])
        assert found.ratio == 1


def test_a_plain_function_is_searched_like_the_module_it_wraps() -> None:
    jax.tree.map(
        np.testing.assert_array_equal,
        critical_samples(lambda images: NETWORK(images), IMAGES, radius=RADIUS, search=SEARCH, key=KEY),
        critical_samples(NETWORK, IMAGES, radius=RADIUS, search=SEARCH, key=KEY),
    )


def test_new_weights_keys_and_radii_need_no_new_compilation() -> None:
    """Each call traces the network once, without compiling it, to check the shape of its logits."""
    n_traces = 0

    class Counted(eqx.Module):
        inner: Curved

        def __call__(self, images: jax.Array) -> jax.Array:
            nonlocal n_traces
            n_traces += 1
            return self.inner(images)

    critical_samples(Counted(NETWORK), IMAGES, radius=RADIUS, search=SEARCH, key=KEY)
    n_first, n_traces = n_traces, 0
    for seed in (1, 2):
        critical_samples(
            Counted(curved(seed=seed)), IMAGES, radius=0.01 * seed, search=SEARCH, key=jax.random.key(seed)
        )
    assert n_first > 1
    assert n_traces <= 2


def test_numpy_images_of_any_float_type_are_searched() -> None:
    """float64 is searched in float32, so results are equal; float16 images are different images."""
    expected = critical_samples(NETWORK, IMAGES, radius=RADIUS, search=SEARCH, key=KEY)
    for kind in (np.float32, np.float64):
        found = critical_samples(NETWORK, np.asarray(IMAGES, kind), radius=RADIUS, search=SEARCH, key=KEY)
        jax.tree.map(np.testing.assert_array_equal, found, expected)
    half = critical_samples(NETWORK, IMAGES.astype(jnp.float16), radius=RADIUS, search=SEARCH, key=KEY)
    assert half.critical_point.dtype == jnp.float32


def test_the_ratio_is_the_share_of_critical_samples() -> None:
    found = critical_samples(NETWORK, IMAGES, radius=RADIUS, search=SEARCH, key=KEY)
    ratio = critical_sample_ratio(NETWORK, IMAGES, radius=RADIUS, search=SEARCH, key=KEY)
    assert ratio == pytest.approx(np.asarray(found.is_critical).mean())
    assert isinstance(ratio, float)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radius": 0.0}, "`radius` must be a finite number above 0; got 0.0."),
        ({"radius": -0.1}, "`radius` must be a finite number above 0; got -0.1."),
        ({"radius": float("nan")}, "`radius` must be a finite number above 0; got nan."),
        ({"lanes": 0}, "`lanes` must be a whole number of at least 1; got 0."),
        ({"lanes": -3}, "`lanes` must be a whole number of at least 1; got -3."),
        (
            {"inputs": jnp.zeros((5, 4, 4))},
            "`inputs` must be floats with the axes (sample, height, width, channel) of images or (sample, feature) of "
            "vectors, with at least one sample; got float32 of shape (5, 4, 4).",
        ),
        (
            {"inputs": np.zeros((5, 4, 4, 1), np.uint8)},
            "`inputs` must be floats with the axes (sample, height, width, channel) of images or (sample, feature) of "
            "vectors, with at least one sample; got uint8 of shape (5, 4, 4, 1).",
        ),
        (
            {"inputs": jnp.zeros((0, 4, 4, 1))},
            "`inputs` must be floats with the axes (sample, height, width, channel) of images or (sample, feature) of "
            "vectors, with at least one sample; got float32 of shape (0, 4, 4, 1).",
        ),
        (
            {"predict": lambda images: images.mean(axis=(1, 2, 3))},
            "`predict` must return logits of shape (20, class), with at least 2 classes, as floats; got ",
        ),
        (
            {"predict": lambda images: images.mean(axis=(1, 2))},
            "`predict` must return logits of shape (20, class), with at least 2 classes, as floats; got ",
        ),
        (
            {"predict": lambda images: jnp.zeros((3, 2))},
            "`predict` must return logits of shape (20, class), with at least 2 classes, as floats; got ",
        ),
        (
            {"predict": lambda images: (jnp.zeros((20, 2)), images)},
            "`predict` must return logits of shape (20, class), with at least 2 classes, as floats; got ",
        ),
    ],
)
def test_what_cannot_be_searched_is_refused(change: dict[str, Any], message: str) -> None:
    """Call as a user does, without the tests' own checks of shapes, which would raise first."""
    as_called = inspect.unwrap(critical_samples)
    arguments: dict[str, Any] = {"predict": NETWORK, "inputs": IMAGES, "radius": RADIUS, "key": KEY} | change
    with pytest.raises(BadInput, match=f"^{re.escape(message)}"):
        as_called(arguments.pop("predict"), arguments.pop("inputs"), **arguments)


@pytest.mark.parametrize("search", [LASS(40, noise_scale=0.0), LASS(40, noise_scale=0.0, restarts=2, clip_pixels=True)])
def test_a_search_without_noise_that_goes_in_circles_ends_early_and_misses_nothing(search: LASS) -> None:
    found = critical_samples(NETWORK, IMAGES, radius=RADIUS, search=search, key=KEY, lanes=7)
    slow = lass_loop(NETWORK, IMAGES, RADIUS, search, KEY)
    np.testing.assert_array_equal(found.is_critical, slow.is_critical)
    np.testing.assert_allclose(found.critical_point, slow.critical_point, atol=1e-6)
    np.testing.assert_array_equal(found.steps[slow.is_critical], slow.steps[slow.is_critical])
    unfound = np.asarray(found.steps)[~slow.is_critical]
    assert unfound.size > 0
    assert unfound.max() < 40


def test_a_search_with_noise_never_ends_before_its_budget() -> None:
    found = critical_samples(NETWORK, IMAGES, radius=RADIUS, search=LASS(40), key=KEY)
    assert (np.asarray(found.steps)[~np.asarray(found.is_critical)] == 40).all()


@pytest.mark.parametrize("stop", [EachSample(), GlobalStop(1)])
def test_each_sample_is_searched_within_its_own_radius_as_if_all_had_it(stop: EachSample | GlobalStop) -> None:
    """By the author's rule samples stop together, so only found samples agree; with fewer lanes than samples."""
    search = LASS(budget=8, stop=stop)
    radii = np.tile(np.array([0.02, 0.1, 0.3], np.float32), 7)[:20]
    found = critical_samples(NETWORK, IMAGES, radius=radii, search=search, key=KEY, lanes=7)
    assert 0 < found.is_critical.mean() < 1
    for radius in np.unique(radii):
        alone = critical_samples(NETWORK, IMAGES, radius=float(radius), search=search, key=KEY, lanes=7)
        same = radii == radius
        if stop != EachSample():
            same &= np.asarray(found.is_critical & alone.is_critical)
        np.testing.assert_array_equal(found.is_critical[same], alone.is_critical[same])
        np.testing.assert_array_equal(found.steps[same], alone.steps[same])
        np.testing.assert_allclose(found.critical_point[same], alone.critical_point[same], atol=1e-6)


@pytest.mark.parametrize("stop", [EachSample(), GlobalStop(1)])
def test_masked_classes_are_never_predicted_and_the_search_goes_among_the_others(stop: EachSample | GlobalStop) -> None:
    """With logits of minus infinity for two of five classes, results are those of the other three classes."""
    search, network = LASS(budget=8, stop=stop), curved(3)

    def masked(images: jax.Array) -> jax.Array:
        nowhere = jnp.full((len(images), 2), -jnp.inf)
        return jnp.concatenate([nowhere, network(images)], axis=1)

    found = critical_samples(masked, IMAGES, radius=RADIUS, search=search, key=KEY)
    assert found.is_finite.all()
    assert 0 < found.ratio < 1
    assert_same(found, critical_samples(network, IMAGES, radius=RADIUS, search=search, key=KEY))


def test_a_sample_all_of_whose_classes_but_one_are_masked_is_not_critical_and_one_without_any_is_not_finite() -> None:
    def masked(images: jax.Array) -> jax.Array:
        mean = images.mean(axis=(1, 2, 3), keepdims=True)[..., 0, 0]
        logits = jnp.where(jnp.array([[False, True, True]]), -jnp.inf, NETWORK(images))
        return jnp.where(mean > 2, -jnp.inf, logits)

    images = IMAGES.at[5].set(3.0)
    found = critical_samples(masked, images, radius=RADIUS, search=SEARCH, key=KEY)
    assert not found.is_critical.any()
    np.testing.assert_array_equal(np.flatnonzero(~found.is_finite), [5])


def test_the_ratio_as_a_number_is_refused_where_there_is_none_and_the_samples_are_named() -> None:
    def broken(images: jax.Array) -> jax.Array:
        return jnp.where(images[:, 0, 0] > 1, jnp.nan, NETWORK(images))

    images = IMAGES.at[3, 0, 0].set(2.0).at[19, 0, 0].set(5.0)
    with pytest.raises(BadInput, match=r"`predict` must return finite logits .* for 2 of 20 samples \(3, 19\)\."):
        critical_sample_ratio(broken, images, radius=1e-3, search=SEARCH, key=KEY)

"""Keys: one key per purpose, independent of earlier draws."""

import inspect

import jax
import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.keys import key_for, one_key, subkey


def bits(key: jax.Array) -> tuple[int, ...]:
    return tuple(np.asarray(jax.random.key_data(key)).tolist())


def test_keys_of_other_purposes_and_seeds_all_differ() -> None:
    keys = {
        bits(key_for(purpose, seed)) for purpose in ("shuffling", "initialization", "measuring") for seed in range(50)
    }
    assert len(keys) == 150


def test_a_traced_seed_gives_the_key_of_the_same_number() -> None:
    traced = jax.jit(lambda seed: key_for("shuffling", seed))(7)
    assert bits(traced) == bits(key_for("shuffling", 7))


def test_keys_made_by_vmap_equal_those_made_one_by_one() -> None:
    together = jax.vmap(lambda seed: key_for("shuffling", seed))(np.arange(5))
    assert [bits(key) for key in together] == [bits(key_for("shuffling", seed)) for seed in range(5)]


@pytest.mark.parametrize(
    ("purpose", "expected"), [("shuffling", (3920706846, 3894078933)), ("é", (2018658562, 1890908457))]
)
def test_keys_stay_what_they_are_from_release_to_release(purpose: str, expected: tuple[int, int]) -> None:
    assert bits(key_for(purpose, 3)) == expected


def test_a_subkey_depends_on_its_parent_and_its_purpose() -> None:
    parents = [jax.random.key(seed) for seed in range(10)]
    assert len({bits(subkey(parent, purpose)) for parent in parents for purpose in ("a", "b", "ab", "ba")}) == 40


def test_a_key_of_the_old_kind_is_taken_as_the_key_of_the_same_numbers() -> None:
    key = jax.random.key(3)
    assert one_key(key) is key
    for old in (jax.random.PRNGKey(3), np.asarray(jax.random.PRNGKey(3))):
        assert bits(one_key(old)) == bits(key)
    assert bits(jax.jit(lambda key: one_key(key))(jax.random.PRNGKey(3))) == bits(key)


@pytest.mark.parametrize(
    ("given", "came"),
    [
        (0, "0"),
        (None, "None"),
        (np.zeros(2), "an array of float64 with shape (2,)"),
        (np.zeros(3, np.uint32), "an array of uint32 with shape (3,)"),
        (jax.random.split(jax.random.key(0), 5), "an array of key<fry> with shape (5,)"),
        (jax.random.split(jax.random.PRNGKey(0), 5), "an array of uint32 with shape (5, 2)"),
    ],
)
def test_what_is_not_one_key_is_refused(given: object, came: str) -> None:
    with pytest.raises(BadInput) as raised:
        one_key(given, "noise_key")
    assert str(raised.value) == f"`noise_key` must be one key, such as `jax.random.key(0)`; got {came}."


@pytest.mark.parametrize("seed", [-1, 2**31, 2**32, 0.5, None])
def test_a_seed_that_jax_would_cut_off_or_that_is_none_makes_no_key(seed: object) -> None:
    with pytest.raises(BadInput, match="`seed` must be "):
        inspect.unwrap(key_for)("shuffling", seed)

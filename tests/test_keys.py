"""Keys: one purpose, one key, whatever else was drawn before."""

import jax
import numpy as np
import pytest

from byheart.keys import key_for, subkey


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

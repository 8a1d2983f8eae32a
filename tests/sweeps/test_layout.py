"""Layouts: members are distributed over devices, and each gets the result that it gets alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.sweeps.layout import Layout


def test_two_devices_are_in_use() -> None:
    doubled = Layout().over_members(lambda member, shared: 2 * member + shared)(jnp.arange(4.0), jnp.array(1.0))
    assert len(doubled.sharding.device_set) == jax.local_device_count() == 2
    np.testing.assert_array_equal(doubled, [1, 3, 5, 7])


@pytest.mark.parametrize("n_devices", [1, 2])
@pytest.mark.parametrize("at_once", [None, 1, 2, 3, 8])
def test_results_come_in_the_order_of_the_members(n_devices: int, at_once: int | None) -> None:
    layout = Layout(n_devices, at_once)

    def of_one(member: dict[str, jax.Array], shared: jax.Array) -> tuple[jax.Array, jax.Array]:
        assert member["x"].shape == (3,)
        return member["x"] @ shared, member["i"]

    members = {"x": jnp.arange(30.0).reshape(10, 3), "i": jnp.arange(10)}
    products, indices = layout.over_members(of_one)(members, layout.replicated(jnp.array([1.0, 10.0, 100.0])))
    np.testing.assert_array_equal(indices, np.arange(10))
    np.testing.assert_array_equal(products, np.arange(30.0).reshape(10, 3) @ [1, 10, 100])


def test_members_may_be_several_arrays_and_only_what_is_given_away_is_lost() -> None:
    program = Layout().over_members(lambda given, kept, shared: given + kept * shared, donate=(0,))
    given, kept = Layout().spread(jnp.arange(4.0)), Layout().spread(jnp.ones(4))
    np.testing.assert_array_equal(program(given, kept, jnp.array(2.0)), [2, 3, 4, 5])
    assert given.is_deleted()
    assert not kept.is_deleted()


@pytest.mark.parametrize(("n_members", "one", "two"), [(1, 1, 2), (2, 2, 2), (5, 5, 6), (6, 6, 6)])
def test_members_are_rounded_up_to_a_multiple_of_the_devices(n_members: int, one: int, two: int) -> None:
    assert (Layout(1).padded(n_members), Layout(2).padded(n_members)) == (one, two)


def test_on_a_cpu_members_train_one_after_the_other_unless_said() -> None:
    assert Layout().members_at_once(7) == 1
    assert Layout(at_once=4).members_at_once(7) == 4
    assert Layout(at_once=4).members_at_once(3) == 3


def test_replicated_arrays_lie_on_every_device() -> None:
    array = Layout().replicated({"x": jnp.ones(3)})["x"]
    assert array.sharding.is_fully_replicated
    assert len(array.sharding.device_set) == 2


@pytest.mark.parametrize("name", ["n_devices", "at_once"])
def test_no_device_and_no_member_at_once_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match=rf"`{name}` must be a whole number of at least 1; got 0."):
        Layout(**{name: 0})


def test_more_devices_than_there_are_are_refused() -> None:
    with pytest.raises(BadInput, match=r"`n_devices` must be at most the number of local devices, 2; got 3."):
        Layout(n_devices=3)

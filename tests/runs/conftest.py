"""Results of an undisturbed run, to compare with those of killed runs."""

import pytest
from killable_runs import CHUNKS, begun
from tiny_runs import ended, numbers, start


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return environment variables with which killed runs share compiled programs among themselves alone.

    A process that is killed while it writes leaves half an entry.
    """
    return {"JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("compiled"))}


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, compiled: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return the numbers of an undisturbed run on this machine."""
    directory = tmp_path_factory.mktemp("undisturbed")
    status, out, _ = ended(start(*begun(directory), env=compiled))
    assert status == 0
    assert out.rstrip().endswith(f"report: {directory / 'report.html'}")
    found = numbers(directory)
    assert len(found) == CHUNKS
    return found

"""What an undisturbed run gives, beside which runs that were killed are held."""

import pytest
from killable_runs import CHUNKS, begun
from tiny_runs import ended, numbers, start


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment in which JAX keeps compiled programs: the undisturbed run compiles, the others find what they need and start sooner."""
    folder = str(tmp_path_factory.mktemp("compiled"))
    return {"JAX_COMPILATION_CACHE_DIR": folder, "JAX_PERSISTENT_COMPILATION_CACHE_MIN_COMPILE_TIME_SECS": "0"}


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, compiled: dict[str, str]) -> dict[str, dict[str, str]]:
    """The numbers of a run that nothing disturbed, on this machine."""
    directory = tmp_path_factory.mktemp("undisturbed")
    status, out, _ = ended(start(*begun(directory), env=compiled))
    assert status == 0
    assert out.rstrip().endswith(f"report: {directory / 'report.html'}")
    found = numbers(directory)
    assert len(found) == CHUNKS
    return found

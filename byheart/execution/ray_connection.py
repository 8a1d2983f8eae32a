"""Import of Ray on first use, and this process's connection to a cluster."""

import contextlib
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

from byheart import checks
from byheart.cores import available_cores

SECONDS_TO_CONNECT = 30.0
"""Timeout after which a cluster counts as absent; Ray itself waits for many minutes."""
QUIET: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}


def loaded() -> Any:
    """Return the module `ray`.

    Raises:
        BadInput: Ray is not installed.
    """
    try:
        import ray
        import ray.util.queue
        import ray.util.scheduling_strategies
    except ImportError:
        raise checks.BadInput('Ray is not installed; run `pip install "byheart[ray]"`.') from None
    return ray


@contextlib.contextmanager
def connected(address: str | None) -> Iterator[Any]:
    """Connect to a cluster and yield the module `ray`; disconnect at the end.

    A process that is already connected stays connected.

    Args:
        address: of the cluster's head; None starts Ray on this machine.

    Raises:
        BadInput: there is no cluster at `address`.
    """
    ray = loaded()
    if ray.is_initialized():
        yield ray
        return
    with _quiet_start():
        if address is None:
            ray.init("local", num_cpus=available_cores(), include_dashboard=False, **QUIET)
        else:
            _check_answers(address)
            ray.init(address, **QUIET)
    try:
        yield ray
    finally:
        ray.shutdown()


def _check_answers(address: str) -> None:
    """Check that a cluster answers, in a subprocess: a failing attempt takes many minutes and cannot be stopped."""
    words = [sys.executable, "-c", f"import sys, ray; ray.init(sys.argv[1], **{QUIET})", address]
    try:
        done = subprocess.run(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=SECONDS_TO_CONNECT, check=False
        )
    except subprocess.TimeoutExpired:
        raise checks.BadInput(f"No Ray cluster answers at {address} within {SECONDS_TO_CONNECT:g} s.") from None
    if done.returncode != 0:
        if "InvalidAuthToken" in done.stderr:
            raise checks.BadInput(f"The Ray cluster at {address} asks for its token; set RAY_AUTH_MODE=token.")
        why = " ".join(done.stderr.rpartition("Error: ")[2].split())
        raise checks.BadInput(f"There is no Ray cluster at {address}: {why}")


@contextlib.contextmanager
def _quiet_start() -> Iterator[None]:
    """Restore our SIGTERM handler, which `ray.init` replaces, and silence its warning about os.fork.

    The fork is harmless here, since it calls exec at once.
    """
    before = signal.getsignal(signal.SIGTERM)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"os\.fork\(\) was called", RuntimeWarning)
            yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)

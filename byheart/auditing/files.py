"""The files of an audit: its page, tables, probabilities, scores and the summary. Each is complete or absent."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from byheart import checks
from byheart.auditing.result import Audit
from byheart.auditing.stages import PreparedAudit, settings_as_text
from byheart.results import atomic_write
from byheart.results.store import netcdf_bytes

SUMMARY, EXAMPLES, PROBABILITIES, SCORES = "audit.json", "examples", "held_out_probabilities.npy", "audit.nc"
PAGE = "report.html"


def check_is_same_audit(directory: Path, prepared: PreparedAudit) -> None:
    """Raise `BadInput` if the directory holds a finished audit of other data or with other settings.

    `plant` may differ: a check can be added to a finished audit.
    """
    path = directory / SUMMARY
    if not path.exists():
        return
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        data, settings = stored["data_fingerprint"], dict(stored["settings"])
    except (OSError, ValueError, KeyError, TypeError):
        raise checks.BadInput(f"{path} is not the summary of an audit. Choose another folder.") from None
    wanted = settings_as_text(prepared.settings)
    changed = [name for name in wanted if name != "plant" and settings.get(name) != wanted[name]]
    if data != prepared.examples.dataset.fingerprint:
        raise checks.BadInput(f"{directory} holds the audit of other data. Choose another folder.")
    if changed:
        name = changed[0]
        raise checks.BadInput(
            f"{directory} holds an audit with other settings: `{name}` is {settings.get(name)} there, and now "
            f"{wanted[name]}. Choose another folder."
        )


def write_files(result: Audit, directory: Path) -> list[str]:
    """Write the files of an audit into `directory`, the summary last; return their names.

    examples.parquet is written if pyarrow is installed.

    Raises:
        WriteError: a file cannot be written.
    """
    from byheart.auditing.page import page  # Draws, so that it imports matplotlib.

    table = result.examples

    def save_probabilities(path: Path) -> None:
        with path.open("wb") as file:
            np.save(file, result.held_out_probabilities, allow_pickle=False)

    whole = {**result.summary, "power": {**result.summary["power"], "lists": result.power.to_dict("records")}}
    text = json.dumps(_plain(whole), indent=1, ensure_ascii=False, allow_nan=False)
    fill: dict[str, Callable[[Path], object]] = {
        f"{EXAMPLES}.csv": lambda path: table.to_csv(path, index=False, lineterminator="\n"),
        PROBABILITIES: save_probabilities,
        SCORES: lambda path: path.write_bytes(netcdf_bytes(_with_judgments(result))),
        PAGE: lambda path: path.write_text(page(result, directory), encoding="utf-8", errors="backslashreplace"),
        SUMMARY: lambda path: path.write_text(f"{text}\n", encoding="utf-8", errors="backslashreplace"),
    }
    if importlib.util.find_spec("pyarrow"):
        fill = {f"{EXAMPLES}.parquet": lambda path: table.to_parquet(path, index=False), **fill}
    for name, fill_one in fill.items():
        atomic_write.write(directory / name, fill_one)
    return list(fill)


def _with_judgments(result: Audit) -> xr.Dataset:
    """Return all scores, with suspicion, verdicts and parts, in the order of the source."""
    table = result.examples.sort_values("row")
    numbers = {
        name: ("example", table[name].to_numpy())
        for name in ("suspicion", "wrong_probability", "rank", "networks_to_decide")
    }
    texts = {name: ("example", table[name].to_numpy().astype(str).astype(object)) for name in ("verdict", "part")}
    return result.scores.assign(numbers).assign(texts).assign_coords(id=("example", table["id"].to_numpy()))


def _plain(value: Any) -> Any:
    """Return a value of the summary for JSON: numbers of Python, and None for NaN."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    number = checks.python_number(value)
    if isinstance(number, float) and not np.isfinite(number):
        return None
    return value if number is None else number

"""experiment.json: writing, reading, resuming with more seeds, and refusing other experiments."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import tiny

from byheart.checks import BadInput
from byheart.critical.lass import LASS, GlobalStop
from byheart.critical.radius import Pixels
from byheart.data.loading.load import load
from byheart.experiments.data_summary import DataSummary
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.runs.record import FILE, FORMAT, Part, Record, _facts, environment
from byheart.training.optimizers import SGD

DIRECTORY = Path("somewhere")


def record(name: str = "patterns-first", **settings: Any) -> Record:
    split = load("digits")
    part = Part(tiny(name, split, **settings), "fingerprint", (4,))
    return Record("digits", DataSummary.of(split), "tiny", (part,), environment())


@pytest.mark.parametrize("name", ["patterns-first", "critical-samples"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {
            "architecture": CNN((2, 3), (4,), crop=0, kernel=2, pool=2),
            "optimizer": SGD(0.1, momentum=0.9, halve_every=2),
        },
        {"search": LASS(budget=7, step_size=1e-3, clip_pixels=True, stop=GlobalStop(3)), "radius": Pixels(1 / 3)},
    ],
)
def test_a_record_is_the_same_after_it_is_written_and_read(tmp_path: Path, name: str, settings: dict[str, Any]) -> None:
    written = record(name, **settings)
    written.write(tmp_path)
    assert Record.read(tmp_path / FILE) == written


def test_a_record_says_its_format_and_where_the_experiment_is_found() -> None:
    content = record().as_json()
    assert content["format"] == FORMAT
    assert content["experiments"][0]["class"] == "byheart.paper.catalog:PatternsFirst"


OLD = {
    "data": "digits",
    "facts": {"name": "digits", "input_shape": [8, 8, 1], "n_training": 1437, "n_validation": 360, "cautions": []},
    "scale": "tiny",
    "experiments": [
        {
            "name": "critical-samples",
            "settings": {"n_training": "100", "seeds": "2", "architecture": "MLP(widths=(8,))"},
            "fingerprint": "0123456789abcdef",
            "chunk_sizes": [6],
        }
    ],
    "made_with": {"byheart": "0.1.0", "python": "3.11.7", "jax": "0.10.2"},
}
"""A record as byheart 0.1.0 wrote it: without a format."""


@pytest.mark.parametrize(("changes", "writer"), [({}, "0.1.0 in format 1"), ({"format": 9}, "0.1.0 in format 9")])
def test_a_record_of_another_format_is_refused_and_told_what_to_do(
    tmp_path: Path, changes: dict[str, int], writer: str
) -> None:
    (tmp_path / FILE).write_text(json.dumps(OLD | changes))
    with pytest.raises(BadInput) as raised:
        Record.read(tmp_path / FILE)
    told = str(raised.value)
    assert f"{FILE} was written by byheart {writer}, in which" in told
    assert "settings have other names" in told
    assert told.endswith("Repeat the run with another --out, or read it with the version that wrote it.")


def test_a_record_of_an_experiment_whose_module_is_gone_says_where_to_start(tmp_path: Path) -> None:
    content = record().as_json()
    content["experiments"][0]["class"] = "my_lost_module:Mine"
    (tmp_path / FILE).write_text(json.dumps(content))
    with pytest.raises(BadInput) as raised:
        Record.read(tmp_path / FILE)
    told = str(raised.value)
    assert "its experiment my_lost_module:Mine cannot be found. There is no module 'my_lost_module'" in told
    assert told.endswith("Start byheart in the folder that holds my_lost_module.py, or put that folder on PYTHONPATH.")


@pytest.mark.parametrize("reference", ["math:tau", "byheart.runs.record:Record", "byheart.experiments:Experiment"])
def test_a_record_of_what_is_no_experiment_is_bad_input(tmp_path: Path, reference: str) -> None:
    content = record().as_json()
    content["experiments"][0]["class"] = reference
    (tmp_path / FILE).write_text(json.dumps(content))
    with pytest.raises(BadInput, match="must"):
        Record.read(tmp_path / FILE)


def test_a_record_says_what_made_it() -> None:
    assert {"byheart", "python", "jax", "numpy", "devices", "platform"} == set(record().made_with)


def test_settings_stand_in_the_file_as_text_that_can_be_pasted_back(tmp_path: Path) -> None:
    record().write(tmp_path)
    settings = json.loads((tmp_path / FILE).read_text())["experiments"][0]["settings"]
    assert eval(settings["architecture"], {"MLP": MLP}) == MLP((8,))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        "null",
        '{"facts": 3}',
        '{"facts": {"input_shape": [8, 8, 1]}}',
        "\x00\xff",
    ],
)
def test_a_file_that_is_no_record_is_bad_input(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="latin-1")
    with pytest.raises(BadInput, match="is not a record of a run that this version can read"):
        Record.read(tmp_path / FILE)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("name", "patterns-last"),
        ("class", None),
        ("class", "patterns-first"),
        ("settings", {"epochs": "3"}),
        ("settings", []),
        ("settings", {"architecture": "__import__('os').getcwd()"}),
        ("settings", {"unknown": "3"}),
    ],
)
def test_a_record_with_a_part_that_cannot_be_is_bad_input(tmp_path: Path, place: str, value: object) -> None:
    content = record().as_json()
    content["experiments"][0][place] = value
    (tmp_path / FILE).write_text(json.dumps(content))
    with pytest.raises(BadInput, match="is not a record"):
        Record.read(tmp_path / FILE)


def test_a_record_keeps_the_cautions_about_its_data_and_how_they_were_read(tmp_path: Path) -> None:
    content = record().as_json()
    content["facts"] |= {"cautions": ["dark"], "notes": ["Skipped: 1 hidden file."], "folder": "/data/pets"}
    content["reading"] = {"size": 28}
    (tmp_path / FILE).write_text(json.dumps(content))
    read = Record.read(tmp_path / FILE)
    assert (read.facts.cautions, read.facts.notes) == (("dark",), ("Skipped: 1 hidden file.",))
    assert read.facts.folder == "/data/pets"
    assert (read.reading, read.as_json()["reading"]) == ({"size": 28}, {"size": 28})


def test_a_record_without_options_and_notes_is_read() -> None:
    """Records of byheart 0.1.0 before data had options, in the same format."""
    content = json.loads(json.dumps(record().as_json()))
    assert "reading" not in content
    del content["facts"]["notes"], content["facts"]["folder"]
    assert _facts(content["facts"]) == record().facts


@pytest.mark.parametrize("fault", [AttributeError, KeyError, TypeError])
def test_a_fault_of_byheart_is_not_put_down_to_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    def broken(*arguments: object) -> None:
        raise fault("of our own")

    (tmp_path / FILE).write_text(json.dumps(record().as_json()))
    monkeypatch.setattr("byheart.literals.parse", broken)
    with pytest.raises(fault, match="of our own"):
        Record.read(tmp_path / FILE)


def test_without_a_record_the_message_says_who_writes_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no .*experiment\.json; `byheart run` writes it\."):
        Record.read(tmp_path / FILE)


@pytest.mark.parametrize("seeds", [2, 3, 7])
def test_a_run_goes_on_with_as_many_seeds_or_more_in_chunks_as_before(seeds: int) -> None:
    earlier, now = record(), record(seeds=seeds)
    now = dataclasses.replace(now, parts=(dataclasses.replace(now.parts[0], chunk_sizes=(9,)),))
    continued = now.continued(earlier, DIRECTORY)
    assert continued.parts[0].experiment.seeds == seeds
    assert continued.parts[0].chunk_sizes == earlier.parts[0].chunk_sizes == (4,)


@pytest.mark.parametrize(
    ("settings", "difference"),
    [
        ({"seeds": 1}, "seeds 2, not 1"),
        ({"seed_base": 1}, "seed_base 0, not 1"),
        ({"epochs": 3}, "epochs 2, not 3"),
        ({"noise_levels": (0.0, 0.5)}, r"noise_levels \(0.0, 0.4\), not \(0.0, 0.5\)"),
        ({"architecture": MLP((9,))}, r"architecture MLP\(widths=\(8,\)\), not MLP\(widths=\(9,\)\)"),
        ({"radius": Pixels(10.5)}, r"radius Pixels\(value=10.0\), not Pixels\(value=10.5\)"),
    ],
)
def test_another_setting_is_refused_and_named(settings: dict[str, Any], difference: str) -> None:
    message = f"somewhere holds another experiment: {difference}. Choose another --out, or the same settings."
    with pytest.raises(BadInput, match=message):
        record(**settings).continued(record(), DIRECTORY)


def test_all_differences_are_named() -> None:
    other = dataclasses.replace(record(epochs=3, noise_seed=5), scale="laptop")
    with pytest.raises(BadInput, match="scale tiny, not laptop; noise_seed 0, not 5; epochs 2, not 3"):
        other.continued(record(), DIRECTORY)


def test_other_data_is_refused() -> None:
    other = record()
    other = dataclasses.replace(other, parts=(dataclasses.replace(other.parts[0], fingerprint="changed"),))
    with pytest.raises(BadInput, match="the data of patterns-first are not the same"):
        other.continued(record(), DIRECTORY)


def test_other_experiments_are_refused() -> None:
    one, both = record(), record()
    both = dataclasses.replace(both, parts=(*both.parts, *record("critical-samples").parts))
    with pytest.raises(BadInput, match="it ran patterns-first, not patterns-first critical-samples"):
        both.continued(one, DIRECTORY)
    with pytest.raises(BadInput, match="it ran patterns-first critical-samples, not patterns-first"):
        one.continued(both, DIRECTORY)


def test_versions_and_machine_are_not_compared() -> None:
    later = dataclasses.replace(record(), made_with={"byheart": "9.9"})
    assert later.continued(record(), DIRECTORY).made_with == {"byheart": "9.9"}


def test_a_later_setting_is_written_only_where_it_is_used_and_need_not_be_there(tmp_path: Path) -> None:
    for bracket in (False, True):
        record(bracket=bracket).write(tmp_path)
        settings = json.loads((tmp_path / FILE).read_text())["experiments"][0]["settings"]
        assert settings.get("bracket") == ("True" if bracket else None)
        assert Record.read(tmp_path / FILE) == record(bracket=bracket)

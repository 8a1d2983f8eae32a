"""Imports point one way, the core has no side effects, and files are short and have a docstring."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import byheart

ROOT = Path(byheart.__file__).parent
PAGE = ROOT.parent / "docs" / "architecture.md"
FILES = sorted(ROOT.rglob("*.py"))
PUBLIC = ROOT / "__init__.pyi"
"""The table of the public names, which are imported when they are first used."""
EVERY_FILE = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))

BASE = {
    *(
        "array_checks",
        "checks",
        "inputs",
        "jax_settings",
        "keys",
        "literals",
        "progress_bar",
        "protocols",
        "references",
    ),
}
CORE = {"data", "networks", "statistics", "sweeps", "critical", "training", "measures", "populations"}
MAY_IMPORT: dict[str, set[str]] = {
    "checks": set(),
    "array_checks": {"checks"},
    "inputs": {"checks"},
    "jax_settings": {"checks"},
    "keys": {"checks"},
    "cores": {"checks"},
    "program_cache": set(),
    "progress_bar": set(),
    "protocols": set(),
    "references": {"checks"},
    "literals": {"checks", "protocols", "references"},
    "statistics": BASE,
    "networks": BASE,
    "data": BASE,
    "results": BASE,
    "sweeps": {*BASE, "data"},
    "critical": {*BASE, "statistics", "networks"},
    "torch_bridge": {*BASE, "networks"},
    "drawing": {*BASE, "statistics", "results"},
    "pages": {*BASE, "drawing"},
    "training": {*BASE, "data", "networks", "sweeps"},
    "measures": {*BASE, "data", "networks", "sweeps", "critical"},
    "populations": {*BASE, "statistics", "data", "networks", "sweeps", "training", "measures"},
    "unrolling": {*BASE, "data", "networks", "sweeps", "training"},
    "regularizers": {*BASE, "networks", "critical", "training"},
    "experiments": {
        *BASE,
        *("literals", "statistics", "data", "networks", "results", "sweeps", "critical", "drawing", "training"),
        "unrolling",
    },
    "execution": {*BASE, "cores", "program_cache", "data", "results", "sweeps"},
    "paper": {
        *BASE,
        *("statistics", "data", "networks", "results", "sweeps", "critical", "drawing", "training", "measures"),
        *("populations", "unrolling", "regularizers", "experiments"),
    },
    "later": {
        *BASE,
        *("statistics", "data", "networks", "sweeps", "critical", "drawing", "training", "measures", "populations"),
        "experiments",
    },
    "runs": {*BASE, "statistics", "data", "results", "sweeps", "experiments", "execution"},
    "report": {*BASE, "statistics", "results", "drawing", "pages", "experiments", "runs"},
    "reproduction": {
        *BASE,
        *("data", "results", "sweeps", "drawing", "experiments", "execution", "paper", "runs", "report"),
    },
    "dynamics": {*BASE, "statistics", "data", "results", "drawing", "pages", "report"},
    "auditing": {
        *BASE,
        *("statistics", "data", "networks", "results", "sweeps", "drawing", "pages", "training", "measures"),
        *("populations", "execution"),
    },
    "comparison": {
        *BASE,
        *("statistics", "results", "critical", "drawing", "experiments", "runs", "report", "reproduction"),
    },
    "cli": {
        *BASE,
        *("cores", "program_cache", "data", "results", "sweeps", "experiments", "execution", "paper", "later", "runs"),
        *("report", "reproduction", "comparison", "auditing", "dynamics", "pages", "torch_bridge"),
    },
    "__main__": {"cli"},
    "__init__": {
        *BASE,
        *("cores", "program_cache", "statistics", "data", "networks", "sweeps", "critical", "training", "measures"),
        *("populations", "unrolling", "regularizers", "experiments", "auditing", "dynamics", "torch_bridge"),
    },
}
"""The packages or files that each one directly below `byheart` may import, besides itself."""

OUTSIDE_THE_CORE = {"matplotlib", "rich", "jinja2", "tyro", "filelock", "h5netcdf", "h5py", "tqdm"}
TOUCHES_THE_WORLD = {
    "io",
    "logging",
    "os",
    "pathlib",
    "pickle",
    "random",
    "shutil",
    "subprocess",
    "sys",
    "tempfile",
    "time",
}
READS_FILES = set((ROOT / "data" / "loading").rglob("*.py"))


def place(file: Path) -> str:
    """Return the package or file directly below `byheart`."""
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(file: Path) -> Iterator[str]:
    """Yield the full names of all modules that `file` imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == (file == PUBLIC)
            assert node.module is not None
            if node.level:
                yield f"byheart.{node.module}"
                continue
            yield from [f"byheart.{alias.name}" for alias in node.names] if node.module == "byheart" else [node.module]


def test_the_table_of_who_may_know_whom_is_complete_and_has_no_circle() -> None:
    places = {place(file) for file in FILES}
    assert places == set(MAY_IMPORT)
    ranked: set[str] = set()
    while ranked != places:
        next_up = {name for name in places - ranked if MAY_IMPORT[name] <= ranked}
        assert next_up, f"a circle among {sorted(places - ranked)}"
        ranked |= next_up


@pytest.mark.skipif(not PAGE.exists(), reason="there are no pages")
def test_the_page_on_architecture_has_the_same_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    said = {room: set(re.findall(r"`(\w+)`", known)) | (BASE if "base" in known else set()) for room, known in rows}
    assert said == MAY_IMPORT


@EVERY_FILE
def test_imports_point_one_way(file: Path) -> None:
    known = {name.split(".")[1] for name in imports_of(file) if name.startswith("byheart.")}
    assert known <= MAY_IMPORT[place(file)] | {place(file)}


@EVERY_FILE
def test_the_package_itself_is_imported_only_for_its_version(file: Path) -> None:
    """`import byheart` imports everything public; modules below it may only use the version."""
    if "byheart" not in set(imports_of(file)):
        return
    assert place(file) not in CORE
    taken = {
        node.attr
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "byheart"
    }
    assert taken == {"__version__"}


@pytest.mark.parametrize(
    "file", [file for file in FILES if place(file) in CORE], ids=lambda file: f"{place(file)}/{file.name}"
)
def test_the_core_draws_nothing_and_touches_neither_disk_nor_clock(file: Path) -> None:
    known = {name.split(".")[0] for name in imports_of(file)}
    assert not known & OUTSIDE_THE_CORE
    if file in READS_FILES:
        return
    assert not known & TOUCHES_THE_WORLD
    called = {
        node.func.id
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"open", "print", "input", "exec", "eval"}


MACHINERY = {"experiments", "execution", "runs", "report"}
OF_THE_PAPER = re.compile(r"\b[Pp]aper\b|Arpit|(?:experiment|claim|cls|self)\.figure\b|[Dd]eparture")


@pytest.mark.parametrize(
    "file", [file for file in FILES if place(file) in MACHINERY], ids=lambda file: f"{place(file)}/{file.name}"
)
def test_the_machinery_knows_nothing_of_the_paper(file: Path) -> None:
    known = {name for name in imports_of(file) if name.startswith("byheart.paper")}
    assert not known
    assert not OF_THE_PAPER.search(file.read_text(encoding="utf-8").replace("byheart.paper", ""))


def test_the_pages_of_any_run_name_no_paper() -> None:
    for file in (ROOT / "report" / "templates").glob("*.html"):
        assert not OF_THE_PAPER.search(file.read_text(encoding="utf-8"))


def test_the_executors_and_the_protocol_of_sweeps_know_no_jax_layout() -> None:
    for file in FILES:
        if place(file) in {"execution", "runs"} or file.name == "protocol.py":
            assert not any(name.startswith("byheart.sweeps.layout") for name in imports_of(file))


def test_training_knows_no_measure_and_measures_know_no_training() -> None:
    for one, other in (("training", "measures"), ("measures", "training")):
        assert not [
            file
            for file in FILES
            if place(file) == one and any(name.startswith(f"byheart.{other}") for name in imports_of(file))
        ]


@EVERY_FILE
def test_a_file_is_short_and_opens_with_what_it_is(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 320
    assert ast.get_docstring(ast.parse(text))


def test_public_names_are_listed_in_order_and_exist() -> None:
    table = ast.parse(PUBLIC.read_text(encoding="utf-8"))
    imported = {alias.name for node in table.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    (listed,) = [ast.literal_eval(node.value) for node in table.body if isinstance(node, ast.Assign)]
    assert listed == sorted(listed, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    assert set(listed) == imported
    assert set(byheart.__all__) == set(dir(byheart)) == set(listed)
    assert all(getattr(byheart, name) is not None for name in listed)


def test_the_public_names_are_of_rooms_that_may_be_imported() -> None:
    known = {name.split(".")[1] for name in imports_of(PUBLIC)}
    assert known <= MAY_IMPORT["__init__"]


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        byheart.nonsense  # noqa: B018


def test_the_names_for_experiments_of_ones_own_exist() -> None:
    import byheart.experiments as package

    assert "Claim" in package.__all__
    assert package.__all__ == dir(package)
    assert all(getattr(package, name) is not None for name in package.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        package.nonsense  # noqa: B018


def test_torch_is_known_to_two_rooms_and_loaded_only_when_it_is_used() -> None:
    know_torch = {place(file) for file in FILES if any(name.split(".")[0] == "torch" for name in imports_of(file))}
    assert know_torch == {"torch_bridge", "critical"}
    script = "import sys, byheart as bh; bh.from_torch, bh.TorchModule; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_ray_is_known_in_one_place_and_loaded_only_when_it_is_used() -> None:
    know_ray = {file.name for file in FILES if any(name.split(".")[0] == "ray" for name in imports_of(file))}
    assert know_ray == {"ray_connection.py"}
    done = subprocess.run(
        [sys.executable, "-c", "import sys, byheart.cli.main; sys.exit('ray' in sys.modules)"], check=False
    )
    assert done.returncode == 0

"""The page of a log: what it shows with and without examples and logits, and in a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser import opened
from html_validator import findings
from made_logs import N_WRONG, made_log
from worlds import blobs

import byheart as bh
from byheart.data.legend import Legend
from byheart.dynamics.page import EXAMPLES, PAGE, examples_of, write_page

SPLIT = blobs(40, 10)
DATA = SPLIT.training
WHOLE = bh.Dataset(
    np.concatenate([DATA.inputs, SPLIT.validation.inputs]), np.concatenate([DATA.labels, SPLIT.validation.labels])
)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a page with pictures and learning curves."""
    folder = tmp_path_factory.mktemp("log")
    write_page(made_log(DATA.labels, 2, folder / "logits.npy"), folder, "blobs", DATA)
    return folder


def test_it_shows_suspects_curves_and_all_scores_in_a_file(full: Path) -> None:
    page = (full / PAGE).read_text(encoding="utf-8")
    assert page.count("data:image/png;base64") == 40
    assert page.count("(predicted ") == N_WRONG
    assert "The 8 most suspect" in page
    assert "http" not in page
    assert "Without" in page
    assert "held-out evidence" in page
    table = pd.read_csv(full / EXAMPLES)
    assert set(table.row[:N_WRONG]) == set(range(N_WRONG))
    assert table["rank"].tolist() == list(range(1, 41))
    assert np.isinf(table.epochs_to_learn[:N_WRONG]).all()
    assert pd.read_csv(full / "curves" / "dynamics.csv").panel.nunique() == 2


def test_without_examples_and_logits_it_says_how_to_see_them(tmp_path: Path) -> None:
    dynamics = made_log(DATA.labels, 2)
    dynamics.batch([0], [[2.0, 0.0]])
    page = write_page(dynamics, tmp_path, "blobs", None).read_text(encoding="utf-8")
    assert "data:image" not in page
    assert "Learning curves need the logits" in page
    assert "byheart report LOG.npz --data SOURCE" in page
    assert "Epoch 7 has not ended" in page


def test_vectors_are_shown_by_their_most_unusual_numbers_and_by_name(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    data = bh.Dataset(generator.normal(size=(40, 5)), DATA.labels, ids=[f"patient {row}" for row in range(40)])
    page = write_page(made_log(data.labels, 2), tmp_path, "patients", data).read_text(encoding="utf-8")
    assert page.count(" sd)") >= 40
    assert "patient 3" in page
    assert pd.read_csv(tmp_path / EXAMPLES).id.str.startswith("patient ").all()


def test_names_of_files_link_to_them(tmp_path: Path) -> None:
    ids = [f"a/{row} #.png" for row in range(40)]
    data = bh.Dataset(DATA.inputs, DATA.labels, ids=ids, legend=Legend(folder=str(tmp_path / "my pets")))
    page = write_page(made_log(data.labels, 2), tmp_path, "pets", data).read_text(encoding="utf-8")
    assert '<a href="my%20pets/a/3%20%23.png">a/3 #.png</a>' in page


def test_many_examples_are_drawn_in_part_and_unseen_ones_are_last(tmp_path: Path) -> None:
    labels = np.arange(5000) % 3
    dynamics = bh.Dynamics(5000, labels=labels, keep=tmp_path / "logits.npy")
    for _ in range(2):
        dynamics.batch(np.arange(4000), np.random.default_rng(0).normal(size=(4000, 3)))
        dynamics.end_epoch()
    page = write_page(dynamics, tmp_path, "many", None)
    text = page.read_text(encoding="utf-8")
    assert "2,100 of 4,000 are drawn" in text
    assert "1,000 examples were never seen" in text
    assert page.stat().st_size < 1_500_000
    assert pd.read_csv(tmp_path / EXAMPLES).area_under_margin[4000:].isna().all()


def test_the_examples_of_a_log_are_all_or_those_for_training() -> None:
    assert examples_of(SPLIT, WHOLE, made_log(DATA.labels, 2)) == (DATA, ())
    assert examples_of(SPLIT, WHOLE, made_log(WHOLE.labels, 2))[0] is WHOLE
    changed = DATA.labels.copy()
    changed[:3] = 1 - changed[:3]
    assert examples_of(SPLIT, WHOLE, made_log(changed, 2))[1] == ("3 labels of the log differ from those of blobs.",)
    with pytest.raises(bh.BadInput, match=r"The log has 7 examples; blobs has 50, of which 40"):
        examples_of(SPLIT, WHOLE, made_log(np.zeros(7, int), 2))
    with pytest.raises(bh.BadInput, match=r"40 of 40 labels .* same order"):
        examples_of(SPLIT, WHOLE, made_log(1 - DATA.labels, 2))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_everyone_can_read_it_at_any_width(browser: Any, full: Path, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="`make test` installs it").Axe()
    page, mishaps = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme), []
    page.on("console", lambda message: mishaps.append(message.text))
    page.on("pageerror", lambda error: mishaps.append(str(error)))
    page.goto((full / PAGE).as_uri())
    wide = (
        "[...document.querySelectorAll('main *')]"
        ".filter(e => !e.closest('.wide, svg') && e.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert page.evaluate(wide) == 0
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = axe.run(page, options={"runOnly": tags})
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]] == []
    assert mishaps == []
    page.close()


@pytest.mark.slow
def test_a_validator_of_html_finds_nothing(full: Path) -> None:
    assert findings(full / PAGE) == []

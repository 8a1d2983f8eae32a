"""The page of an audit: its size, what it holds, and any names, ids and texts."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_audits import images_audit, made_audit, made_examples

import byheart as bh
from byheart.auditing import gallery as gallery_module
from byheart.auditing.examples import audited_examples
from byheart.auditing.gallery import gallery
from byheart.auditing.page import page
from byheart.auditing.thumbnails import picture
from byheart.data.legend import Legend


def content_of(text: str) -> dict[str, Any]:
    (found,) = re.findall(r'<script type="application/json" id="content">(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


def test_the_page_holds_every_example_of_small_data_most_suspect_first() -> None:
    audit = images_audit()
    examples = content_of(page(audit))["examples"]
    assert examples["row"] == audit.examples.row.tolist()
    assert examples["rank"] == list(range(1, 301))
    assert {name for name, values in examples.items() if len(values) != 300} == {"parts"}
    sampled = [rank for _, rank in sorted(zip(examples["sample"], examples["rank"], strict=True))]
    assert sampled == list(audit.plan.sample)


def test_the_first_screen_has_the_numbers_that_matter() -> None:
    audit = images_audit()
    text = page(audit)
    wrong = audit.summary["wrong_labels"]
    assert f"{wrong['number']} of 300 labels look wrong" in text
    assert f"[{wrong['low']:.1%}, {wrong['high']:.1%}]" in text
    for verdict, count in audit.summary["verdicts"].items():
        if count:
            assert re.search(rf"<b>{count}</b> <a class=\"term\" href=\"#term-[a-z]+\">{verdict}</a>", text)


def test_a_caution_about_weak_networks_comes_before_everything_else() -> None:
    text = page(made_audit(made_examples(), linear_accuracy=0.99))
    assert text.index("The networks are too weak to judge") < text.index("<h1>")


def test_the_curve_of_learning_is_the_share_of_networks_that_saw_the_example() -> None:
    audit = images_audit()
    curves = content_of(page(audit))["examples"]["learned"]
    digits = np.array([[int(digit, 36) for digit in curve] for curve in curves])
    scores = audit.scores.isel(example=audit.examples.row.to_numpy())
    share = scores.n_learned.values / scores.n_seen.values[:, None]
    np.testing.assert_allclose(digits / 35, share, atol=0.5 / 35 + 1e-9)


def test_intervals_of_probabilities_contain_them_and_are_those_of_student() -> None:
    examples = content_of(page(images_audit()))["examples"]
    low, middle, high = (np.array(examples[name]) for name in ("low", "probability", "high"))
    assert (low <= middle).all()
    assert (middle <= high).all()
    first = images_audit().examples.iloc[0]
    expected = first.held_out_probability + 2.2622 * first.held_out_probability_se
    assert high[0] == pytest.approx(min(1, expected), abs=1e-3)


def test_an_audit_of_an_embedding_shows_the_pictures_of_its_source() -> None:
    plain = made_examples()
    data = bh.Dataset(
        plain.inputs.reshape(300, -1), plain.labels, plain.class_names, "made", legend=Legend(inputs=plain.inputs)
    )
    audit, of_pictures = made_audit(data), images_audit()
    found, expected = gallery(audit), gallery(of_pictures)
    assert found.sprites == expected.sprites
    assert found.shape == expected.shape
    assert found.columns["text"] == [""] * 300
    assert content_of(page(audit))["hasPictures"]
    assert audit._repr_html_().count("<img ") == of_pictures._repr_html_().count("<img ")


def test_of_many_examples_the_page_holds_the_most_suspect_and_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_module, "MOST", 150)
    monkeypatch.setattr("byheart.auditing.review_sample.SAMPLE", 60)
    audit = made_audit(made_examples(n=600))
    found = gallery(audit)
    ranks = found.columns["rank"]
    assert found.n_first == 150
    assert ranks[:150] == list(range(1, 151))
    assert ranks[150:] == sorted(rank for rank in audit.plan.sample if rank > 150)
    assert len(found.sprites) == -(-len(ranks) // 100)
    assert "150 most suspect of 600 examples" in page(audit)


def test_pictures_stop_where_they_would_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_module, "MOST_BYTES", 1)
    audit = made_audit(made_examples(n=600))
    found = gallery(audit)
    assert found.n_first == 100
    assert set(audit.plan.sample) <= set(found.columns["rank"])
    assert len(found.sprites) == -(-len(found.columns["rank"]) // 100)


@pytest.mark.parametrize("shape", [(6, 5, 1), (6, 5, 3), (6, 5, 2)])
def test_a_picture_is_the_example_as_it_is_and_other_channels_are_averaged(shape: tuple[int, ...]) -> None:
    data = made_examples(n=40, shape=shape)
    shown = np.asarray(picture(data, 7)) / 255
    expected = data.inputs[7] if shape[-1] == 3 else data.inputs[7].mean(axis=-1)
    np.testing.assert_allclose(shown, expected, atol=0.5 / 255 + 1e-6)


def test_large_pictures_are_shrunk() -> None:
    assert picture(made_examples(n=20, shape=(256, 512, 3)), 0).size == (128, 64)


def test_vectors_are_shown_by_their_most_unusual_numbers_or_their_texts() -> None:
    names = Legend(tuple(f"column {place}" for place in range(6)))
    examples = content_of(page(made_audit(made_examples(shape=(6,), legend=names))))["examples"]
    assert all(re.match(r"column \d -?[\d.e-]+ \([+-]\d\.\d sd\)", text) for text in examples["text"])
    texts = Legend(shown=np.array([f"text {place}" for place in range(300)]))
    examples = content_of(page(made_audit(made_examples(shape=(6,), legend=texts))))["examples"]
    assert examples["text"] == [f"text {row}" for row in examples["row"]]


def test_names_of_any_letters_cannot_break_the_page() -> None:
    evil = "</script><b>&\"'"
    data = made_examples(class_names=(evil, "\u202e", "x" * 300, "naïve 猫"), ids=[f"{evil}{at}" for at in range(300)])
    text = page(made_audit(data))
    assert evil not in text
    assert content_of(text)["classes"][0] == evil
    assert content_of(text)["examples"]["id"][0].startswith(evil)


def test_a_page_of_ten_thousand_small_pictures_is_below_eight_megabytes() -> None:
    rng = np.random.default_rng(0)
    data = bh.Dataset(rng.uniform(size=(10_000, 28, 28)).astype(np.float32), np.arange(10_000) % 10)
    assert len(page(made_audit(data))) < 8e6


def test_marks_of_a_review_stand_on_the_page_with_what_they_say(tmp_path: Path) -> None:
    audit = images_audit()
    rows = audit.examples.sort_values("rank").row.head(300)
    marks = ["wrong" if place % 10 == 0 else "right" for place in range(300)]
    pd.DataFrame({"row": rows, "review": marks}).to_csv(tmp_path / "review.csv", index=False)
    text = page(audit.reviewed(tmp_path / "review.csv"))
    assert content_of(text)["marks"][str(rows.iloc[0])] == ["wrong", ""]
    assert "Of all labels, by this review, 10.0% are wrong, about 30; all of them were reviewed." in text


def test_a_notebook_shows_the_summary_and_pictures_of_the_suspects() -> None:
    text = images_audit()._repr_html_()
    assert text.count("<img") == 10
    assert "Verdicts: " in text
    assert "<script" not in text
    assert len(text) < 20_000
    vectors = made_audit(made_examples(shape=(6,)))._repr_html_()
    assert "<img" not in vectors
    assert "sd)" in vectors


def test_the_page_says_what_was_done_when_the_data_were_read() -> None:
    half = made_examples(n=40)
    split = bh.Split.of_parts(half, half, ("2 files <skipped>.",), ("1 of 40 examples equals another.",))
    assert audited_examples(split).notes == ("2 files <skipped>.", "1 of 40 examples equals another.")
    audit = images_audit()
    noted = dataclasses.replace(audit, summary={**audit.summary, "notes": list(audited_examples(split).notes)})
    assert "<li>2 files &lt;skipped&gt;.</li>" in page(noted)
    assert "When the data were read" not in page(audit)


def test_names_of_files_link_to_the_files(tmp_path: Path) -> None:
    legend = Legend(folder=str(tmp_path / "my pets"))
    audit = made_audit(made_examples(ids=[f"{place}#.png" for place in range(300)], legend=legend))
    assert content_of(page(audit, tmp_path))["folder"] == "my%20pets/"
    assert content_of(page(audit, tmp_path / "audits"))["folder"] == f"{(tmp_path / 'my pets').as_uri()}/"
    assert content_of(page(images_audit(), tmp_path))["folder"] == ""

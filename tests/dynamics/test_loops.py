"""Logs of the training loops of real libraries, each where it is installed: planted wrong labels are found."""

import contextlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted_digits import found, planted

import byheart as bh
from byheart.dynamics.loops.boosting import lightgbm_callback, xgboost_callback
from byheart.dynamics.loops.hugging_face import LogsDynamics
from byheart.dynamics.loops.keras import keras_callback
from byheart.dynamics.loops.lightning import lightning_callback

# Libraries warn of each other's old names.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
BATCH, EPOCHS = 64, 6
PAGE = Path(bh.__file__).parent.parent / "docs" / "training_loops.md"
EXAMPLES = re.findall(
    r'^```python title="(.*?)"\n(.*?)^```',
    PAGE.read_text(encoding="utf-8") if PAGE.exists() else "",
    re.DOTALL | re.MULTILINE,
)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Keras use JAX, and PyTorch one thread: its threads wait for each other on busy machines."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with contextlib.suppress(ImportError):
        import torch

        torch.set_num_threads(1)


def log() -> bh.Dynamics:
    return bh.Dynamics(len(planted()[1]), labels=planted()[1])


def tensors() -> Any:
    """Return a data set of PyTorch of the planted digits, that yields positions, and a small network."""
    torch = pytest.importorskip("torch")
    inputs, labels, _ = planted()
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    dataset = torch.utils.data.TensorDataset(torch.tensor(inputs, dtype=torch.float32), torch.tensor(labels))
    return torch, bh.WithIndex(dataset), network


def loader_of(torch: Any, dataset: Any, **options: Any) -> Any:
    return torch.utils.data.DataLoader(dataset, batch_size=BATCH, shuffle=True, **options)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_loop_of_pytorch(dtype: str) -> None:
    torch, dataset, network = tensors()
    kind, dynamics = getattr(torch, dtype), log()
    network = network.to(kind)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    for _ in range(EPOCHS):
        for index, inputs, labels in loader_of(torch, dataset):
            logits = network(inputs.to(kind))
            loss = torch.nn.functional.cross_entropy(logits, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            dynamics.batch(index, logits)
        dynamics.end_epoch()
    assert not dynamics.cautions
    assert found(dynamics) > 0.8


def test_workers_and_the_default_collation_keep_positions_of_tuples_and_dictionaries() -> None:
    torch, dataset, _ = tensors()
    for index, inputs, _ in loader_of(torch, dataset, num_workers=2):
        np.testing.assert_array_equal(inputs, dataset.dataset.tensors[0][index])
    named = bh.WithIndex([{"x": float(place), "y": place % 2} for place in range(200)])
    for batch in loader_of(torch, named):
        assert batch["x"].tolist() == batch["index"].tolist()


def test_the_shards_of_a_distributed_sampler_are_the_whole_data_set() -> None:
    """It moves examples between processes in each epoch, and pads: 1797 examples are 899 for each of two."""
    torch, dataset, network = tensors()
    labels = planted()[1]
    parts = [bh.Dynamics(len(labels), labels=labels, shard=True) for _ in range(2)]
    for epoch in range(2):
        for rank, part in enumerate(parts):
            sampler = torch.utils.data.DistributedSampler(dataset, num_replicas=2, rank=rank, seed=0)
            sampler.set_epoch(epoch)
            for index, inputs, _ in torch.utils.data.DataLoader(dataset, BATCH, sampler=sampler):
                part.batch(index, network(inputs))
            part.end_epoch()
    merged = bh.Dynamics.merge(parts)
    table = merged.scores()
    assert (table.epochs_seen == 2).all()
    assert any("seen more than once" in caution for caution in merged.cautions)
    assert table.sightings.sum() == 2 * (len(labels) + 1)


def lightning_module(torch: Any, network: Any, returns: Any) -> Any:
    lightning = pytest.importorskip("lightning.pytorch")

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def training_step(self, batch: Any, batch_idx: int) -> Any:
            index, inputs, labels = batch
            logits = self.network(inputs)
            return returns(torch.nn.functional.cross_entropy(logits, labels), index, logits)

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1, momentum=0.9)

    return Module()


def lightning_trainer(tmp_path: Path, dynamics: bh.Dynamics, epochs: int) -> Any:
    return pytest.importorskip("lightning.pytorch").Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        devices=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
        callbacks=[lightning_callback(dynamics)],
    )


def test_a_trainer_of_lightning(tmp_path: Path) -> None:
    torch, dataset, network = tensors()
    dynamics = log()

    def returned(loss: Any, index: Any, logits: Any) -> dict[str, Any]:
        return {"loss": loss, "index": index, "logits": logits}

    trainer = lightning_trainer(tmp_path, dynamics, EPOCHS)
    trainer.fit(lightning_module(torch, network, returned), loader_of(torch, dataset))
    assert dynamics.epochs == EPOCHS
    assert not dynamics.cautions
    assert found(dynamics) > 0.8
    trainer = lightning_trainer(tmp_path, log(), 1)
    with pytest.raises(bh.BadInput, match="must return a dictionary with the keys loss, index and logits"):
        trainer.fit(lightning_module(torch, network, lambda loss, index, logits: loss), loader_of(torch, dataset))


def hugging_face_trainer(tmp_path: Path, dynamics: bh.Dynamics, **options: Any) -> Any:
    """Return a trainer of a small network with the interface of Hugging Face's models."""
    torch, dataset, network = tensors()
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")

    class Model(torch.nn.Module):
        n_calls = 0

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, inputs: Any, labels: Any = None) -> Any:
            Model.n_calls += 1
            logits = self.network(inputs)
            loss = torch.nn.functional.cross_entropy(logits, labels)
            return transformers.modeling_outputs.SequenceClassifierOutput(loss=loss, logits=logits)

    class LoggingTrainer(LogsDynamics, transformers.Trainer):
        pass

    inputs, labels = dataset.dataset.tensors
    named = [{"inputs": one, "labels": int(label)} for one, label in zip(inputs, labels, strict=True)]
    settings = transformers.TrainingArguments(
        output_dir=str(tmp_path),
        num_train_epochs=EPOCHS,
        per_device_train_batch_size=BATCH,
        learning_rate=0.01,
        lr_scheduler_type="constant",
        report_to=[],
        save_strategy="no",
        eval_strategy="epoch",
        use_cpu=True,
        disable_tqdm=True,
        **options,
    )
    return LoggingTrainer(
        model=Model(),
        args=settings,
        train_dataset=bh.WithIndex(named),
        eval_dataset=named[:100],
        dynamics=dynamics,
    )


def test_a_trainer_of_hugging_face_without_a_second_forward_pass(tmp_path: Path) -> None:
    dynamics = log()
    trainer = hugging_face_trainer(tmp_path, dynamics)
    trainer.train()
    assert dynamics.epochs == EPOCHS
    assert not dynamics.cautions
    assert found(dynamics) > 0.8
    n = len(planted()[1])
    assert trainer.model.n_calls == EPOCHS * (-(-n // BATCH) + -(-100 // trainer.args.per_device_eval_batch_size))


def test_a_trainer_of_hugging_face_without_positions_says_what_to_do(tmp_path: Path) -> None:
    trainer = hugging_face_trainer(tmp_path, log())
    trainer.train_dataset = trainer.train_dataset.dataset
    with pytest.raises(bh.BadInput, match="Wrap the data set in `WithIndex`"):
        trainer.train()


@pytest.mark.parametrize("probabilities", [False, True])
def test_a_model_of_keras(probabilities: bool) -> None:
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    inputs, labels, _ = planted()
    layers = [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
    model = keras.Sequential([*layers, keras.layers.Softmax()] if probabilities else layers)
    model.compile(
        keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=not probabilities)
    )
    dynamics = log()
    callback = keras_callback(dynamics, inputs, probabilities=probabilities)
    model.fit(inputs, labels, epochs=EPOCHS, batch_size=BATCH, verbose=0, callbacks=[callback])
    assert dynamics.epochs == EPOCHS
    assert found(dynamics) > 0.8


def test_rounds_of_xgboost() -> None:
    xgboost = pytest.importorskip("xgboost")
    inputs, labels, _ = planted()
    data, dynamics = xgboost.DMatrix(inputs, labels), log()
    settings = {"objective": "multi:softprob", "num_class": 10, "max_depth": 3, "nthread": 1}
    model = xgboost.train(settings, data, 15, callbacks=[xgboost_callback(dynamics, data)])
    assert dynamics.epochs == 15
    assert found(dynamics) > 0.6
    last = model.predict(data, output_margin=True)
    assert (dynamics.scores().sort_values("row").mean_loss >= 0).all()
    assert bh.margins(last, labels).shape == (len(labels),)


@pytest.mark.parametrize("boosting", ["gbdt", "dart"])
def test_rounds_of_lightgbm_add_up_to_the_whole_model(boosting: str, tmp_path: Path) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    inputs, labels, _ = planted()
    settings = {"objective": "multiclass", "num_class": 10, "num_leaves": 7, "num_threads": 1, "verbose": -1}
    dynamics = bh.Dynamics(len(labels), labels=labels, keep=tmp_path / "logits.npy")
    model = lightgbm.train(
        {**settings, "boosting": boosting},
        lightgbm.Dataset(inputs, labels),
        12,
        callbacks=[lightgbm_callback(dynamics, inputs)],
    )
    stored = np.load(tmp_path / "logits.npy")
    np.testing.assert_allclose(stored[-1], model.predict(inputs, raw_score=True), atol=0.01)
    if boosting == "gbdt":  # Dart changes earlier trees.
        np.testing.assert_allclose(stored[3], model.predict(inputs, raw_score=True, num_iteration=4), atol=0.01)
    assert found(dynamics) > 0.6


def test_two_classes_of_boosting_are_two_columns() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    inputs, labels, _ = planted()
    dynamics = bh.Dynamics(len(labels), labels=(labels > 4).astype(int))
    lightgbm.train(
        {"objective": "binary", "num_leaves": 7, "num_threads": 1, "verbose": -1},
        lightgbm.Dataset(inputs, labels > 4),
        10,
        callbacks=[lightgbm_callback(dynamics, inputs)],
    )
    assert dynamics.n_classes == 2
    assert dynamics.scores().correctness.mean() > 0.8


@pytest.mark.parametrize(("libraries", "code"), EXAMPLES, ids=[libraries for libraries, _ in EXAMPLES])
def test_the_examples_of_the_page_run(
    libraries: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in libraries.split():
        pytest.importorskip(name)
    monkeypatch.chdir(tmp_path)
    inputs, labels, _ = planted()
    names: dict[str, Any] = {"inputs": inputs, "labels": labels}
    if "network" in code and libraries != "torch":
        _, dataset, names["network"] = tensors()
        names["dataset"] = dataset.dataset
    exec(code, names)
    if "dynamics" in names:
        assert names["dynamics"].epochs > 0
        assert not names["dynamics"].cautions


def test_the_page_has_an_example_of_each_library() -> None:
    assert {libraries.split()[0] for libraries, _ in EXAMPLES} == {
        *("torch", "lightning", "transformers", "keras", "xgboost", "lightgbm"),
    }

"""The log beside other programs: it starts no device of JAX, and outlives a kill."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import byheart as bh

LOGGING = """
import sys
import numpy as np
import byheart as bh

dynamics = bh.Dynamics(100, labels=np.arange(100) % 2)
epochs = int(sys.argv[2])
for epoch in range(epochs):
    for index in np.array_split(np.random.default_rng(epoch).permutation(100), 4):
        dynamics.batch(index, np.random.default_rng(epoch).normal(size=(25, 2)))
        dynamics.save(sys.argv[1])
    dynamics.end_epoch()
    print(epoch, flush=True)
"""

DISTRIBUTED = """
import sys
import torch
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset
import byheart as bh

folder, rank = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(1)
torch.manual_seed(0)
torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
inputs = torch.randn(101, 5)
labels = (inputs[:, 0] > 0).long()
sampler = DistributedSampler(TensorDataset(inputs), num_replicas=2, rank=rank, seed=3)
loader = DataLoader(bh.WithIndex(TensorDataset(inputs, labels)), batch_size=10, sampler=sampler)
network = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(5, 2))
optimizer = torch.optim.SGD(network.parameters(), lr=0.3)
dynamics = bh.Dynamics(101, labels=labels, shard=True)
seen = []
for epoch in range(3):
    sampler.set_epoch(epoch)
    for index, x, y in loader:
        logits = network(x)
        dynamics.batch(index, logits)
        seen.append((epoch, index.numpy(), logits.detach().numpy()))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits, y).backward()
        optimizer.step()
    dynamics.end_epoch()
dynamics.save(f"{folder}/shard-{rank}.npz")
torch.save((labels.numpy(), seen), f"{folder}/seen-{rank}.pt")
torch.distributed.destroy_process_group()
"""


def test_logging_starts_no_device_of_jax(tmp_path: Path) -> None:
    """JAX would take most of a GPU's memory, and warn of workers of loaders that are forked."""
    check = "from jax._src import xla_bridge; dynamics.scores(); sys.exit(bool(xla_bridge._backends))"
    words = [sys.executable, "-c", f"{LOGGING}\n{check}", str(tmp_path / "log.npz"), "2"]
    assert subprocess.run(words, check=False, stdout=subprocess.DEVNULL).returncode == 0


@pytest.mark.slow
def test_a_log_that_is_saved_all_the_time_is_whole_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "log.npz"
    process = subprocess.Popen([sys.executable, "-c", LOGGING, str(path), "1000000"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(5):
        process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    dynamics = bh.Dynamics.load(path)
    assert dynamics.epochs >= 4
    assert len(dynamics.scores()) == 100
    dynamics.batch([0], [[2.0, 0.0]])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::byheart.Caution")
def test_the_shards_of_two_processes_of_torch_are_the_log_of_one(tmp_path: Path) -> None:
    """101 examples for two processes: `DistributedSampler` repeats one of them in each epoch."""
    torch = pytest.importorskip("torch")
    words = [sys.executable, "-c", DISTRIBUTED, str(tmp_path)]
    processes = [subprocess.Popen([*words, str(rank)]) for rank in range(2)]
    assert [process.wait(timeout=300) for process in processes] == [0, 0]
    merged = bh.Dynamics.merge([tmp_path / f"shard-{rank}.npz" for rank in range(2)]).scores().sort_values("row")
    saved = [torch.load(tmp_path / f"seen-{rank}.pt", weights_only=False) for rank in range(2)]
    whole = bh.Dynamics(101, labels=saved[0][0])
    for epoch in range(3):
        for _, seen in saved:
            for at, index, logits in seen:
                if at == epoch:
                    whole.batch(index, logits)
        whole.end_epoch()
    assert merged.sightings.sum() == 3 * 102
    expected = whole.scores().sort_values("row")
    for name in expected.columns.drop(["id", "rank"]):
        np.testing.assert_allclose(merged[name], expected[name], rtol=1e-6, err_msg=name)

"""Made held-out probabilities, with labels of which some are wrong."""

import dataclasses

import numpy as np

N_CLASSES = 4


@dataclasses.dataclass(frozen=True)
class Made:
    """Probabilities of networks, labels, and which labels are wrong."""

    mean: np.ndarray
    geometric: np.ndarray
    labels: np.ndarray
    is_wrong: np.ndarray
    area: np.ndarray


def made(share: float = 0.1, n: int = 2000, seed: int = 0) -> Made:
    """Return examples whose networks are mostly sure and right; the area under the margin is a noisy second opinion."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(N_CLASSES, 0.1), size=n)
    classes = np.array([rng.choice(N_CLASSES, p=one) for one in p])
    is_wrong = rng.uniform(size=n) < share
    labels = np.where(is_wrong, (classes + rng.integers(1, N_CLASSES, n)) % N_CLASSES, classes)
    powers = np.maximum(p, 1e-4) ** 1.2
    area = p[np.arange(n), labels] - p.max(axis=1) + rng.normal(0, 0.3, n)
    return Made(p, powers / powers.sum(axis=1, keepdims=True), labels, is_wrong, area)

"""Slow twin of a training run: an MLP, its gradient by hand, and SGD or Adam, as plain loops in float64."""

from collections.abc import Callable

import jax
import numpy as np

from byheart.keys import key_for
from byheart.networks.mlp import MLPNetwork
from byheart.training.optimizers import SGD, Adam, AdamW

Layers = list[tuple[np.ndarray, np.ndarray]]


def sgd_loop(
    network: MLPNetwork,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int,
    optimizer: SGD | Adam,
    batch_size: int,
    epochs: int,
    steps: int | None = None,
) -> tuple[Layers, list[float]]:
    """Return (weight, bias) of each layer and the mean minibatch loss of each epoch; stop after `steps` updates."""
    layers = [(np.float64(layer.weight), np.float64(layer.bias)) for layer in network.layers]
    update = sgd(optimizer, layers) if isinstance(optimizer, SGD) else adam(optimizer, layers)
    inputs = np.float64(images).reshape(len(images), -1)
    epoch_losses = []
    for epoch in range(epochs):
        order = jax.random.permutation(jax.random.fold_in(key_for("shuffling", seed), epoch), len(labels))
        losses = []
        for start in range(0, len(labels) - batch_size + 1, batch_size):
            if steps is not None and epoch * (len(labels) // batch_size) + len(losses) == steps:
                break
            batch = np.asarray(order[start : start + batch_size])
            loss, gradient = loss_and_gradient(layers, inputs[batch], labels[batch])
            losses.append(loss)
            layers = update(layers, gradient, epoch)
        epoch_losses.append(float(np.mean(losses)))
    return layers, epoch_losses


def sgd(optimizer: SGD, start: Layers) -> Callable[[Layers, Layers, int], Layers]:
    """From layers, gradient and epoch to the layers after an update; the velocity is kept between calls."""
    velocity = zeros_like(start)

    def update(layers: Layers, gradient: Layers, epoch: int) -> Layers:
        rate = optimizer.learning_rate * 0.5 ** (epoch // (optimizer.halve_every or epoch + 1))
        velocity[:] = each(lambda v, g: optimizer.momentum * v + g, velocity, gradient)
        return each(lambda p, v: p - rate * v, layers, velocity)

    return update


def adam(optimizer: Adam, start: Layers) -> Callable[[Layers, Layers, int], Layers]:
    """The same for Adam and AdamW; both moments are kept."""
    mean, square, count = zeros_like(start), zeros_like(start), [0]
    decay = optimizer.weight_decay if isinstance(optimizer, AdamW) else 0.0

    def update(layers: Layers, gradient: Layers, epoch: int) -> Layers:
        del epoch
        count[0] += 1
        mean[:] = each(lambda m, g: optimizer.b1 * m + (1 - optimizer.b1) * g, mean, gradient)
        square[:] = each(lambda v, g: optimizer.b2 * v + (1 - optimizer.b2) * g**2, square, gradient)

        def moved(p: np.ndarray, m: np.ndarray, v: np.ndarray) -> np.ndarray:
            m, v = m / (1 - optimizer.b1 ** count[0]), v / (1 - optimizer.b2 ** count[0])
            step = m / (np.sqrt(v + optimizer.eps_root) + optimizer.eps)
            return p - optimizer.learning_rate * (step + decay * p)

        return each(moved, layers, mean, square)

    return update


def zeros_like(layers: Layers) -> Layers:
    return each(np.zeros_like, layers)


def each(function: Callable[..., np.ndarray], *layers: Layers) -> Layers:
    """`function` of the weights, and of the biases, of each layer."""
    return [tuple(function(*parts) for parts in zip(*same, strict=True)) for same in zip(*layers, strict=True)]


def loss_and_gradient(layers: Layers, inputs: np.ndarray, labels: np.ndarray) -> tuple[float, Layers]:
    """Return the mean cross-entropy of a minibatch, and its gradient by (weight, bias) of each layer."""
    activations = [inputs]
    for weight, bias in layers[:-1]:
        activations.append(np.maximum(activations[-1] @ weight + bias, 0))
    logits = activations[-1] @ layers[-1][0] + layers[-1][1]
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    at_labels = np.arange(len(labels)), labels
    loss = float(-np.log(probabilities[at_labels]).mean())

    error = probabilities
    error[at_labels] -= 1
    error /= len(labels)
    gradient: Layers = []
    for i in reversed(range(len(layers))):
        gradient.insert(0, (activations[i].T @ error, error.sum(axis=0)))
        error = (error @ layers[i][0].T) * (activations[i] > 0)
    return loss, gradient

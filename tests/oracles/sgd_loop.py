"""Slow twin of a training run: an MLP, its gradient by hand and SGD with momentum and halving, as plain loops in float64."""

import jax
import numpy as np

from byheart.keys import key_for
from byheart.networks.mlp import MLPNetwork
from byheart.training.optimizers import SGD

Layers = list[tuple[np.ndarray, np.ndarray]]


def sgd_loop(
    network: MLPNetwork,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int,
    optimizer: SGD,
    batch_size: int,
    epochs: int,
    steps: int | None = None,
) -> tuple[Layers, list[float]]:
    """(weight, bias) of each layer after training from `network`, and the mean minibatch loss of each epoch; after `steps` updates no more."""
    layers = [(np.float64(layer.weight), np.float64(layer.bias)) for layer in network.layers]
    velocity = [(np.zeros_like(weight), np.zeros_like(bias)) for weight, bias in layers]
    inputs = np.float64(images).reshape(len(images), -1)
    epoch_losses = []
    for epoch in range(epochs):
        learning_rate = optimizer.learning_rate
        if optimizer.halve_every is not None:
            learning_rate *= 0.5 ** (epoch // optimizer.halve_every)
        order = jax.random.permutation(jax.random.fold_in(key_for("shuffling", seed), epoch), len(labels))
        losses = []
        for start in range(0, len(labels) - batch_size + 1, batch_size):
            if steps is not None and epoch * (len(labels) // batch_size) + len(losses) == steps:
                break
            batch = np.asarray(order[start : start + batch_size])
            loss, gradient = loss_and_gradient(layers, inputs[batch], labels[batch])
            losses.append(loss)
            for i in range(len(layers)):
                velocity[i] = tuple(optimizer.momentum * v + g for v, g in zip(velocity[i], gradient[i], strict=True))
                layers[i] = tuple(p - learning_rate * v for p, v in zip(layers[i], velocity[i], strict=True))
        epoch_losses.append(float(np.mean(losses)))
    return layers, epoch_losses


def loss_and_gradient(layers: Layers, inputs: np.ndarray, labels: np.ndarray) -> tuple[float, Layers]:
    """Mean cross-entropy of a minibatch, and its gradient by (weight, bias) of each layer."""
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

"""Loss sensitivity of each training example, for your own model, loss and optimizer."""

import jax
import jax.numpy as jnp
import optax

import byheart as bh

split = bh.load("digits", training=200, validation=100)
inputs, targets = split.training.inputs.reshape(200, 64), jax.nn.one_hot(split.training.labels, 10)
parameters = {"weight": jnp.zeros((64, 10)), "bias": jnp.zeros(10)}


def loss(parameters, inputs, targets):
    """One value for each example of a minibatch."""
    return optax.softmax_cross_entropy(inputs @ parameters["weight"] + parameters["bias"], targets)


batches = bh.Shuffled()(n_examples=200, batch_size=20, n_steps=300, key=jax.random.key(0))
run = bh.training_run(loss, optax.adam(1e-2, eps_root=1e-8), parameters, inputs, targets, batches)
sensitivity = bh.loss_sensitivity(run, bh.AllSteps(every=50))
gini, most = bh.gini_coefficient(sensitivity), sensitivity.argsort()[::-1][:5]
print(f"Gini coefficient {gini:.2f}; most sensitive: examples {most}")

weights = bh.unrolled_gradients(run, steps=[300], with_respect_to=("weights",)).values.weights[0, 0]
print(f"The example whose weight, raised, would raise the final loss most: {weights.argmax()}")

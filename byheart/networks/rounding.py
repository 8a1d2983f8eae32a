"""Bounds of rounding errors (Higham, 2002, "Accuracy and Stability of Numerical Algorithms", sections 2.2 and 3.1).

A sum of n products in floating point, in any order, differs from the exact one by at most gamma_n = n u / (1 - n u)
times the sum of the absolute values of the products, with the unit roundoff u.
"""

import jax

FLOAT32 = 2.0**-24
"""Unit roundoff of float32."""
FLOAT64 = 2.0**-53
"""Unit roundoff of float64."""
TINY = 2.0**-125
"""Bound of the error of a product that underflows in float32, also where such numbers are set to 0."""
PRODUCTS = {"cpu": 0.0, "gpu": 2.0**-8}
"""Relative error of products of a matrix product, by device: GPUs may use TF32, other devices bfloat16."""
EXACT_PRODUCTS = ("highest", "float32", "F32_F32_F32")
"""Settings of `jax_default_matmul_precision` that keep float32 on every device."""


def gamma(n: int, unit: float) -> float:
    """Return gamma_n, the relative error of a sum of n products.

    >>> gamma(1, 2.0**-24) == 2.0**-24 / (1 - 2.0**-24)
    True
    """
    return n * unit / (1 - n * unit)


def float32_rounding(n_terms: int) -> tuple[float, float]:
    """Return the error of a sum of `n_terms` products in float32: relative to their absolute values, and absolute."""
    precision = getattr(jax.config, "jax_default_matmul_precision", None)
    device = jax.default_backend()
    products = 0.0 if precision in EXACT_PRODUCTS else PRODUCTS.get(device, 2.0**-6)
    return gamma(n_terms, FLOAT32) * (1 + products) + products, n_terms * TINY

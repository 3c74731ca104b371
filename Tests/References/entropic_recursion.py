"""Entropic price of a sold call in the Black-Scholes market with proportional cost, by plain backward recursion.

The holding is restricted to an even grid, so that the price falls towards the exact one as (grid width)^2. Prints the
rows of the reference table, or with --refine the last of them on finer and finer grids; needs numpy.
Usage: python3 entropic_recursion.py [holding points, default 401 | --refine]
"""
import sys

import numpy as np


def price(cost, unwinding, holdings, nodes=8, a=1.0, spot=100.0, strike=100.0, sigma=0.2, maturity=30 / 365, steps=30):
    s = sigma * np.sqrt(maturity / steps)
    h = s / nodes
    m = 10 * nodes
    half = int(np.ceil(10 * sigma * np.sqrt(maturity) / h)) + m
    S = spot * np.exp(h * np.arange(-half, half + 1))
    y = np.linspace(0, 1, holdings)
    offsets = np.arange(-m, m + 1) * h
    w = np.exp(-0.5 * ((offsets + s * s / 2) / s) ** 2)
    w /= w.sum()
    loss = np.maximum(S - strike, 0)
    V = loss[:, None] + (cost * S[:, None] * y if unwinding else 0 * y)
    V[half] += np.log1p(h / 12 * a * strike) / a  # the kink lies on the node of spot = strike
    inner = slice(m, len(S) - m)
    for _ in range(steps):
        A = a * (V - y * S[:, None])
        shift = A[inner]
        total = sum(w[j + m] * np.exp(A[m + j : len(S) - m + j] - shift) for j in range(-m, m + 1))
        f = (np.log(total) + shift) / a + y * S[inner, None]
        c = cost * S[inner] * (y[1] - y[0])
        for k in range(1, holdings):
            f[:, k] = np.minimum(f[:, k], f[:, k - 1] + c)
        for k in range(holdings - 2, -1, -1):
            f[:, k] = np.minimum(f[:, k], f[:, k + 1] + c)
        V[inner] = f
        V[:m] = f[0] + (loss[:m] - loss[m])[:, None]
        V[-m:] = f[-1] + (loss[-m:] - loss[-m - 1])[:, None]
    return V[half, 0]


if __name__ == "__main__":
    if sys.argv[1:] == ["--refine"]:
        for holdings in [101, 201, 401, 801]:
            print(f"{holdings} {price(2**-6, False, holdings):.6f} {price(2**-6, True, holdings):.6f}", flush=True)
        sys.exit()
    holdings = int(sys.argv[1]) if len(sys.argv) > 1 else 401
    for cost in [0, 2**-10, 1e-3, 2**-9, 2**-8, 2**-6]:
        print(f"{cost:.8f} {price(cost, False, holdings):.6f} {price(cost, True, holdings):.6f}", flush=True)

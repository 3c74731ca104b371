"""Least mean + c standard deviations of a hedged sold call under proportional cost, by plain backward recursion; needs numpy and scipy.

State: spot, holding, and how far the wealth lies below the target. Holdings stay on their grid, so that figures fall towards the exact
ones as (grid width)^2: the last column is the limit of the last two grids. Figures in % of the Black-Scholes premium.
Usage: python3 quadratic_recursion.py [days steps]
"""
import sys

import numpy as np
from scipy.stats import norm


def premium(S, K, s):
    if s == 0:
        return np.maximum(S - K, 0.0)
    d = np.log(S / K) / s + s / 2
    return S * norm.cdf(d) - K * norm.cdf(d - s)


def shifted(F, delta, h):
    """Rows of F, each at its points + delta: cubic inside, the parabola of the last three points beyond."""
    n = F.shape[1]
    x = np.arange(n)[None, :] + (delta / h)[:, None]
    i = np.clip(np.floor(x).astype(int), 1, n - 3)
    u = x - i
    rows = np.arange(F.shape[0])[:, None]
    a, b, c, d = (F[rows, i + k] for k in (-1, 0, 1, 2))
    inside = -u * (u - 1) * (u - 2) / 6 * a + (u * u - 1) * (u - 2) / 2 * b - u * (u + 1) * (u - 2) / 2 * c + u * (u * u - 1) / 6 * d

    def parabola(j):
        t = x - (j + 1)
        p, q, r = F[:, j][:, None], F[:, j + 1][:, None], F[:, j + 2][:, None]
        return q + t * (r - p) / 2 + t * t * (p - 2 * q + r) / 2

    return np.where(x < 1, parabola(0), np.where(x > n - 2, parabola(n - 3), inside))


def mean_deviation(days, steps, holdings, c=1.5, year=250, mu=0.05, sigma=0.2, cost=0.01, S0=100.0, K=100.0, nodes=4, n=161, tails=6):
    T = days / year
    s = sigma * np.sqrt(T / steps)
    m = (mu - sigma * sigma / 2) * T / steps
    step = s / nodes
    half = int(np.ceil(tails * sigma * np.sqrt(T) / step))
    reach = int(np.ceil(tails * nodes))
    S = S0 * np.exp(step * np.arange(-half, half + 1))
    y = np.linspace(0, 1, holdings)
    end = 1.5 * S0 * sigma * np.sqrt(T)
    w = np.linspace(-end, end, n)
    h = w[1] - w[0]
    p = norm.pdf((step * np.arange(-reach, reach + 1) - m) / s)
    p /= p.sum()

    def value(S, t):
        return premium(S, K, sigma * np.sqrt(T * (steps - t) / steps))

    def rebalance(G):
        out = np.empty_like(G)
        for k in range(holdings):
            out[:, k] = np.min([shifted(G[:, j], cost * S * abs(y[j] - y[k]), h) for j in range(holdings)], axis=0)
        return out

    # The last step: sums over a fine grid of the square itself.
    z = np.linspace(-8, 8, 4001)
    q = norm.pdf(z)
    q /= q.sum()
    G = np.empty((len(S), holdings, n))
    for i, x in enumerate(S):
        e = x * np.exp(m + s * z)
        A = (value(e, steps) - value(x, steps - 1))[None, :] - y[:, None] * (e - x)[None, :] + cost * y[:, None] * e[None, :]
        G[i] = (w * w)[None, :] + 2 * (A @ q)[:, None] * w[None, :] + ((A * A) @ q)[:, None]
    V = rebalance(G)
    for t in range(steps - 2, -1, -1):
        after, before = value(S, t + 1), value(S, t)
        G = np.zeros_like(V)
        for j in range(-reach, reach + 1):
            k = np.clip(np.arange(len(S)) + j, 0, len(S) - 1)
            for l in range(holdings):
                G[:, l] += p[j + reach] * shifted(V[k, l], after[k] - before - y[l] * (S[k] - S), h)
        V = rebalance(G)
    P = value(np.array([S0]), 0)[0]
    targets = P + np.linspace(-end, end, 4001) * 0.8
    values = np.array([shifted(V[half, 0][None, :], np.array([P - x - w[0]]), h)[0, 0] for x in targets])
    return (np.min(targets + np.sqrt((1 + c * c) * values)) / P - 1) * 100


if __name__ == "__main__":
    cases = [(20, 4), (20, 10)] if len(sys.argv) < 3 else [(int(sys.argv[1]), int(sys.argv[2]))]
    for days, steps in cases:
        found = [mean_deviation(days, steps, holdings) for holdings in (11, 21, 41)]
        print(days, steps, *(f"{x:.4f}" for x in found), f"{found[2] + (found[2] - found[1]) / 3:.4f}", flush=True)

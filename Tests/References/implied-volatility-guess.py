"""Coefficients of the first guesses of Sources/VectorKernels/ImpliedDeviationTile.swift.

Needs numpy and scipy. Prices come from the deviations, so nothing is solved but least squares with Lawson's weights.
"""
import numpy as np
from scipy.optimize import brentq
from scipy.special import erfcx, log_ndtr


def mills(z):
    return np.sqrt(np.pi / 2) * erfcx(z / np.sqrt(2))


def level(columns, y, scale, rounds=400):
    """Least squares of y in columns whose largest |error|/scale is as small as weights can make it."""
    w, best = 1 / scale * np.ones(len(y)), None
    for _ in range(rounds):
        c = np.linalg.lstsq(columns * w[:, None], y * w, rcond=None)[0]
        error = np.abs(columns @ c - y) / scale
        if best is None or error.max() < best[0]:
            best = (error.max(), c)
        w *= np.sqrt(error / error.max() + 0.05)
        w /= w.mean()
    return best


def quotient(x, y, n, d, scale, rounds=60):
    """y ~ P_n(x)/Q_d(x), Q(0) = 1, by least squares weighted with the last denominator."""
    w = np.ones_like(x)
    for _ in range(rounds):
        a = np.column_stack([x**i for i in range(n + 1)] + [-y * x**i for i in range(1, d + 1)]) * (w / scale)[:, None]
        size = np.abs(a).max(0)
        c = np.linalg.lstsq(a / size, y * w / scale, rcond=None)[0] / size
        below = 1 + sum(c[n + i] * x**i for i in range(1, d + 1))
        w = 1 / below
    error = np.abs(sum(c[i] * x**i for i in range(n + 1)) / below - y) / scale
    return error.max(), c


def log_parts(x, s):
    """ln of time value and of complement over the smaller of forward and strike."""
    a, t = x / s, s / 2
    near = (a * t <= 2) & (t <= 0.7)
    even, odd = mills(a), 1 - a * mills(a)
    power = t.copy()
    series = power * odd
    for k in range(1, 24, 2):
        even = k * even - a * odd
        odd = (k + 1) * odd - a * even
        power = power * t * t / ((k + 1) * (k + 2))
        series += power * odd
    # Both directions are computed everywhere; what is not used may overflow.
    bracket = np.where(near, 2 * series, mills(np.maximum(a - t, -1.5)) - mills(a + t))
    density = -0.5 * (a + t) ** 2 - 0.5 * np.log(2 * np.pi) + x
    return density + np.log(bracket), density + np.log(mills(np.maximum(t - a, -1.5)) + mills(a + t))


np.seterr(all="ignore")
# Bachelier: a of ln(1 + x/(2 beta)), beta/x = phi(a)/a - N(-a).
a = np.concatenate([np.geomspace(1e-6, 0.1, 200), np.linspace(0.1, 38, 3000)])
rest = np.where(a > 30, 1 / a**2 - 3 / a**4 + 15 / a**6, 1 - a * mills(a))
eta = np.logaddexp(0, a * a / 2 + 0.5 * np.log(2 * np.pi) - np.log(rest) + np.log(a) - np.log(2))
m = np.sqrt(1 + eta) - 1
error, c = quotient(m, a / m, 4, 4, a / m)
print("a/m by m, error", error, list(c))
bachelier = c

# Lower half: a over Bachelier's.
xs = np.concatenate([np.geomspace(1e-3, 0.5, 12), np.linspace(0.6, 10, 24)])
at = np.concatenate([np.geomspace(1e-3, 0.3, 8), np.linspace(0.35, 37, 120)])
x, a = (v.ravel() for v in np.meshgrid(xs, at))
s = x / a
value, _ = log_parts(x, s)
keep = (s / 2 - a < 1.2) & (value < np.log(0.55)) & (value - x > -690)
x, a, value = x[keep], a[keep], value[keep]
eta = np.logaddexp(0, np.log(x) - (value - x / 2) - np.log(2))
m = np.sqrt(1 + eta) - 1
own = m * sum(bachelier[i] * m**i for i in range(5)) / (1 + sum(bachelier[4 + i] * m**i for i in range(1, 5)))
u, v = (x / own / 2) ** 2, 1 / (1 + own)
error, c = level(np.column_stack([u ** (i + 1) * v**j for i in range(3) for j in range(4)]), a / own - 1, a / own)
print("lower correction, by powers of t^2 and then 1/(1 + a), error", error, list(c))

# Upper half: d1 from the quantile of half the complement.
x, s = (v.ravel() for v in np.meshgrid(np.concatenate([[1e-6, 1e-3, 1e-2], np.linspace(0.05, 10, 40)]), np.linspace(0.5, 74, 600)))
_, gap = log_parts(x, s)
d1 = s / 2 - x / s
keep = (d1 > -0.3) & (gap < np.log(0.55)) & (gap > -680)
x, s, d1, gap = x[keep], s[keep], d1[keep], gap[keep]
z = np.array([brentq(lambda q: log_ndtr(-q) - p, -1, 40) for p in gap - np.log(2)])
r = np.sqrt(-2 * (gap - np.log(2)))
error, c = quotient(r, r - z, 2, 2, np.ones_like(r))
print("quantile, error", error, list(c))
v, y = z / np.sqrt(z * z + 2 * x), 1 / (1 + z)
error, c = level(np.column_stack([(1 - v) * y * v**i * y**j for i in range(3) for j in range(2)]), z - d1, np.sqrt(d1 * d1 + 2 * x))
print("upper shift, by powers of v and then y, error", error, list(c))

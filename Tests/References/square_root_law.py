"""Heston's variance after one day, by SciPy's noncentral chi-square: what exact draws are held against.

dv = kappa (theta - v) dt + xi sqrt(v) dZ over 1/365 of a year. Prints, for each case, values of v' and the probability of being below.

    python Tests/References/square_root_law.py

Needs scipy.
"""

import math

from scipy.stats import ncx2

CASES = [  # kappa, theta, xi, v: below and above one degree of freedom, and a start at zero
    (1.0, 0.04, 2.0, 0.04),
    (1.0, 0.04, 2.0, 0.002),
    (4.0, 0.06, 0.8, 0.09),
    (2.0, 0.04, 0.5, 0.0),
]
PROBABILITIES = [0.001, 0.05, 0.3, 0.5, 0.8, 0.99, 0.9999]

for kappa, theta, xi, v in CASES:
    decay = math.exp(-kappa / 365)
    c = xi * xi * (1 - decay) / (4 * kappa)
    degrees = 4 * kappa * theta / (xi * xi)
    law = ncx2(degrees, v * decay / c)
    rows = []
    for p in PROBABILITIES:
        value = c * law.ppf(p)
        if value > 1e-9:
            rows.append((float(f"{value:.9g}"), float(f"{law.cdf(float(f'{value:.9g}') / c):.7f}")))
    print((kappa, theta, xi, v), rows)

"""Chebyshev coefficients of (1 + x) R(x) in t = (x - 5)/(x + 5), R the Mills ratio: Sources/Pricing/MillsRatio.swift.

Needs mpmath. The first coefficient is printed halved.
"""
import mpmath as mp

mp.mp.dps = 40
nodes, shift, kept = 64, mp.mpf(5), 24


def scaled(t):
    x = shift * (1 + t) / (1 - t)
    if x > 200:  # asymptotic series
        y = 1 / x
        ratio = y - y**3 + 3 * y**5 - 15 * y**7 + 105 * y**9 - 945 * y**11
    else:
        ratio = mp.sqrt(mp.pi / 2) * mp.exp(x * x / 2) * mp.erfc(x / mp.sqrt(2))
    return (1 + x) * ratio


angles = [mp.pi * (j + mp.mpf(1) / 2) / nodes for j in range(nodes)]
values = [scaled(mp.cos(a)) for a in angles]
for i in range(kept):
    c = mp.mpf(2) / nodes * sum(v * mp.cos(i * a) for v, a in zip(values, angles))
    print(f"{float(c / 2 if i == 0 else c)!r},")

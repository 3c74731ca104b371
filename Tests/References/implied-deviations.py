"""Total deviations that doubles called price, forward and strike imply exactly: Tests/PricingTests/ImpliedDeviationsReference.swift.

Needs mpmath; minutes. `implied-deviations.py COUNT` draws so many problems of each kind: over the whole domain (s = sigma sqrt(T) from
1e-6 to 16, up to 36 deviations and a factor e^8 from the forward), at usual strikes, and at the money to 1e-8 deviations; calls and puts in
and out of the money. A price is Black's rounded to double; the deviation is that of the rounded price, time value and moneyness unrounded.
"""
import random
import sys

import mpmath as mp

mp.mp.dps = 45


def cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def parts(forward, strike, s):
    """Time value, what is missing to its bound, and the slope of both in s."""
    large, small = max(forward, strike), min(forward, strike)
    x = mp.log(small / large)
    d1, d2 = x / s + s / 2, x / s - s / 2
    slope = large * mp.exp(-d2 * d2 / 2) / mp.sqrt(2 * mp.pi)
    return small * cdf(d1) - large * cdf(d2), small * cdf(-d1) + large * cdf(d2), slope


def invert(forward, strike, value, gap, s):
    for _ in range(80):
        v, g, slope = parts(forward, strike, s)
        step = v * mp.log(v / value) / slope if value <= gap else -g * mp.log(g / gap) / slope
        s = s - step if s > step else s / 2
        if abs(step) < s * mp.mpf(10) ** -24:
            return s
    raise ValueError((forward, strike, value))


def problem(kind, forward, strike, s):
    f, k = mp.mpf(forward), mp.mpf(strike)
    intrinsic = max(kind * (f - k), mp.mpf(0))
    price = float(parts(f, k, mp.mpf(s))[0] + intrinsic)
    value, gap = mp.mpf(price) - intrinsic, (f if kind > 0 else k) - mp.mpf(price)
    least = mp.mpf("1e-279") * max(f, k)
    if value < least or gap < least or price < float(intrinsic):
        return None
    return kind, price, forward, strike, float(invert(f, k, value, gap, mp.mpf(s)))


def draw(law, draws):
    kind = draws.choice([1, -1])
    if law == "whole domain":
        s, h, forward = 10 ** draws.uniform(-6, 1.2), 36 * draws.random() ** 2 * draws.choice([1, -1]), 10 ** draws.uniform(-2, 5.5)
    elif law == "usual strikes":
        s, h, forward = draws.uniform(0.01, 3), draws.gauss(0, 1.5), draws.uniform(0.5, 2) * 1e5
    else:
        s, h, forward = 10 ** draws.uniform(-5, 0.5), 10 ** draws.uniform(-8, 0) * draws.choice([1, -1]), 9e4
    return None if abs(h * s) > 8 else problem(kind, forward, forward * float(mp.exp(h * s)), s)


draws = random.Random(7)
print("/// Sign (+1 call), price, forward, strike and the total deviation they imply, by `Tests/References/implied-deviations.py 100`.")
print("let scatteredDeviations: [(sign: Double, price: Double, forward: Double, strike: Double, deviation: Double)] = [")
for law in ["whole domain", "usual strikes", "at the money"]:
    count = 0
    while count < int(sys.argv[1]):
        row = draw(law, draws)
        if row:
            print("    (%d, %r, %r, %r, %r)," % row)
            count += 1
print("]")

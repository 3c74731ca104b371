"""Total deviations that doubles called price imply exactly: Tests/PricingTests/ImpliedVolatilityReference.swift.

Needs mpmath. Forward is 1. Each price is Black's at the wanted moneyness (in deviations) and total deviation, rounded to double, and the
deviation printed is the one of that rounded price and the rounded strike, so that an inversion can be held to machine precision.
"""
import mpmath as mp

mp.mp.dps = 400


def cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def call(strike, s):
    x = mp.log(1 / strike)
    return cdf(x / s + s / 2) - strike * cdf(x / s - s / 2)


def invert(price, strike, s):
    x = mp.log(1 / strike)
    for _ in range(60):
        slope = mp.exp(-((x / s + s / 2) ** 2) / 2) / mp.sqrt(2 * mp.pi)
        step = (call(strike, s) - price) / slope
        s -= step
        if abs(step) < s * mp.mpf(10) ** -30:
            return s
    raise ValueError((price, strike))


rows = []
for s in ["1e-6", "1e-4", "1e-3", "0.01", "0.05", "0.2", "0.5", "1", "2", "3.5", "6"]:
    for h in ["0", "1e-3", "0.1", "0.5", "1", "1.5", "2.5", "4", "6", "8", "12", "20", "30", "37"]:
        strike = float(mp.exp(mp.mpf(h) * mp.mpf(s)))
        price = float(call(mp.mpf(strike), mp.mpf(s)))
        if not 1e-300 <= price < 1:
            continue
        if mp.mpf(strike) == 1 and h != "0":
            continue
        exact = invert(mp.mpf(price), mp.mpf(strike), mp.mpf(s))
        rows.append((strike, price, float(exact)))
print("/// Strike, call price and the total deviation they imply at forward 1, by `Tests/References/implied-volatility.py`.")
print("let impliedDeviations: [(strike: Double, price: Double, deviation: Double)] = [")
for row in rows:
    print("    (%r, %r, %r)," % row)
print("]")
mp.mp.dps = 50
print()
print("/// x, s and the normalised price b(x, s), by the same script.")
print("let normalizedPrices: [(x: Double, s: Double, b: Double)] = [")
for s in [1e-6, 1e-3, 0.1, 0.3, 0.69, 0.71, 1.0, 2.0, 4.0]:
    for h in [0.0, 0.2, 0.9, 1.01, 1.1, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0]:
        x = -h * s
        mx, ms = mp.mpf(x), mp.mpf(s)
        b = mp.exp(mx / 2) * cdf(mx / ms + ms / 2) - mp.exp(-mx / 2) * cdf(mx / ms - ms / 2)
        print("    (%r, %r, %r)," % (x, s, float(b)))
print("]")

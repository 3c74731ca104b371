"""Values of features by other tools: QuantLib prices, NumPy least squares and polynomials, pandas weights.

Run with: python3 -m venv venv && venv/bin/pip install numpy pandas QuantLib && venv/bin/python Tests/References/features.py
The figures it prints stand in Tests/FeaturesTests/ReferenceTests.swift.
"""

import math

import numpy as np
import pandas as pd
import QuantLib as ql


def black(kind, forward, strike, volatility, years):
    return ql.blackFormula(ql.Option.Call if kind == "call" else ql.Option.Put, strike, forward, volatility * math.sqrt(years))


# A book of options on one flat volatility of 60 %: (kind, strike, days, quantity); every forward 80,000.
BOOK = [("call", 85_000, 40, -3), ("put", 70_000, 40, 2), ("put", 60_000, 200, 1.5), ("call", 80_000, 2, -1)]
F, SIGMA = 80_000.0, 0.6


def total(f=0.0, s=0.0, rate=0.0, curve=None):
    """USD value; `rate` lifts forwards with the spot held and does not discount."""
    value = 0.0
    for kind, strike, days, quantity in BOOK:
        years = days / 365
        forward = (F + f) * math.exp(rate * years)
        k = math.log(strike / F)
        volatility = SIGMA + s + (curve(k) if curve else 0)
        value += quantity * black(kind, forward, strike, volatility, years)
    return value


def coin(move, factor, rate):
    value = 0.0
    for kind, strike, days, quantity in BOOK:
        years = days / 365
        forward = F * (1 + move) * math.exp(rate * years)
        value += quantity * black(kind, forward, strike, SIGMA * factor, years) / forward
    return value


def difference(f, h, order):
    """Central differences by Richardson's extrapolation."""

    def once(step):
        if order == 1:
            return (f(step) - f(-step)) / (2 * step)
        if order == 2:
            return (f(step) - 2 * f(0) + f(-step)) / step**2
        return (f(2 * step) - 2 * f(step) + 2 * f(-step) - f(-2 * step)) / (2 * step**3)

    return (4 * once(h / 2) - once(h)) / 3


def greeks():
    discounted = lambda r: math.exp(0) * total(rate=r)
    print("book-speed", difference(lambda h: total(f=h), 100, 3))
    print("book-zomma", difference(lambda s: difference(lambda h: total(f=h, s=s), 100, 2), 0.005, 1))
    # The dollar rate with the spot held: V = e^{-rT} Black(S e^{rT}), a price today.
    def rho(r):
        return sum(
            q * math.exp(-r * d / 365) * black(kind, F * math.exp(r * d / 365), k, SIGMA, d / 365) for kind, k, d, q in BOOK
        )

    print("book-rho-1bp", 1e-4 * difference(rho, 1e-3, 1))
    print("book-basis-1bp", 1e-4 * difference(discounted, 1e-3, 1))
    print("book-skew-exposure", difference(lambda h: total(curve=lambda k: h * k), 1e-3, 1))
    print("book-curvature-exposure", difference(lambda h: total(curve=lambda k: h * k * k / 2), 1e-3, 1))


def ladder():
    base = coin(0, 1, 0)
    moves, factors = [-0.5, -0.33, -0.16, -0.08, -0.04, 0, 0.04, 0.08, 0.16, 0.33, 0.5], [0.75, 1, 1.5]
    cells = {(m, v, r): coin(m, v, r) - base for r in (-0.02, 0, 0.02) for v in factors for m in moves}
    for cell in [(-0.5, 1, 0), (-0.16, 1.5, 0), (0.33, 0.75, 0), (0.5, 1.5, 0)]:
        print("ladder", cell, cells[cell])
    worst = min(cells, key=cells.get)
    print("ladder worst", worst, cells[worst])


def har():
    daily = [0.3 + 0.1 * math.sin(i) + 0.05 * math.cos(0.31 * i * i) for i in range(121)]  # the last day first
    rows, targets = [], []
    for day in range(1, 91):
        if day + 30 <= len(daily):
            rows.append([1, daily[day], np.mean(daily[day : day + 7]), np.mean(daily[day : day + 30])])
            targets.append(daily[day - 1])
    beta, *_ = np.linalg.lstsq(np.array(rows), np.array(targets), rcond=None)
    now = [1, daily[0], np.mean(daily[:7]), np.mean(daily[:30])]
    print("har", beta.tolist(), float(np.dot(beta, now)))


def response():
    # Forty days: ln F and sigma of a constant maturity, a day apart.
    days = np.arange(41)
    log_forward = 0.02 * np.sin(days * 2.1) + 0.01 * np.cos(days * 0.7)
    sigma = 0.5 - 0.8 * log_forward + 0.01 * np.sin(days * 1.3)
    moves = pd.DataFrame({"x": np.diff(log_forward), "y": np.diff(sigma)}, index=pd.to_datetime(days[1:], unit="D"))
    weights = moves.ewm(halflife="7 days", times=moves.index)
    xy = (weights.mean()["x"], weights.mean()["y"], (moves["x"] * moves["y"]).ewm(halflife="7 days", times=moves.index).mean())
    xx = (moves["x"] ** 2).ewm(halflife="7 days", times=moves.index).mean()
    covariance = xy[2].iloc[-1] - xy[0].iloc[-1] * xy[1].iloc[-1]
    print("spot response", covariance / (xx.iloc[-1] - xy[0].iloc[-1] ** 2))


def factors():
    x = np.log(np.array([7, 30, 90, 180]) / 30)
    y = np.log(np.array([0.52, 0.55, 0.58, 0.57]))
    print("factors", y.mean(), np.polyfit(x, y, 1)[0], np.polyfit(x, y, 2)[0])


def five_minutes():
    price = 80_000 * np.exp(np.cumsum([0.001 * math.sin(1.7 * i) + (0.02 if i == 100 else 0) for i in range(288)]))
    times = pd.date_range("2026-01-01", periods=288, freq="5min")
    returns = np.log(pd.Series(price, index=times)).diff().dropna()
    years = len(returns) * 5 / (365 * 1440)
    bipower = math.pi / 2 * (returns.abs() * returns.abs().shift()).dropna().sum() * len(returns) / (len(returns) - 1)
    print("five minutes", (returns**2).sum() / years, bipower / years)


def flow():
    rows = [(100, 5, 101, 4), (100, 7, 101, 3), (100.5, 2, 101.5, 6), (100, 4, 101.5, 5), (100, 4, 101, 9)]
    e = 0.0
    for (b0, qb0, a0, qa0), (b, qb, a, qa) in zip(rows, rows[1:]):
        e += (b >= b0) * qb - (b <= b0) * qb0 - (a <= a0) * qa + (a >= a0) * qa0
    depth = np.mean([(qb + qa) / 2 for _, qb, _, qa in rows])
    b, qb, a, qa = rows[-1]
    print("order flow", e / depth, "micro", (a * qb + b * qa) / (qa + qb) / ((a + b) / 2) - 1)


if __name__ == "__main__":
    for part in (greeks, ladder, har, response, factors, five_minutes, flow):
        part()

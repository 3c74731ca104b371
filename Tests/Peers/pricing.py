"""Implied volatilities, an SVI surface, a Heston calibration and least squares by other people's means: the peers of `hedge bench pricing`
and of `hedge bench algebra`.

The work is that of hedge's own rows: chains of 16 expiries and 50 strikes within two and a half deviations, calls and puts; 12 expiries of
25 strikes within two deviations for the fits; a million rows of 20 normal numbers for least squares.

    python Tests/Peers/pricing.py --engine lbriv --threads 2

prints one JSON object: the units of work of a round, the seconds of each round after warming up, and for inversions how far they are from
the deviations that made the prices; or what is missing.

Engines
    lbriv          Jaeckel's Let's be rational compiled by Cython, a chain's calls at once
    fast-vollib    the same algorithm vectorised in NumPy
    scipy-svi      SciPy's least_squares with an analytic Jacobian, an expiry after the other, from a plain start
    quantlib-svi   QuantLib's SviInterpolatedSmileSection, Levenberg-Marquardt
    quantlib-implied  QuantLib's blackFormulaImpliedStdDev, one option after the other
    quantlib-heston  QuantLib's HestonModel.calibrate with Levenberg-Marquardt on all expiries
    numpy-normal   NumPy's normal equations: solve(X'X, X'y)
    numpy-lstsq    NumPy's lstsq
    sklearn-ridge  scikit-learn's Ridge with Cholesky

Needs numpy, and each engine its own package.
"""

import argparse
import concurrent.futures
import json
import math
import multiprocessing
import time

import numpy as np


def normal_cdf(x):
    from scipy.special import ndtr

    return ndtr(x)


def chains(count):
    """(price, forward, strikes, sign, deviation) of the calls and of the puts of `count` chains, 800 each."""
    h = np.tile(np.linspace(-2.5, 2.5, 50), 16)
    years = np.repeat(np.exp(np.arange(16) / 15 * math.log(365)) / 365, 50)
    s = (0.5 + 0.1 * h * h / 6 - 0.02 * h) * np.sqrt(years)
    rows = []
    for index in range(count):
        forward = 90_000 * math.exp(0.2 * math.sin(index))
        strikes = forward * np.exp(h * s)
        d1 = -h + s / 2
        for sign in (1, -1):
            price = sign * (forward * normal_cdf(sign * d1) - strikes * normal_cdf(sign * (d1 - s)))
            rows.append((price, forward, strikes, sign, s))
    return rows


PARTS = []


def invert(part):
    """The sum of what one process finds in its part; the parts are there since before it was forked."""
    return float(sum(np.nansum(solve()) for solve in PARTS[part]))


def implied(engine, count, processes):
    # Few enough to stay in the caches.
    rows = chains(min(count, 16)) * max(count // 16, 1)
    if engine == "lbriv":
        import lbriv

        def solve(part):
            return [lambda row=row: lbriv.vectorized_implied_vol_strikes(row[0], row[1], row[2], row[3]) for row in part]

    else:
        import fast_vollib

        def solve(part):
            # All at once, which it needs to be fast.
            price, strikes = (np.concatenate([row[i] for row in part]) for i in (0, 2))
            forward = np.concatenate([np.full(800, row[1]) for row in part])
            flags = np.concatenate([np.full(800, "c" if row[3] > 0 else "p") for row in part])
            return [
                lambda: np.asarray(
                    fast_vollib.fast_implied_volatility_black(price, forward, strikes, 0.0, 1.0, flags, return_as="numpy")
                )
            ]

    PARTS[:] = [solve(rows[i::processes]) for i in range(processes)]
    found = np.concatenate([np.concatenate([one() for one in solve([row])]) for row in rows[:32]])
    error = float(np.nanmax(np.abs(found / np.concatenate([row[4] for row in rows[:32]]) - 1)))

    def run(pool):
        return list(pool.map(invert, range(processes))) if pool else [invert(part) for part in range(processes)]

    return 800 * len(rows), run, {"largest difference": error}


def quotes():
    """Log-moneyness and volatility of 12 monthly SSVI slices."""
    rows = []
    for month in range(1, 13):
        years = month / 12
        theta, rho, phi = 0.36 * years, -0.3, 1.2 / (0.6 * math.sqrt(years))
        k = np.linspace(-2, 2, 25) * 0.6 * math.sqrt(years)
        w = theta / 2 * (1 + rho * phi * k + np.sqrt((phi * k + rho) ** 2 + 1 - rho * rho))
        middle = np.sqrt(w / years) + np.where(np.arange(25) % 2 == 0, 0.0005, -0.0005)
        rows.append((years, k, middle))
    return rows


def scipy_svi():
    from scipy.optimize import least_squares

    def slice_of(years, k, volatility):
        target = volatility * volatility * years
        level = target[len(k) // 2]

        def residual(x):
            a, b, rho, m, sigma = x
            y = k - m
            return (a + b * (rho * y + np.sqrt(y * y + sigma * sigma)) - target) / level

        def jacobian(x):
            a, b, rho, m, sigma = x
            y = k - m
            root = np.sqrt(y * y + sigma * sigma)
            columns = [np.ones_like(k), rho * y + root, b * y, -b * (rho + y / root), b * sigma / root]
            return np.stack(columns, axis=1) / level

        start = [0.5 * level, 0.1 * math.sqrt(level), -0.2, 0.0, 0.3 * math.sqrt(level)]
        return least_squares(residual, start, jacobian, bounds=([-1, 0, -0.999, -2, 1e-4], [2, 4, 0.999, 2, 4])).x

    rows = quotes()
    return 1, lambda pool: [slice_of(*row) for row in rows], {}


def quantlib_svi():
    import QuantLib as ql

    today = ql.Date(1, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    prepared = []
    for years, k, volatility in quotes():
        level = volatility[12] ** 2 * years
        prepared.append((today + round(365 * years), [100 * math.exp(x) for x in k], list(volatility), level))

    def run(pool):
        found = []
        for date, strikes, volatility, level in prepared:
            start = (0.5 * level, 0.1 * math.sqrt(level), 0.3 * math.sqrt(level), -0.2, 0.0)
            smile = ql.SviInterpolatedSmileSection(
                date, 100.0, strikes, False, volatility[12], volatility, *start, False, False, False, False, False
            )
            found.append(smile.rmsError())
        return found

    return 1, run, {"root mean square errors": run(None)}


def quantlib_heston():
    import QuantLib as ql

    today = ql.Date(1, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    flat = ql.YieldTermStructureHandle(ql.FlatForward(today, 0, ql.Actual365Fixed()))
    spot = ql.QuoteHandle(ql.SimpleQuote(100))
    made = ql.AnalyticHestonEngine(ql.HestonModel(ql.HestonProcess(flat, flat, spot, 0.3, 3, 0.4, 1.4, -0.3)), 144)
    rows = []
    for month in range(1, 13):
        days = round(365 * month / 12)
        for k in np.linspace(-2, 2, 25) * 0.6 * math.sqrt(month / 12):
            strike = 100 * math.exp(k)
            option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Call, strike), ql.EuropeanExercise(today + days))
            option.setPricingEngine(made)
            process = ql.BlackScholesMertonProcess(
                spot, flat, flat, ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), 0.6, ql.Actual365Fixed()))
            )
            rows.append((days, strike, option.impliedVolatility(option.NPV(), process)))

    def run(pool):
        model = ql.HestonModel(ql.HestonProcess(flat, flat, spot, 0.36, 1.5, 0.36, 1.0, -0.2))
        engine = ql.AnalyticHestonEngine(model, 64)
        helpers = []
        for days, strike, volatility in rows:
            quote = ql.QuoteHandle(ql.SimpleQuote(volatility))
            helper = ql.HestonModelHelper(ql.Period(days, ql.Days), ql.NullCalendar(), 100.0, strike, quote, flat, flat)
            helper.setPricingEngine(engine)
            helpers.append(helper)
        model.calibrate(helpers, ql.LevenbergMarquardt(), ql.EndCriteria(200, 50, 1e-8, 1e-8, 1e-8))
        return list(model.params())

    return 1, run, {"theta, kappa, sigma, rho, v0": run(None)}


def quantlib_implied(count):
    import QuantLib as ql

    # A tenth of the chains: each option is a call from Python.
    rows = chains(max(1, min(count // 10, 16)))
    options = [
        (ql.Option.Call if sign > 0 else ql.Option.Put, float(k), forward, float(p))
        for price, forward, strikes, sign, _ in rows
        for p, k in zip(price, strikes)
    ]

    def run(pool):
        found = []
        for kind, strike, forward, price in options:
            try:
                found.append(ql.blackFormulaImpliedStdDev(kind, strike, forward, price))
            except RuntimeError:
                found.append(math.nan)
        return found

    run(None)
    return len(options), run, {}


def least_squares(engine, rows):
    generator = np.random.default_rng(1)
    inputs = generator.standard_normal((rows, 20))
    targets = inputs[:, 0] - inputs[:, 5] + generator.standard_normal(rows)
    if engine == "sklearn-ridge":
        from sklearn.linear_model import Ridge

        def run(pool):
            return Ridge(alpha=1e-3, fit_intercept=False, solver="cholesky").fit(inputs, targets).coef_

    elif engine == "numpy-lstsq":

        def run(pool):
            return np.linalg.lstsq(inputs, targets, rcond=None)[0]

    else:

        def run(pool):
            return np.linalg.solve(inputs.T @ inputs, inputs.T @ targets)

    found = run(None)
    return rows, run, {"first coefficients": [float(x) for x in found[:6]]}


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
engines = ["lbriv", "fast-vollib", "quantlib-implied", "scipy-svi", "quantlib-svi", "quantlib-heston"]
engines += ["numpy-normal", "numpy-lstsq", "sklearn-ridge"]
parser.add_argument("--engine", required=True, choices=engines)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--chains", type=int, default=160)
parser.add_argument("--rows", type=int, default=1_000_000)
parser.add_argument("--rounds", type=int, default=5)
options = parser.parse_args()
work = {
    "lbriv": lambda: implied("lbriv", options.chains, options.threads),
    "fast-vollib": lambda: implied("fast-vollib", options.chains, options.threads),
    "quantlib-implied": lambda: quantlib_implied(options.chains),
    "scipy-svi": scipy_svi,
    "quantlib-svi": quantlib_svi,
    "quantlib-heston": quantlib_heston,
    "numpy-normal": lambda: least_squares("numpy-normal", options.rows),
    "numpy-lstsq": lambda: least_squares("numpy-lstsq", options.rows),
    "sklearn-ridge": lambda: least_squares("sklearn-ridge", options.rows),
}[options.engine]
try:
    units, run, facts = work()
except ModuleNotFoundError as error:
    print(json.dumps({"engine": options.engine, "missing": error.name}))
    raise SystemExit(0)
# Processes, because neither engine lets go of Python's lock.
dealt = options.threads > 1 and options.engine in ("lbriv", "fast-vollib")
fork = multiprocessing.get_context("fork")
pool = concurrent.futures.ProcessPoolExecutor(options.threads, mp_context=fork) if dealt else None
if pool:
    run(pool)
seconds = []
for _ in range(options.rounds):
    start = time.perf_counter()
    run(pool)
    seconds.append(time.perf_counter() - start)
median = sorted(seconds)[len(seconds) // 2]
report = {"engine": options.engine, "threads": options.threads, "units": units, "perSecond": units / median, "seconds": seconds}
print(json.dumps(report | facts))

"""Calls under jump models at spot 100, zero rates: the tables in Tests/PricingTests/JumpModelTests.swift.

Merton by his series over QuantLib's Black formula, Bates by QuantLib's engine. Kou and SVCJ by Gil-Pelaez' two probabilities and SciPy's quadrature; SVCJ's
characteristic function by integrating its Riccati equations numerically, so that no closed form is shared with the code under test.
"""
import numpy as np
import QuantLib as ql
from scipy.integrate import quad, solve_ivp

SPOT = 100.0
STRIKES = (80.0, 95.0, 100.0, 105.0, 130.0)
today = ql.Date(1, 1, 2026)
ql.Settings.instance().evaluationDate = today
count = ql.Actual365Fixed()
zero = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, count))
spot = ql.QuoteHandle(ql.SimpleQuote(SPOT))


def quantlib_call(engine, days, strike):
    option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Call, strike), ql.EuropeanExercise(today + days))
    option.setPricingEngine(engine)
    return option.NPV()


def gil_pelaez_call(phi, strike, top):
    """phi(s) = E e^{s X}, X = ln(S_T/S_0), for complex s."""
    k = np.log(strike / SPOT)

    def probability(shift):
        def integrand(u):
            return (np.exp(-1j * u * k) * phi(1j * u + shift) / (1j * u)).real
        total, edges = 0.0, np.concatenate([[1e-12], np.linspace(1, top, 200)])
        for low, high in zip(edges, edges[1:]):
            total += quad(integrand, low, high, epsabs=1e-13, epsrel=1e-12, limit=200)[0]
        return 0.5 + total / np.pi
    return SPOT * probability(1.0) - strike * probability(0.0)


def merton():
    for sigma, lam, m, delta in [(0.2, 1.0, -0.1, 0.15), (0.5, 8.0, -0.03, 0.03), (0.15, 0.3, 0.2, 0.05)]:
        k = np.exp(m + delta**2 / 2) - 1
        for days in (30, 365):
            t = days / 365
            for strike in STRIKES:
                price, weight = 0.0, np.exp(-lam * t)
                for n in range(100):
                    forward = SPOT * np.exp(-lam * k * t + n * (m + delta**2 / 2))
                    price += weight * ql.blackFormula(ql.Option.Call, strike, forward, np.sqrt(sigma**2 * t + n * delta**2))
                    weight *= lam * t / (n + 1)
                print(f"    ({sigma}, {lam}, {m}, {delta}, {days}, {strike}, {price:.12g}),")


def bates():
    for v0, kappa, theta, xi, rho, lam, m, delta in [
        (0.04, 1.0, 0.04, 2.0, -0.7, 1.0, -0.1, 0.15),
        (0.5, 6.0, 0.5, 2.0, -0.4, 8.0, -0.03, 0.03),
        (0.02, 3.0, 0.09, 0.4, 0.2, 0.5, 0.1, 0.02),
    ]:
        process = ql.BatesProcess(zero, zero, spot, v0, kappa, theta, xi, rho, lam, m, delta)
        engine = ql.BatesEngine(ql.BatesModel(process), 1e-11, 2000000)
        for days in (30, 365):
            for strike in STRIKES:
                price = quantlib_call(engine, days, strike)
                print(f"    ({v0}, {kappa}, {theta}, {xi}, {rho}, {lam}, {m}, {delta}, {days}, {strike}, {price:.12g}),")


def kou():
    for sigma, lam, p, up, down in [(0.16, 1.0, 0.4, 10.0, 5.0), (0.5, 10.0, 0.3, 25.0, 20.0), (0.2, 3.0, 0.8, 12.0, 40.0)]:
        k = p * up / (up - 1) + (1 - p) * down / (down + 1) - 1
        for days in (30, 365):
            t = days / 365

            def phi(s):
                jump = p * up / (up - s) + (1 - p) * down / (down + s) - 1
                return np.exp(t * (0.5 * sigma**2 * (s * s - s) + lam * (jump - s * k)))
            for strike in STRIKES:
                print(f"    ({sigma}, {lam}, {p}, {up}, {down}, {days}, {strike}, {gil_pelaez_call(phi, strike, 9 / (sigma * t**0.5)):.10g}),")


def svcj():
    for v0, kappa, theta, xi, rho, lam, m, delta, mu, rho_j in [
        # Broadie and Kaya's, from Duffie, Pan and Singleton's fit
        (0.007569, 3.46, 0.008, 0.14, -0.82, 0.47, -0.10, 0.0001, 0.05, -0.38),
        (0.4, 4.0, 0.4, 1.5, -0.3, 5.0, -0.02, 0.06, 0.3, -0.1),
    ]:
        k = np.exp(m + delta**2 / 2) / (1 - rho_j * mu) - 1
        for days in (30, 365):
            t = days / 365
            known = {}

            def phi(s):
                if s not in known:
                    def slope(_, y):
                        b = y[0]
                        db = 0.5 * (s * s - s) - (kappa - rho * xi * s) * b + 0.5 * xi * xi * b * b
                        size = np.exp(m * s + 0.5 * delta**2 * s * s) / (1 - mu * (b + rho_j * s))
                        return [db, kappa * theta * b + lam * (size - 1 - k * s)]
                    y = solve_ivp(slope, (0, t), np.array([0j, 0j]), method="DOP853", rtol=1e-10, atol=1e-13).y[:, -1]
                    known[s] = np.exp(y[1] + y[0] * v0)
                return known[s]
            # One fixed rule for all strikes, so that each point of the characteristic function is integrated once.
            nodes, weights = np.polynomial.legendre.leggauss(48)
            top = 8 / (0.6 * (v0 * t) ** 0.5)
            edges = np.linspace(0, top, 9)
            points = np.concatenate([(a + b) / 2 + (b - a) / 2 * nodes for a, b in zip(edges, edges[1:])])
            spans = np.concatenate([(b - a) / 2 * weights for a, b in zip(edges, edges[1:])])
            values = np.array([[phi(1j * u + shift) / (1j * u) for u in points] for shift in (1.0, 0.0)])
            for strike in STRIKES:
                turn = np.exp(-1j * points * np.log(strike / SPOT))
                p1, p2 = (0.5 + (turn * row).real @ spans / np.pi for row in values)
                print(f"    ({v0}, {kappa}, {theta}, {xi}, {rho}, {lam}, {m}, {delta}, {mu}, {rho_j}, {days}, {strike},"
                      f" {SPOT * p1 - strike * p2:.9g}),")


for model in (merton, bates, kou, svcj):
    print(model.__name__)
    model()

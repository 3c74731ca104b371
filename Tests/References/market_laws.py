"""Calls at spot 100, zero rates, for simulators without a formula in Sources/Pricing: tables in Tests/StochasticsTests.

SABR by QuantLib's finite differences where they take it, else by Euler's scheme in small steps; Heston-Nandi by their recursion and SciPy's quadrature, rough Bergomi by a simulation that shares
no scheme with the code under test: the exact Gaussian law of (W, Y) on the grid by Cholesky, prices by Romano and Touzi's conditioning. The last column is an error.
"""
import numpy as np
import QuantLib as ql
from scipy.integrate import quad
from scipy.stats import norm

SPOT = 100.0


def sabr(paths=400_000, steps=400, seed=5):
    today = ql.Date(1, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    zero = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, ql.Actual365Fixed()))
    sigma, beta, nu, rho, days = 0.2, 0.999, 0.8, -0.6, 182
    for strike in (85.0, 100.0, 120.0):
        option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Call, strike), ql.EuropeanExercise(today + days))
        option.setPricingEngine(ql.FdSabrVanillaEngine(SPOT, sigma * SPOT ** (1 - beta), beta, nu, rho, zero, 200, 800, 120))
        print(f"    [{sigma}, {beta}, {nu}, {rho}, {days}, {strike}, {option.NPV():.6g}, 1e-3],")
    # QuantLib's engine refuses these; Euler on the forward itself, absorbed at zero, the forward as control.
    rng = np.random.default_rng(seed)
    for sigma, beta, nu, rho, days in [(0.4, 0.5, 1.0, -0.3, 182), (0.3, 0.7, 2.0, 0.4, 30)]:
        alpha, dt = sigma * SPOT ** (1 - beta), days / 365 / steps
        forward, volatility = np.full(paths, SPOT), np.full(paths, alpha)
        for _ in range(steps):
            half = rng.standard_normal((2, paths // 2))
            z, w = np.concatenate([half, -half], axis=1)
            forward = np.maximum(forward + volatility * forward**beta * np.sqrt(dt) * z, 0.0)
            volatility *= np.exp(nu * np.sqrt(dt) * (rho * z + np.sqrt(1 - rho**2) * w) - nu**2 * dt / 2)
        for strike in (85.0, 100.0, 120.0):
            call = np.maximum(forward - strike, 0.0)
            slope = np.cov(call, forward)[0, 1] / forward.var()
            x = call - slope * (forward - SPOT)
            x = (x[: paths // 2] + x[paths // 2 :]) / 2
            print(f"    [{sigma}, {beta}, {nu}, {rho}, {days}, {strike}, {x.mean():.6g}, {x.std() / len(x)**0.5:.2g}],")


def heston_nandi():
    # Coefficients of a day of 365; the first h is the annual variance over 365.
    for variance, omega, alpha, beta, gamma, steps in [(0.04, 4.8e-7, 5e-6, 0.75, 200.0, 30), (0.09, 0.0, 2e-5, 0.6, 120.0, 90)]:
        def growth(phi):
            a = b = 0j
            for _ in range(steps):
                shrink = 1 - 2 * alpha * b
                a, b = (a + b * omega - 0.5 * np.log(shrink),
                        phi * (gamma - 0.5) - 0.5 * gamma**2 + beta * b + 0.5 * (phi - gamma) ** 2 / shrink)
            return np.exp(a + b * variance / 365)
        for strike in (90.0, 100.0, 108.0):
            k = np.log(strike / SPOT)

            def probability(shift):
                def integrand(u):
                    return (np.exp(-1j * u * k) * growth(1j * u + shift) / (1j * u)).real
                return 0.5 + quad(integrand, 1e-10, 300, limit=2000, epsabs=1e-10)[0] / np.pi
            print(f"    [{variance}, {omega}, {alpha}, {beta}, {gamma}, {steps}, {strike},"
                  f" {SPOT * probability(1.0) - strike * probability(0.0):.8g}],")


def rough_bergomi(paths=400_000, seed=7):
    for xi, hurst, eta, rho, days, steps in [(0.04, 0.1, 1.5, -0.7, 30, 30), (0.09, 0.3, 1.0, -0.4, 90, 20)]:
        dt = days / 365 / steps
        t = dt * np.arange(1, steps + 1)
        # Cov(Y(s), Y(t)) = 2H ∫₀^{min} (s−u)^{H−½} (t−u)^{H−½} du;  Cov(W(s), Y(t)) = √(2H)/(H+½) (t^{H+½} − (t − min)^{H+½}).
        cov = np.zeros((2 * steps, 2 * steps))
        for i in range(steps):
            for j in range(steps):
                low, high = min(t[i], t[j]), max(t[i], t[j])
                # v = (low − u)^{H+½} takes the end's singularity away.
                power = hurst + 0.5
                value = (low ** (2 * hurst) if i == j else 2 * hurst / power * quad(
                    lambda v: (high - low + v ** (1 / power)) ** (hurst - 0.5), 0, low**power, epsabs=1e-12)[0])
                cov[steps + i, steps + j] = value
                cov[i, j] = low
                cov[i, steps + j] = cov[steps + j, i] = np.sqrt(2 * hurst) / power * (t[j] ** power - (t[j] - min(t[i], t[j])) ** power)
        factor = np.linalg.cholesky(cov + 1e-14 * np.eye(2 * steps))
        rng = np.random.default_rng(seed)
        sums = {k: [] for k in (90.0, 100.0, 105.0)}
        for _ in range(paths // 20_000):
            z = rng.standard_normal((10_000, 2 * steps))
            normal = np.concatenate([z, -z]) @ factor.T
            w, y = normal[:, :steps], normal[:, steps:]
            v = xi * np.exp(eta * y - 0.5 * eta**2 * t ** (2 * hurst))
            v = np.concatenate([np.full((len(v), 1), xi), v[:, :-1]], axis=1)
            dw = np.diff(np.concatenate([np.zeros((len(w), 1)), w], axis=1), axis=1)
            forward = SPOT * np.exp(np.sum(rho * np.sqrt(v) * dw - 0.5 * rho**2 * v * dt, axis=1))
            deviation = np.sqrt((1 - rho**2) * np.sum(v * dt, axis=1))
            for strike in sums:
                d1 = np.log(forward / strike) / deviation + deviation / 2
                prices = forward * norm.cdf(d1) - strike * norm.cdf(d1 - deviation)
                sums[strike].append((prices[:10_000] + prices[10_000:]) / 2)
        for strike, parts in sums.items():
            x = np.concatenate(parts)
            print(f"    [{xi}, {hurst}, {eta}, {rho}, {days}, {steps}, {strike}, {x.mean():.6g}, {x.std() / len(x)**0.5:.2g}],")


for law in (sabr, heston_nandi, rough_bergomi):
    print(law.__name__)
    law()

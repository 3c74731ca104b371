"""Two Heston assets that move together: the option to exchange them, in Tests/StochasticsTests/MultiAssetSimulatorTests.swift.

All four noises are drawn from their 4 x 4 correlation matrix (prices 0.6, each price with its own variance, nothing else) and stepped by Euler with full
truncation on a fine grid: no noise is split into its variance's part and its own. The exchange option on two Black-Scholes assets driven by the same price
noises, whose value Margrabe gives, is the control.
"""
import numpy as np
from scipy.stats import norm

SPOTS, STARTS, KAPPA, THETA, XI, RHOS, TOGETHER = (100.0, 98.0), (0.09, 0.04), 4.0, 0.06, 0.6, (-0.5, 0.3), 0.6
YEARS, STEPS, PATHS, RUNS = 60 / 365, 240, 20_000, 20

correlation = np.eye(4)
correlation[0, 1] = correlation[1, 0] = TOGETHER
for asset in range(2):
    correlation[asset, 2 + asset] = correlation[2 + asset, asset] = RHOS[asset]
factor = np.linalg.cholesky(correlation)
sigmas = np.sqrt([0.5 * (start + THETA) for start in STARTS])
dt = YEARS / STEPS
generator = np.random.default_rng(20261123)
payoffs, controls = [], []
for _ in range(RUNS):
    logs = np.zeros((2, 2 * PATHS))
    plain = np.zeros((2, 2 * PATHS))
    v = np.repeat(np.array(STARTS)[:, None], 2 * PATHS, axis=1)
    for _ in range(STEPS):
        half = factor @ generator.standard_normal((4, PATHS))
        noise = np.concatenate([half, -half], axis=1) * np.sqrt(dt)
        positive = np.maximum(v, 0)
        root = np.sqrt(positive)
        logs += root * noise[:2] - positive * dt / 2
        plain += sigmas[:, None] * noise[:2] - (sigmas ** 2)[:, None] * dt / 2
        v += KAPPA * (THETA - positive) * dt + XI * root * noise[2:]
    for target, x in ((payoffs, logs), (controls, plain)):
        payoff = np.maximum(SPOTS[0] * np.exp(x[0]) - SPOTS[1] * np.exp(x[1]), 0)
        target.append((payoff[:PATHS] + payoff[PATHS:]) / 2)
payoffs, controls = np.concatenate(payoffs), np.concatenate(controls)
deviation = np.sqrt((sigmas[0] ** 2 + sigmas[1] ** 2 - 2 * TOGETHER * sigmas[0] * sigmas[1]) * YEARS)
d = np.log(SPOTS[0] / SPOTS[1]) / deviation + deviation / 2
margrabe = SPOTS[0] * norm.cdf(d) - SPOTS[1] * norm.cdf(d - deviation)
slope = np.cov(payoffs, controls)[0, 1] / controls.var()
left = payoffs - slope * (controls - margrabe)
print(f"{left.mean():.4f} +- {left.std() / np.sqrt(len(left)):.4f}")

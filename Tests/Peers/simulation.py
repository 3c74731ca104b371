"""Paths of Heston's model by other people's means: the peers of `hedge bench simulation`.

Spot and variance of every path at every time, in float32 (QuantLib: double), rates zero, by full truncation or by Andersen's
quadratic-exponential step with the martingale correction.

    python Tests/Peers/simulation.py --engine torch --scheme full-truncation --paths 100000 --steps 30

prints one JSON object: the seconds of each round after warming up, and of how many paths; or what package is missing.

Engines
    torch      whole columns of paths, two threads
    jax        a scan over time, jitted
    quantlib   QuantLib's own path generator, one thread, 2,000 paths
"""

import argparse
import json
import math
import time

KAPPA, THETA, XI, RHO, START = 1.5, 0.04, 0.5, -0.7, 0.04


def clock(run, rounds, warmup=2):
    for _ in range(warmup):
        run()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return seconds


def constants(dt):
    """Of the quadratic-exponential step: decay of the mean, its level, the variance's two terms, and k0 to k4."""
    decay = math.exp(-KAPPA * dt)
    spread = XI * XI * decay * (1 - decay) / KAPPA
    spread_zero = THETA * XI * XI * (1 - decay) ** 2 / (2 * KAPPA)
    half = dt / 2 * (KAPPA * RHO / XI - 0.5)
    rest = dt / 2 * (1 - RHO * RHO)
    return decay, THETA * (1 - decay), spread, spread_zero, half - RHO / XI, half + RHO / XI, rest


def torch_engine(scheme, paths, steps, dt, rounds):
    import torch

    torch.set_num_threads(2)
    spot, variance = torch.empty(steps + 1, paths), torch.empty(steps + 1, paths)
    first, other = torch.empty(paths), torch.empty(paths)

    def euler():
        x, v = torch.zeros(paths), torch.full((paths,), START)
        spot[0], variance[0] = 1, START
        across = math.sqrt(1 - RHO * RHO)
        for t in range(steps):
            first.normal_()
            other.normal_()
            positive = v.clamp_min(0)
            root = (positive * dt).sqrt_()
            x.sub_(positive, alpha=dt / 2).addcmul_(root, first)
            shock = torch.add(other.mul_(XI * across), first, alpha=XI * RHO)
            v.add_(KAPPA * THETA * dt).sub_(positive, alpha=KAPPA * dt).addcmul_(root, shock)
            torch.exp(x, out=spot[t + 1])
            torch.clamp_min(v, 0, out=variance[t + 1])

    decay, level, spread, spread_zero, k1, k2, k3 = constants(dt)

    def quadratic_exponential():
        x, v = torch.zeros(paths), torch.full((paths,), START)
        spot[0], variance[0] = 1, START
        tilt = k2 + k3 / 2
        for t in range(steps):
            first.normal_()
            other.normal_()
            mean = v * decay + level
            ratio = (v * spread + spread_zero) / (mean * mean)
            inverse = 2 / ratio
            square = inverse - 1 + (inverse * (inverse - 1)).clamp_min_(0).sqrt_()
            a = mean / (1 + square)
            quadratic = a * (square.clamp_min(0).sqrt_() + other) ** 2
            atom = (ratio - 1) / (ratio + 1)
            rate = (1 - atom) / mean
            uniform = torch.special.ndtr(other)
            exponential = (((1 - atom) / (1 - uniform)).log_() / rate).clamp_min_(0)
            low = ratio <= 1.5
            after = torch.where(low, quadratic, exponential)
            shrink = 1 - 2 * tilt * a
            growth = torch.where(
                low, tilt * a * square / shrink - 0.5 * shrink.log(), (atom + rate * (1 - atom) / (rate - tilt)).log_()
            )
            x += -growth - (k1 + k3 / 2) * v + k1 * v + k2 * after + (k3 * (v + after)).sqrt_() * first
            v = after
            torch.exp(x, out=spot[t + 1])
            variance[t + 1] = v

    with torch.no_grad():
        return clock(euler if scheme == "full-truncation" else quadratic_exponential, rounds), paths


def jax_engine(scheme, paths, steps, dt, rounds):
    import jax
    import jax.numpy as jnp

    decay, level, spread, spread_zero, k1, k2, k3 = constants(dt)
    tilt = k2 + k3 / 2

    def euler(state, key):
        x, v = state
        z = jax.random.normal(key, (2, paths))
        positive = jnp.maximum(v, 0)
        root = jnp.sqrt(positive * dt)
        x = x - positive * (dt / 2) + root * z[0]
        v = v + KAPPA * (THETA - positive) * dt + XI * root * (RHO * z[0] + math.sqrt(1 - RHO * RHO) * z[1])
        return (x, v), (jnp.exp(x), jnp.maximum(v, 0))

    def quadratic_exponential(state, key):
        x, v = state
        z = jax.random.normal(key, (2, paths))
        mean = v * decay + level
        ratio = (v * spread + spread_zero) / (mean * mean)
        inverse = 2 / ratio
        square = inverse - 1 + jnp.sqrt(jnp.maximum(inverse * (inverse - 1), 0))
        a = mean / (1 + square)
        quadratic = a * (jnp.sqrt(jnp.maximum(square, 0)) + z[1]) ** 2
        atom = (ratio - 1) / (ratio + 1)
        rate = (1 - atom) / mean
        uniform = jax.scipy.special.ndtr(z[1])
        exponential = jnp.maximum(jnp.log((1 - atom) / (1 - uniform)) / rate, 0)
        low = ratio <= 1.5
        after = jnp.where(low, quadratic, exponential)
        shrink = 1 - 2 * tilt * a
        growth = jnp.where(
            low, tilt * a * square / shrink - 0.5 * jnp.log(shrink), jnp.log(atom + rate * (1 - atom) / (rate - tilt))
        )
        x = x - growth - (k1 + k3 / 2) * v + k1 * v + k2 * after + jnp.sqrt(k3 * (v + after)) * z[0]
        return (x, after), (jnp.exp(x), after)

    step = euler if scheme == "full-truncation" else quadratic_exponential

    @jax.jit
    def simulate(key):
        start = (jnp.zeros(paths), jnp.full(paths, START))
        return jax.lax.scan(step, start, jax.random.split(key, steps))[1]

    key = jax.random.key(1)

    def run():
        nonlocal key
        key, one = jax.random.split(key)
        jax.block_until_ready(simulate(one))

    return clock(run, rounds), paths


def quantlib_engine(scheme, paths, steps, dt, rounds):
    import QuantLib as ql

    paths = min(paths, 2000)
    flat = ql.YieldTermStructureHandle(ql.FlatForward(0, ql.NullCalendar(), 0.0, ql.Actual365Fixed()))
    law = ql.HestonProcess.FullTruncation if scheme == "full-truncation" else ql.HestonProcess.QuadraticExponentialMartingale
    process = ql.HestonProcess(flat, flat, ql.QuoteHandle(ql.SimpleQuote(1.0)), START, KAPPA, THETA, XI, RHO, law)
    numbers = ql.GaussianRandomSequenceGenerator(
        ql.UniformRandomSequenceGenerator(2 * steps, ql.UniformRandomGenerator(1))
    )
    generator = ql.GaussianMultiPathGenerator(process, list(ql.TimeGrid(steps * dt, steps)), numbers, False)

    def run():
        for _ in range(paths):
            generator.next().value()

    return clock(run, rounds, warmup=1), paths


ENGINES = {"torch": torch_engine, "jax": jax_engine, "quantlib": quantlib_engine}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--scheme", choices=["full-truncation", "quadratic-exponential"], default="full-truncation")
    parser.add_argument("--paths", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--days-per-year", type=float, default=365)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    try:
        seconds, paths = ENGINES[options.engine](
            options.scheme, options.paths, options.steps, 1 / options.days_per_year, options.rounds
        )
    except ModuleNotFoundError as error:
        print(json.dumps({"engine": options.engine, "missing": error.name}))
        return
    print(json.dumps({"engine": options.engine, "seconds": seconds, "paths": paths}))


if __name__ == "__main__":
    main()

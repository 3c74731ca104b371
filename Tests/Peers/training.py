"""One epoch of deep hedging by other people's means: the peers of `hedge bench training`.

The work is that of hedge's own rows: a sold at-the-money European call on one asset, 30 daily steps, proportional cost
1e-3, entropic risk of aversion 1, a ReLU network that reads log-moneyness, time left, volatility and the previous
holding, float32; an epoch simulates its paths, runs forwards, back through time, and makes one Adam update. Heston's
variance is drawn by full truncation here and in JAX, by a quadratic-exponential step in pfhedge and in hedge.

    python Tests/Peers/training.py --engine torch --market black-scholes --hidden 32,32,32,32 --paths 10000

prints one JSON object: the seconds of each round after warming up, or what package is missing. The hand-written engines
first try several chunks and keep the fastest.

Engines
    torch             forward and backward written by hand in PyTorch, in chunks of paths, one process of two threads
    torch-processes   the same, paths split over two processes of one thread each, gradients summed in shared memory
    torch-compile     PyTorch's automatic gradient under torch.compile
    jax               value_and_grad of a scan over time, jitted
    pfhedge           pfhedge's Hedger.fit without its validation pass

Needs torch, jax, pfhedge (each only for its own engine).
"""

import argparse
import json
import math
import time

STEPS, DT, STRIKE, COST, AVERSION = 30, 1 / 365, 100.0, 1e-3, 1.0
VOLATILITY = 0.2
HESTON = dict(mean_reversion=2.0, long_run=0.04, vol_of_variance=0.5, correlation=-0.7, initial=0.04)
FEATURES = 4


def clock(epoch, rounds, warmup):
    for _ in range(warmup):
        epoch()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        epoch()
        seconds.append(time.perf_counter() - start)
    return seconds


# PyTorch


def torch_spots(torch, market, n):
    """Log-moneyness [T + 1, n] and volatility [T, n] (a number for Black-Scholes)."""
    if market == "black-scholes":
        step = torch.randn(STEPS, n) * (VOLATILITY * math.sqrt(DT)) - VOLATILITY**2 * DT / 2
        return torch.cat([torch.zeros(1, n), step.cumsum(0)]), None
    h = HESTON
    first, other = torch.randn(STEPS, n), torch.randn(STEPS, n)
    rest = math.sqrt(1 - h["correlation"] ** 2)
    variance, x = torch.full((n,), h["initial"]), torch.zeros(n)
    logs, volatilities = [x], []
    for t in range(STEPS):
        positive = variance.clamp_min(0)
        root = positive.sqrt()
        volatilities.append(root)
        x = x - positive * (DT / 2) + root * math.sqrt(DT) * (h["correlation"] * first[t] + rest * other[t])
        variance = variance + h["mean_reversion"] * (h["long_run"] - positive) * DT
        variance = variance + h["vol_of_variance"] * root * math.sqrt(DT) * first[t]
        logs.append(x)
    return torch.stack(logs), torch.stack(volatilities)


def torch_weights(torch, hidden):
    sizes = [FEATURES, *hidden, 1]
    weights = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        weights.append(torch.randn(fan_in, fan_out) * math.sqrt(2 / fan_in))
        weights.append(torch.zeros(fan_out))
    weights[-2] *= 0.1
    return weights


class TorchByHand:
    """Forward with every activation kept, backward through time through the previous holding, in memory taken once."""

    def __init__(self, torch, market, hidden, chunk):
        self.torch, self.market, self.chunk = torch, market, chunk
        self.weights = torch_weights(torch, hidden)
        self.gradients = [torch.zeros_like(w) for w in self.weights]
        self.layers = len(hidden) + 1
        self.shift = 2.5 * AVERSION
        widths = [FEATURES, *hidden, 1]
        self.tape = [[torch.zeros(chunk, width) for width in widths] for _ in range(STEPS)]
        self.slopes = [torch.zeros(chunk, width) for width in widths]

    def chunk_gradient(self, n):
        """Adds the chunk's gradient, its paths weighted by exp(aversion * loss - shift); returns the sum of the weights."""
        torch, W, layers = self.torch, self.weights, self.layers
        logs, volatility = torch_spots(torch, self.market, n)
        spot = STRIKE * logs.exp()
        moves = spot[1:] - spot[:-1]
        costs = COST * spot
        held = torch.zeros(n)
        loss = (spot[-1] - STRIKE).clamp_min_(0)
        signs = []
        for t in range(STEPS):
            activations = [a[:n] for a in self.tape[t]]
            x = activations[0]
            x[:, 0] = logs[t]
            x[:, 1] = (STEPS - t) * DT
            x[:, 2] = VOLATILITY if volatility is None else volatility[t]
            x[:, 3] = held
            for k in range(layers):
                torch.addmm(W[2 * k + 1], activations[k], W[2 * k], out=activations[k + 1])
                if k < layers - 1:
                    activations[k + 1].relu_()
            holding = activations[-1][:, 0]
            trade = holding - held
            loss.addcmul_(costs[t], trade.abs()).addcmul_(holding, moves[t], value=-1)
            signs.append(trade.sign_())
            held = holding
        weight = (AVERSION * loss - self.shift).exp_()
        later = torch.zeros(n)
        slopes = [s[:n] for s in self.slopes]
        for t in reversed(range(STEPS)):
            activations = self.tape[t]
            marginal = signs[t].mul_(weight).mul_(costs[t])
            torch.add(later, marginal, out=slopes[-1][:, 0]).addcmul_(weight, moves[t], value=-1)
            for k in reversed(range(layers)):
                a = activations[k][:n]
                self.gradients[2 * k].addmm_(a.t(), slopes[k + 1])
                self.gradients[2 * k + 1].add_(slopes[k + 1].sum(0))
                torch.mm(slopes[k + 1], W[2 * k].t(), out=slopes[k])
                if k > 0:
                    torch.ops.aten.threshold_backward.grad_input(slopes[k], a, 0, grad_input=slopes[k])
            later = slopes[0][:, 3] - marginal
        return float(weight.sum())

    def gradient(self, paths):
        for g in self.gradients:
            g.zero_()
        total = 0.0
        for start in range(0, paths, self.chunk):
            total += self.chunk_gradient(min(self.chunk, paths - start))
        return total


CHUNKS = [256, 512, 1000, 2500, 5000, 10_000]


def fastest_chunk(torch, market, hidden, paths):
    """The chunk that takes the fewest seconds a path with the threads that are set."""
    best = None
    for chunk in CHUNKS:
        if chunk > paths:
            break
        engine = TorchByHand(torch, market, hidden, chunk)
        sample = min(paths, max(chunk, 5000))
        seconds = min(clock(lambda: engine.gradient(sample), rounds=3, warmup=1)) / sample
        if best is None or seconds < best[0]:
            best = (seconds, chunk)
    return best[1] if best else paths


def torch_by_hand(market, hidden, paths, chunk, rounds, warmup):
    import torch

    torch.set_num_threads(2)
    with torch.no_grad():
        chunk = chunk or fastest_chunk(torch, market, hidden, paths)
        engine = TorchByHand(torch, market, hidden, chunk)
        adam = torch.optim.Adam(engine.weights, lr=1e-3)

        def epoch():
            total = engine.gradient(paths)
            for w, g in zip(engine.weights, engine.gradients):
                w.grad = g / total
            adam.step()

        return clock(epoch, rounds, warmup)


def worker(index, market, hidden, paths, chunk, epochs, barrier, shared, seconds):
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(1)
    with torch.no_grad():
        engine = TorchByHand(torch, market, hidden, chunk)
        adam = torch.optim.Adam(engine.weights, lr=1e-3)
        torch.manual_seed(2 + index)
        for e in range(epochs):
            barrier.wait()
            start = time.perf_counter()
            total = engine.gradient(paths // 2)
            shared[index, 0] = total
            shared[index, 1:] = torch.cat([g.flatten() for g in engine.gradients])
            barrier.wait()
            sums = shared.sum(0)
            offset = 1
            for w in engine.weights:
                w.grad = (sums[offset : offset + w.numel()] / sums[0]).view_as(w)
                offset += w.numel()
            adam.step()
            barrier.wait()
            if index == 0:
                seconds[e] = time.perf_counter() - start


def torch_processes(market, hidden, paths, chunk, rounds, warmup):
    import torch
    import torch.multiprocessing as multiprocessing

    context = multiprocessing.get_context("spawn")
    torch.set_num_threads(1)
    with torch.no_grad():
        chunk = chunk or fastest_chunk(torch, market, hidden, paths // 2)
    parameters = sum(w.numel() for w in torch_weights(torch, hidden))
    shared = torch.zeros(2, 1 + parameters).share_memory_()
    seconds = torch.zeros(rounds + warmup, dtype=torch.float64).share_memory_()
    barrier = context.Barrier(2)
    arguments = (market, hidden, paths, chunk, rounds + warmup, barrier, shared, seconds)
    processes = [context.Process(target=worker, args=(i, *arguments)) for i in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode != 0:
            raise SystemExit(f"a worker ended with {process.exitcode}")
    return seconds[warmup:].tolist()


def torch_compile(market, hidden, paths, chunk, rounds, warmup):
    import torch

    torch.set_num_threads(2)
    weights = [w.requires_grad_() for w in torch_weights(torch, hidden)]
    adam = torch.optim.Adam(weights, lr=1e-3)

    def risk(logs, volatility, *weights):
        spot = STRIKE * logs.exp()
        n = logs.shape[1]
        held = torch.zeros(n)
        loss = (spot[-1] - STRIKE).clamp_min(0)
        for t in range(STEPS):
            left = torch.full((n,), (STEPS - t) * DT)
            now = torch.full((n,), VOLATILITY) if volatility is None else volatility[t]
            x = torch.stack([logs[t], left, now, held], 1)
            for k in range(len(weights) // 2 - 1):
                x = torch.addmm(weights[2 * k + 1], x, weights[2 * k]).relu()
            holding = torch.addmm(weights[-1], x, weights[-2])[:, 0]
            loss = loss + COST * spot[t] * (holding - held).abs() - holding * (spot[t + 1] - spot[t])
            held = holding
        return (torch.logsumexp(AVERSION * loss, 0) - math.log(n)) / AVERSION

    compiled = torch.compile(risk)

    def epoch():
        with torch.no_grad():
            logs, volatility = torch_spots(torch, market, paths)
        adam.zero_grad()
        compiled(logs, volatility, *weights).backward()
        adam.step()

    return clock(epoch, rounds, warmup)


# JAX


def jax_engine(market, hidden, paths, chunk, rounds, warmup):
    import jax
    import jax.numpy as jnp

    sizes = [FEATURES, *hidden, 1]
    key = jax.random.key(1)
    weights = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        key, one = jax.random.split(key)
        weights.append((jax.random.normal(one, (fan_in, fan_out)) * math.sqrt(2 / fan_in), jnp.zeros(fan_out)))

    def spots(key):
        if market == "black-scholes":
            step = jax.random.normal(key, (STEPS, paths)) * (VOLATILITY * math.sqrt(DT)) - VOLATILITY**2 * DT / 2
            return jnp.concatenate([jnp.zeros((1, paths)), jnp.cumsum(step, 0)]), jnp.full((STEPS, paths), VOLATILITY)
        h = HESTON
        draws = jax.random.normal(key, (STEPS, 2, paths))

        def advance(state, z):
            x, v = state
            positive = jnp.maximum(v, 0)
            root = jnp.sqrt(positive)
            other = h["correlation"] * z[0] + math.sqrt(1 - h["correlation"] ** 2) * z[1]
            x = x - positive * (DT / 2) + root * math.sqrt(DT) * other
            v = v + h["mean_reversion"] * (h["long_run"] - positive) * DT
            v = v + h["vol_of_variance"] * root * math.sqrt(DT) * z[0]
            return (x, v), (x, root)

        start = (jnp.zeros(paths), jnp.full(paths, h["initial"]))
        _, (logs, roots) = jax.lax.scan(advance, start, draws)
        return jnp.concatenate([jnp.zeros((1, paths)), logs]), roots

    def risk(weights, logs, volatility):
        spot = STRIKE * jnp.exp(logs)

        def step(state, now):
            held, loss = state
            x, left, vol, s, after = now
            a = jnp.stack([x, jnp.full(paths, left), vol, held], 1)
            for w, b in weights[:-1]:
                a = jax.nn.relu(a @ w + b)
            holding = (a @ weights[-1][0] + weights[-1][1])[:, 0]
            loss = loss + COST * s * jnp.abs(holding - held) - holding * (after - s)
            return (holding, loss), None

        left = (STEPS - jnp.arange(STEPS)) * DT
        start = (jnp.zeros(paths), jnp.maximum(spot[-1] - STRIKE, 0))
        (_, loss), _ = jax.lax.scan(step, start, (logs[:-1], left, volatility, spot[:-1], spot[1:]))
        return (jax.nn.logsumexp(AVERSION * loss) - math.log(paths)) / AVERSION

    @jax.jit
    def update(weights, moments, count, key):
        key, one = jax.random.split(key)
        logs, volatility = spots(one)
        gradient = jax.grad(risk)(weights, logs, volatility)
        count = count + 1
        first, second = moments
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)

        def move(w, m, v):
            return w - 1e-3 * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8)

        return jax.tree.map(move, weights, first, second), (first, second), count, key

    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = (weights, (zeros, zeros), jnp.float32(0), key)

    def epoch():
        nonlocal state
        state = jax.block_until_ready(update(*state))

    return clock(epoch, rounds, warmup)


# pfhedge


def pfhedge_engine(market, hidden, paths, chunk, rounds, warmup):
    import torch
    from pfhedge.instruments import BrownianStock, EuropeanOption, HestonStock
    from pfhedge.nn import EntropicRiskMeasure, Hedger, MultiLayerPerceptron

    torch.set_num_threads(2)
    if market == "black-scholes":
        stock = BrownianStock(sigma=VOLATILITY, cost=COST, dt=DT)
    else:
        h = HESTON
        stock = HestonStock(
            kappa=h["mean_reversion"], theta=h["long_run"], sigma=h["vol_of_variance"], rho=h["correlation"], cost=COST, dt=DT
        )
    derivative = EuropeanOption(stock, maturity=STEPS * DT)
    network = MultiLayerPerceptron(in_features=FEATURES, n_layers=len(hidden), n_units=hidden[0])
    hedger = Hedger(network, ["log_moneyness", "expiry_time", "volatility", "prev_hedge"], EntropicRiskMeasure(a=AVERSION))
    adam = torch.optim.Adam(hedger.parameters(), lr=1e-3)

    def epoch():
        hedger.fit(derivative, n_paths=paths, n_epochs=1, optimizer=adam, validation=False, verbose=False)

    return clock(epoch, rounds, warmup)


ENGINES = {
    "torch": torch_by_hand,
    "torch-processes": torch_processes,
    "torch-compile": torch_compile,
    "jax": jax_engine,
    "pfhedge": pfhedge_engine,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--market", choices=["black-scholes", "heston"], default="black-scholes")
    parser.add_argument("--hidden", default="32,32,32,32")
    parser.add_argument("--paths", type=int, default=10_000)
    parser.add_argument("--chunk", type=int, help="paths of one chunk of the hand-written engines; without it the fastest is found")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=2)
    options = parser.parse_args()
    hidden = [int(width) for width in options.hidden.split(",")]
    try:
        seconds = ENGINES[options.engine](
            options.market, hidden, options.paths, options.chunk, options.rounds, options.warmup
        )
    except ModuleNotFoundError as error:
        print(json.dumps({"engine": options.engine, "missing": error.name}))
        return
    print(json.dumps({"engine": options.engine, "seconds": seconds}))


if __name__ == "__main__":
    main()

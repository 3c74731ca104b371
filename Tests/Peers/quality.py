"""Deep hedging by pfhedge until its price is near the exact one: the peer of `hedge bench quality`.

A sold at-the-money European call, spot and strike 100, volatility 0.2, 30 daily steps, proportional cost 2^-8, entropic risk of aversion
1. The model is a no-transaction band around Black and Scholes' delta whose widths a 4 x 32 network gives: what pfhedge's authors
use for it (Imaki, Imajo, Ito, Minami, Nakagawa, 2021). Adam at rate 0.01, 50,000 fresh paths an update: with pfhedge's own rate of
0.001 it does not get there in 200 updates.

    python Tests/Peers/quality.py --exact 2.88618 --within 0.005 --budget 200

prints one JSON object: [seconds of training, validation price] after every fifth update, validation time left out. It ends after
`--settled` validations in a row that are within, or with the budget.
"""

import argparse
import json
import time


def train(exact, within, budget, settled, paths, validation_paths):
    import torch
    from pfhedge.instruments import BrownianStock, EuropeanOption
    from pfhedge.nn import BlackScholes, Clamp, EntropicRiskMeasure, Hedger, MultiLayerPerceptron

    torch.set_num_threads(2)
    torch.manual_seed(1)
    derivative = EuropeanOption(BrownianStock(sigma=0.2, cost=2**-8, dt=1 / 365), strike=100.0, maturity=30 / 365)

    class Band(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.delta = BlackScholes(derivative)
            self.widths = MultiLayerPerceptron(in_features=3, out_features=2)
            self.clamp = Clamp()

        def inputs(self):
            return self.delta.inputs() + ["prev_hedge"]

        def forward(self, state):
            held, market = state[..., [-1]], state[..., :-1]
            delta = self.delta(market)
            widths = torch.nn.functional.leaky_relu(self.widths(market))
            return self.clamp(held, min=delta - widths[..., [0]], max=delta + widths[..., [1]])

    model = Band()
    hedger = Hedger(model, model.inputs(), EntropicRiskMeasure(a=1.0))
    adam = torch.optim.Adam(hedger.parameters(), lr=0.01)
    start = (100.0,)
    history, seconds, near = [], 0.0, 0
    while seconds < budget and near < settled:
        began = time.perf_counter()
        hedger.fit(
            derivative, n_paths=paths, n_epochs=5, optimizer=adam, init_state=start, validation=False, verbose=False
        )
        seconds += time.perf_counter() - began
        with torch.no_grad():
            chunks = max(1, validation_paths // 50_000)
            prices = [float(hedger.price(derivative, n_paths=50_000, init_state=start)) for _ in range(chunks)]
        # Entropic prices of equal parts: the price of the whole is the logarithm of their mean exponential.
        price = float(torch.tensor(prices, dtype=torch.float64).exp().mean().log())
        history.append([seconds, price])
        near = near + 1 if abs(price / exact - 1) <= within else 0
    return history


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exact", type=float, required=True)
    parser.add_argument("--within", type=float, default=0.005)
    parser.add_argument("--budget", type=float, default=240, help="seconds of training")
    parser.add_argument("--settled", type=int, default=4)
    parser.add_argument("--paths", type=int, default=50_000)
    parser.add_argument("--validation-paths", type=int, default=200_000)
    options = parser.parse_args()
    history = train(
        options.exact, options.within, options.budget, options.settled, options.paths, options.validation_paths
    )
    print(json.dumps({"engine": "pfhedge", "history": history}))


if __name__ == "__main__":
    main()

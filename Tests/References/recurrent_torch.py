"""What PyTorch makes of a layer-normalised network and of GRU and LSTM cells: writes Tests/LearningTests/RecurrentReference.swift.

    python3 -m venv venv && venv/bin/pip install numpy torch
    venv/bin/python Tests/References/recurrent_torch.py

Parameters, inputs and targets are sines of their index, so that both sides make them alike. PyTorch keeps a cell's weights in two
pieces with a bias each: they are cut from, or put together of, the maps that a network's block of parameters lists, so that the
gradients come out in that order. Printed with PyTorch 2.13.0 (CPU, float32).
"""
import math
import pathlib

import torch

INPUTS, UNITS, HIDDEN, OUTPUTS, SAMPLES, STEPS = 3, 4, 5, 2, 7, 4


def wave(k, a, b):
    return math.sin(a * k + b)


def flat(tensors):
    return [x for tensor in tensors for x in tensor.detach().reshape(-1).tolist()]


def table(numbers):
    rows = [", ".join(f"{x:.9g}" for x in numbers[i : i + 8]) for i in range(0, len(numbers), 8)]
    return "[\n                " + ",\n                ".join(rows) + ",\n            ]"


def filled(shape, count, a, b, scale):
    """A tensor whose elements are sines of their place behind `count` earlier ones."""
    size = math.prod(shape)
    return torch.tensor([scale * wave(count + k, a, b) for k in range(size)], dtype=torch.float64).float().reshape(shape)


class Parameters:
    def __init__(self):
        self.all, self.count = [], 0

    def take(self, *shape):
        tensor = filled(shape, self.count, 1.7, 0.3, 0.6).requires_grad_()
        self.count += tensor.numel()
        self.all.append(tensor)
        return tensor


def step_function(cell, width, parameters):
    """x, state -> what the hidden layer reads, state."""
    take = parameters.take
    if cell == "gru":
        gates, b = take(2 * width, INPUTS + width), take(2 * width)
        candidate, a = take(width, INPUTS), take(width)
        memory, m = take(width, width), take(width)
        module = torch.nn.GRUCell(INPUTS, width)
        pieces = {
            "weight_ih": torch.cat([gates[:, :INPUTS], candidate]),
            "weight_hh": torch.cat([gates[:, INPUTS:], memory]),
            "bias_ih": torch.cat([b, a]),
            "bias_hh": torch.cat([torch.zeros(2 * width), m]),
        }

        def run(x, state):
            h = torch.func.functional_call(module, pieces, (x, state))
            return h, h

        return run, torch.zeros(SAMPLES, width)
    gates, b = take(4 * width, INPUTS + width), take(4 * width)
    module = torch.nn.LSTMCell(INPUTS, width)
    pieces = {
        "weight_ih": gates[:, :INPUTS],
        "weight_hh": gates[:, INPUTS:],
        "bias_ih": b,
        "bias_hh": torch.zeros(4 * width),
    }

    def run(x, state):
        h, c = torch.func.functional_call(module, pieces, (x, state))
        return h, (h, c)

    return run, (torch.zeros(SAMPLES, width), torch.zeros(SAMPLES, width))


inputs = filled((STEPS, SAMPLES, INPUTS), 0, 0.9, 0.1, 1.5)
targets = filled((STEPS, SAMPLES, OUTPUTS), 0, 2.3, 0.7, 1)
entries = []
for cell, normalizes in [(None, True), ("gru", False), ("lstm", False), ("gru", True)]:
    parameters = Parameters()
    run, state = step_function(cell, UNITS, parameters) if cell else (lambda x, state: (x, state), None)
    width = UNITS if cell else INPUTS
    weight, bias = parameters.take(HIDDEN, width), parameters.take(HIDDEN)
    gain, shift = (parameters.take(HIDDEN), parameters.take(HIDDEN)) if normalizes else (None, None)
    last, last_bias = parameters.take(OUTPUTS, HIDDEN), parameters.take(OUTPUTS)
    loss = 0
    for t in range(STEPS):
        h, state = run(inputs[t], state)
        z = torch.nn.functional.linear(h, weight, bias)
        if normalizes:
            z = torch.nn.functional.layer_norm(z, (HIDDEN,), gain, shift)
        output = torch.nn.functional.linear(torch.tanh(z), last, last_bias)
        loss = loss + ((output - targets[t]) ** 2).mean() / STEPS
    loss.backward()
    name = f".init(.{cell}, units: {UNITS})" if cell else "nil"
    entries.append(
        f"        RecurrentReference(\n            cell: {name}, normalization: {'.layer' if normalizes else 'nil'},"
        f" loss: {loss.item():.9g},\n"
        f"            outputs: {table(flat([output]))},\n            gradients: {table(flat(p.grad for p in parameters.all))}),"
    )

target = pathlib.Path(__file__).resolve().parents[1] / "LearningTests" / "RecurrentReference.swift"
target.write_text(
    f"""import Learning

/// Written by Tests/References/recurrent_torch.py with PyTorch {torch.__version__}; not by hand.
struct RecurrentReference: Sendable {{
    let cell: RecurrentCell?
    let normalization: Normalization?
    /// Mean squared error over all steps.
    let loss: Double
    /// Of the last step, [samples, outputs].
    let outputs: [Float]
    /// Of the loss, in the order of the parameters.
    let gradients: [Float]

    static let all = [
"""
    + "\n".join(entries)
    + "\n    ]\n}\n"
)

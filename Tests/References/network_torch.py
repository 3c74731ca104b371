"""What PyTorch makes of the same small networks: writes Tests/LearningTests/TorchReference.swift.

    python3 -m venv venv && venv/bin/pip install numpy torch
    venv/bin/python Tests/References/network_torch.py

Weights, inputs and targets are sines of their index, so that both sides make them alike.
Printed with PyTorch 2.13.0 (CPU, float32).
"""
import math
import pathlib

import torch

INPUTS, HIDDEN, OUTPUTS, SAMPLES = 3, [6, 5], 2, 7
ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "silu": torch.nn.SiLU, "softplus": torch.nn.Softplus}


def wave(k, a, b):
    return math.sin(a * k + b)


def network(activation):
    layers, width = [], INPUTS
    for hidden in HIDDEN:
        layers += [torch.nn.Linear(width, hidden), activation()]
        width = hidden
    layers.append(torch.nn.Linear(width, OUTPUTS))
    model = torch.nn.Sequential(*layers)
    k = 0
    with torch.no_grad():
        for tensor in model.parameters():  # weight [out, in] then bias, layer by layer: our order
            flat = [0.6 * wave(k + i, 1.7, 0.3) for i in range(tensor.numel())]
            k += tensor.numel()
            tensor.copy_(torch.tensor(flat, dtype=torch.float64).float().reshape(tensor.shape))
    return model


def flat(tensors):
    return [x for tensor in tensors for x in tensor.detach().reshape(-1).tolist()]


def table(numbers):
    rows = [", ".join(f"{x:.9g}" for x in numbers[i : i + 8]) for i in range(0, len(numbers), 8)]
    return "[\n                " + ",\n                ".join(rows) + ",\n            ]"


x = torch.tensor([[1.5 * wave(INPUTS * i + f, 0.9, 0.1) for f in range(INPUTS)] for i in range(SAMPLES)], dtype=torch.float64).float()
y = torch.tensor([[wave(OUTPUTS * i + o, 2.3, 0.7) for o in range(OUTPUTS)] for i in range(SAMPLES)], dtype=torch.float64).float()
entries = []
for name, activation in ACTIVATIONS.items():
    model = network(activation)
    output = model(x)
    loss = ((output - y) ** 2).mean()
    loss.backward()
    outputs, first, gradients = flat([output]), loss.item(), flat(p.grad for p in model.parameters())
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    entries.append(
        f"        TorchReference(\n            activation: .{name}, loss: {first:.9g},\n            outputs: {table(outputs)},\n"
        f"            gradients: {table(gradients)},\n            losses: {table(losses)},\n"
        f"            parameters: {table(flat(model.parameters()))}),"
    )

target = pathlib.Path(__file__).resolve().parents[1] / "LearningTests" / "TorchReference.swift"
target.write_text(
    f"""import Learning

/// Written by Tests/References/network_torch.py with PyTorch {torch.__version__}; not by hand.
struct TorchReference: Sendable {{
    let activation: Activation
    /// Mean squared error of the first batch.
    let loss: Double
    /// [samples, outputs].
    let outputs: [Float]
    /// Of the loss, in the order of the parameters.
    let gradients: [Float]
    /// Before each of ten steps of AdamW, rate 0.01, decay 0.1.
    let losses: [Double]
    /// After them.
    let parameters: [Float]

    static let all = [
"""
    + "\n".join(entries)
    + "\n    ]\n}\n"
)

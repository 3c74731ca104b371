"""What PyTorch makes of a short descent: writes Tests/LearningTests/AdamWReference.swift.

    python3 -m venv venv && venv/bin/pip install numpy torch
    venv/bin/python Tests/References/adamw_torch.py

AdamW with decoupled decay, clip_grad_norm_ and a schedule of linear warm-up and cosine, on
f(x) = sum_i c_i (x_i - t_i)^2 / 2 + x_0 x_1, whose gradient is longer than the bound at first and shorter at the end.
Printed with PyTorch 2.13.0 (CPU, float32).
"""
import math
import pathlib

import torch

CURVATURE, TARGET, START = [4.0, 1.0, 0.5, 9.0], [0.5, -1.0, 2.0, 0.1], [1.0, 0.3, -0.4, 0.8]
STEPS, PEAK, FLOOR, WARMUP = 40, 0.1, 0.01, 5
CASES = [("plain", 0.0, None), ("decay", 0.2, None), ("clipping", 0.0, 0.8), ("both", 0.2, 0.8)]


def rate(step):
    if step < WARMUP:
        return PEAK * (step + 1) / WARMUP
    return FLOOR + (PEAK - FLOOR) * 0.5 * (1 + math.cos(math.pi * min(1, (step - WARMUP) / (STEPS - WARMUP))))


def row(tensor):
    return "[" + ", ".join(f"{x:.9g}" for x in tensor.detach().tolist()) + "]"


entries = []
for name, decay, bound in CASES:
    c, t = torch.tensor(CURVATURE), torch.tensor(TARGET)
    x = torch.nn.Parameter(torch.tensor(START))
    optimizer = torch.optim.AdamW([x], lr=1.0, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    norms, after = [], []
    for step in range(STEPS):
        optimizer.zero_grad()
        (0.5 * (c * (x - t) ** 2).sum() + x[0] * x[1]).backward()
        norms.append(x.grad.norm().item())
        if bound is not None:
            torch.nn.utils.clip_grad_norm_([x], bound)
        optimizer.step()
        schedule.step()
        if step in (0, 9, STEPS - 1):
            after.append(row(x))
    assert max(norms) > 0.8 > min(norms)
    norm = "nil" if bound is None else bound
    entries.append(
        f'        AdamWReference(\n            name: "{name}", weightDecay: {decay}, gradientNorm: {norm},\n'
        f"            parameters: [\n                " + ",\n                ".join(after) + ",\n            ]),"
    )

target = pathlib.Path(__file__).resolve().parents[1] / "LearningTests" / "AdamWReference.swift"
target.write_text(
    f"""/// Written by Tests/References/adamw_torch.py with PyTorch {torch.__version__}; not by hand.
struct AdamWReference: Sendable {{
    let name: String
    let weightDecay: Float
    let gradientNorm: Float?
    /// After the first, the tenth and the last step.
    let parameters: [[Float]]

    static let curvature: [Float] = {CURVATURE}
    static let target: [Float] = {TARGET}
    static let start: [Float] = {START}
    static let steps = {STEPS}
    static let schedule = (peak: {PEAK}, floor: {FLOOR}, warmup: {WARMUP})

    static let all = [
"""
    + "\n".join(entries)
    + "\n    ]\n}\n"
)

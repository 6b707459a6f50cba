#!/usr/bin/env python3
"""Trains tiny networks with PyTorch and records what happens, as an oracle for our own training.

Weights and examples come from a formula that the Swift test repeats, so the fixture holds only results: the loss
before each full-batch SGD step, and a few numbers of every tensor after the last one.

    pip install torch
    python scripts/reference/trajectories.py > Tests/TributaryLearningTests/Fixtures/trajectories.json
"""

import json

import torch
import torch.nn.functional as F

STEPS = 8
SOLVERS = {
    "plain": {},
    "momentum and decay": {"momentum": 0.9, "weightDecay": 0.05},
    "clipped": {"clipNorm": 0.25},
}


def number(index, seed):
    """A hash of (index, seed) as a number in [-0.5, 0.5); exact in 32-bit integers and in Float32."""
    h = ((index + 1) * 2654435761 + seed * 40503) & 0xFFFFFFFF
    h ^= h >> 15
    h = (h * 2246822519) & 0xFFFFFFFF
    h ^= h >> 13
    return (h >> 8) / 2**24 - 0.5


def numbers(shape, seed):
    count = 1
    for extent in shape:
        count *= extent
    return torch.tensor([number(i, seed) for i in range(count)], dtype=torch.float32).reshape(shape)


def labels(count, classes, seed):
    return torch.tensor([int((number(i, seed) + 0.5) * classes) for i in range(count)])


def parameters(shapes):
    """All tensors of a model, in our layout: one run of numbers, scaled by 2/sqrt(inputs of a unit), biases by 0.5."""
    tensors, start = {}, 0
    for name, shape in shapes:
        count = torch.Size(shape).numel()
        scale = 2 / max(1, (count // shape[-1])) ** 0.5 if len(shape) > 1 else 0.5
        values = torch.tensor([number(start + i, 1) for i in range(count)], dtype=torch.float32)
        tensors[name] = (values * torch.tensor(scale, dtype=torch.float32)).reshape(shape).requires_grad_()
        start += count
    return tensors


def dense(name, inputs, outputs):
    return [(f"{name}.weight", [inputs, outputs]), (f"{name}.bias", [outputs])]


def perceptron():
    x, y = numbers([8, 6], 2), labels(8, 3, 3)
    shapes = dense("dense1", 6, 5) + dense("dense2", 5, 4) + dense("dense3", 4, 3)

    def loss(p):
        h = torch.relu(x @ p["dense1.weight"] + p["dense1.bias"])
        h = torch.relu(h @ p["dense2.weight"] + p["dense2.bias"])
        return F.cross_entropy(h @ p["dense3.weight"] + p["dense3.bias"], y)

    return shapes, loss, 0.5


def regression():
    x, y = numbers([8, 6], 2), numbers([8], 3)
    shapes = dense("dense1", 6, 5) + dense("dense2", 5, 1)

    def loss(p):
        h = torch.relu(x @ p["dense1.weight"] + p["dense1.bias"])
        return F.mse_loss((h @ p["dense2.weight"] + p["dense2.bias"])[:, 0], y)

    return shapes, loss, 0.2


def convolutional():
    # Seven filters on odd-sized images of two channels: nothing divides anything.
    x, y = numbers([6, 9, 11, 2], 2), labels(6, 3, 3)
    shapes = [("conv1.weight", [5, 5, 2, 7]), ("conv1.bias", [7]), ("conv2.weight", [5, 5, 7, 5]), ("conv2.bias", [5])]
    shapes += dense("dense1", 2 * 2 * 5, 9) + dense("dense2", 9, 3)

    def block(h, weight, bias):
        h = F.conv2d(h, weight.permute(3, 2, 0, 1), bias, padding=2)  # ours is height, width, in, out
        return F.max_pool2d(torch.relu(h), 2)

    def loss(p):
        h = block(x.permute(0, 3, 1, 2), p["conv1.weight"], p["conv1.bias"])
        h = block(h, p["conv2.weight"], p["conv2.bias"])
        h = h.permute(0, 2, 3, 1).flatten(1)  # ours keeps channels innermost
        h = torch.relu(h @ p["dense1.weight"] + p["dense1.bias"])
        return F.cross_entropy(h @ p["dense2.weight"] + p["dense2.bias"], y)

    return shapes, loss, 0.5


def recurrent():
    vocabulary, width, sizes = 11, 3, [5, 4]
    x, y = labels(6 * 12, vocabulary, 2).reshape(6, 12), labels(6, vocabulary, 3)
    shapes = [("embedding.weight", [vocabulary, width])]
    for layer, size in enumerate(sizes, 1):
        shapes += [
            (f"lstm{layer}.input", [width, 4 * size]),
            (f"lstm{layer}.hidden", [size, 4 * size]),
            (f"lstm{layer}.bias", [4 * size]),
        ]
        width = size
    shapes += dense("dense", width, vocabulary)

    def loss(p):
        h = p["embedding.weight"][x]
        for layer, size in enumerate(sizes, 1):
            zero = torch.zeros(1, x.shape[0], size)
            weights = [p[f"lstm{layer}.input"].T, p[f"lstm{layer}.hidden"].T, p[f"lstm{layer}.bias"]]
            weights.append(torch.zeros(4 * size))  # PyTorch keeps two biases and adds them; we keep one
            h = torch.lstm(h, (zero, zero), weights, True, 1, 0.0, False, False, True)[0]
        return F.cross_entropy(h[:, -1] @ p["dense.weight"] + p["dense.bias"], y)

    return shapes, loss, 1.0


def record(model, solver):
    shapes, loss, rate = model()
    p = parameters(shapes)
    optimizer = torch.optim.SGD(
        p.values(), lr=rate, momentum=solver.get("momentum", 0), weight_decay=solver.get("weightDecay", 0)
    )
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        value = loss(p)
        value.backward()
        if "clipNorm" in solver:
            torch.nn.utils.clip_grad_norm_(p.values(), solver["clipNorm"])
        optimizer.step()
        losses.append(value.item())
    ends = {}
    for name, tensor in p.items():
        flat = tensor.detach().flatten().double()
        ends[name] = {"first": flat[0].item(), "last": flat[-1].item(), "norm": flat.norm().item()}
    return {"model": model.__name__, "learningRate": rate, **solver, "losses": losses, "tensors": ends}


runs = [record(m, s) for m in (perceptron, regression, convolutional, recurrent) for s in SOLVERS.values()]
print(json.dumps({"madeWith": f"PyTorch {torch.__version__}", "runs": runs}, indent=1))

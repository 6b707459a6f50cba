"""Softmax regression on data that stays here, and where that data comes from."""

import csv

import numpy as np


class Examples:
    """Features (examples x features, float32) and classes (examples, int)."""

    def __init__(self, features, classes):
        self.features = np.asarray(features, dtype=np.float32)
        self.classes = np.asarray(classes, dtype=np.int64)

    def __len__(self):
        return len(self.classes)

    @staticmethod
    def from_csv(path):
        """A table with a head: the last column is the class, the others are numbers."""
        with open(path, newline="") as file:
            rows = list(csv.reader(file))[1:]
        if not rows:
            raise SystemExit(f"{path}: has no rows below its head")
        return Examples([row[:-1] for row in rows], [int(row[-1]) for row in rows])

    @staticmethod
    def synthetic(features, classes, count=200, seed=1):
        """Classes around corners of their own, the same for every client; the examples differ by seed."""
        centres = np.random.default_rng(0).normal(0, 2, (classes, features))
        random = np.random.default_rng(seed)
        labels = random.integers(0, classes, count)
        return Examples(centres[labels] + random.normal(0, 1, (count, features)), labels)


class Softmax:
    """The model as the coordinator lays it out: weights (features x classes), then a bias for each class."""

    def __init__(self, layout, values):
        shapes = [tuple(tensor.shape) for tensor in layout]
        if len(shapes) != 2 or len(shapes[0]) != 2 or shapes[1] != (shapes[0][1],):
            raise ValueError(f"this client trains softmax regression, not a model of {shapes}")
        size = shapes[0][0] * shapes[0][1]
        self.weights = values[:size].reshape(shapes[0]).copy()
        self.bias = values[size:].copy()

    @property
    def values(self):
        return np.concatenate([self.weights.ravel(), self.bias])

    def probabilities(self, features):
        scores = features @ self.weights + self.bias
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)

    def losses(self, examples):
        chosen = self.probabilities(examples.features)[np.arange(len(examples)), examples.classes]
        return -np.log(np.maximum(chosen, 1e-12))

    def train(self, examples, training, seed, progress):
        """Mini-batch SGD as the task asks for. Returns the steps taken and the mean loss over all examples seen."""
        random = np.random.default_rng(seed)
        batch = min(training.batch_size or len(examples), len(examples))
        per_epoch = -(-len(examples) // batch)
        total = training.steps if training.WhichOneof("work") == "steps" else training.epochs * per_epoch
        loss_sum, seen, order = 0.0, 0, np.arange(0)
        given = (self.weights.copy(), self.bias.copy())
        for step in range(total):
            if len(order) == 0:
                order = random.permutation(len(examples))
            places, order = order[:batch], order[batch:]
            part = Examples(examples.features[places], examples.classes[places])
            loss_sum += float(self.losses(part).sum())
            seen += len(part)
            self.step(part, training, given)
            progress((step + 1) / total)
        return total, loss_sum / max(seen, 1)

    def step(self, part, training, given):
        errors = self.probabilities(part.features)
        errors[np.arange(len(part)), part.classes] -= 1
        errors /= len(part)
        weights = part.features.T @ errors + training.proximal * (self.weights - given[0])
        bias = errors.sum(axis=0) + training.proximal * (self.bias - given[1])
        if training.clip_norm > 0:
            norm = np.sqrt((weights**2).sum() + (bias**2).sum())
            scale = min(1.0, training.clip_norm / max(norm, 1e-12))
            weights, bias = weights * scale, bias * scale
        weights, bias = weights + training.weight_decay * self.weights, bias + training.weight_decay * self.bias
        self.weights -= (training.learning_rate * weights).astype(np.float32)
        self.bias -= (training.learning_rate * bias).astype(np.float32)

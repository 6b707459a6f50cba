#!/usr/bin/env python3
"""Federated averaging as a plain PyTorch loop on one thread: what Tributary's speed is compared with.

Does the work of the benchmarks "W1" and "W2" of this folder: the same model, data, cohort, local steps, average and
evaluation, drawn from another random generator. The data set lies in memory as normalised Float32 tensors, so a batch
is one gather; there is no data loader. Two ways to handle the weights:

plain   as tutorials do: load the global state dict, make an optimiser, train, add the state dict's change tensor by tensor
tuned   as one does who counts microseconds: the parameters are views of one flat vector, one optimiser serves all
        clients, starting a client is one copy and adding its update one multiply-add

    python3 -m venv venv
    venv/bin/pip install torch --index-url https://download.pytorch.org/whl/cpu
    venv/bin/python pytorch_fedavg.py w1
    venv/bin/python pytorch_fedavg.py w2 --style tuned --no-evaluation

Prints seconds a round: the median over the rounds after the first, on the clock and of processor time (on a machine
with other work, compare the latter). Fashion-MNIST's four idx files (.gz or not) are
looked for in --data, else where Debian's package dataset-fashion-mnist puts them.
"""

import argparse
import gzip
import os
import resource
import statistics
import time

# OpenBLAS's pins are for other programs; PyTorch brings its own library, but leave nothing to chance.
for pin in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(pin, None)
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import torch  # noqa: E402  (after the environment)
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402


LEARNING_RATE = 0.1


def read_idx(folder, name, header):
    path = os.path.join(folder, name)
    if os.path.exists(path):
        content = open(path, "rb").read()
    else:
        content = gzip.open(path + ".gz", "rb").read()
    return torch.frombuffer(bytearray(content[header:]), dtype=torch.uint8)


def load(folder):
    parts = []
    for kind in ("train", "t10k"):
        images = read_idx(folder, f"{kind}-images-idx3-ubyte", 16).reshape(-1, 784).float() / 255
        labels = read_idx(folder, f"{kind}-labels-idx1-ubyte", 8).long()
        parts += [images, labels]
    return parts


def make_model(hidden):
    sizes = [784, *hidden, 10]
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Plain:
    """Weights as a dictionary of tensors."""

    def __init__(self, model):
        self.model = model
        self.state = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def begin_round(self):
        self.total, self.count = {name: torch.zeros_like(tensor) for name, tensor in self.state.items()}, 0

    def begin_client(self):
        self.model.load_state_dict(self.state)
        return torch.optim.SGD(self.model.parameters(), lr=LEARNING_RATE)

    def end_client(self, count):
        for name, tensor in self.model.state_dict().items():
            self.total[name] += (tensor - self.state[name]) * count
        self.count += count

    def end_round(self):
        for name in self.state:
            self.state[name] += self.total[name] / self.count
        self.model.load_state_dict(self.state)


class Tuned:
    """Weights as one flat vector; the model's parameters are views of a second one."""

    def __init__(self, model):
        self.local = nn.utils.parameters_to_vector(model.parameters()).detach().clone()
        offset = 0
        for parameter in model.parameters():
            parameter.data = self.local[offset : offset + parameter.numel()].view_as(parameter)
            offset += parameter.numel()
        self.weights = self.local.clone()
        self.optimiser = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)

    def begin_round(self):
        self.total, self.count = torch.zeros_like(self.weights), 0

    def begin_client(self):
        self.local.copy_(self.weights)
        return self.optimiser

    def end_client(self, count):
        self.total.add_(self.local - self.weights, alpha=count)
        self.count += count

    def end_round(self):
        self.weights += self.total / self.count
        self.local.copy_(self.weights)


def train_client(model, optimiser, images, labels, rows, batch_size):
    if batch_size < len(rows):
        rows = rows[torch.randperm(len(rows))]
    for batch in rows.split(batch_size):
        optimiser.zero_grad()
        loss = functional.cross_entropy(model(images[batch]), labels[batch])
        loss.backward()
        optimiser.step()


@torch.inference_mode()
def evaluate(model, images, labels):
    outputs = model(images)
    loss = functional.cross_entropy(outputs, labels).item()
    return (outputs.argmax(1) == labels).float().mean().item(), loss


def cohort_of(workload, train_count, generator):
    """Yields each round's shards, as index tensors."""
    if workload == "w1":
        shards = torch.randperm(train_count, generator=generator).chunk(100)
        while True:
            yield [shards[client] for client in torch.randperm(100, generator=generator)[:10].tolist()]
    while True:
        # A shard of a registered million is drawn when its client is invited: 20 rows of the training table.
        yield [torch.randint(train_count, (20,), generator=generator) for _ in range(1000)]


def main():
    parser = argparse.ArgumentParser(description="FedAvg as a plain one-thread PyTorch loop.")
    parser.add_argument("workload", choices=["w1", "w2"], help="w1: 2NN, 10 clients a round; w2: softmax, 1000")
    parser.add_argument("--style", choices=["plain", "tuned"], default="plain")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--no-evaluation", action="store_true", help="leave the test set out of every round")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(1)
    torch.manual_seed(1)
    train_images, train_labels, test_images, test_labels = load(arguments.data)
    model = make_model([200, 200] if arguments.workload == "w1" else [])
    server = Plain(model) if arguments.style == "plain" else Tuned(model)
    batch_size = 10 if arguments.workload == "w1" else 20
    cohorts = cohort_of(arguments.workload, len(train_labels), generator)

    seconds, processor_seconds, score = [], [], None
    for _ in range(arguments.rounds):
        start, processor_start = time.perf_counter(), time.process_time()
        server.begin_round()
        for rows in next(cohorts):
            optimiser = server.begin_client()
            train_client(model, optimiser, train_images, train_labels, rows, batch_size)
            server.end_client(len(rows))
        server.end_round()
        if not arguments.no_evaluation:
            score = evaluate(model, test_images, test_labels)
        seconds.append(time.perf_counter() - start)
        processor_seconds.append(time.process_time() - processor_start)

    accuracy, loss = score or evaluate(model, test_images, test_labels)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    median = statistics.median(seconds[1:] or seconds)
    processor_median = statistics.median(processor_seconds[1:] or processor_seconds)
    evaluation = "out" if arguments.no_evaluation else "in"
    print(f"{arguments.workload}, {arguments.style}: {median:.4f} s a round ({processor_median:.4f} s of processor), evaluation {evaluation}")
    print(f"{arguments.rounds} rounds, test accuracy {accuracy:.4f}, loss {loss:.4f}, peak RSS {peak} MiB")
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} thread, {torch.backends.cpu.get_cpu_capability()}")


if __name__ == "__main__":
    main()

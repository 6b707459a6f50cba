#!/usr/bin/env python3
"""Compares Tributary's rounds with the plain PyTorch loop of pytorch_fedavg.py, in turn on the same machine.

    swift build -c release --product tributary
    python3 -m venv venv
    venv/bin/pip install torch --index-url https://download.pytorch.org/whl/cpu
    venv/bin/python Benchmarks/peers/compare.py

Every line is a workload with or without scoring the 10,000 test images in every round (the same on both sides). Times
are seconds a round, medians after the first round, the best of --repeat turns, because other work on a machine can only
add to them. PyTorch has one thread; Tributary has one worker, then a worker for each processor, which is what
`tributary simulate` does when nobody says otherwise. The last columns are PyTorch's time over that of all workers.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = ["--dataset", "fashion-mnist", "--epochs", "1", "--learning-rate", "0.1", "--checkpoint-every", "1000000"]
PLANS = {
    "w1": ["--model", "mlp:200,200", "--clients", "100", "--partition", "iid", "--fraction", "0.1", "--batch-size", "10"],
    "w2": ["--model", "softmax", "--clients", "1000000", "--partition", "resample:20", "--cohort", "1000",
           "--batch-size", "20"],
}
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}


def tributary(binary, workload, evaluates, workers, rounds):
    """Seconds a round, peak memory in MiB and the record of a run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "simulate", *SHARED, *PLANS[workload], "--rounds", str(rounds), "--workers", str(workers)]
        command += ["--evaluate-every", "1" if evaluates else "0", "--output", f"{folder}/run", "--quiet"]
        subprocess.run(command, check=True, env=ENVIRONMENT)
        seconds = [json.loads(line)["timing"]["realSeconds"] for line in open(f"{folder}/run/rounds.jsonl")]
        record = json.load(open(f"{folder}/run/run.json"))
    # The last round is always scored, so it is not one of those without.
    return statistics.median(seconds[1:-1]), record["totals"]["peakMemoryBytes"] / 2**20, record


def pytorch(python, workload, style, evaluates, rounds):
    command = [python, os.path.join(HERE, "pytorch_fedavg.py"), workload, "--style", style, "--rounds", str(rounds)]
    output = subprocess.run(
        command + ([] if evaluates else ["--no-evaluation"]), check=True, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ).stdout
    return float(re.search(r": ([0-9.]+) s a round", output).group(1)), output.splitlines()[-1]


def main():
    parser = argparse.ArgumentParser(description="Tributary's rounds beside a plain one-thread PyTorch loop.")
    parser.add_argument("--tributary", default=os.path.join(HERE, "../../.build/release/tributary"))
    parser.add_argument("--python", default=sys.executable, help="a Python that has PyTorch (default: this one)")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=40, help="Tributary's rounds a turn; PyTorch does a fifth of them")
    arguments = parser.parse_args()
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()

    version = machine = ""
    print(f"| workload | test set | PyTorch plain | tuned | one worker | {processors} workers | plain ÷ | tuned ÷ | peak MiB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for workload in PLANS:
        for evaluates in (True, False):
            times, peak = {"plain": [], "tuned": [], 1: [], processors: []}, 0
            for _ in range(arguments.repeat):
                for style in ("plain", "tuned"):
                    seconds, version = pytorch(
                        arguments.python, workload, style, evaluates, max(arguments.rounds // 5, 3))
                    times[style].append(seconds)
                for workers in {1, processors}:
                    seconds, memory, record = tributary(
                        arguments.tributary, workload, evaluates, workers, arguments.rounds)
                    times[workers].append(seconds)
                    peak, machine = max(peak, memory), record["machine"]
            best = {key: min(values) * 1e3 for key, values in times.items()}
            print(f"| {workload} | {'in' if evaluates else 'out'} | {best['plain']:.1f} ms | {best['tuned']:.1f} ms "
                  f"| {best[1]:.1f} ms | {best[processors]:.1f} ms | {best['plain'] / best[processors]:.1f} "
                  f"| {best['tuned'] / best[processors]:.1f} | {peak:.0f} |", flush=True)
    print(f"\n{machine['processor']}; {machine['blas']}\n{version}")


if __name__ == "__main__":
    main()

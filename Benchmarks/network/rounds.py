"""Rounds a second, and how soon the next task is there."""

import threading
import time

from client import Client, Update, create_run, percentile
from server import Meter, Server


def measure(binary, clients=10, parameter_count=250_000, rounds=200, warmup=20):
    with Server(binary) as server:
        crowd = [Client(server, number).register() for number in range(clients)]
        # Two updates in turn: the server may still be removing those of the round before.
        updates = [[Update(parameter_count, 2 * number + turn) for turn in (0, 1)] for number in range(clients)]
        create_run(server, parameter_count, clients)
        play(crowd, updates, 1, warmup)
        with Meter(server) as meter:
            log = play(crowd, updates, warmup + 1, warmup + rounds)
        return summary(log, meter, warmup + 1, warmup + rounds, clients)


def play(crowd, updates, first, last):
    """Every client by itself, as in life; gives (round, instant of the task, of the submission, of the receipt)."""
    log, failures = [], []

    def work(client, own):
        try:
            for number in range(first, last + 1):
                task = client.poll()
                told = time.perf_counter()
                client.download(task)
                client.upload(own[number % 2])
                submitted = time.perf_counter()
                client.submit(task, own[number % 2])
                log.append((number, told, submitted, time.perf_counter()))
        except Exception as failure:  # noqa: BLE001: told below, by the thread that waits
            failures.append(failure)

    threads = [threading.Thread(target=work, args=pair, daemon=True) for pair in zip(crowd, updates)]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.2)
            if failures:
                raise failures[0]
    return log


def summary(log, meter, first, last, clients):
    rounds = {}
    for number, told, submitted, received in log:
        rounds.setdefault(number, []).append((told, submitted, received))
    ends = {number: max(entry[2] for entry in entries) for number, entries in rounds.items()}
    gaps = [entry[0] - ends[number - 1] for number in range(first + 1, last + 1) for entry in rounds[number]]
    spans = [ends[number] - ends[number - 1] for number in range(first + 1, last + 1)]
    receipts = [received - submitted for _, _, submitted, received in log]
    count = last - first + 1
    return {
        "rounds/s": count / meter.seconds, "round ms p50": 1e3 * percentile(spans, 0.5),
        "p99": 1e3 * percentile(spans, 0.99), "next task ms p50": 1e3 * percentile(gaps, 0.5),
        "p99 ": 1e3 * percentile(gaps, 0.99), "Submit ms p50": 1e3 * percentile(receipts, 0.5),
        "server CPU ms/round": 1e3 * meter.processor / count, "peak MB": meter.peak}

"""How long a submission waits for its receipt, which is given when it is on disk."""

import os
import sqlite3
import tempfile
import time

from client import Client, Update, create_run, percentile
from server import Meter, Server
from wire import answer, exchange


def measure(binary, submitters, rounds, parameter_count=1_000):
    with Server(binary) as server:
        crowd = [Client(server, number).register() for number in range(submitters)]
        updates = [[Update(parameter_count, 2 * number + turn) for turn in (0, 1)] for number in range(submitters)]
        create_run(server, parameter_count, submitters)
        for number in range(10):
            one_round(crowd, [own[number % 2] for own in updates])
        seconds = []
        with Meter(server) as meter:
            for number in range(rounds):
                seconds += one_round(crowd, [own[number % 2] for own in updates])
    return {"Submit ms p50": 1e3 * percentile(seconds, 0.5), "p99": 1e3 * percentile(seconds, 0.99),
            "server CPU ms/update": 1e3 * meter.processor / rounds / submitters}


def one_round(crowd, updates):
    received, _ = exchange([(client.connection, *client.polling()) for client in crowd])
    tasks = [answer(one, "Poll")["task"] for one in received]
    received, _ = exchange(
        [(client.connection, *client.uploading(update)) for client, update in zip(crowd, updates)])
    for client, one in zip(crowd, received):
        client.uploaded(one)
    received, seconds = exchange([
        (client.connection, *client.submitting(task, update))
        for client, task, update in zip(crowd, tasks, updates)])
    for client, one in zip(crowd, received):
        client.submitted(one)
    return seconds


def baselines(folder, count=500):
    """A lone durable write by plain means: what the disk itself takes."""
    number = os.open(f"{folder}/plain", os.O_RDWR | os.O_CREAT)
    plain = []
    for place in range(count):
        begun = time.perf_counter()
        os.pwrite(number, bytes(8192), 8192 * place)
        os.fsync(number)
        plain.append(time.perf_counter() - begun)
    os.close(number)
    database = sqlite3.connect(tempfile.mktemp(dir=folder), isolation_level=None)
    database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a INTEGER, b TEXT)")
    commits = []
    for place in range(count):
        begun = time.perf_counter()
        database.execute("INSERT INTO t VALUES (?, ?)", (place, "x" * 500))
        commits.append(time.perf_counter() - begun)
    database.close()
    return {"fsync of 8 KiB, ms p50": 1e3 * percentile(plain, 0.5), "p99": 1e3 * percentile(plain, 0.99),
            "Python sqlite3 commit, ms p50": 1e3 * percentile(commits, 0.5), "p99 ": 1e3 * percentile(commits, 0.99)}

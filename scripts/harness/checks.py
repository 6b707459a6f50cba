"""What is checked when all is over: the ledger against what was said, and what was logged."""

import collections
import glob
import json
import os
import sqlite3
import subprocess

from harness.processes import Failure

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ALARMING = ("damaged", "set aside", "Fatal error", "unexpected")


def events(path):
    """The JSON lines of a client's log."""
    with open(path, errors="replace") as log:
        for line in log:
            # A killed client may leave half a line, and what is wrong it says in plain words.
            if line.startswith("{") and line.endswith("}\n"):
                yield json.loads(line)


def check_models(state):
    """Every committed model is made again; what was computed is printed."""
    recompute = subprocess.run([f"{SCRIPTS}/recompute", state], text=True, capture_output=True)
    print(recompute.stdout, end="")
    if recompute.returncode != 0:
        raise Failure(recompute.stderr.strip())


def check_logs(pattern):
    """No coordinator has met something that must not be."""
    for path in glob.glob(pattern):
        with open(path, errors="replace") as log:
            for line in log:
                if any(word in line for word in ALARMING):
                    raise Failure(f"{path}: {line.strip()}")


def seconds(instant):
    """An instant of the ledger, which counts 10^-18 s in two words of 64 bits, in seconds."""
    high, low = instant["sinceStart"]
    return ((high << 64) + low) / 1e18


class Receipts:
    """Whether each receipt that a client was given is true, by the ledger."""

    def __init__(self, state):
        database = sqlite3.connect(f"file:{state}/ledger.sqlite?mode=ro", uri=True)
        self.counted = collections.Counter()
        for table in ("contributions", "evaluations"):
            for run, number, kind, client in database.execute(f"SELECT run, round, kind, client FROM {table}"):
                self.counted[f"{run}/{number}/{kind}", client % 2**64] += 1
        rounds = database.execute("SELECT run, round, payload FROM rounds WHERE kind = 'train'").fetchall()
        ends = database.execute("SELECT run, round, payload FROM ends").fetchall()
        clients = database.execute("SELECT id, payload FROM clients").fetchall()
        database.close()
        self.names = {client % 2**64: json.loads(payload)["description"]["name"] for client, payload in clients}
        self.opened = {(run, number): json.loads(payload) for run, number, payload in rounds}
        self.ended = {(run, number): json.loads(payload) for run, number, payload in ends}
        self.outcomes = collections.Counter(end["summary"]["outcome"] for end in self.ended.values())
        self.told = collections.Counter()

    def check(self, client):
        """Reads all logs of a client."""
        identity = None
        for start in range(1, client.starts + 1):
            for event in events(client.log(start)):
                if event["event"] == "registered":
                    if identity not in (None, event["client"]):
                        raise Failure(f"{client.name} was client {identity} and became client {event['client']}")
                    identity = event["client"]
                if event["event"] == "state":
                    raise Failure(f"{client.name}: {event['reason']}")
                if event["event"] == "resumed":
                    self.told["resumed"] += 1
                # Nothing is kept of the losses that candidates say.
                if event["event"] == "receipt" and not event["task"].endswith("/measure"):
                    self.check_receipt(client, int(identity), event)

    def check_receipt(self, client, identity, event):
        rows = self.counted[event["task"], identity]
        is_accepted = event["verdict"] == "accepted"
        if rows != (1 if is_accepted else 0):
            raise Failure(
                f"{client.name} (client {identity}) was told that its result for {event['task']} is "
                f"{event['verdict']}, and the ledger holds {rows} rows of it"
            )
        self.told["accepted" if is_accepted else "turned away"] += 1
        if is_accepted and event["duplicate"] == "true":
            self.told["repeated"] += 1

    def held_of(self, prefix):
        """How many results the ledger holds of clients whose names begin so."""
        return sum(rows for (_, client), rows in self.counted.items() if self.names[client].startswith(prefix))

    def overruns(self, deadline):
        """By how many seconds each round ended after its deadline; below zero before it."""
        return {
            task: seconds(end["endedAt"]) - seconds(self.opened[task]["openedAt"]) - deadline
            for task, end in self.ended.items()
        }

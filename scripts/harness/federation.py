"""A coordinator, clients with data of their own, and runs that follow each other until a test has seen enough."""

import http.client
import json
import os
import random
import ssl
import subprocess
import time

from harness.processes import Failure, Process, die_with_parent

DEVICE_COLUMNS = 13
# Each run has the next: what a server optimiser keeps must outlive the coordinator, too.
OPTIMISERS = ["adam:bias-correction=moments", "sgd", "momentum:nesterov=true", "yogi:v0=0.000001", "adagrad"]


def write_examples(path, count, seed):
    """A table like that of a hospital: 13 numbers and whether somebody is ill."""
    stream = random.Random(seed)
    with open(path, "w") as file:
        print(",".join(f"measure{i}" for i in range(DEVICE_COLUMNS)) + ",ill", file=file)
        for _ in range(count):
            values = [round(stream.gauss(0, 1), 3) for _ in range(DEVICE_COLUMNS)]
            risk = values[0] + values[1] * values[2] - values[3] + stream.gauss(0, 0.5)
            print(",".join(map(str, values + [int(risk > 0)])), file=file)


class Federation:
    """The processes of a test and the course of its runs.

    `options` has the program (`tributary`), `clients` and `seed`. The coordinator listens at `host` and `port`, and
    clients and operators are started through `enter`.
    """

    def __init__(self, options, folder, host, port, enter=die_with_parent, serve=()):
        self.options, self.folder, self.host, self.port, self.enter = options, folder, host, port, enter
        self.tributary = options.tributary
        self.state = f"{folder}/state"
        self.logs = f"{folder}/logs"
        self.random = random.Random(options.seed)
        self.runs = 0
        self.ready_at = None
        self.recoveries = []
        self.creation = None
        self.asks_again_at = None
        self.ended_rounds = 0
        self.tls = None
        os.mkdir(self.logs)
        self.make_processes(list(serve))

    # --- What takes part ---

    def call(self, *arguments):
        result = subprocess.run([self.tributary, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if result.returncode != 0:
            raise Failure(f"tributary {' '.join(arguments)}: {result.stderr.strip()}")
        return result.stdout.strip()

    def make_processes(self, settings):
        address = f"{self.host}:{self.port}"
        serve = ["serve", "--listen", address, "--state", self.state, "--updates-keep", "all", "--quiet", *settings]
        self.connection = ["--server", f"http://{address}"]
        if self.options.tls:
            certificates = f"{self.folder}/certificates"
            self.call("certs", "dev", "--host", self.host, "--out", certificates)
            serve += ["--tls-certificate", f"{certificates}/server.pem", "--tls-key", f"{certificates}/server.key"]
            self.connection = ["--server", f"https://{address}", "--ca", f"{certificates}/ca.pem"]
            self.tls = ssl.create_default_context(cafile=f"{certificates}/ca.pem")
        self.coordinator = Process("coordinator", [self.tributary, *serve], self.logs)
        self.clients = [self.make_client(number) for number in range(1, self.options.clients + 1)]
        self.signature = self.call("join", "--data", f"{self.folder}/shard1.csv", "--label", "ill", "--print-signature")

    def make_client(self, number):
        data = f"{self.folder}/shard{number}.csv"
        write_examples(data, self.random.randint(150, 300), self.random.getrandbits(32))
        join = ["join", *self.connection, "--json", "--name", f"hospital-{number}", "--data", data, "--label", "ill"]
        join += ["--join-token-file", f"{self.state}/secrets/join.token", "--state", f"{self.folder}/client{number}"]
        return Process(f"client{number}", [self.tributary, *join], self.logs, self.enter)

    def processes(self):
        return [self.coordinator, *self.clients]

    # --- Runs ---

    def plan(self):
        """What the next run is to do, as flags."""
        raise NotImplementedError

    def operator(self, *arguments):
        """An operator's command."""
        token = ["--token-file", f"{self.state}/secrets/operator.token"]
        return [self.tributary, "run", *map(str, arguments), *self.connection, *token]

    def begin_creation(self):
        """Asks for the next run; the coordinator may be killed, or the line cut, while it is asked."""
        self.asks_again_at = None
        command = self.operator(
            "create", f"run-{self.runs + 1}", "--data-signature", self.signature,
            "--seed", self.options.seed + self.runs, "--server-optimiser", OPTIMISERS[self.runs % len(OPTIMISERS)],
            *self.plan(),
        )  # fmt: skip
        self.creation = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            preexec_fn=self.enter,
        )  # fmt: skip

    def end_creation(self):
        if self.creation is None or self.creation.poll() is None:
            return
        problem = self.creation.communicate()[1].strip()
        if self.creation.returncode == 0:
            self.runs += 1
            self.run_created(f"run-{self.runs}")
        elif self.creation.returncode == 69:
            # No server was there, or it was and its answer is lost: a run that exists already is found then.
            self.asks_again_at = time.monotonic() + 0.3
        else:
            raise Failure(f"run-{self.runs + 1} could not be created (code {self.creation.returncode}): {problem}")
        self.creation = None

    def run_created(self, name):
        """A run has begun."""

    def look_at_runs(self, is_enough):
        """Begins the next run when the last one is over, unless it is enough; whether all is done."""
        states = self.run_states()
        if states is None:
            return False
        for name, run in states.items():
            if run["state"] == "STATE_FAILED":
                raise Failure(f"{name} has failed: {run.get('reason')}")
        self.states_seen({run["state"] for run in states.values()})
        rounds = sum(int(run.get("lastRound", 0)) for run in states.values())
        if rounds < self.ended_rounds:
            raise Failure(f"the runs have ended {rounds} rounds, and before it was {self.ended_rounds}")
        self.ended_rounds = rounds
        if self.creation is not None:
            return False
        if self.asks_again_at is not None:
            if time.monotonic() >= self.asks_again_at:
                self.begin_creation()
        elif all(run["state"] == "STATE_COMPLETED" for run in states.values()):
            if self.runs > 0 and is_enough:
                return True
            self.begin_creation()
        return False

    def states_seen(self, states):
        """The states that runs are in now."""

    # --- What is asked of the coordinator ---

    def request(self, method, path, body=None, limit=5.0):
        """The status and the text of an answer; None if there is nobody."""
        if self.tls:
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=limit, context=self.tls)
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=limit)
        try:
            fields = {}
            if body is not None:
                with open(f"{self.state}/secrets/operator.token") as file:
                    fields = {"Authorization": f"Bearer {file.read().strip()}", "Content-Type": "application/json"}
            connection.request(method, path, body, fields)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def run_states(self):
        """The runs by name; None if the coordinator did not answer."""
        answer = self.request("POST", "/tributary.v1.Runs/List", "{}")
        if answer is None or answer[0] != 200:
            return None
        return {run["run"]: run for run in json.loads(answer[1]).get("runs", [])}

    def run_line(self):
        """The runs that are not complete, for messages."""
        states = self.run_states()
        if states is None:
            return "the coordinator does not answer"
        texts = [
            f"{name}: round {run.get('lastRound', 0)} ended, {run['state']} {run.get('reason', '')}".strip()
            for name, run in states.items()
            if run["state"] != "STATE_COMPLETED"
        ]
        return "; ".join(texts) or "no run is open"

    def look_whether_ready(self):
        """Notes when a coordinator that was started takes calls; whether it does."""
        answer = self.request("GET", "/readyz", limit=0.5)
        now = time.monotonic()
        if answer is not None and answer[0] == 200:
            self.ready_at = now
            self.recoveries.append(now - self.coordinator.started_at)
            return True
        if now - self.coordinator.started_at > 30:
            raise Failure(f"the coordinator was not ready 30 s after its start:\n{self.coordinator.tail()}")
        return False

    # --- The end ---

    def stop(self):
        for client in self.clients:
            client.process.terminate()
        for client in self.clients:
            client.stop(20)
        code = self.coordinator.stop(30)
        if code != 0:
            raise Failure(f"the coordinator ended with code {code} after SIGTERM:\n{self.coordinator.tail()}")

    def end_all(self):
        for process in self.processes():
            process.kill()
        if self.creation is not None:
            self.creation.kill()
            self.creation.wait()

    def recovery_line(self):
        times = sorted(self.recoveries)

        def at(share):
            return f"{times[min(len(times) - 1, int(share * len(times)))] * 1000:.0f} ms"

        return (
            f"ready again after {at(0.5)} (p50), {at(0.99)} (p99), {times[-1] * 1000:.0f} ms (max), "
            f"over {len(times)} starts"
        )

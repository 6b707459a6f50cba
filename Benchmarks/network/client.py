"""Clients that know the protocol and train nothing: their updates are ready before the clock starts."""

import array
import base64
import hashlib
import os
import random

from wire import Connection, answer, call


class Update:
    """A ready-made update: small numbers, the last few of them other ones for every tag."""

    _beginnings = {}

    def __init__(self, parameter_count, tag):
        ending = min(parameter_count, 64)
        if parameter_count not in self._beginnings:
            piece = noise(1 << 14, 0)
            beginning = memoryview((piece * ((4 * parameter_count) // len(piece) + 1))[:4 * (parameter_count - ending)])
            self._beginnings[parameter_count] = (beginning, hashlib.sha256(beginning))
        beginning, digest = self._beginnings[parameter_count]
        # Large updates differ at their ends only, so that many fit into memory and are hashed once.
        self.body = (beginning, noise(ending, tag + 1))
        self.size = 4 * parameter_count
        digest = digest.copy()
        digest.update(self.body[1])
        self.sha256 = digest.hexdigest()


def noise(count, tag):
    generator = random.Random(tag)
    return array.array("f", (generator.uniform(-0.01, 0.01) for _ in range(count))).tobytes()


class Client:
    """One client over one connection."""

    def __init__(self, server, number, tls=None, credential=None):
        self.number = number
        self.connection = Connection("127.0.0.1", server.port, tls)
        self.join_token = server.token("join")
        self.credential = credential

    def registration(self):
        return call("Enrolment/Register", {
            "protocolVersion": 1, "joinToken": self.join_token, "name": f"client-{self.number}",
            "registrationKey": base64.b64encode(os.urandom(32)).decode(), "clientVersion": "1.0.0"})

    def registered(self, received):
        self.credential = answer(received, "Register")["credential"]

    def register(self):
        self.registered(self.connection.request(*self.registration()))
        return self

    def polling(self, wait_ms=30_000):
        return call("Tasks/Poll", {"protocolVersion": 1, "waitMs": wait_ms}, self.credential)

    def poll(self):
        """The next task, waited for."""
        while True:
            task = answer(self.connection.request(*self.polling()), "Poll").get("task")
            if task:
                return task

    def download(self, task):
        path = f"/v1/blobs/{task['model']['sha256']}"
        status, _, size = self.connection.request("GET", path, self.shown(), keep=False)
        if status != 200 or size != int(task["model"]["size"]):
            raise RuntimeError(f"GET of the model: status {status}, {size} bytes")

    def uploading(self, update):
        fields = self.shown() | {"Upload-Length": update.size}
        return ("PUT", f"/v1/uploads/{update.sha256}", fields, update.body)

    def upload(self, update):
        self.uploaded(self.connection.request(*self.uploading(update)))

    def uploaded(self, received):
        if received[0] != 201:
            raise RuntimeError(f"PUT of the update: status {received[0]}: {received[2][:300]!r}")

    def submitting(self, task, update):
        return call("Tasks/Submit", {
            "taskId": task["id"], "training": {
                "update": {"sha256": update.sha256, "size": str(update.size), "encoding": "ENCODING_F32"},
                "exampleCount": "10", "stepCount": "1", "meanLoss": 0.5}}, self.credential)

    def submit(self, task, update):
        self.submitted(self.connection.request(*self.submitting(task, update)))

    def submitted(self, received):
        receipt = answer(received, "Submit")
        if receipt["receipt"] != "RECEIPT_ACCEPTED":
            raise RuntimeError(f"Submit: {receipt}")

    def shown(self):
        return {"Authorization": f"Bearer {self.credential}"}


def create_run(server, parameter_count, clients, rounds=1_000_000, tls=None):
    """A run of a model with one tensor; every client present takes part in every round."""
    connection = Connection("127.0.0.1", server.port, tls)
    plan = {"rounds": rounds, "cohort.count": clients, "cohort.quorum": clients, "cohort.deadline": "1h",
            "cohort.lease": "1h"}
    request = {"run": "load", "plan": {name: str(value) for name, value in plan.items()},
               "layout": [{"name": "weights", "shape": [str(parameter_count)]}]}
    answer(connection.request(*call("Runs/Create", request, server.token("operator"))), "Create")
    connection.close()


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]

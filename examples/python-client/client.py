"""A client of a Tributary coordinator in Python: Connect calls, plain HTTP for bytes, numpy for training.

It shows the protocol in one page. It keeps its registration key, but unlike the Swift client it begins a task anew
when it is killed in the middle.
"""

import argparse
import hashlib
import json
import os
import random
import sys
import threading
import time
import urllib.error
import urllib.request

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "generated"))

from connectrpc.code import Code  # noqa: E402
from connectrpc.errors import ConnectError  # noqa: E402
from tributary.v1 import common_pb2, enrolment_connect, enrolment_pb2, tasks_connect, tasks_pb2  # noqa: E402

from softmax import Examples, Softmax  # noqa: E402

# What may be otherwise the next time.
TRANSIENT = (Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED, Code.DEADLINE_EXCEEDED, Code.ABORTED)
ENCODINGS = {common_pb2.ENCODING_F32: "<f4", common_pb2.ENCODING_F16: "<f2"}


class Client:
    def __init__(self, options):
        self.options = options
        self.credential = ""
        self.enrolment = enrolment_connect.EnrolmentClientSync(options.server)
        self.tasks = tasks_connect.TasksClientSync(options.server)

    @property
    def headers(self):
        return {"authorization": f"Bearer {self.credential}"}

    def register(self):
        """The same key is the same client, so it is kept."""
        key = registration_key(self.options.state)
        answer = self.enrolment.register(
            enrolment_pb2.RegisterRequest(
                protocol_version=1, join_token=self.options.join_token, registration_key=key, name=self.options.name,
                labels=dict(self.options.label), client_version="0.1.0", data_signature=self.options.data_signature,
            ),
            timeout_ms=30_000,
        )
        self.credential = answer.credential
        print(f"registered as client {answer.client_id} (server {answer.server_version})")
        pause(answer.retry)

    def run(self):
        """Takes part until enough is done; 0 is never enough."""
        done = 0
        while not self.options.tasks or done < self.options.tasks:
            try:
                if not self.credential:
                    self.register()
                answer = self.tasks.poll(
                    tasks_pb2.PollRequest(protocol_version=1, wait_ms=20_000), headers=self.headers, timeout_ms=60_000)
                if not answer.HasField("task"):
                    pause(answer.retry)
                elif self.carry_out(answer.task):
                    done += 1
            except ConnectError as error:
                if error.code == Code.UNAUTHENTICATED and self.credential:
                    self.credential = ""
                elif error.code in TRANSIENT:
                    print(f"{error.code.value}: {error.message}; trying again")
                    time.sleep(random.uniform(0, 5))
                else:
                    raise SystemExit(f"{self.options.server}: {error.code.value}: {error.message}") from None
            except (OSError, TransferFailed) as error:
                print(f"{error}; trying again")
                time.sleep(random.uniform(0, 5))

    def carry_out(self, task):
        """True if the result was handed in."""
        with Heartbeats(self, task) as heartbeats:
            try:
                model = Softmax(task.layout, self.download(task.model))
                examples = self.examples(task)
                if task.kind == tasks_pb2.Task.KIND_TRAIN:
                    result = self.train(task, model, examples, heartbeats)
                else:
                    result = evaluate(task, model, examples)
            except (ValueError, RoundOver) as error:
                print(f"{task.id}: given back: {error}")
                answer = self.tasks.report_failure(
                    tasks_pb2.ReportFailureRequest(task_id=task.id, message=str(error)), headers=self.headers)
                pause(answer.retry)
                return False
            answer = self.tasks.submit(
                tasks_pb2.SubmitRequest(task_id=task.id, **result), headers=self.headers, timeout_ms=30_000)
        receipt = tasks_pb2.SubmitResponse.Receipt.Name(answer.receipt)
        print(f"{task.id}: {receipt.removeprefix('RECEIPT_').lower()}")
        pause(answer.retry)
        return True

    def examples(self, task):
        if self.options.data:
            return Examples.from_csv(self.options.data)
        features, classes = task.layout[0].shape
        return Examples.synthetic(features, classes, seed=self.options.seed)

    def train(self, task, model, examples, heartbeats):
        before = model.values
        steps, loss = model.train(examples, task.training, task.seed, heartbeats.report)
        update = model.values - before
        if not np.isfinite(update).all() or np.abs(update).max() > task.update_bound:
            raise ValueError("the update is not finite or beyond the task's bound")
        return {
            "training": tasks_pb2.TrainingResult(
                update=self.upload(update, task.update_encoding), example_count=min(len(examples), task.example_limit),
                step_count=steps, mean_loss=loss,
            )
        }

    def download(self, blob):
        status, body, _ = self.transfer("GET", f"/v1/blobs/{blob.sha256}")
        if status != 200 or hashlib.sha256(body).hexdigest() != blob.sha256:
            raise TransferFailed(f"the model {blob.sha256[:12]} cannot be fetched (HTTP {status}) or arrived damaged")
        return decode(body, blob.encoding)

    def upload(self, values, encoding):
        body = encode(values, encoding)
        digest = hashlib.sha256(body).hexdigest()
        status, answer, _ = self.transfer("PUT", f"/v1/uploads/{digest}", body)
        if status != 201:
            raise TransferFailed(f"the update cannot be sent: HTTP {status} {answer[:200].decode(errors='replace')}")
        return common_pb2.Blob(sha256=digest, size=len(body), encoding=encoding)

    def transfer(self, method, path, body=None):
        request = urllib.request.Request(self.options.server + path, data=body, method=method, headers=self.headers)
        if body is not None:
            request.add_header("content-type", "application/octet-stream")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers


class TransferFailed(Exception):
    """A model or an update did not get through, for example because the round closed meanwhile."""


class RoundOver(Exception):
    """The round closed while the client was at work."""


class Heartbeats:
    """Renews a task's lease beside the work on it."""

    def __init__(self, client, task):
        self.client, self.task = client, task
        self.progress, self.is_over = 0.0, False
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()

    def report(self, progress):
        self.progress = progress
        if self.is_over:
            raise RoundOver("the round is over")

    def run(self):
        lease = self.task.lease_ms
        while not self.end.wait(max(0.1, lease / 3000)):
            try:
                answer = self.client.tasks.heartbeat(
                    tasks_pb2.HeartbeatRequest(task_id=self.task.id, progress=self.progress),
                    headers=self.client.headers, timeout_ms=10_000)
            except ConnectError:
                continue
            lease = answer.lease_ms
            if not answer.goes_on:
                self.is_over = True
                return


def evaluate(task, model, examples):
    count = min(len(examples), task.evaluation_limit or len(examples))
    part = Examples(examples.features[:count], examples.classes[:count])
    correct = int((model.probabilities(part.features).argmax(axis=1) == part.classes).sum())
    return {
        "evaluation": tasks_pb2.EvaluationResult(
            example_count=count, loss_sum=float(model.losses(part).sum()), correct_count=correct)
    }


def decode(body, encoding):
    if encoding == common_pb2.ENCODING_BF16:
        return (np.frombuffer(body, dtype="<u2").astype(np.uint32) << 16).view(np.float32)
    if encoding not in ENCODINGS:
        raise ValueError(f"encoding {encoding} is not known")
    return np.frombuffer(body, dtype=ENCODINGS[encoding]).astype(np.float32)


def encode(values, encoding):
    values = np.asarray(values, dtype=np.float32)
    if encoding == common_pb2.ENCODING_BF16:
        bits = values.view(np.uint32)
        # To the nearest, ties to even.
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes()
    if encoding not in ENCODINGS:
        raise ValueError(f"encoding {encoding} is not known")
    return values.astype(ENCODINGS[encoding]).tobytes()


def pause(window):
    """Until a random instant of the server's window, so that clients do not come back all at once."""
    time.sleep(random.uniform(window.earliest_ms, max(window.earliest_ms, window.latest_ms)) / 1000)


def registration_key(path):
    """32 random bytes, made once and kept where only their owner may read them."""
    if not os.path.exists(path):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"registration_key": os.urandom(32).hex()}, file)
    with open(path) as file:
        return bytes.fromhex(json.load(file)["registration_key"])


def label(text):
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"'{text}': write a label as name=value")
    return name, value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default="http://127.0.0.1:8470", help="the coordinator's address")
    parser.add_argument("--join-token", default=os.environ.get("TRIBUTARY_JOIN_TOKEN", ""))
    parser.add_argument("--name", default="", help="unique on the server")
    parser.add_argument("--label", type=label, action="append", default=[], help="name=value; may be repeated")
    parser.add_argument("--data-signature", default="", help="the form of the data, if the run asks for one")
    parser.add_argument("--data", help="a CSV file whose last column is the class; without it, made-up data")
    parser.add_argument("--seed", type=int, default=1, help="of the made-up data")
    parser.add_argument("--tasks", type=int, default=0, help="results to hand in before it ends; 0 for no end")
    parser.add_argument("--state", default="state.json", help="where the registration key is kept")
    try:
        Client(parser.parse_args()).run()
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()

"""Programs that the tests of real processes start, kill and start again."""

import ctypes
import os
import signal
import subprocess
import time

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """What was promised does not hold."""


class Missing(Exception):
    """What a test needs and this machine does not have or allow; says how to get it."""


def die_with_parent():
    """For a new process: it is killed when this script is, so that nothing is left behind whatever happens."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A program that is started anew whenever it was killed, with a log of its own each time.

    `enter` is called in each new process before the program begins: it may move it to another network namespace.
    """

    def __init__(self, name, command, logs, enter=die_with_parent):
        self.name, self.command, self.logs, self.enter = name, command, logs, enter
        self.starts = 0
        self.process = None

    def start(self):
        self.starts += 1
        self.started_at = time.monotonic()
        with open(self.log(self.starts), "wb") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.logs,
                preexec_fn=self.enter,
            )  # fmt: skip

    def log(self, start):
        return f"{self.logs}/{self.name}.{start}.log"

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def check(self):
        """It does not end by itself, whatever happens to the others."""
        code = self.process.poll()
        if code is not None:
            raise Failure(f"{self.name} ended by itself with code {code}; its last lines:\n{self.tail()}")

    def tail(self):
        with open(self.log(self.starts), errors="replace") as log:
            return "".join(log.readlines()[-8:])

    def stop(self, limit):
        self.process.terminate()
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end within {limit} s of SIGTERM:\n{self.tail()}") from None


def built(root, chosen):
    """The program to test: the one chosen, or the release build, which is made if there is none."""
    if chosen is None:
        chosen = f"{root}/.build/release/tributary"
        if not os.path.exists(chosen):
            subprocess.run(["swift", "build", "-c", "release", "--product", "tributary"], cwd=root, check=True)
    return os.path.abspath(chosen)

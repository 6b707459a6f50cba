"""A server under measurement: started on a free port with a state folder of its own, and looked at through /proc."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time


class Server:
    """`tributary serve`, as a process."""

    def __init__(self, binary, folder=None, flags=()):
        self.binary, self.flags = binary, list(flags)
        self.folder = folder or tempfile.mkdtemp(prefix="tributary-load-", dir=os.environ.get("TMPDIR"))
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        """Starts the process; `self.startup` is the seconds until it says that it is ready."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        command = [self.binary, "serve", "--quiet", "--listen", f"127.0.0.1:{self.port}", "--state", self.folder,
                   "--log-level", "error", *self.flags]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
        begun = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
        while not self.is_ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}: {' '.join(command)}")
            time.sleep(0.001)
        self.startup = time.perf_counter() - begun
        return self

    def is_ready(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                if "--tls-certificate" in self.flags:
                    return True
                connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return connection.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def token(self, name):
        with open(f"{self.folder}/secrets/{name}.token") as file:
            return file.read().strip()

    def kill(self):
        """As a crash would."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def processor_seconds(self):
        """User and system time so far."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Resident MB now, and the most since `forget_peak`."""
        with open(f"/proc/{self.process.pid}/status") as file:
            lines = dict(line.split(":", 1) for line in file if line.startswith(("VmRSS", "VmHWM")))
        return tuple(int(lines[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")


class Meter:
    """Seconds, the server's processor seconds, and its memory at most, of a stretch of work."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.server.forget_peak()
        self.processor = self.server.processor_seconds()
        self.begun = time.perf_counter()
        return self

    def __exit__(self, *_):
        self.seconds = time.perf_counter() - self.begun
        self.processor = self.server.processor_seconds() - self.processor
        self.resident, self.peak = self.server.memory()

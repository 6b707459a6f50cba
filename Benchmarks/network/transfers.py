"""Bytes a second with large models, what they cost the server, and its memory; beside plain tools on the same machine."""

import hashlib
import os
import socket
import ssl
import subprocess
import sys
import threading
import time

from client import Client, Update, create_run
from server import Meter, Server


def measure(binary, clients, parameter_count, folder, rounds=3, is_secure=False):
    flags, tls = [], None
    if is_secure:
        certificates = f"{folder}/certs"
        if not os.path.exists(certificates):
            subprocess.run([binary, "certs", "dev", "--out", certificates], check=True, stdout=subprocess.DEVNULL)
        flags = ["--tls-certificate", f"{certificates}/server.pem", "--tls-key", f"{certificates}/server.key"]
        tls = ssl.create_default_context(cafile=f"{certificates}/ca.pem")
    with Server(binary, flags=flags) as server:
        crowd = [Client(server, number, tls).register() for number in range(clients)]
        create_run(server, parameter_count, clients, tls=tls)
        results = [
            one_round(server, crowd, [Update(parameter_count, turn * clients + place) for place in range(clients)])
            for turn in range(rounds)]
        return min(results, key=lambda result: result["up s"])


def one_round(server, crowd, updates):
    """All at the same thing at the same time, so that the server's time can be told apart."""
    tasks = every(crowd, lambda client, _: client.poll())
    with Meter(server) as down:
        every(crowd, lambda client, place: client.download(tasks[place]))
    with Meter(server) as up:
        every(crowd, lambda client, place: client.upload(updates[place]))
    with Meter(server) as accept:
        every(crowd, lambda client, place: client.submit(tasks[place], updates[place]))
    with Meter(server) as make:
        every(crowd, lambda client, _: client.poll())
    bytes_moved = sum(update.size for update in updates)
    return {
        "up s": up.seconds, "MB/s down": bytes_moved / 1e6 / down.seconds,
        "CPU s/GB down": down.processor / bytes_moved * 1e9, "MB/s up": bytes_moved / 1e6 / up.seconds,
        "CPU s/GB up": up.processor / bytes_moved * 1e9, "accept s": accept.seconds, "next model s": make.seconds,
        "peak MB down": down.peak, "up": up.peak, "accept": accept.peak, "model": make.peak, "after": make.resident}


def every(crowd, work):
    results, failures = [None] * len(crowd), []

    def run(place):
        try:
            results[place] = work(crowd[place], place)
        except Exception as failure:  # noqa: BLE001: told below
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(len(crowd))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results


def baselines(folder, byte_count):
    """What the same machine does with plain tools, at the same time."""
    source, target = f"{folder}/source", f"{folder}/target"
    with open(source, "wb") as file:
        file.write(os.urandom(1 << 20) * (byte_count >> 20))
    size = os.path.getsize(source) / 1e6

    def rate(*command):
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return size / (time.perf_counter() - begun)

    results = {"dd conv=fsync": rate("dd", f"if={source}", f"of={target}", "bs=1M", "conv=fsync")}
    data = bytes(byte_count)
    begun = time.perf_counter()
    hashlib.sha256(data)
    results["SHA-256 (OpenSSL)"] = byte_count / 1e6 / (time.perf_counter() - begun)
    with PlainServer(folder) as plain:
        results["python http.server to curl"] = rate(
            "curl", "-s", "-o", "/dev/null", f"http://127.0.0.1:{plain.port}/source")
    os.unlink(source)
    os.unlink(target)
    return results


class PlainServer:
    """`python3 -m http.server`, for comparison."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "http.server", str(self.port), "--bind", "127.0.0.1", "--directory", self.folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.01)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

"""HTTP/1.1 as far as the measurements need it: raw sockets, so that what is measured is the server."""

import json
import select
import socket
import time


class Connection:
    """One connection, kept open. A request is a head and a list of buffers, which are sent as they are."""

    def __init__(self, host, port, tls=None):
        self.socket = socket.create_connection((host, port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.space = memoryview(bytearray(256 << 10))

    def send(self, method, path, fields=None, body=()):
        size = sum(len(piece) for piece in body)
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {size}"]
        lines += [f"{name}: {value}" for name, value in (fields or {}).items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        if size < 16 << 10:
            self.socket.sendall(head + b"".join(body))
            return
        self.socket.sendall(head)
        for piece in body:
            self.socket.sendall(piece)

    def receive(self, keep=True, is_head=False):
        """The status, the fields, and the body (its size only, unless it is to be kept)."""
        data = bytearray()
        while (end := data.find(b"\r\n\r\n")) < 0:
            count = self.socket.recv_into(self.space)
            if count == 0:
                raise ConnectionError("the server closed the connection")
            data += self.space[:count]
        lines = bytes(data[:end]).decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        if "chunked" in fields.get("transfer-encoding", ""):
            raise ConnectionError("the answer has no Content-Length")
        left = 0 if is_head or status in (204, 304) else int(fields.get("content-length", 0))
        body = data[end + 4:]
        got = len(body)
        while got < left:
            count = self.socket.recv_into(self.space)
            if count == 0:
                raise ConnectionError("the server closed the connection")
            got += count
            if keep:
                body += self.space[:count]
        return status, fields, (bytes(body) if keep else got)

    def request(self, method, path, fields=None, body=(), keep=True):
        self.send(method, path, fields, body)
        return self.receive(keep, is_head=method == "HEAD")

    def close(self):
        self.socket.close()


def exchange(requests):
    """Sends one call on each connection at once; gives their answers and seconds, in order.

    `requests` are tuples of a connection and what its `send` takes. One thread and no locks: what is timed is the server,
    and not the waiting for each other of this program's threads.
    """
    poller = select.epoll()
    places, begun = {}, []
    for place, (connection, *arguments) in enumerate(requests):
        number = connection.socket.fileno()
        places[number] = place
        poller.register(number, select.EPOLLIN)
    for connection, *arguments in requests:
        begun.append(time.perf_counter())
        connection.send(*arguments)
    answers, seconds = [None] * len(requests), [0.0] * len(requests)
    left = len(requests)
    while left:
        for number, _ in poller.poll(120):
            place = places[number]
            seconds[place] = time.perf_counter() - begun[place]
            answers[place] = requests[place][0].receive()
            poller.unregister(number)
            left -= 1
    poller.close()
    return answers, seconds


def call(method, message, credential=None):
    """The arguments of `send` for a call of the protocol."""
    fields = {"Content-Type": "application/json"}
    if credential:
        fields["Authorization"] = f"Bearer {credential}"
    return ("POST", f"/tributary.v1.{method}", fields, (json.dumps(message).encode(),))


def answer(received, what):
    """The message of an answer; stops the measurement if it is an error."""
    status, _, body = received
    if status != 200:
        raise RuntimeError(f"{what}: status {status}: {body[:300]!r}")
    return json.loads(body)

"""What clients cost that are known and have nothing to do, and those that wait in a long poll."""

import time

from client import Client
from server import Server
from wire import answer, exchange


def measure(binary, clients=10_000, width=100):
    flags = ["--limits-connections", str(2 * clients), "--limits-connections-per-peer", str(2 * clients)]
    with Server(binary, flags=flags) as server:
        empty, _ = server.memory()
        lines = [Client(server, number) for number in range(width)]
        credentials = []
        begun = time.perf_counter()
        for first in range(0, clients, width):
            for place, line in enumerate(lines):
                line.number = first + place
            received, _ = exchange([(line.connection, *line.registration()) for line in lines])
            credentials += [answer(one, "Register")["credential"] for one in received]
        registrations = clients / (time.perf_counter() - begun)
        registered, _ = server.memory()
        waiting = []
        for number, credential in enumerate(credentials):
            client = Client(server, number, credential=credential)
            client.connection.send(*client.polling(25_000))
            waiting.append(client)
        time.sleep(1)
        held, _ = server.memory()
        for client in waiting:
            client.connection.close()
        time.sleep(3)
        after, _ = server.memory()
    return {"MB empty": empty, "registered": registered, "waiting in polls": held, "gone again": after,
            "kB a waiting client": 1e3 * (held - registered) / clients, "registrations/s": registrations}

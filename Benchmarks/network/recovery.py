"""From the start of the process to its being ready, after it was killed."""

import hashlib
import json
import sqlite3
import statistics

from client import Client, Update, create_run
from server import Server
from transfers import every
from wire import Connection, answer, call, exchange


def restarts(server, count=3):
    """The median time to be ready over several kills."""
    times = []
    for _ in range(count):
        server.kill()
        times.append(server.start().startup)
    return {"ready after s": statistics.median(times), "CPU s": server.processor_seconds(),
            "peak MB": server.memory()[1]}


def empty(binary):
    with Server(binary) as server:
        return restarts(server)


def long_history(binary, clients=100_000, rounds=10_000):
    """Many clients and many rounds: real rows, copied under other names."""
    with Server(binary) as server:
        crowd = [Client(server, number).register() for number in range(10)]
        create_run(server, 100, 10)
        for turn in range(2):
            update_all(crowd, [Update(100, 2 * client.number + turn) for client in crowd])
        server.kill()
        multiply(f"{server.folder}/ledger.sqlite", clients, rounds)
        result = restarts(server)
        check(server, rounds)
        return result


def open_round(binary, contributions=1_000, parameter_count=250_000):
    """A round that waits for one more update."""
    with Server(binary) as server:
        crowd = [Client(server, number) for number in range(contributions + 1)]
        for first in range(0, len(crowd), 100):
            part = crowd[first:first + 100]
            for client, one in zip(part, exchange([(c.connection, *c.registration()) for c in part])[0]):
                client.registered(one)
        create_run(server, parameter_count, len(crowd))
        received, _ = exchange([(client.connection, *client.polling()) for client in crowd])
        tasks = [answer(one, "Poll")["task"] for one in received]

        def bring(place):
            for number in range(place, contributions, 4):
                update = Update(parameter_count, number)
                crowd[number].upload(update)
                crowd[number].submit(tasks[number], update)

        every(range(4), lambda place, _: bring(place))
        return restarts(server)


def update_all(crowd, updates):
    for client, update in zip(crowd, updates):
        client.task = client.poll()
        client.upload(update)
    for client, update in zip(crowd, updates):
        client.submit(client.task, update)


def multiply(path, clients, rounds):
    """Fills a ledger with copies of its rows."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    payload = json.loads(database.execute("SELECT payload FROM clients").fetchone()[0])
    for number in range(1, clients - 9):
        payload["id"] = number
        payload["description"]["name"] = f"copy-{number}"
        insert(database, "clients", [number], payload)
    opened = json.loads(database.execute("SELECT payload FROM rounds WHERE round = 1").fetchone()[0])
    ended = json.loads(database.execute("SELECT payload FROM ends WHERE round = 1").fetchone()[0])
    run, blob = database.execute("SELECT run, blob FROM ends").fetchone()
    database.execute("DELETE FROM rounds WHERE round > 1")
    database.execute("DELETE FROM contributions WHERE round > 1")
    for number in range(2, rounds + 1):
        opened["id"]["round"] = ended["summary"]["round"] = number
        opened["modelVersion"], ended["summary"]["modelVersion"] = number - 1, number
        insert(database, "rounds", [run, number, "train", blob], opened)
        insert(database, "ends", [run, number, 0, blob], ended)
    database.execute("COMMIT")
    database.close()


def insert(database, table, columns, payload):
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    checksum = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
    values = [*columns, text, checksum]
    places = ",".join("?" * len(values))
    database.execute(f"INSERT OR REPLACE INTO {table} VALUES ({places})", values)


def check(server, rounds):
    """That what was filled in is what the server sees."""
    connection = Connection("127.0.0.1", server.port)
    received = connection.request(*call("Runs/Get", {"run": "load"}, server.token("operator")))
    connection.close()
    run = answer(received, "Get")["run"]
    if int(run["lastRound"]) != rounds:
        raise RuntimeError(f"the copied history is not what the server reads: {run}")

#!/usr/bin/env python3
"""A bad line between two TUN devices, for kernels without netem: a program that moves every packet by hand.

    userspace_link.py SERVER_FD CLIENTS_FD SETTINGS

The two open files are TUN devices (without packet information); SETTINGS is JSON with the fields of `Line` and a seed.
Packets are treated as `tc netem` treats them, each way by itself: lost, duplicated, or sent when their delay with its
jitter is over, which may change their order; some are sent at once, ahead of others; a rate holds back what is sent.

Commands come a line at a time on standard input, and each is answered by a line of JSON with the counters so far:

    count         nothing but the answer
    cut WAY       loses all packets that way: up (from the clients), down, or both
    forget        from now on loses all packets of the connections seen so far, as a router does that was restarted
    heal          ends what was cut; connections that are forgotten stay so
"""

import collections
import dataclasses
import heapq
import json
import os
import random
import select
import sys
import time

PACKET_LIMIT = 65536
# Packets that wait to be sent, each way; what comes beyond is lost, as with netem's limit.
QUEUE_LIMIT = 1000
TCP = 6
SYN, ACK = 0x02, 0x10


@dataclasses.dataclass
class Line:
    """How bad the line is, each way."""

    loss: float = 0  # percent
    delay: float = 0  # milliseconds
    jitter: float = 0  # milliseconds; the delay is uniform within it
    reorder: float = 0  # percent that is sent without delay
    duplicate: float = 0  # percent
    rate: float = 0  # Mbit/s; 0 for no limit


def chance(stream, percent):
    return percent > 0 and stream.random() * 100 < percent


class Way:
    """One direction: packets that wait for the time at which they are sent."""

    def __init__(self, line, source, target, stream):
        self.line, self.source, self.target, self.stream = line, source, target, stream
        self.waiting = []
        self.counters = collections.Counter()
        self.number = 0
        self.is_cut = False
        self.free_at = 0.0

    def take(self, packet, now):
        self.counters["packets"] += 1
        self.counters["bytes"] += len(packet)
        if self.is_cut:
            self.counters["cut"] += 1
        elif chance(self.stream, self.line.loss):
            self.counters["lost"] += 1
        else:
            self.queue(packet, now)
            if chance(self.stream, self.line.duplicate):
                self.counters["duplicated"] += 1
                self.queue(packet, now)

    def queue(self, packet, now):
        if len(self.waiting) >= QUEUE_LIMIT:
            self.counters["overflowed"] += 1
            return
        due = now
        if self.line.rate > 0:
            self.free_at = due = max(now, self.free_at) + len(packet) * 8 / (self.line.rate * 1e6)
        if chance(self.stream, self.line.reorder):
            self.counters["sent ahead"] += 1
        else:
            due += max(0, self.line.delay + self.stream.uniform(-1, 1) * self.line.jitter) / 1000
        self.number += 1
        heapq.heappush(self.waiting, (due, self.number, packet))

    def send_due(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            packet = heapq.heappop(self.waiting)[2]
            try:
                os.write(self.target, packet)
            except OSError:  # The device is down, or has no room.
                self.counters["lost at the device"] += 1


class Connections:
    """Which TCP connections were seen, and which of them the line has forgotten, by the clients' port."""

    def __init__(self):
        self.known, self.forgotten = set(), set()

    def is_forgotten(self, packet, is_up):
        if packet[0] >> 4 != 4 or packet[9] != TCP:
            return False
        start = (packet[0] & 15) * 4
        if len(packet) < start + 14:
            return False
        port = int.from_bytes(packet[start : start + 2] if is_up else packet[start + 2 : start + 4], "big")
        if is_up and packet[start + 13] & (SYN | ACK) == SYN and port not in self.known:
            self.forgotten.discard(port)
        self.known.add(port)
        return port in self.forgotten

    def forget(self):
        self.forgotten |= self.known
        self.known = set()


class UserspaceLink:
    def __init__(self, server, clients, settings):
        seed = settings.pop("seed")
        line = Line(**settings)
        self.up = Way(line, clients, server, random.Random(f"{seed} up"))
        self.down = Way(line, server, clients, random.Random(f"{seed} down"))
        self.connections = Connections()

    def run(self):
        poll = select.poll()
        ways = {self.up.source: self.up, self.down.source: self.down}
        for file in [*ways, 0]:
            poll.register(file, select.POLLIN)
        while True:
            for file, _ in poll.poll(self.time_to_next()):
                if file == 0:
                    command = sys.stdin.readline()
                    if not command:
                        return
                    self.obey(command.split())
                else:
                    self.read(ways[file])
            now = time.monotonic()
            for way in ways.values():
                way.send_due(now)

    def time_to_next(self):
        """Milliseconds until a packet is due; none for as long as it takes."""
        due = [way.waiting[0][0] for way in (self.up, self.down) if way.waiting]
        return max(0, (min(due) - time.monotonic()) * 1000) if due else None

    def read(self, way):
        for _ in range(64):
            try:
                packet = os.read(way.source, PACKET_LIMIT)
            except OSError:  # Nothing more, or the device is down.
                return
            if self.connections.is_forgotten(packet, way is self.up):
                way.counters["forgotten"] += 1
            else:
                way.take(packet, time.monotonic())

    def obey(self, command):
        match command:
            case ["cut", way]:
                self.up.is_cut = way in ("up", "both")
                self.down.is_cut = way in ("down", "both")
            case ["forget"]:
                self.connections.forget()
            case ["heal"]:
                self.up.is_cut = self.down.is_cut = False
        print(json.dumps({"up": self.up.counters, "down": self.down.counters}), flush=True)


if __name__ == "__main__":
    server, clients = int(sys.argv[1]), int(sys.argv[2])
    os.set_blocking(server, False)
    os.set_blocking(clients, False)
    UserspaceLink(server, clients, json.loads(sys.argv[3])).run()

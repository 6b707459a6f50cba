"""A bad line between two network namespaces, by the kernel (netem) or by a program of this test."""

import contextlib
import fcntl
import json
import os
import struct
import subprocess
import sys

from harness.namespaces import enter
from harness.processes import Missing, die_with_parent

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
# What a partition may be: all is lost both ways, from the clients, to the clients; the clients' interface is down; or all
# is lost for a while and then, for good, what belongs to connections from before.
KERNEL_CUTS = ("both", "up", "down", "unplugged")
CUTS = (*KERNEL_CUTS, "forgotten")


class KernelLink:
    """A veth pair with netem at both ends."""

    cuts = KERNEL_CUTS

    def __init__(self, namespaces, line):
        self.namespaces = namespaces
        self.ends = {"down": (namespaces.server, "server0"), "up": (namespaces.clients, "clients0")}
        self.join_ends()
        # A packet on the line is one of at most 1500 bytes: what is lost or comes late is not 64 KiB at once.
        for namespace, device in self.ends.values():
            namespaces.command(namespace, "ip", "link", "set", device, "gso_max_segs", 1)
        namespaces.give_addresses("server0", "clients0")
        self.quality = self.words(line)
        try:
            self.heal()
        except OSError as error:
            self.close()
            raise Missing(f"this kernel has no netem, or its module sch_netem is not there ({error})") from None
        self.applied = f"netem {' '.join(self.quality)}, both ways, on a veth pair"

    def join_ends(self):
        peer = f"/proc/{os.getpid()}/fd/{self.namespaces.clients}"
        words = ["ip", "link", "add", "server0", "type", "veth", "peer", "name", "clients0", "netns", peer]
        try:
            self.namespaces.command(self.namespaces.server, *words)
        except OSError as error:
            raise Missing(f"this kernel has no veth, or its module veth is not there ({error})") from None

    @staticmethod
    def words(line):
        words = []
        if line.delay > 0:
            words += ["delay", f"{line.delay}ms", f"{line.jitter}ms"]
        for name in ("loss", "duplicate"):
            if getattr(line, name) > 0:
                words += [name, f"{getattr(line, name)}%"]
        if line.reorder > 0 and line.delay > 0:
            words += ["reorder", f"{line.reorder}%"]
        if line.rate > 0:
            words += ["rate", f"{line.rate}mbit"]
        return words

    def set(self, way, words):
        namespace, device = self.ends[way]
        self.namespaces.command(namespace, "tc", "qdisc", "replace", "dev", device, "root", "netem", *words)

    def cut(self, kind):
        if kind == "unplugged":
            self.namespaces.command(self.namespaces.clients, "ip", "link", "set", "clients0", "down")
        for way in self.ends:
            if kind in (way, "both"):
                self.set(way, ["loss", "100%"])

    def heal(self):
        for way in self.ends:
            self.set(way, self.quality)
        self.namespaces.command(self.namespaces.clients, "ip", "link", "set", "clients0", "up")

    def traffic(self):
        """What was done to packets, as words, and the bytes up and down that arrived at and left the server."""
        dropped = 0
        for namespace, device in self.ends.values():
            queues = json.loads(self.namespaces.command(namespace, "tc", "-s", "-j", "qdisc", "show", "dev", device))
            dropped += sum(queue["drops"] for queue in queues if queue["kind"] == "netem")
        counters = self.namespaces.counters(*self.ends["down"])
        packets = counters["rx"]["packets"] + counters["tx"]["packets"]
        return f"{packets} packets; {dropped} lost", counters["rx"]["bytes"], counters["tx"]["bytes"]

    def close(self):
        with contextlib.suppress(OSError):
            self.namespaces.command(self.namespaces.server, "ip", "link", "del", "server0")


class UserspaceLink:
    """Two TUN devices, and a program that moves packets between them (userspace_link.py)."""

    cuts = CUTS

    def __init__(self, namespaces, line, seed, why=""):
        self.namespaces = namespaces
        try:
            self.files = [self.open(namespaces.server, "server0"), self.open(namespaces.clients, "clients0")]
        except OSError as error:
            raise Missing(f"{why}TUN devices cannot be made ({error}); they need /dev/net/tun, and root") from None
        finally:
            enter(namespaces.server)
        namespaces.give_addresses("server0", "clients0")
        settings = {**vars(line), "seed": seed}
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "userspace_link.py")
        self.process = subprocess.Popen(
            [sys.executable, program, *map(str, self.files), json.dumps(settings)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=self.files, preexec_fn=die_with_parent,
        )  # fmt: skip
        self.applied = (
            f"delay {line.delay} ± {line.jitter} ms, loss {line.loss} %, duplicated {line.duplicate} %, "
            f"sent ahead of others {line.reorder} %, {line.rate or 'any'} Mbit/s, both ways, "
            "by a program of this test between two TUN devices"
        )

    @staticmethod
    def open(namespace, name):
        enter(namespace)
        file = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
        return file

    def tell(self, command):
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def cut(self, kind):
        if kind == "unplugged":
            self.namespaces.command(self.namespaces.clients, "ip", "link", "set", "clients0", "down")
        elif kind == "forgotten":
            self.tell("forget")
            self.tell("cut both")
        else:
            self.tell(f"cut {kind}")

    def heal(self):
        self.tell("heal")
        self.namespaces.command(self.namespaces.clients, "ip", "link", "set", "clients0", "up")

    def traffic(self):
        """What was done to packets, as words, and the bytes up and down."""
        ways = self.tell("count")
        total = {}
        for counters in ways.values():
            for name, count in counters.items():
                total[name] = total.get(name, 0) + count
        done = [f"{count} {name}" for name, count in sorted(total.items()) if name not in ("packets", "bytes")]
        text = f"{total.get('packets', 0)} packets; {', '.join(done)}"
        return text, ways["up"].get("bytes", 0), ways["down"].get("bytes", 0)

    def close(self):
        self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.process.kill()
        self.process.wait()


def make_link(namespaces, line, seed, kind, cuts):
    """The line of the kind wanted for these cuts (None: all it can do), or the best that this machine can do; and why it is not netem."""
    if kind != "userspace" and set(cuts or KERNEL_CUTS) <= set(KERNEL_CUTS):
        try:
            return KernelLink(namespaces, line), None
        except Missing as missing:
            if kind == "netem":
                raise
            return UserspaceLink(namespaces, line, seed, f"{missing}; "), str(missing)
    return UserspaceLink(namespaces, line, seed), "it is not wanted"

"""Two network namespaces of this machine and a bad line between them.

The namespaces have no names: they end with the processes in them, whatever happens to this script. Who is not root gets
them inside a user namespace, where the kernel allows that.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import struct
import subprocess
import sys

from harness.processes import LIBC, Missing, die_with_parent

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SERVER, CLIENTS = "192.0.2.1", "192.0.2.2"
# What a partition may be: all is lost both ways, from the clients, to the clients; the clients' interface is down; or all
# is lost for a while and then, for good, what belongs to connections from before.
KERNEL_CUTS = ("both", "up", "down", "unplugged")
CUTS = (*KERNEL_CUTS, "forgotten")


def unshare(flags):
    if LIBC.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def enter(namespace):
    """Moves this process to a network namespace."""
    if LIBC.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


class Namespaces:
    """The server's namespace, which this process moves to, and the clients'."""

    def __init__(self):
        for tool in ("ip", "tc"):
            if shutil.which(tool) is None:
                raise Missing(f"the command {tool} is not installed; it is in the package iproute2")
        try:
            self.server = self.create()
        except PermissionError:
            self.become_root()
            self.server = self.create()
        self.clients = self.create()
        enter(self.server)
        for namespace in (self.server, self.clients):
            self.command(namespace, "ip", "link", "set", "lo", "up")

    @staticmethod
    def create():
        unshare(CLONE_NEWNET)
        return os.open("/proc/self/ns/net", os.O_RDONLY)

    @staticmethod
    def become_root():
        """In a user namespace, whose root may do as it likes with the network namespaces it makes."""
        user, group = os.geteuid(), os.getegid()
        try:
            unshare(CLONE_NEWUSER)
            write("/proc/self/setgroups", "deny")
            write("/proc/self/uid_map", f"0 {user} 1")
            write("/proc/self/gid_map", f"0 {group} 1")
        except OSError as error:
            raise Missing(
                f"network namespaces are not permitted ({error.strerror}); run it as root (CAP_NET_ADMIN and "
                "CAP_SYS_ADMIN), or allow unprivileged user namespaces"
            ) from None

    @staticmethod
    def command(namespace, *arguments):
        """What a command prints that is run in a namespace."""

        def before():
            die_with_parent()
            enter(namespace)

        words = list(map(str, arguments))
        result = subprocess.run(
            words, capture_output=True, text=True, preexec_fn=before, stdin=subprocess.DEVNULL
        )
        if result.returncode != 0:
            raise OSError(f"{' '.join(words[:4])}: {result.stderr.strip()}")
        return result.stdout

    def enter_clients(self):
        """For a new process that is to be among the clients."""
        die_with_parent()
        enter(self.clients)

    def counters(self, namespace, device):
        link = json.loads(self.command(namespace, "ip", "-s", "-j", "link", "show", "dev", device))
        return link[0]["stats64"]

    def give_addresses(self, server, clients):
        for namespace, device, own, other in (
            (self.server, server, SERVER, CLIENTS),
            (self.clients, clients, CLIENTS, SERVER),
        ):
            self.command(namespace, "ip", "addr", "add", own, "peer", other, "dev", device)
            self.command(namespace, "ip", "link", "set", device, "up")


class KernelLink:
    """A veth pair with netem at both ends."""

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
        self.namespaces.command(self.namespaces.server, "ip", "link", "del", "server0")


class UserspaceLink:
    """Two TUN devices, and a program that moves packets between them (userspace_link.py)."""

    def __init__(self, namespaces, line, seed):
        self.namespaces = namespaces
        try:
            self.files = [self.open(namespaces.server, "server0"), self.open(namespaces.clients, "clients0")]
        except OSError as error:
            raise Missing(f"TUN devices cannot be made ({error}); they need /dev/net/tun, which root may use") from None
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
    """The line of the kind wanted, or the best that this machine can do; and why it is not netem."""
    if kind != "userspace" and "forgotten" not in cuts:
        try:
            return KernelLink(namespaces, line), None
        except Missing as missing:
            if kind == "netem":
                raise
            return UserspaceLink(namespaces, line, seed), str(missing)
    return UserspaceLink(namespaces, line, seed), "it is not wanted"

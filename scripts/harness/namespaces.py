"""Two network namespaces of this machine: one for the server, one for the clients.

They have no names: they end with the processes in them, whatever happens to this script. Who is not root gets them inside
a user namespace, where the kernel allows that.
"""

import ctypes
import json
import os
import shutil
import subprocess

from harness.processes import LIBC, Missing, die_with_parent

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SERVER, CLIENTS = "192.0.2.1", "192.0.2.2"


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
        os.environ["PATH"] += ":/usr/sbin:/sbin"
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

"""A network namespace with a loopback and nothing else: who asks for the outside is counted."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Brings the loopback up, says so, and keeps the namespace alive until its stdin is closed.
HOLDER = """
import fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40
    fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING))
print("ready", flush=True)
sys.stdin.read()
"""


class Island:
    """Run commands without a way out. Linux only; as root, or where users may make namespaces."""

    def __init__(self):
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        self.holder = subprocess.Popen(
            ["unshare", *user, "--net", sys.executable, "-c", HOLDER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self.holder.stdout.readline() != "ready\n":
            raise OSError(self.holder.communicate()[1].strip())
        join = ["--user", "--preserve-credentials"] if user else []
        self.enter = ["nsenter", f"--target={self.holder.pid}", *join, "--net"]

    def wrapper(self, executable, folder):
        """A script in `folder` that starts `executable` on the island."""
        script = Path(folder, "on_the_island")
        script.write_text(f'#!/bin/sh\nexec {" ".join(self.enter)} "{executable}" "$@"\n')
        script.chmod(0o755)
        return script

    def attempts(self):
        """How many IPv4 packets had nowhere to go, and how many datagrams were sent, so far.

        IPv6 is left out: Chromium asks for a route every second, and sends nothing. A program that
        wants to reach a host by its name shows up here all the same, since it asks for the address.
        """
        counters = self._counters()
        # A resolver may listen on the loopback, where asking it finds a route.
        return counters["Ip", "OutNoRoutes"] + counters["Udp", "OutDatagrams"]

    def _counters(self):
        lines = Path(f"/proc/{self.holder.pid}/net/snmp").read_text().splitlines()
        found = {}
        for head, row in zip(lines[::2], lines[1::2], strict=True):
            (protocol, *names), values = head.split(), row.split()[1:]
            for name, value in zip(names, values, strict=True):
                found[protocol.rstrip(":"), name] = int(value)
        return found

    def close(self):
        """Let the namespace go; whatever still runs there keeps it."""
        self.holder.communicate()


def why_not():
    """Why this machine can have no island, or an empty string."""
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    if not (shutil.which("unshare") and shutil.which("nsenter")):
        return "util-linux (unshare, nsenter) is not installed"
    try:
        Island().close()
    except OSError as error:
        return str(error)
    return ""

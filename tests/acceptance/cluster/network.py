#!/usr/bin/env python3
"""Training on four hosts, which are network namespaces, with each MPI that is installed: what a slow network costs, kills of ranks and cuts of links. The network
between them is a relay in user space (relay.c), which delays every packet; tc limits the rate, iptables loses packets. Every line has the figure and its target;
exits with 1 if one is missed. Needs root, and changes nothing but namespaces of its own, which it removes.

Usage: network.py [--mpi openmpi|mpich] [--only NAME] [--rounds N] [--seconds S] [--kills N] [--cuts N] [--seed S] [--against PROGRAM]
       NAME: rate, loss, kills, cuts, steps.      TENGEN: the program (default: the release build).
       PROGRAM: another build, for `steps`, which compares how fast two trainers learn at 20 ms each way."""
import argparse
import os
import random
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from jobs import GAME, LAUNCHERS, RANKS, TENGEN, Job, games, outcome, report

SPACE = "tengen-host"  # and the number of the host, which is the last byte of its address, too
NETWORK = "10.213.77."
LAUNCHER = f"""#!/bin/sh
# Called like ssh: runs the command on a host, in a shell.
while [ "${{1#-}}" != "$1" ]; do shift; done
exec unshare --mount --uts "$0-inside" {SPACE}${{1##*.}} "$@"
"""
INSIDE = """#!/bin/sh
# In a namespace with another /sys, as MPI needs it, the control groups are found in a folder beside this script.
hostname $1
[ ! -d {groups} ] || mount --bind {groups} "${{0%/*}}/groups"
name=$1
shift 2
exec ip netns exec $name sh -c "exec $*"
"""
# Each rank gets a processor of its own, which is a share of a core: otherwise the others would use what one of them waits.
SHARE = 0.15
PERIOD_US = 20000
GROUPS = "/sys/fs/cgroup/cpu" if os.path.exists("/sys/fs/cgroup/cpu/cgroup.procs") else "/sys/fs/cgroup"
IN_GROUP = f"""#!/bin/sh
group={SPACE}$((${{OMPI_COMM_WORLD_RANK:-$PMI_RANK}} + 1))
for place in "${{0%/*}}/groups" {GROUPS}; do
    if [ -d "$place/$group" ]; then
        echo $$ > "$place/$group/cgroup.procs" && exec "$@"
    fi
done
echo "the control group $group cannot be entered" >&2
exit 3
"""
HOSTS = [f"{NETWORK}{host}" for host in range(1, RANKS + 1)]
# Both would otherwise notice that the hosts are one machine, and use its memory.
OVER_NETWORK = {
    "mpich": ["env", "UCX_TLS=tcp,self", "UCX_NET_DEVICES=wire", "mpirun.mpich", "-launcher", "ssh", "-launcher-exec", "{launcher}",
              "-iface", "wire", "-hosts", ",".join(HOSTS), "-ppn", "1"],
    # The keepalives are those of docs/cluster.md: without them mpirun waits for the daemon behind a cut link.
    "openmpi": ["mpirun.openmpi", "--allow-run-as-root", "--mca", "plm_rsh_agent", "{launcher}", "--mca", "oob_tcp_if_include", "wire",
                "--mca", "oob_tcp_keepalive_time", "8", "--mca", "oob_tcp_keepalive_intvl", "2", "--mca", "oob_tcp_keepalive_probes", "4",
                "--mca", "btl_tcp_if_include", "wire", "--mca", "btl", "tcp,self", "--mca", "pml", "ob1", "-H",
                ",".join(f"{host}:1" for host in HOSTS)],
}


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def script(path, text):
    write(path, text)
    os.chmod(path, 0o755)


def system(*line):
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)


class Processors:
    """Control groups of the ranks, until close(). limit: what is to stand before a rank's command."""

    def __init__(self, folder):
        self.limit = [os.path.join(folder, "limit")]
        script(self.limit[0], IN_GROUP)
        self.groups = [f"{GROUPS}/{SPACE}{host}" for host in range(1, RANKS + 1)]
        if GROUPS == "/sys/fs/cgroup":
            write(f"{GROUPS}/cgroup.subtree_control", "+cpu")
        for group in self.groups:
            os.makedirs(group, exist_ok=True)
            if GROUPS == "/sys/fs/cgroup":
                write(f"{group}/cpu.max", f"{int(SHARE * PERIOD_US)} {PERIOD_US}")
            else:
                write(f"{group}/cpu.cfs_period_us", str(PERIOD_US))
                write(f"{group}/cpu.cfs_quota_us", str(int(SHARE * PERIOD_US)))

    def close(self):
        for group in self.groups:
            os.rmdir(group)


class Network:
    """Four namespaces and the relay between them, until close()."""

    def __init__(self, folder, delay_ms, rate="1gbit", loss=0.0):
        self.relay = None
        self.launcher = os.path.join(folder, "launcher")
        script(self.launcher, LAUNCHER)
        script(f"{self.launcher}-inside", INSIDE.format(groups=GROUPS))
        os.makedirs(os.path.join(folder, "groups"), exist_ok=True)
        relay = os.path.join(folder, "relay")
        if not os.path.exists(relay):
            system("cc", "-O2", "-D_GNU_SOURCE", "-o", relay, os.path.join(os.path.dirname(os.path.abspath(__file__)), "relay.c"))
        self.spaces = [f"{SPACE}{host}" for host in range(1, RANKS + 1)]
        for space in self.spaces:
            if os.path.exists(f"/run/netns/{space}"):  # of a test that was killed
                system("ip", "netns", "delete", space)
            system("ip", "netns", "add", space)
            system("ip", "-n", space, "link", "set", "lo", "up")
        self.relay = subprocess.Popen([relay, str(int(1000 * delay_ms))] + self.spaces, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.relay.stdout.readline() != b"ready\n":
            raise RuntimeError("the relay does not start")
        for host, space in enumerate(self.spaces, 1):
            system("ip", "-n", space, "address", "add", f"{NETWORK}{host}/24", "dev", "wire")
            system("ip", "-n", space, "link", "set", "wire", "up")
            system("tc", "-n", space, "qdisc", "add", "dev", "wire", "root", "tbf", "rate", rate, "burst", "256kb", "latency", "100ms")
            if loss > 0:
                self.lose(host, loss)

    def lose(self, host, share):
        """Packets that arrive at the host are lost: this share of them."""
        system("ip", "netns", "exec", f"{SPACE}{host}", "iptables", "-A", "INPUT", "-i", "wire", "-m", "statistic", "--mode", "random",
               "--probability", str(share), "-j", "DROP")

    def cut(self, host, way):
        """Takes the link down, of which the host's own system knows; or lets all packets vanish, of which nobody knows."""
        if way == "down":
            system("ip", "-n", f"{SPACE}{host}", "link", "set", "wire", "down")
        else:
            for chain, direction in (("INPUT", "-i"), ("OUTPUT", "-o")):
                system("ip", "netns", "exec", f"{SPACE}{host}", "iptables", "-I", chain, direction, "wire", "-j", "DROP")

    def mend(self, host):
        system("ip", "-n", f"{SPACE}{host}", "link", "set", "wire", "up")
        system("ip", "netns", "exec", f"{SPACE}{host}", "iptables", "-F")

    def command(self, mpi, arguments, limit=(), program=TENGEN):
        line = ["nice", "-n", "10"] + [part.format(launcher=self.launcher) for part in OVER_NETWORK[mpi]]
        return [self.launcher, HOSTS[0], shlex.join(line + ["-n", str(RANKS), *limit, program] + arguments)]

    def close(self):
        if self.relay:
            self.relay.stdin.close()
            self.relay.wait()
        for space in self.spaces:
            if os.path.exists(f"/run/netns/{space}"):
                system("ip", "netns", "delete", space)


def train(folder, *more):
    return ["train", f"{folder}/run", "--threads", "1", "--json"] + GAME + list(more)


# ---- the checks ----

def measure(line, folder, seconds):
    """Committed games a second of a new run, from its first ones on."""
    seconds = max(seconds, 11)  # until the first line about the ranks
    job = Job(line, folder)
    if not job.wait_for('"event":"committed"', 60):
        print(job.text())
        job.end(0)
        return 0, 0
    time.sleep(2)
    before, began = job.committed(), time.monotonic()
    time.sleep(seconds)
    after, ended = job.committed(), time.monotonic()
    waited = re.findall(r'"waited_s":([0-9.]+)', job.text())[-RANKS + 1:]
    os.kill(job.ranks()[0], signal.SIGTERM)
    job.end(30)
    shutil.rmtree(f"{folder}/run")
    return (after - before) / (ended - began), sum(map(float, waited)) / len(waited) / (ended - began) if waited else 0


def compare(mpi, folder, options, name, target, **network):
    """The same ranks with and without the network, in turns. Training is made so rare that nobody waits for it."""
    arguments = train(folder, "--game", "go:7", "--visits", "48", "--set", "samples_per_row=0.1", "--set", "samples_floor=0.1")
    processors = Processors(folder)
    alone = ["nice", "-n", "10"] + LAUNCHERS[mpi] + ["-n", str(RANKS), *processors.limit, TENGEN] + arguments
    ratios = []
    wire = Network(folder, **network)
    try:
        for turn in range(options.rounds):
            rates, waited = {}, {}
            for which in ("alone", "wire") if turn % 2 == 0 else ("wire", "alone"):
                line = alone if which == "alone" else wire.command(mpi, arguments, processors.limit)
                rates[which], waited[which] = measure(line, folder, options.seconds)
            ratios.append(rates["wire"] / rates["alone"] if rates["alone"] > 0 else 0)
            print(f"     {rates['wire']:.1f} games/s over the network, {rates['alone']:.1f} without: {ratios[-1]:.3f}; ranks waited for games "
                  f"{100 * waited['wire']:.1f} % and {100 * waited['alone']:.1f} % of the time", flush=True)
    finally:
        wire.close()
        processors.close()
    mean = statistics.mean(ratios)
    error = statistics.stdev(ratios) / len(ratios) ** 0.5 if len(ratios) > 1 else 0
    report(f"{mpi}: committed games over {name}, of those without a network", f"{mean:.3f} (standard error {error:.3f})",
           f"at least {target}", mean >= target)


def rate(mpi, folder, options):
    compare(mpi, folder, options, "1 Gbit/s and 1 ms each way", 0.95, delay_ms=1)
    compare(mpi, folder, options, "1 Gbit/s and 20 ms each way", 0.9, delay_ms=20)


def loss(mpi, folder, options):
    compare(mpi, folder, options, "100 Mbit/s and 20 ms each way, 1 % of packets lost", 0.8, delay_ms=20, rate="100mbit", loss=0.01)


def steps_a_second(program, line, folder, seconds):
    """Of a new run, once its training goes on without waiting for games."""
    def steps():
        return int((re.findall(r'"steps":(\d+)', job.text()) or [0])[-1])

    job = Job(line, folder, program)
    until = time.monotonic() + 90
    while time.monotonic() < until and steps() < 50:
        time.sleep(0.1)
    began, before = time.monotonic(), steps()
    while time.monotonic() < began + 2 and steps() == before:  # until the moment of a report
        time.sleep(0.01)
    began, before = time.monotonic(), steps()
    after = before
    while time.monotonic() < began + seconds or steps() == after:
        after = steps()
        time.sleep(0.01)
    ended, after = time.monotonic(), steps()
    os.kill(job.ranks()[0], signal.SIGTERM)
    job.end(30)
    shutil.rmtree(f"{folder}/run")
    return (after - before) / (ended - began)


def steps(mpi, folder, options):
    """This program and another build, in turns. Rows are used so often that training never waits for games."""
    arguments = train(folder, "--trainers", "2", "--report", "1", "--set", "samples_per_row=100", "--set", "samples_floor=50", "--set", "batch=64",
                      "--set", "generation_steps=1000", "--set", "generation_seconds=60")
    programs = {"this": TENGEN, "other": options.against}
    ratios = []
    wire = Network(folder, delay_ms=20)
    try:
        for turn in range(options.rounds):
            rates = {}
            for which in list(programs)[::1 if turn % 2 == 0 else -1]:
                line = wire.command(mpi, arguments, program=programs[which])
                rates[which] = steps_a_second(programs[which], line, folder, options.seconds)
            ratios.append(rates["this"] / rates["other"])
            print(f"     {rates['this']:.2f} steps/s, {rates['other']:.2f} of the other build: {ratios[-1]:.3f}", flush=True)
    finally:
        wire.close()
    error = statistics.stdev(ratios) / len(ratios) ** 0.5 if len(ratios) > 1 else 0
    print(f"     {mpi}: steps a second of two trainers at 20 ms each way, of those of the other build: {statistics.mean(ratios):.3f} "
          f"(standard error {error:.3f})", flush=True)


class Ledger:
    """What strikes did to a run that is resumed after each."""

    def __init__(self, folder):
        self.folder = folder
        self.strikes = self.lost = self.wrong = self.slow = 0
        self.longest = 0.0

    def count(self):
        return games(self.folder)[0] if os.path.exists(f"{self.folder}/run/run.db") else 0

    def note(self, job, before, seconds):
        self.strikes += 1
        self.longest = max(self.longest, seconds or 35)
        self.slow += seconds is None
        rows, total, repeated = games(self.folder)
        self.lost += max(0, max(job.committed(), before) - rows)
        self.wrong += (rows != total) + repeated

    def report(self, mpi, what):
        rows = self.count()
        report(f"{mpi}: committed games lost in {self.strikes} {what}", f"{self.lost} of {rows}", "0", self.lost == 0 and rows > 0)
        report(f"{mpi}: games doubled, or totals that differ", self.wrong, "0", self.wrong == 0)
        report(f"{mpi}: longest time until all processes had ended", f"{self.longest:.1f} s", "30 s", self.slow == 0 and self.longest <= 30)


def kills(mpi, folder, options):
    generator = random.Random(options.seed)
    ledger = Ledger(folder)
    wire = Network(folder, delay_ms=1)
    try:
        for _ in range(options.kills):
            before = ledger.count()
            job = Job(wire.command(mpi, train(folder)), folder)
            started = job.wait_for('"event":"committed"', 30)
            time.sleep(generator.uniform(0, 1.5))
            ranks = job.ranks()
            if not started or len(ranks) < RANKS:
                print(f"     a start failed: {job.text()}")
            os.kill(generator.choice(list(ranks.values()) or [job.process.pid]), signal.SIGKILL)
            ledger.note(job, before, job.end(35))
    finally:
        wire.close()
    ledger.report(mpi, "kills of ranks")


# Tengen's messages; Open MPI's, which notices first by the keepalives, and names the hosts in the lines after it.
TOLD = r"^.*rank \d+ (on \S+ )?has not been heard from.*|^.*connection to the other ranks has failed.*|^ORTE has lost communication with a remote daemon.*"


def cuts(mpi, folder, options):
    """The link of rank 0 is cut, too: the others leave by themselves."""
    generator = random.Random(options.seed)
    ledger = Ledger(folder)
    unnamed = 0
    wire = Network(folder, delay_ms=1)
    try:
        for turn in range(options.cuts):
            before = ledger.count()
            job = Job(wire.command(mpi, train(folder)), folder)
            job.wait_for('"event":"committed"', 30)
            time.sleep(generator.uniform(0, 1.5))
            rank = generator.randrange(RANKS)
            wire.cut(rank + 1, ("down", "silent")[turn % 2])
            ledger.note(job, before, job.end(35))
            wire.mend(rank + 1)
            named = re.search(TOLD, job.text(), re.M)
            unnamed += named is None
            print(f"     rank {rank}, {('down', 'silent')[turn % 2]}: {named.group(0) if named else job.text()[-600:]}", flush=True)
    finally:
        wire.close()
    ledger.report(mpi, "cuts of links")
    report(f"{mpi}: cuts without a message that says what happened", unnamed, "0", unnamed == 0)


CHECKS = {check.__name__: check for check in (rate, loss, kills, cuts, steps)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mpi", choices=OVER_NETWORK)
    parser.add_argument("--only", choices=CHECKS)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--against", metavar="PROGRAM")
    options = parser.parse_args()
    if options.only == "steps" and not options.against:
        parser.error("steps needs --against")
    missing = [name for name in ("ip", "tc", "iptables", "cc") if not shutil.which(name)]
    found = [name for name in OVER_NETWORK if shutil.which(f"mpirun.{name}") and options.mpi in (None, name)]
    if missing or not found or os.getuid() != 0:
        print(f"needs root, Open MPI or MPICH, and the programs ip, tc, iptables and cc (apt install iproute2 iptables gcc); missing: {missing}")
        return 3
    for mpi in found:
        for name, check in CHECKS.items():
            if options.only in (None, name) and (check != steps or options.against):
                with tempfile.TemporaryDirectory() as folder:
                    check(mpi, folder, options)
    return outcome()


if __name__ == "__main__":
    sys.exit(main())

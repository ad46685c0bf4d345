#!/usr/bin/env python3
"""Groups of workers that join a running job and leave it at SIGTERM, with Open MPI, while the job goes on and no game is lost. Then others come of which some are
killed: how many can join after that is reported without a target, because Open MPI may let in nobody any more, but the job must not suffer. Every other line has
the figure and its target; exits with 1 if one is missed.

Usage: join.py [--arrivals N] [--violent N] [--seed S]       TENGEN: the program (default: the release build)."""
import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from jobs import GAME, TENGEN, Job, games, outcome, report

BIGGEST = 3  # ranks of a group


def mpirun(folder, ranks, arguments):
    return ["nice", "-n", "10", "mpirun.openmpi", "--allow-run-as-root", "--oversubscribe", "--mca", "pmix_server_uri", f"file:{folder}/server", "-n",
            str(ranks), TENGEN, "train"] + arguments


class Group(Job):
    """Workers of one mpirun, whose output has a folder of its own."""

    def __init__(self, folder, number, ranks):
        own = os.path.join(folder, f"group{number}")
        os.makedirs(own)
        super().__init__(mpirun(folder, ranks, ["--join", f"{folder}/port", "--threads", "1"]), own)


def joined(job):
    return len(re.findall(r"which joined the job, plays from now on", job.text()))


def wait_until(condition, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until and not condition():
        time.sleep(0.05)
    return condition()


IN_ORDER = ("SIGTERM to the ranks",)
WAYS = IN_ORDER + ("SIGTERM to mpirun", "SIGKILL to a rank", "SIGKILL to mpirun")


class Groups:
    """What became of groups that came one after the other."""

    def __init__(self, folder, job, seed):
        self.folder, self.job, self.generator = folder, job, random.Random(seed)
        self.count = self.came = self.expected = self.stuck = 0
        self.ways, self.statuses = {}, []

    def arrive_and_leave(self, ways):
        """One more group, which leaves in one of the ways."""
        ranks, before = self.generator.randint(1, BIGGEST), joined(self.job)
        group = Group(self.folder, self.count, ranks)
        self.count += 1
        self.expected += ranks
        wait_until(lambda: joined(self.job) - before == ranks, 30)
        came = joined(self.job) - before
        self.came += came
        time.sleep(self.generator.uniform(0, 2))
        way = self.generator.choice(ways)
        self.ways[way] = self.ways.get(way, 0) + 1
        strike(group, way)
        self.stuck += group.end(30) is None
        if way in IN_ORDER:
            self.statuses.append(group.process.returncode)
        print(f"     {came} of {ranks} rank(s) joined; {way}: exit status {group.process.returncode}", flush=True)

    def named(self):
        """Ranks of which the job has said that they are gone."""
        return len(re.findall(r"which joined the job, (leaves|has not been heard from)", self.job.text()))


def strike(group, way):
    pids = list(group.ranks().values())
    number = getattr(signal, way.split()[0])
    for pid in [group.process.pid] if way.endswith("mpirun") else pids[:1] if "KILL" in way else pids:
        os.kill(pid, number)


def check_orderly(folder, job, options):
    groups = Groups(folder, job, options.seed)
    for _ in range(options.arrivals):
        groups.arrive_and_leave(IN_ORDER)
    wait_until(lambda: groups.named() == groups.came, 5)
    report("ranks that joined the running job", f"{groups.came} of {groups.expected}, in {options.arrivals} groups", "all", groups.came == groups.expected)
    report("ranks that left, and of which the job said so", f"{groups.named()} of {groups.came}", "all", groups.named() == groups.came)
    report("groups that did not end", groups.stuck, "0", groups.stuck == 0)
    report("exit statuses of the groups", sorted(set(groups.statuses)), "0", set(groups.statuses) <= {0})


def check_violent(folder, job, options):
    groups = Groups(folder, job, options.seed)
    groups.count = options.arrivals  # for the names of their folders
    already = groups.named()
    for _ in range(options.violent):
        if job.process.poll() is None:
            groups.arrive_and_leave(WAYS)
    time.sleep(25)  # those that were killed are missed by now
    print(f"     where groups are killed: {groups.came} of {groups.expected} ranks joined, in {options.violent} groups; departures: {groups.ways}; of "
          f"{groups.named() - already} ranks the job said that they are gone; {groups.stuck} groups did not end", flush=True)


def check_job(folder, job):
    """What the job itself has to show for it."""
    before = job.committed()
    time.sleep(5)
    report("games committed in 5 s after the last departure", job.committed() - before, "above 0", job.committed() > before)
    played = [sum(map(int, re.findall(r'"rank":(?:[2-9]|\d\d+),"games":(\d+)', line))) for line in job.text().splitlines() if '"event":"ranks"' in line]
    report("games of ranks that joined", played[-1] if played else 0, "above 0", bool(played) and played[-1] > 0)
    os.kill(job.ranks()[0], signal.SIGTERM)
    seconds = job.end(30)
    report("the job ends after SIGTERM", f"{seconds and round(seconds, 1)} s, exit status {job.process.returncode}", "15 s, 0",
           seconds is not None and seconds <= 15 and job.process.returncode == 0)
    report("files for those that join left behind", int(os.path.exists(f"{folder}/port")), "0", not os.path.exists(f"{folder}/port"))
    rows, total, repeated = games(folder)
    report("committed games lost", f"{max(0, job.committed() - rows)} of {rows}", "0", job.committed() <= rows)
    report("games doubled, or totals that differ", (rows != total) + repeated, "0", rows == total and repeated == 0)
    late = Group(folder, "late", 1)
    report("a group that comes too late", f"ends after {late.end(90) is not None}, exit status {late.process.returncode}: "
           f"{[line for line in late.text().splitlines() if line.startswith('tengen')]}", "a message", "cannot read" in late.text())


def check(folder, options):
    server = subprocess.Popen(["ompi-server", "--no-daemonize", "-r", f"{folder}/server"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: os.path.exists(f"{folder}/server") and os.path.getsize(f"{folder}/server") > 0, 10)
    job = Job(mpirun(folder, 2, [f"{folder}/run", "--threads", "1", "--json", "--report", "1", "--accept", f"{folder}/port"] + GAME), folder)
    try:
        job.wait_for('"event":"committed"', 30)
        check_orderly(folder, job, options)
        if options.violent:
            check_violent(folder, job, options)
        check_job(folder, job)
    finally:
        if job.process.poll() is None:
            job.end(0)
        server.terminate()
        server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arrivals", type=int, default=20)
    parser.add_argument("--violent", type=int, default=8, help="groups that come after them, of which some are killed")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not shutil.which("mpirun.openmpi") or not shutil.which("ompi-server"):
        print("needs Open MPI 4.1 with its ompi-server (apt install openmpi-bin)")
        return 3
    with tempfile.TemporaryDirectory() as folder:
        check(folder, options)
    return outcome()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Groups of workers that join a running job and leave it, with Open MPI: arrivals, departures by SIGTERM and by SIGKILL, while the job goes on and no game is
lost. Every line has the figure and its target; exits with 1 if one is missed.

Usage: join.py [--arrivals N] [--seed S]       TENGEN: the program (default: the release build)."""
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


def arrive_and_leave(folder, job, options):
    """Returns how many ranks joined of how many, the departures by kind, groups that did not end, exit statuses of those that left in order, and the longest
    time in which the job committed nothing."""
    generator = random.Random(options.seed)
    came = expected = 0
    kinds, stuck, statuses = {}, 0, []
    for number in range(options.arrivals):
        ranks = generator.randint(1, BIGGEST)
        before = joined(job)
        group = Group(folder, number, ranks)
        expected += ranks
        wait_until(lambda: joined(job) - before == ranks, 30)
        came += joined(job) - before
        time.sleep(generator.uniform(0, 2))
        kind = generator.choice(("SIGTERM to mpirun", "SIGTERM to the ranks", "SIGKILL to a rank", "SIGKILL to mpirun"))
        kinds[kind] = kinds.get(kind, 0) + 1
        pids = list(group.ranks().values())
        if kind.endswith("mpirun"):
            os.kill(group.process.pid, getattr(signal, kind.split()[0]))
        else:
            for pid in pids[:1] if "KILL" in kind else pids:
                os.kill(pid, getattr(signal, kind.split()[0]))
        stuck += group.end(30) is None
        if kind == "SIGTERM to the ranks":
            statuses.append(group.process.returncode)
        print(f"     {ranks} rank(s), {kind}: exit status {group.process.returncode}", flush=True)
        if job.process.poll() is not None:
            print(job.text()[-3000:])
            break
    return came, expected, kinds, stuck, statuses


def check(folder, options):
    server = subprocess.Popen(["ompi-server", "--no-daemonize", "-r", f"{folder}/server"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: os.path.exists(f"{folder}/server") and os.path.getsize(f"{folder}/server") > 0, 10)
    job = Job(mpirun(folder, 2, [f"{folder}/run", "--threads", "1", "--json", "--report", "1", "--accept", f"{folder}/port"] + GAME), folder)
    try:
        job.wait_for('"event":"committed"', 30)
        came, expected, kinds, stuck, statuses = arrive_and_leave(folder, job, options)
        time.sleep(25)  # those that were killed are missed by now
        named = len(re.findall(r"which joined the job, (leaves|has not been heard from)", job.text()))
        before = job.committed()
        time.sleep(5)
        report("ranks that joined the running job", f"{came} of {expected}, in {options.arrivals} groups", "all", came == expected)
        report("ranks that left, and of which the job said so", f"{named} of {came}; departures: {kinds}", "all", named == came)
        report("groups that did not end", stuck, "0", stuck == 0)
        report("exit statuses of groups whose ranks got SIGTERM", sorted(set(statuses)), "0", set(statuses) <= {0})
        report("games committed in 5 s after the last departure", job.committed() - before, "above 0", job.committed() > before)
        played = [sum(map(int, re.findall(r'"rank":(?:[2-9]|\d\d+),"games":(\d+)', line))) for line in job.text().splitlines() if '"event":"ranks"' in line]
        report("games of ranks that joined", played[-1] if played else 0, "above 0", bool(played) and played[-1] > 0)
        os.kill(job.ranks()[0], signal.SIGTERM)
        seconds = job.end(30)
        report("the job ends after SIGTERM", f"{seconds and round(seconds, 1)} s, exit status {job.process.returncode}", "15 s, 0",
               seconds is not None and seconds <= 15 and job.process.returncode == 0)
        report("files for those that join left behind", int(os.path.exists(f"{folder}/port")), "0", not os.path.exists(f"{folder}/port"))
        rows, total, repeated = games(folder)
        report("committed games lost", max(0, job.committed() - rows), "0", job.committed() <= rows)
        report("games doubled, or totals that differ", (rows != total) + repeated, "0", rows == total and repeated == 0)
        late = Group(folder, "late", 1)
        report("a group that comes too late", f"ends after {late.end(90) is not None}, exit status {late.process.returncode}: "
               f"{[line for line in late.text().splitlines() if line.startswith('tengen')]}", "a message", "cannot read" in late.text())
    finally:
        if job.process.poll() is None:
            job.end(0)
        server.terminate()
        server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arrivals", type=int, default=20)
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

#!/usr/bin/env python3
"""Training on four ranks of one machine, with each MPI that is installed: deterministic runs, trainers, refusals, kills, silence, signals,
and what idle ranks cost. Every line has the figure and its target; exits with 1 if one is missed.

Usage: ranks.py [--mpi openmpi|mpich] [--kills N] [--seed S] [--only NAME]
       NAME: deterministic, trainers, refusals, kills, silence, signals, idle.      TENGEN: the program (default: the release build)."""
import argparse
import hashlib
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time

from jobs import GAME, NICE, RANKS, TENGEN, Job, command, games, report, run, run_checks


def state_of(folder):
    names = sorted(name for name in os.listdir(os.path.join(folder, "nets")) if name.startswith("state-"))
    return hashlib.sha256(open(os.path.join(folder, "nets", names[-1]), "rb").read()).hexdigest()


# ---- the checks ----

def deterministic(mpi, folder, _):
    arguments = GAME + ["--deterministic", "--games", "12", "--generations", "4", "--backend", "plain"]
    runs = {"one process": NICE + [TENGEN, "train", f"{folder}/one"] + arguments}
    for ranks in (2, RANKS):
        runs[f"{ranks} ranks"] = command(mpi, ["train", f"{folder}/{ranks}"] + arguments, ranks)
    runs[f"{RANKS} ranks again"] = command(mpi, ["train", f"{folder}/again"] + arguments)
    states = set()
    for line in runs.values():
        run(line)
        states.add(state_of(next(part for part in line if part.startswith(folder))))
    report(f"{mpi}: trainer states of {', '.join(runs)}", f"{len(states)} different", "1", len(states) == 1)


def policy_loss(folder):
    """The mean over the steps of a run of one round, which one report has."""
    database = sqlite3.connect(os.path.join(folder, "run.db"))
    loss, = database.execute("SELECT policy_loss FROM metrics WHERE policy_loss > 0").fetchone()
    database.close()
    return loss


def trainers(mpi, folder, _):
    """Two trainers add in another order than one, so that the second round's games differ: the losses are alike but for that."""
    arguments = GAME + ["--deterministic", "--games", "40", "--generations", "1", "--backend", "plain"]
    run(NICE + [TENGEN, "train", f"{folder}/one"] + arguments)
    for name in ("two", "again"):
        run(command(mpi, ["train", f"{folder}/{name}", "--trainers", "2"] + arguments))
    one, two = policy_loss(f"{folder}/one"), policy_loss(f"{folder}/two")
    report(f"{mpi}: policy loss of two trainers on the same rows", f"{two:.5f}, of one {one:.5f}", "within 0.1 %",
           abs(two - one) <= 0.001 * one)
    report(f"{mpi}: two trainers repeat bit for bit", state_of(f"{folder}/two") == state_of(f"{folder}/again"), "True",
           state_of(f"{folder}/two") == state_of(f"{folder}/again"))


def refusals(mpi, folder, _):
    cases = {
        "other options on one rank": (command(mpi, ["train", f"{folder}/x", "--visits", "8", ":", "-n", "1", TENGEN, "train",
                                                    f"{folder}/x", "--visits", "9"], 2), r'rank 2 on .*"--visits 9|--visits 9"'),
        "an invalid game": (command(mpi, ["train", f"{folder}/x", "--game", "chess"]), r"go:SIZE"),
        "a command of one process": (command(mpi, ["report", f"{folder}/x"]), r"without mpirun"),
    }
    holder = subprocess.Popen([TENGEN, "train", f"{folder}/busy", "--threads", "1", "--json"] + GAME, stdout=subprocess.PIPE)
    holder.stdout.readline()
    cases["a run that another process holds"] = (command(mpi, ["train", f"{folder}/busy"] + GAME), r"busy|another process|in use|lock")
    for name, (line, pattern) in cases.items():
        began = time.monotonic()
        result = run(line)
        lines = [text for text in result.stderr.splitlines() if text.startswith("tengen")]
        good = result.returncode == 2 and len(lines) == 1 and re.search(pattern, lines[0])
        report(f"{mpi}: {name}", f"exit {result.returncode}, {len(lines)} line(s), {time.monotonic() - began:.1f} s",
               "exit 2, 1 line", good)
        if not good:
            print("\n".join(lines))
    holder.send_signal(signal.SIGTERM)
    holder.communicate()
    report(f"{mpi}: runs that refusals left behind", int(os.path.exists(f"{folder}/x")), "0", not os.path.exists(f"{folder}/x"))


def kills(mpi, folder, options):
    generator = random.Random(options.seed)
    line = command(mpi, ["train", f"{folder}/run", "--threads", "1", "--json"] + GAME)
    lost = slow = wrong = 0
    victims = {}
    longest = 0.0
    for _ in range(options.kills):
        before = games(folder)[0] if os.path.exists(f"{folder}/run/run.db") else 0
        job = Job(line, folder)
        job.wait_for('"event":"committed"', 30)
        time.sleep(generator.uniform(0, 1.5))
        ranks = job.ranks()
        victim = generator.choice(["launcher"] + sorted(ranks))
        victims[str(victim)] = victims.get(str(victim), 0) + 1
        os.kill(job.process.pid if victim == "launcher" else ranks[victim], signal.SIGKILL)
        seconds = job.end(35)
        longest = max(longest, seconds or 35)
        slow += seconds is None
        rows, total, repeated = games(folder)
        lost += max(0, max(job.committed(), before) - rows)
        wrong += (rows != total) + repeated
    rows = games(folder)[0]
    report(f"{mpi}: committed games lost in {options.kills} kills ({victims})", f"{lost} of {rows}", "0", lost == 0 and rows > 0)
    report(f"{mpi}: games doubled, or totals that differ", wrong, "0", wrong == 0)
    report(f"{mpi}: longest time from a kill to the end of all processes", f"{longest:.1f} s", "30 s", slow == 0 and longest <= 30)


def silence(mpi, folder, _):
    job = Job(command(mpi, ["train", f"{folder}/run", "--threads", "1", "--json"] + GAME), folder)
    job.wait_for('"event":"committed"', 30)
    os.kill(job.ranks()[2], signal.SIGSTOP)
    seconds = job.end(40)
    named = re.search(r"^tengen train: rank 2 .*", job.text(), re.M)
    report(f"{mpi}: a rank falls silent", f"{seconds and round(seconds, 1)} s, {named.group(0) if named else 'no message'}",
           "30 s, rank 2 is named", seconds is not None and seconds <= 30 and named)
    rows, total, _ = games(folder)
    report(f"{mpi}: committed games lost with it", max(0, job.committed() - rows), "0", job.committed() <= rows == total)


def signals(mpi, folder, _):
    for whom in ("rank 0", "rank 3", "the launcher"):
        job = Job(command(mpi, ["train", f"{folder}/run", "--threads", "1", "--json"] + GAME), folder)
        job.wait_for('"event":"committed"', 30)
        pid = job.process.pid if whom == "the launcher" else job.ranks()[int(whom[-1])]
        os.kill(pid, signal.SIGTERM)
        if whom != "the launcher":  # Slurm signals ranks twice
            time.sleep(0.02)
            os.kill(pid, signal.SIGTERM)
        seconds = job.end(35)
        rows, total, _ = games(folder)
        good = seconds is not None and seconds <= 15 and job.committed() <= rows == total
        if whom != "the launcher":  # which has its own way to end ranks
            good = good and job.process.returncode == 0
        report(f"{mpi}: SIGTERM to {whom}{', twice' if whom[:4] == 'rank' else ''}", f"ended after {seconds and round(seconds, 1)} s with {job.process.returncode}",
               "15 s, 0 if a rank got it", good)


def processor_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle(mpi, folder, _):
    """Rank 0 is stopped for less time than counts as silence, so that the others have nothing to do."""
    job = Job(command(mpi, ["train", f"{folder}/run", "--threads", "1", "--json"] + GAME), folder)
    job.wait_for('"event":"committed"', 30)
    ranks = job.ranks()
    os.kill(ranks[0], signal.SIGSTOP)
    time.sleep(2)
    before = {rank: processor_seconds(pid) for rank, pid in ranks.items()}
    time.sleep(12)
    shares = [100 * (processor_seconds(pid) - before[rank]) / 12 for rank, pid in ranks.items() if rank > 0]
    os.kill(ranks[0], signal.SIGCONT)
    time.sleep(1)
    os.kill(ranks[0], signal.SIGTERM)
    job.end(30)
    report(f"{mpi}: an idle rank costs", f"{max(shares):.2f} % of a core", "below 1 %", max(shares) < 1)


CHECKS = {check.__name__: check for check in (deterministic, trainers, refusals, kills, silence, signals, idle)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    return run_checks(CHECKS, parser)


if __name__ == "__main__":
    sys.exit(main())

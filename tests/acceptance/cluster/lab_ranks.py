#!/usr/bin/env python3
"""A small lab on three ranks of one machine, with each MPI that is installed: nets, measures and ratings of one process, refusals, and
kills. Every line has the figure and its target; exits with 1 if one is missed.

Usage: lab_ranks.py [--mpi openmpi|mpich] [--kills N] [--seed S] [--only NAME]
       NAME: results, refusals, kills.      TENGEN: the program (default: the release build)."""
import argparse
import glob
import hashlib
import json
import os
import random
import re
import signal
import sqlite3
import sys
import time

from jobs import LAUNCHERS, NICE, TENGEN, Job, command, report, run, run_checks
from match_ranks import games, write

RANKS = 3
LAB = """game: go:5
seeds: [1, 2]
budget: {steps: %d}
slices: 4
settings: {net: 2x16, visits: 8, deterministic: 1, round_games: 8, batch: 32}
arms:
  - {name: slow, rate: 0.002}
  - {name: fast, rate: 0.02}
compare: {games: 6, visits: 8, anchors: ["rollout:50"]}
"""
OF_THE_CLOCK = ("evaluations_per_s", "processor_s")


def strip(value):
    """Without what depends on the clock."""
    if isinstance(value, dict):
        return {key: strip(entry) for key, entry in value.items() if key not in OF_THE_CLOCK}
    return [strip(entry) for entry in value] if isinstance(value, list) else value


def sum_of(path):
    """Of a weights file, without the seconds in its note."""
    with open(path, "rb") as file:
        return hashlib.sha256(re.sub(rb", \d+ seconds", b"", file.read())).hexdigest()


def results(out):
    """The report, and the sums of the final nets and of the trainers' states."""
    with open(os.path.join(out, "report.json")) as file:
        text = strip(json.load(file))
    nets = []
    for run_folder in sorted(glob.glob(os.path.join(out, "runs", "*", "nets"))):
        nets += [os.path.join(run_folder, "best.safetensors"), sorted(glob.glob(os.path.join(run_folder, "state-*")))[-1]]
    sums = {os.path.relpath(net, out): sum_of(net) for net in nets}
    return text, sums


def differences(one, other, name=""):
    """Where two results differ, in words."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)) and len(one) == len(other):
        one, other = dict(enumerate(one)), dict(enumerate(other))
    if isinstance(one, dict) and isinstance(other, dict):
        return [text for key in one.keys() | other.keys() for text in differences(one.get(key), other.get(key), f"{name}/{key}")]
    return [] if one == other else [f"{name}: {str(one)[:20]}, {str(other)[:20]}"]


def committed(out):
    """{run: (games, checkpoints, steps of the last)} of all runs."""
    found = {}
    for path in glob.glob(os.path.join(out, "runs", "*", "run.db")):
        try:
            database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            rows, = database.execute("SELECT games FROM totals").fetchone()
            steps, = database.execute("SELECT coalesce(max(steps), 0) FROM checkpoints").fetchone()
            database.close()
        except (sqlite3.OperationalError, TypeError):  # being made
            continue
        found[os.path.relpath(path, out)] = (rows, steps)
    return found


def slices(out):
    path = os.path.join(out, "lab.db")
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        rows = database.execute("SELECT arm, seed, slices FROM progress").fetchall()
        database.close()
    except sqlite3.OperationalError:
        rows = []
    return {(arm, seed): count for arm, seed, count in rows}


def alone(file, out):
    return run(NICE + [TENGEN, "lab", file, "--threads", "1", "--out", out], 900)


def line(mpi, file, out):
    return command(mpi, ["lab", file, "--threads", "1", "--out", out], RANKS)


# ---- the checks ----

def results_are_equal(mpi, folder, _):
    file, one, many = write(folder, LAB % 60, "lab.yaml"), os.path.join(folder, "one"), os.path.join(folder, "many")
    alone(file, one)
    result = run(line(mpi, file, many), 900)
    different = differences(results(one), results(many))
    report(f"{mpi}: nets, measures and ratings of one process and {RANKS} ranks", "; ".join(different) or "equal", "equal", not different)
    differ = sum(games(os.path.join(one, "visits")).get(number) != game for number, game in games(os.path.join(many, "visits")).items())
    report(f"{mpi}: games of the comparison that differ", differ, "0", differ == 0)
    trained = len(re.findall(r"rank [1-9]\d* has trained", result.stderr))
    report(f"{mpi}: slices trained by ranks 1 to {RANKS - 1}", trained, "more than 0", trained > 0)


def refusals(mpi, folder, _):
    """Ranks that differ, and a file that is wrong, leave nothing behind."""
    file, out = write(folder, LAB % 60, "lab.yaml"), os.path.join(folder, "lab")
    first = [TENGEN, "lab", file, "--threads", "1", "--out", out]
    result = run(NICE + LAUNCHERS[mpi] + ["-n", "1"] + first + [":", "-n", "1"] + first + ["--json"])
    lines = [text for text in result.stderr.splitlines() if text.startswith("tengen")]
    good = result.returncode == 2 and len(lines) == 1 and "--json" in lines[0] and not os.path.exists(out)
    report(f"{mpi}: other options on one rank", f"exit {result.returncode}, {len(lines)} line(s)", "exit 2, 1 line, no folder", good)
    result = run(command(mpi, ["lab", write(folder, "game: chess\n", "bad.yaml")], RANKS))
    lines = [text for text in result.stderr.splitlines() if text.startswith("tengen")]
    report(f"{mpi}: a file with a mistake", f"exit {result.returncode}, {len(lines)} line(s)", "exit 2, 1 line",
           result.returncode == 2 and len(lines) == 1)


def kills(mpi, folder, options):
    generator = random.Random(options.seed)
    file, one, many = write(folder, LAB % options.steps, "lab.yaml"), os.path.join(folder, "one"), os.path.join(folder, "many")
    alone(file, one)
    lost = slow = struck = 0
    victims = {}
    longest = 0.0
    for _ in range(options.kills):
        job = Job(line(mpi, file, many), folder)
        until = time.monotonic() + 30
        before = committed(many)
        while time.monotonic() < until and committed(many) == before and job.process.poll() is None:
            time.sleep(0.05)
        time.sleep(generator.uniform(0, 1))
        ranks = job.ranks()
        victim = generator.choice(["launcher"] + sorted(ranks))
        before, parts, played = committed(many), slices(many), games(os.path.join(many, "visits"))
        try:
            os.kill(job.process.pid if victim == "launcher" else ranks[victim], signal.SIGKILL)
        except ProcessLookupError:
            pass
        victims[str(victim)] = victims.get(str(victim), 0) + 1
        struck += len(ranks) > 0
        seconds = job.end(35)
        longest = max(longest, seconds or 35)
        slow += seconds is None
        after, now, kept = committed(many), slices(many), games(os.path.join(many, "visits"))
        lost += sum(after.get(name, (0, 0)) < state for name, state in before.items())
        lost += sum(now.get(key, 0) < count for key, count in parts.items())
        lost += sum(kept.get(number) != game for number, game in played.items())
    report(f"{mpi}: kills that struck a lab at work", struck, options.kills, struck == options.kills)
    last = run(line(mpi, file, many), 900)
    report(f"{mpi}: committed games, checkpoints and slices lost in {options.kills} kills ({victims})", lost, "0", lost == 0)
    different = differences(results(one), results(many)) if last.returncode == 0 else [f"exit {last.returncode}: {last.stderr[-300:]}"]
    report(f"{mpi}: nets, measures and ratings after {options.kills} kills", "; ".join(different) or "equal", "equal to one process's",
           not different)
    report(f"{mpi}: longest time from a kill to the end of all processes", f"{longest:.1f} s", "30 s", slow == 0)


CHECKS = {"results": results_are_equal, "refusals": refusals, "kills": kills}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--steps", type=int, default=15000, help="of each arm and seed, in kills")
    return run_checks(CHECKS, parser)


if __name__ == "__main__":
    sys.exit(main())

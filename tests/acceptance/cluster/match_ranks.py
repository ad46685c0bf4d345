#!/usr/bin/env python3
"""A tournament of four agents on four ranks of one machine, with each MPI that is installed: the table and the journal of one process,
nets and programs where the ranks run, refusals, kills, silence, signals, and speed. Every line has the figure and its target; exits
with 1 if one is missed.

Usage: match_ranks.py [--mpi openmpi|mpich] [--kills N] [--seed S] [--only NAME]
       NAME: tables, schedules, places, refusals, kills, signals, silence, speed.      TENGEN: the program (default: the release build)."""
import argparse
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import time

from jobs import LAUNCHERS, NICE, RANKS, ROOT, TENGEN, Job, command, report, run, run_checks

CUP = """game: go:5
agent: [a=rollout:60, b=rollout:20, c=random, "d=net:default,visits=8"]
games: %d
seed: 7
"""


def write(folder, text, name="cup.yaml"):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def table(text):
    """The result, without what depends on the clock."""
    result = json.loads(text.splitlines()[-1])
    result.pop("seconds")
    return result


def games(out):
    """{number: all that does not depend on the clock}. The journal's key makes each number unique."""
    path = os.path.join(out, "match.db")
    if not os.path.exists(path):
        return {}
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = database.execute("SELECT number, round, pair, opening, first, second, outcome, ended, loser, margin, hash, reason, plies,"
                                " moves, told, visits FROM games").fetchall()
    except sqlite3.OperationalError:  # before there is a table
        rows = []
    database.close()
    return {row[0]: row[1:] for row in rows}


def alone(folder, cup, out, options=()):
    return run(NICE + [TENGEN, "match", cup, "--json", "--out", os.path.join(folder, out)] + list(options), 900)


def on_ranks(mpi, folder, cup, out, options=()):
    return run(command(mpi, ["match", cup, "--json", "--threads", "1", "--out", os.path.join(folder, out)] + list(options)), 900)


def compare(mpi, folder, name, cup, decided=False):
    """decided: a test ends the match. Games that were in progress then do not count, but may have reached the journal."""
    one, four = alone(folder, cup, name), on_ranks(mpi, folder, cup, name + "-ranks")
    same = table(one.stdout) == table(four.stdout)
    first, second = games(os.path.join(folder, name)), games(os.path.join(folder, name + "-ranks"))
    others = re.search(r"games played: (\d+) ", four.stderr)
    report(f"{mpi}: {name}: tables of one process and {RANKS} ranks", "equal" if same else "different", "equal", same)
    numbers = first.keys() & second.keys() if decided else first.keys() | second.keys()
    differ = sum(first.get(number) != second.get(number) for number in numbers)
    report(f"{mpi}: {name}: games that differ between the journals", differ, f"0 of {len(numbers)}", differ == 0 and len(numbers) > 0)
    share = int(others.group(1)) if others else 0
    report(f"{mpi}: {name}: games played by ranks 1 to {RANKS - 1}", share, "more than 0", share > 0)


# ---- the checks ----

def tables(mpi, folder, _):
    compare(mpi, folder, "a cup", write(folder, CUP % 10))


def schedules(mpi, folder, _):
    """Rounds that depend on the results before them, and a test that ends the match."""
    compare(mpi, folder, "swiss", write(folder, CUP % 6 + "schedule: swiss\n"))
    compare(mpi, folder, "knockout", write(folder, CUP % 6 + "schedule: knockout\n"))
    compare(mpi, folder, "sprt", write(folder, 'game: go:5\nagent: [a=rollout:60, c=random]\ngames: 400\nseed: 7\nsprt: elo0=0,elo1=100\n'), True)


def places(mpi, folder, _):
    """Ranks 1 to 3 run in a folder without the net; the program that they start is one of their own."""
    here, there = os.path.join(folder, "here"), os.path.join(folder, "there")
    os.mkdir(here), os.mkdir(there)
    shutil.copy(os.path.join(ROOT, "net", "weights", "default-go.safetensors"), os.path.join(here, "own.safetensors"))
    cup = write(folder, 'game: go:5\nagent: ["a=net:./own.safetensors,visits=8", b=rollout:60, "c=gtp:./engine"]\ngames: 6\nseed: 7\n')
    for place in (here, there):
        write(place, f"#!/bin/sh\ntouch {place}/ran\nexec {TENGEN} gtp --game go:5 --agent random --seed 1\n", "engine")
        os.chmod(os.path.join(place, "engine"), 0o755)
    line = [TENGEN, "match", cup, "--json", "--threads", "1", "--out", os.path.join(folder, "cup")]
    result = run(NICE + LAUNCHERS[mpi] + ["-n", "1", "-wdir", here] + line + [":", "-n", "3", "-wdir", there] + line)
    whole = result.returncode == 0 and table(result.stdout)["games"] == 18
    report(f"{mpi}: ranks without the net", "18 games" if whole else result.stderr.strip(), "18 games", whole)
    ran = [os.path.exists(os.path.join(place, "ran")) for place in (here, there)]
    report(f"{mpi}: the external program ran where rank 0 runs, where the others run", ran, [True, True], all(ran))
    os.remove(os.path.join(there, "engine"))
    line[-1] += "-2"
    result = run(NICE + LAUNCHERS[mpi] + ["-n", "1", "-wdir", here] + line + [":", "-n", "3", "-wdir", there] + line)
    lines = [text for text in result.stderr.splitlines() if text.startswith("tengen")]
    good = result.returncode == 2 and len(lines) == 1 and re.search(r'rank \d on .*agent "c".*engine', lines[0])
    report(f"{mpi}: ranks without the program", f"exit {result.returncode}, {lines}", "exit 2, one line that names a rank", good)


def refusals(mpi, folder, _):
    cup, out = write(folder, CUP % 10), os.path.join(folder, "cup")
    line = ["match", cup, "--out", out]
    other = command(mpi, line, 2) + [":", "-n", "1", TENGEN] + line + ["--seed", "8"]
    cases = {
        "other options on one rank": (other, r'rank 2 on .*--seed 8'),
        "a tournament file with a mistake": (command(mpi, ["match", write(folder, "game: go:5\nagents: [random]\n", "bad.yaml")]), r"line 2"),
        "a net that is not there": (command(mpi, ["match", "--game", "go:5", "--agent", "net:absent", "--agent", "random"]), r"absent"),
    }
    for name, (arguments, pattern) in cases.items():
        began = time.monotonic()
        result = run(arguments)
        lines = [text for text in result.stderr.splitlines() if text.startswith("tengen")]
        good = result.returncode == 2 and len(lines) == 1 and re.search(pattern, lines[0])
        report(f"{mpi}: {name}", f"exit {result.returncode}, {len(lines)} line(s), {time.monotonic() - began:.1f} s", "exit 2, 1 line", good)
        if not good:
            print("\n".join(lines))
    report(f"{mpi}: journals that refusals left behind", int(os.path.exists(out)), "0", not os.path.exists(out))


def ranks_line(mpi, cup, out):
    return command(mpi, ["match", cup, "--json", "--threads", "1", "--out", out])


def wait_committed(out, more_than, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until and len(games(out)) <= more_than:
        time.sleep(0.02)
    return games(out)


def kills(mpi, folder, options):
    generator = random.Random(options.seed)
    cup, out = write(folder, CUP % options.games), os.path.join(folder, "cup")
    expected = table(alone(folder, cup, "one").stdout)
    whole = games(os.path.join(folder, "one"))
    lost = wrong = slow = done = 0
    victims = {}
    longest = 0.0
    for _ in range(options.kills):
        job = Job(ranks_line(mpi, cup, out), folder)
        wait_committed(out, done, 60)
        time.sleep(generator.uniform(0, 0.6))
        ranks = job.ranks()
        victim = generator.choice(["launcher"] + sorted(ranks))
        before = games(out)
        try:
            os.kill(job.process.pid if victim == "launcher" else ranks[victim], signal.SIGKILL)
        except ProcessLookupError:
            pass
        victims[str(victim)] = victims.get(str(victim), 0) + 1
        seconds = job.end(35)
        longest = max(longest, seconds or 35)
        slow += seconds is None
        after = games(out)
        lost += sum(after.get(number) != game for number, game in before.items())
        wrong += sum(whole.get(number) != game for number, game in after.items())
        done = len(after)
    last = run(ranks_line(mpi, cup, out), 900)
    report(f"{mpi}: committed games lost in {options.kills} kills ({victims})", f"{lost} of {done} before the last start", "0",
           lost == 0 and 0 < done < len(whole))
    report(f"{mpi}: games that are not those of one process, doubled ones among them", wrong, "0", wrong == 0)
    same = last.returncode == 0 and table(last.stdout) == expected and games(out) == whole
    report(f"{mpi}: table and journal of {len(whole)} games after {options.kills} kills", "equal" if same else "different",
           "equal to one process's", same)
    report(f"{mpi}: longest time from a kill to the end of all processes", f"{longest:.1f} s", "30 s", slow == 0)


def signals(mpi, folder, _):
    cup = write(folder, CUP % 200)
    for whom in (0, 3):
        out = os.path.join(folder, f"cup{whom}")
        job = Job(ranks_line(mpi, cup, out), folder)
        before = wait_committed(out, 5, 60)
        os.kill(job.ranks()[whom], signal.SIGTERM)
        seconds = job.end(35)
        after = games(out)
        partial = re.search(r'"finished":\s*false', job.text())
        good = seconds is not None and seconds <= 15 and partial and all(after.get(n) == game for n, game in before.items())
        report(f"{mpi}: SIGTERM to rank {whom}", f"{seconds and round(seconds, 1)} s, {'' if partial else 'no '}table of {len(after)} games",
               "15 s, a table", good)


def silence(mpi, folder, _):
    cup, out = write(folder, CUP % 1000), os.path.join(folder, "cup")
    job = Job(ranks_line(mpi, cup, out), folder)
    before = wait_committed(out, 5, 60)
    os.kill(job.ranks()[2], signal.SIGSTOP)
    seconds = job.end(40)
    named = re.search(r"^tengen match: rank 2 .*", job.text(), re.M)
    after = games(out)
    report(f"{mpi}: a rank falls silent", f"{seconds and round(seconds, 1)} s, {named.group(0) if named else 'no message'}",
           "30 s, rank 2 is named", seconds is not None and seconds <= 30 and named)
    lost = sum(after.get(number) != game for number, game in before.items())
    report(f"{mpi}: committed games lost with it", lost, "0", lost == 0)


def speed(mpi, folder, options):
    """Two ranks of one thread each, and one process of two threads, in turns: games without start and end of the processes."""
    cup = write(folder, 'game: go:9\nagent: ["a=net:default,visits=64", "b=net:default,visits=48"]\ngames: 20\nseed: 7\n')
    seconds = {"threads": [], "ranks": []}
    for index in range(options.rounds):
        for kind in seconds:
            out = ["--out", os.path.join(folder, f"{kind}{index}"), "--json"]
            line = NICE + [TENGEN, "match", cup, "--threads", "2"] if kind == "threads" else command(mpi, ["match", cup, "--threads", "1"], 2)
            seconds[kind].append(json.loads(run(line + out, 900).stdout.splitlines()[-1])["seconds"])
    ratios = sorted(a / b for a, b in zip(seconds["threads"], seconds["ranks"]))
    middle = ratios[len(ratios) // 2]
    report(f"{mpi}: games a second of two ranks, of two threads = 1 ({options.rounds} rounds, {ratios[0]:.2f} to {ratios[-1]:.2f})",
           f"{middle:.2f}", "at least 0.9", middle >= 0.9)


CHECKS = {check.__name__: check for check in (tables, schedules, places, refusals, kills, signals, silence, speed)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--games", type=int, default=100, help="of each two agents, in kills")
    parser.add_argument("--rounds", type=int, default=3, help="of speed")
    return run_checks(CHECKS, parser)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Whether komi.py, territory.py and strength.py tell right from wrong: they are run on figures that are made up here.

  planted.py [--verbose]

This file also plays the programs that they ask: an analysis engine that knows the result of every position, and a match with a
game of known losses. Without a planted fault each command has to end with 0, with one of them with 1 and the line that says what
is missed. So are the parts in lib/: area, stones that cannot be captured, journals. Takes seconds. Exit status: 0 all
as expected, 1 not.
"""
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
import go_board as go
from analysis import Journal
from strength import difference

FAILED = []
CLEARED = []  # by the engine: an entry for each time that it was asked to forget


def expect(what, good, text=""):
    if not good:
        FAILED.append(what)
    if not good or "--verbose" in sys.argv:
        print(f"{'ok   ' if good else 'WRONG'} {what}{': ' + text if text else ''}")


# ---- the programs ----

def board_of(query, turn):
    board = go.empty_board(query["boardXSize"])
    for colour, name in query.get("initialStones", []):
        board[go.point_of(name)] = colour.lower()
    for colour, move in query["moves"][:turn]:
        go.play(board, colour.lower(), move)
    return board


def chance(margin):
    """A win rate that is fair at 0 and sure from 5 points on."""
    return 1 / (1 + 10 ** (-margin / 3))


def answer_komi(query, turn):
    """Of the empty board, whose fair komi is 7, and of settled ones."""
    stones, komi, fault = query.get("initialStones"), query["komi"], os.environ.get("PLANTED")
    margin = (go.area(board_of(query, turn)) if stones else 7) - komi
    rate, lead = chance(margin), margin
    if fault == "rise" and not stones and komi in (12, 13):
        rate += 0.03 * (komi - 12)
    if fault == "end" and not stones and komi == -30:
        rate = 0.94
    if fault == "upper end" and not stones and komi >= 29:
        rate = 0.06
    if fault == "lead" and stones and komi == 3:
        lead -= 1.6
    if fault == "side" and stones and abs(margin) == 1:
        rate = 1 - rate
    if fault == "sure" and stones and margin == -5:
        rate = 0.06
    return {"winrate": rate, "scoreLead": lead}, None


def answer_territory(query, turn):
    """The game below: columns A and B are black's, D and E white's, C is neutral; by territory."""
    board = board_of(query, turn)
    owners = {p: 1 if p[0] < 2 else -1 if p[0] > 2 else {"b": 1, "w": -1, ".": 0}[board[p]] for p in board}
    if os.environ.get("PLANTED") == "unsettled":
        owners[4, 4] = 0.3
    lead = sum(owners[p] for p in board if board[p] == "." and p[0] != 2) - query["komi"]
    if os.environ.get("PLANTED") == "swing":
        lead += 0.9 * (turn % 2)  # as if the lead depended on whose turn it is
    if os.environ.get("PLANTED") == "once" and not CLEARED and turn > 16:  # until it is asked again, black's pass loses a point
        owners[next(p for p in board if p[0] < 2 and board[p] == ".")] = 0
        lead -= 1
    return {"winrate": 0.5, "scoreLead": lead}, [owners[x, y] for y in reversed(range(5)) for x in range(5)]


def engine(answer):
    for line in sys.stdin:
        query = json.loads(line)
        if query.get("action") == "clear_cache":
            CLEARED.append(True)
            print(json.dumps(query), flush=True)
            continue
        for turn in query["analyzeTurns"]:
            root, ownership = answer(query, turn)
            print(json.dumps({"id": query["id"], "turnNumber": turn, "isDuringSearch": False, "rootInfo": root,
                              "ownership": ownership}), flush=True)


def match(arguments):
    """Columns B and D, then the neutral column C; black may fill a point of its territory, which costs one."""
    folder = arguments[arguments.index("--out") + 1]
    os.makedirs(folder, exist_ok=True)
    moves = [f"{'BD'[i % 2]}{i // 2 + 1}" for i in range(10)] + [f"C{i + 1}" for i in range(5)]
    moves += ["pass", "A1"] if os.environ.get("PLANTED") == "fill" else []
    moves += ["pass", "pass"]
    database = sqlite3.connect(os.path.join(folder, "match.db"))
    database.execute("CREATE TABLE IF NOT EXISTS games (number INTEGER PRIMARY KEY, moves TEXT)")
    database.executemany("INSERT OR REPLACE INTO games VALUES (?, ?)", [(number, " ".join(moves)) for number in range(2)])
    database.commit()


# ---- the checks ----

def run(command, *arguments, fault=None):
    environment = dict(os.environ, PLANTED=fault or "")
    done = subprocess.run([sys.executable, os.path.join(HERE, command), *arguments], env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=300)
    return done.returncode, done.stdout


def expect_run(what, wanted, pattern, command, *arguments, fault=None):
    status, text = run(command, *arguments, fault=fault)
    expect(what, status == wanted and pattern in text, f"exit {status}, {wanted} and \"{pattern}\" expected\n{text}")


def wilson(wins, games):
    """(share, low, high), 95 %"""
    z, p = 1.959964, wins / games
    centre, half = (p + z * z / 2 / games) / (1 + z * z / games), z * math.sqrt(p * (1 - p) / games + (z / 2 / games) ** 2)
    return p, centre - half / (1 + z * z / games), centre + half / (1 + z * z / games)


def check_library():
    board = go.empty_board(5)
    for point in board:
        board[point] = "w" if point[0] > 2 else "b" if point[0] == 2 else "."
    expect("area: two columns and a wall against two", go.area(board) == 15 - 10)
    expect("one eye does not live", go.pass_alive(board, "b") == [])
    board[1, 2] = board[0, 2] = "b"
    board[0, 0] = board[0, 1] = board[0, 3] = board[0, 4] = "b"  # leaves B1 B2 and B4 B5: two eyes
    expect("two eyes live", sum(map(len, go.pass_alive(board, "b"))) == 11)
    board = go.after(5, ["A1", "A2", "E5", "B1"])
    expect("a stone in the corner is captured", board[0, 0] == "." and board[0, 1] == "w")
    low, high = (round(x, 4) for x in difference(wilson(56, 70), wilson(48, 80))[1:])
    expect("difference of shares: 56/70 and 48/80 as in Newcombe's table", (low, high) == (0.0524, 0.3339), f"{low} {high}")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "journal")
        journal = Journal(path, {"net": "a"})
        journal.add("1", [1.5])
        journal.file.close()
        with open(path, "a", encoding="utf-8") as file:
            file.write('["2", [2')
        expect("a journal goes on after a kill", Journal(path, {"net": "a"}).results == {"1": [1.5]})
        try:
            Journal(path, {"net": "b"})
            expect("a journal of another net is refused", False)
        except ValueError:
            pass


def check_komi(program):
    arguments = ["--program", program, "--parts", "empty,made", "--sizes", "7", "--boards", "6"]
    expect_run("komi: perfect figures", 0, "all targets met", "komi.py", *arguments)
    for fault, pattern in (("rise", "rises of more than 1 point: 1; the greatest +"), ("end", "black at komi -30: 94.0 %"),
                           ("upper end", "at komi 30: 6.0 %"),
                           ("lead", "points of area minus komi: 480 of 486"), ("side", "right side of 50 % from 1 point on: "),
                           ("sure", "above 95 % from 5 points on: ")):
        expect_run(f"komi: {fault}", 1, pattern, "komi.py", *arguments, fault=fault)


def check_territory(program):
    arguments = ["--program", program, "--arbiter", f"{program} arbiter", "--size", "5", "--games", "2"]
    expect_run("territory: no loss", 0, "position: 0, passes: 0, in 0 games", "territory.py", *arguments)
    expect_run("territory: a point filled in each of two games", 1, "position: 2, passes: 0, in 2 games", "territory.py", *arguments, fault="fill")
    expect_run("territory: the lead alone is not believed", 0, "in 0 games (target: 0); at first sight: 0, by lead alone: ",
               "territory.py", *arguments, fault="swing")
    expect_run("territory: a loss at first sight only", 0, "in 0 games (target: 0); at first sight: 1, ", "territory.py", *arguments,
               fault="once")
    expect_run("territory: never settled", 1, "get settled: 0 of 2", "territory.py", *arguments, fault="unsettled")


def check_strength(folder):
    def cell(name, score, games, losses=1, faults=0):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        pair = {"games": games, "losses": losses, "score": score, "score_low": score - 0.05, "score_high": score + 0.05}
        with open(os.path.join(folder, name, "report.json"), "w", encoding="utf-8") as file:
            json.dump({"pairs": [pair], "forfeits": {"opponent": faults}, "finished": True}, file)

    arguments = ["--folder", folder, "--program", "/bin/true", "--table", "--cell"]
    cell("katago9", 0.70, 200)
    expect_run("strength: the target itself", 0, "at least 70 %  met\n", "strength.py", *arguments, "katago9")
    cell("katago9", 0.69, 200)
    expect_run("strength: below the target", 1, "MISSED", "strength.py", *arguments, "katago9")
    cell("katago9", 0.9, 200, faults=5)
    expect_run("strength: an opponent that fails", 1, "failed too often 5 lost by faults of opponent", "strength.py", *arguments, "katago9")
    cell("katago9", 0.69, 200)
    cell("komi9", 0.55, 100)  # the interval of the difference: -14 ± 7.07 points
    expect_run("strength: the interval reaches -10 points", 0, "met\n", "strength.py", *arguments, "komi9")
    cell("komi9", 0.51, 100)  # -18 ± 7.07
    expect_run("strength: the interval lies below -10 points", 1, "-18.0 (-25.1..-10.9)", "strength.py", *arguments, "komi9")
    cell("rollout-caro", 0.995, 100, losses=0)
    expect_run("strength: no game lost", 0, "met", "strength.py", *arguments, "rollout-caro")
    cell("rollout-caro", 0.995, 100, losses=1)
    expect_run("strength: a game lost", 1, "MISSED", "strength.py", *arguments, "rollout-caro")
    cell("rollout-renju", 1, 98, losses=0)
    expect_run("strength: too few games", 1, "98 of 100 games, so far met", "strength.py", *arguments, "rollout-renju")
    expect_run("strength: not played", 1, "not played", "strength.py", *arguments, "gnugo19")


def main():
    check_library()
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program")
        with open(program, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nexec '{sys.executable}' '{os.path.abspath(__file__)}' \"$@\"\n")
        os.chmod(program, 0o755)
        check_komi(program)
        check_territory(program)
        check_strength(folder)
    print(f"{len(FAILED)} of the checks failed (target: 0)")
    return int(bool(FAILED))


if __name__ == "__main__":
    if sys.argv[1:2] == ["analysis"]:
        engine(answer_komi)
    elif sys.argv[1:2] == ["arbiter"]:
        engine(answer_territory)
    elif sys.argv[1:2] == ["match"]:
        match(sys.argv)
    else:
        sys.exit(main())

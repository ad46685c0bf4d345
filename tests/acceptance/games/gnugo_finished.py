#!/usr/bin/env python3
"""Finished games: GNU Go plays 9x9 games against itself to the end; then the program counts them and is to move.

  gnugo_finished.py [PROGRAM] [--games N] [--rules LIST] [--level N] [--seed N] [--visits N] [--arbiter COMMAND]
                    [--analyst COMMAND] [--folder DIR]

For each rule set and game:
  count    the program's final_score of the final position is GNU Go's
  passing  the program passes at once, or plays on for both sides until two passes, and the count stays the same: none of
           its moves lost a point, for either side
Where the counts differ, the arbiter, another program that speaks GTP and understands kata-set-rules (KataGo), is asked.
Where the count has changed, the analyst, a program that speaks KataGo's analysis protocol, is asked whether the moves were better than
a pass: GNU Go passes in positions that a stronger player would not leave alone, and a move that defends its area there costs a point by
the count. A move loses nothing if the analyst's lead after it is at least that after a pass less half a point, each the mean of
LOOKS looks with an empty cache.
Prints each game that differs or loses points, then the totals. With --folder the games are kept, and read
from there when they exist. Needs gnugo (Debian: apt-get install gnugo).

Exit status: 0 if all counts agree, with GNU Go or else with the arbiter, and no points were lost, by the count or else by the
analyst; 1 if not; 2 usage; 3 cannot run.
"""
import argparse
import json
import os
import shlex
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
from analysis import Analysis
from gtp import GNUGO, Gtp, gnugo, play_on

SIZE, KOMI = 9, 6.5
LOOKS, LOOK_VISITS, SLACK = 4, 800, 0.5


def finished_game(options, rules, number):
    """(moves without the two passes, GNU Go's count)"""
    path = options.folder and os.path.join(options.folder, f"{rules}-{number}.json")
    if path and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            moves, score = json.load(file)
    else:
        engine = gnugo(options.level, options.seed + number, rules)
        engine.set_up(SIZE, rules, KOMI, [])
        moves = play_on(engine, [])
        score = engine.score()
        engine.close()
        if path:
            with open(path, "w", encoding="utf-8") as file:
                json.dump([moves, score], file)
    while moves and moves[-1] == "PASS":
        moves.pop()
    return moves, score


def holds_against_passing(analyst, rules, game, first):
    """Whether no move from the ply `first` on is worse than a pass; prints what both lead to."""
    query = {"rules": rules, "komi": KOMI, "boardXSize": SIZE, "boardYSize": SIZE, "maxVisits": LOOK_VISITS}
    holds = True
    for ply in range(first, len(game)):
        if game[ply] != "PASS":
            moved, passed = analyst.move_and_pass(query, game, ply, LOOKS)
            print(f"  {game[ply]}: lead {moved:+.2f}, after a pass {passed:+.2f}")
            holds &= moved >= passed - SLACK
    return holds


def examine(options, engine, arbiter, analyst, rules, number, totals):
    moves, wanted = finished_game(options, rules, number)
    engine.set_up(SIZE, rules, KOMI, moves)
    count = engine.score()
    if count == wanted:
        totals["counted as GNU Go does"] += 1
    elif arbiter:
        arbiter.set_up(SIZE, rules, KOMI, moves)
        judged = arbiter.score()
        totals["counted as the arbiter does, against GNU Go"] += judged == count
        print(f"{rules} {number}: counted {count:+}, GNU Go {wanted:+}, the arbiter {judged:+}")
    else:
        print(f"{rules} {number}: counted {count:+}, GNU Go {wanted:+}")
    after = play_on(engine, moves)
    if after[len(moves)] == "PASS":
        totals["passed at once"] += 1
    if len(after) == len(moves) + 2:
        totals["ended at once"] += 1
    elif (last := engine.score()) != count:
        print(f"{rules} {number}: {' '.join(after[len(moves):])}: from {count:+} to {last:+}")
        if analyst and holds_against_passing(analyst, rules, after, len(moves)):
            totals["lost nothing by the analyst, against the count"] += 1
        return
    totals["lost nothing"] += 1


def arguments():
    parser = argparse.ArgumentParser(description="Counting and passing in games that GNU Go has finished.")
    parser.add_argument("program", nargs="?", default=os.path.join(HERE, "../../../build/release/tengen"))
    parser.add_argument("--games", type=int, default=60, help="games for each rule set (60)")
    parser.add_argument("--rules", default="japanese,chinese", help="rule sets that GNU Go knows (japanese,chinese)")
    parser.add_argument("--level", type=int, default=10, help="GNU Go's level (10)")
    parser.add_argument("--seed", type=int, default=1, help="of the first game (1)")
    parser.add_argument("--visits", type=int, default=200, help="of the program's searches (200)")
    parser.add_argument("--arbiter", type=shlex.split, help="command of a program to ask where the counts differ")
    parser.add_argument("--analyst", type=shlex.split, help="command of an analysis engine to ask about moves that cost points")
    parser.add_argument("--folder", help="keeps the games")
    options = parser.parse_args()
    if not os.access(options.program, os.X_OK):
        parser.error(f"{options.program} cannot be executed; build the release preset, or name a program")
    if set(options.rules.split(",")) - {"japanese", "chinese"}:
        parser.error(f"--rules {options.rules}: GNU Go knows japanese and chinese")
    if options.games < 1:
        parser.error("--games must be at least 1")
    return options


def main():
    options = arguments()
    if not GNUGO:
        print("gnugo is missing: apt-get install gnugo", file=sys.stderr)
        return 3
    if options.folder:
        os.makedirs(options.folder, exist_ok=True)
    missed = False
    engine = Gtp([options.program, "gtp", "--agent", f"net:default,visits={options.visits}", "--threads", "1", "--seed", "1"])
    arbiter = options.arbiter and Gtp(options.arbiter)
    analyst = options.analyst and Analysis(options.analyst)
    for rules in options.rules.split(","):
        totals = dict.fromkeys(("counted as GNU Go does", "counted as the arbiter does, against GNU Go", "passed at once",
                                "ended at once", "lost nothing", "lost nothing by the analyst, against the count"), 0)
        for number in range(options.games):
            examine(options, engine, arbiter, analyst, rules, number, totals)
        for what, games in totals.items():
            print(f"{rules}: {what}: {games} of {options.games}", flush=True)
        missed |= totals["counted as GNU Go does"] + totals["counted as the arbiter does, against GNU Go"] < options.games
        missed |= totals["lost nothing"] + totals["lost nothing by the analyst, against the count"] < options.games
    if analyst:
        analyst.close()
    print("missed" if missed else "all targets met")
    return int(missed)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(3)

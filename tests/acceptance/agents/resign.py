#!/usr/bin/env python3
"""How often a resignation would be wrong, and how many moves it saves.

  resign.py [PROGRAM] [--game SPEC] [--agent SPEC] [--games N] [--seed N] [--threads N] [--threshold P]

The agent plays games against itself to the end, from random openings. For each threshold: in how many games a side's win
probability is below it at two of its moves in a row, so that the option resign=THRESHOLD would end the game there; in how
many of these the side did not lose in the end, with the 95 % interval (Wilson); and the moves that the resignations save.

Target: for --threshold (0.02), at most 1 % are wrong. Exit status: 0 met, 1 missed, 2 usage, 3 cannot run.
"""
import argparse
import math
import os
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
THRESHOLDS = (0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005)
DRAWN, IN_A_ROW, MOST = 3, 2, 0.01


def resignation(values, threshold):
    """(ply, player) of the first resignation; None: nobody resigns. values: of each ply's player, None: unknown."""
    low = [0, 0]
    for ply, value in enumerate(values):
        side = ply % 2
        if value is None:
            continue
        low[side] = low[side] + 1 if (value + 1) / 2 < threshold else 0
        if low[side] == IN_A_ROW:
            return ply, side
    return None


def wilson(wrong, all_games):
    z, n, p = 1.96, all_games, wrong / all_games
    centre, half = (p + z * z / 2 / n) / (1 + z * z / n), z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    return centre - half, centre + half


def play(options, folder):
    """[(outcome, [value of each ply])]"""
    command = [options.program, "match", "--game", options.game, "--games", str(options.games), "--seed", str(options.seed),
               "--threads", str(options.threads), "--out", folder, "--agent", "a=" + options.agent, "--agent", "b=" + options.agent]
    if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False).returncode:
        print(f"{' '.join(command)} failed", file=sys.stderr)
        sys.exit(3)
    database = sqlite3.connect(f"file:{folder}/match.db?mode=ro", uri=True)
    return [(outcome, [None if word == "-" else float(word) for word in told.split()])
            for outcome, told in database.execute("SELECT outcome, told FROM games ORDER BY number")]


def main():
    parser = argparse.ArgumentParser(description="Measures false resignations.")
    parser.add_argument("program", nargs="?", default=os.path.join(HERE, "../../../build/release/tengen"))
    parser.add_argument("--game", default="go:9")
    parser.add_argument("--agent", default="net:default,visits=64", help="(net:default,visits=64)")
    parser.add_argument("--games", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--threshold", type=float, default=0.02, help="the one that has to meet the target (0.02)")
    options = parser.parse_args()
    if not os.access(options.program, os.X_OK):
        parser.error(f"{options.program} cannot be executed; build the release preset, or name a program")
    with tempfile.TemporaryDirectory() as folder:
        games = play(options, os.path.join(folder, "match"))
    plies = sum(len(values) for _, values in games) / len(games)
    print(f"{len(games)} games of {options.game}, {options.agent}, seed {options.seed}, {plies:.1f} plies each")
    missed = False
    for threshold in sorted({*THRESHOLDS, options.threshold}, reverse=True):
        ended = wrong = saved = 0
        for outcome, values in games:
            found = resignation(values, threshold)
            if found:
                ended += 1
                wrong += outcome == DRAWN or outcome == found[1] + 1
                saved += len(values) - found[0]
        if not ended:
            print(f"resign={threshold:<5}: no game ends")
            continue
        low, high = wilson(wrong, ended)
        print(f"resign={threshold:<5}: {ended} games end, {wrong} wrongly: {100 * wrong / ended:.2f} % ({100 * low:.2f}.."
              f"{100 * high:.2f}); {saved / len(games):.1f} plies a game are saved")
        missed |= threshold == options.threshold and wrong > MOST * ended
    print("missed" if missed else "target met")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())

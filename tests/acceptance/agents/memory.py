#!/usr/bin/env python3
"""Whether a player's memory keeps it from losing the same way again, costs no strength elsewhere, and survives false entries.

  memory.py [PROGRAM] same     [--game SPEC] [--games N] [--visits N] [--opponent SPEC] [--opening MOVES] [--poison FILE]
  memory.py [PROGRAM] strength [--game SPEC] [--games N] [--visits N] [--out DIR] [--poison FILE]

same: a deterministic opponent that has won once, and the same opening in every game. The player's colour does not change,
and it remembers (option remember). Counted are the losses in the same way:
  identical   the moves of a lost game are those of an earlier one, up to symmetry
  mistake     a lost game repeats a decision that its latest lesson had found a saving move for
The first lost game is the one that the opponent "won once"; the N games (100) follow it. Target: 0 of both.

strength: N games (3,000) from random openings, colours swapped, of a player with a memory that it fills as it plays,
against the same player without. Target: the lower end of the 95 %% interval is above -20 Elo. Rerun the command to resume.

--poison FILE: the memory at the start is a copy of this file; see `acceptance_memory_poison FILE SPEC COUNT SEED`, which writes COUNT
false entries. Exit status: 0 met, 1 missed, 2 usage, 3 cannot run.
"""
import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
HOPELESS = -0.5  # as MEMORY_STUDY_LOST: below, no move could have saved the game


def run(options, arguments):
    command = [options.program, "match", "--game", options.game, "--threads", "1", "--json"] + arguments
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(f"{' '.join(command)}: {done.stderr}", file=sys.stderr)
        sys.exit(3)
    if done.stderr:
        print(done.stderr, file=sys.stderr, end="")
    return json.loads(done.stdout.splitlines()[-1])


def lessons(path):
    """{moves before the decision: (move played, value of the better move)}, of the latest lesson for each"""
    if not os.path.exists(path):
        return {}
    rows = sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute(
        "SELECT moves, decision, played, better, value FROM lessons ORDER BY id")
    return {tuple(moves.split()[:ply]): (played, value) for moves, ply, played, better, value in rows if better}


def image(moves, size, symmetry):
    def turn(move):
        if not move[1:].isdigit():
            return move
        x, y = "ABCDEFGHJKLMNOPQRST".index(move[0]), int(move[1:]) - 1
        x = size - 1 - x if symmetry & 1 else x
        y = size - 1 - y if symmetry & 2 else y
        return (y, x) if symmetry & 4 else (x, y)
    return tuple(turn(move) for move in moves)


def same(options, folder, memory):
    size = int(options.game.split(":")[1].split(",")[0].split("x")[0])
    opening = os.path.join(folder, "opening")
    with open(opening, "w", encoding="ascii") as file:
        print(options.opening, file=file)
    player = f"player=net:{options.net},visits={options.visits},symmetry=none,remember={memory}"
    lost, identical, mistakes, score, games = set(), 0, 0, 0, -1
    for number in range(options.games + 20):
        known = lessons(memory)
        out = os.path.join(folder, str(number))
        # A pair of games has both colours; which comes first is fixed, so each call plays one with either.
        run(options, ["--agent", player, "--agent", "opponent=" + options.opponent, "--games", "2", "--seed", "1",
                      "--openings", opening, "--out", out, "--sgf", os.path.join(out, "sgf")])
        for first, outcome, moves in sqlite3.connect(f"file:{out}/match.db?mode=ro", uri=True).execute(
                "SELECT first, outcome, moves FROM games WHERE outcome BETWEEN 1 AND 3 ORDER BY number"):
            moves = tuple(moves.split())
            won = outcome == (1 if first == 0 else 2)
            if games < 0 and (won or outcome == 3):
                continue  # until the opponent has won once
            games += 1
            score += 1 if won else 0.5 if outcome == 3 else 0
            if won or outcome == 3:
                continue
            key = (first, min(image(moves, size, s) for s in range(8)) if False else moves)
            identical += key in lost
            mistakes += any(moves[:len(before)] == before and moves[len(before)] == played and value >= HOPELESS
                            for before, (played, value) in known.items() if len(moves) > len(before))
            lost.add(key)
        shutil.rmtree(out)
        if games >= options.games:
            break
    print(f"{games} games after the first loss: score {score / max(games, 1):.3f}, {len(lost)} different losses")
    print(f"identical losses: {identical} of {games} (target 0)")
    print(f"repeated mistakes: {mistakes} of {games} (target 0)")
    return 0 if games > 0 and identical == 0 and mistakes == 0 else 1


if __name__ == "__main__":
    pass

#!/usr/bin/env python3
"""Whether a player's memory keeps it from losing the same way again, costs no strength elsewhere, survives false entries, and
teaches the net.

  memory.py same     [PROGRAM] [--games N] [--game SPEC] [--opening MOVES] [--visits N] [--opponent SPEC] [--poison N]
  memory.py strength [PROGRAM] [--games N] [--game SPEC] [--visits N] [--out DIR] [--poison N]
  memory.py night    [PROGRAM] [--games N] [--game SPEC] [--visits N] [--minutes M] [--out DIR]

same: the player, which remembers, against a deterministic opponent that is stronger than it. Each game begins with the same
opening; the player has each colour in turn. Counted from the first loss with a colour on, which is how the opponent "won
once", N games (100) of both colours together:
  identical   lost games whose moves are those of an earlier lost one, up to symmetry
  mistakes    lost games in which the player repeated a decision although its latest lesson about it had a saving move
Target: 0 of both. The lessons are those of the file before each game.

strength: N games (3,000) from random openings, colours swapped, of a player whose memory is empty at first and fills as it
plays, against the same player without one. Target: the lower end of the 95 % interval is above -20 Elo. The games are played
in parts of 100, so that the command can be interrupted, and rerun with the same --out to resume.

night: the player first loses N games (20) from random openings to the opponent, and studies them; then the net trains for M
minutes (60) with a tenth and a bit of its self-play at these lessons (memory_share=0.12). Counted are the lessons that three nets
in a row judged right by themselves, without memory or search, and which are forgotten for it. Target: at least half.

--poison N: the memory begins with N false entries, of positions soon after the opening (see memory_poison.c); for strength,
openings have two moves then, so that games reach them.

Exit status: 0 met, 1 missed, 2 usage, 3 cannot run.
"""
import argparse
import contextlib
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
HOPELESS = -0.5  # as MEMORY_STUDY_LOST: below, no move could have saved the game
FIRST, SECOND, DRAWN = 1, 2, 3  # outcomes in a journal
PART = 100


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    print("".join(line + "\n" for line in done.stderr.splitlines() if line.startswith("tengen")), file=sys.stderr, end="")
    if done.returncode:
        print(f"{' '.join(command)} failed: {done.stderr}", file=sys.stderr)
        sys.exit(3)
    return done.stdout


def query(path, sql):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchall()


def lessons(path):
    """{moves before a decision: (the move that lost, value of the better one)}, of the latest lesson about each."""
    if not os.path.exists(path):
        return {}
    rows = query(path, "SELECT moves, decision, played, value FROM lessons WHERE better IS NOT NULL ORDER BY id")
    return {tuple(moves.split()[:decision]): (played, value) for moves, decision, played, value in rows}


def images(moves, size):
    """The images of a game under the eight symmetries of a square board."""
    def turn(move, symmetry):
        if not move[1:].isdigit():
            return move
        x, y = "ABCDEFGHJKLMNOPQRST".index(move[0]), int(move[1:]) - 1
        x = size - 1 - x if symmetry & 1 else x
        y = size - 1 - y if symmetry & 2 else y
        return (y, x) if symmetry & 4 else (x, y)
    return [tuple(turn(move, symmetry) for move in moves) for symmetry in range(8)]


def poison(options, path, moves):
    if options.poison:
        run([os.path.join(os.path.dirname(options.program), "tests", "acceptance_memory_poison"), path, options.game,
             str(options.poison), "1"] + moves)


def play_pair(options, folder, number, opening, memory):
    """[(whether the player has the first move, outcome, moves)] of two games, with either colour."""
    out = os.path.join(folder, f"pair{number}")
    player = f"player=net:{options.net},visits={options.visits},symmetry=none,remember={memory}"
    run([options.program, "match", "--game", options.game, "--threads", "1", "--games", "2", "--seed", "1", "--openings", opening,
         "--out", out, "--agent", player, "--agent", "opponent=" + options.opponent])
    return [(first == 0, outcome, tuple(moves.split())) for first, outcome, moves in
            query(os.path.join(out, "match.db"), "SELECT first, outcome, moves FROM games ORDER BY number")]


def same(options, folder):
    size = int("".join(c for c in options.game.split(":")[1].split(",")[0] if c.isdigit()))
    memory, opening = os.path.join(folder, "memory.db"), os.path.join(folder, "opening")
    with open(opening, "w", encoding="ascii") as file:
        print(options.opening, file=file)
    poison(options, memory, options.opening.split())
    lost, begun = set(), set()
    games = identical = mistakes = losses = 0
    points = []
    for number in range(options.games + 1):
        known = lessons(memory)
        for is_first, outcome, moves in play_pair(options, folder, number, opening, memory):
            is_lost = outcome == (SECOND if is_first else FIRST)
            if is_first in begun and games < options.games:
                games += 1
                points.append(0.5 if outcome == DRAWN else 0 if is_lost else 1)
                losses += is_lost
                identical += is_lost and not lost.isdisjoint((is_first, image) for image in images(moves, size))
                mistakes += is_lost and any(
                    moves[:len(before)] == before and moves[len(before)] == played and value >= HOPELESS
                    for before, (played, value) in known.items() if len(moves) > len(before))
            if is_lost:
                begun.add(is_first)
                lost.add((is_first, images(moves, size)[0]))
        if games >= options.games:
            break
    if not games:
        print("the opponent never won: give a stronger --opponent, or other moves as --opening", file=sys.stderr)
        sys.exit(3)
    tenth = max(games // 5, 1)
    print(f"{games} games from the first loss with each colour on: {losses} lost; the player's score in the first fifth "
          f"{sum(points[:tenth]) / tenth:.2f}, in the last {sum(points[-tenth:]) / tenth:.2f}")
    print(f"identical losses: {identical} of {games} (target 0)")
    print(f"repeated mistakes: {mistakes} of {games} (target 0)")
    return 0 if identical == 0 and mistakes == 0 else 1


def elo(score):
    return -400 * math.log10(1 / min(max(score, 1e-9), 1 - 1e-9) - 1)


def strength(options, folder):
    memory = os.path.join(folder, "memory.db")
    if not os.path.exists(memory):
        poison(options, memory, [])
    base = f"net:{options.net},visits={options.visits}"
    plies = ["--opening-plies", "2"] if options.poison else []
    pairs = []
    for part in range((options.games + PART - 1) // PART):
        out = os.path.join(folder, f"part{part}")
        result = os.path.join(folder, f"part{part}.json")
        if not os.path.exists(result):
            text = run([options.program, "match", "--game", options.game, "--threads", str(options.threads), "--games",
                        str(min(PART, options.games - part * PART)), "--seed", str(1000 + part), "--json", "--repeated",
                        "--out", out, "--agent", f"player={base},remember={memory}", "--agent", f"plain={base}"] + plies)
            with open(result, "w", encoding="ascii") as file:
                file.write(text.splitlines()[-1])
        scores = {}
        for pair, first, outcome in query(os.path.join(out, "match.db"), "SELECT pair, first, outcome FROM games"):
            won = outcome == (FIRST if first == 0 else SECOND)
            scores.setdefault(pair, []).append(1 if won else 0.5 if outcome == DRAWN else 0)
        pairs += [sum(score) / len(score) for score in scores.values()]
        mean = sum(pairs) / len(pairs)
        # The two games of a pair share an opening: pairs are the independent observations.
        error = math.sqrt(sum((score - mean) ** 2 for score in pairs) / max(len(pairs) - 1, 1) / len(pairs))
        low, high = elo(mean - 1.96 * error), elo(mean + 1.96 * error)
        print(f"{2 * len(pairs)} games: score {mean:.4f}, Elo {elo(mean):+.1f} ({low:+.1f} to {high:+.1f}), "
              f"{len(lessons(memory))} lessons with a better move", flush=True)
    print("target: the lower end is above -20 Elo")
    return 0 if low > -20 else 1


def night(options, folder):
    memory, run_folder = os.path.join(folder, "memory.db"), os.path.join(folder, "run")
    count = "SELECT count(*) FROM lessons"
    begun = os.path.join(folder, "begun")
    if not os.path.exists(begun):
        run([options.program, "match", "--game", options.game, "--threads", str(options.threads), "--games",
             str(2 * options.games), "--seed", "1", "--out", os.path.join(folder, "lost"), "--agent",
             f"player=net:{options.net},visits={options.visits},remember={memory}", "--agent", "opponent=" + options.opponent])
        with open(begun, "w", encoding="ascii") as file:
            print(query(memory, count)[0][0], file=file)
    with open(begun, encoding="ascii") as file:
        before = int(file.read())
    run([options.program, "train", run_folder, "--game", options.game, "--from", options.net, "--minutes", str(options.minutes),
         "--threads", str(options.threads), "--set", "memory=" + memory, "--set", "memory_share=0.12"])
    learned = before - query(memory, count)[0][0]
    print(f"{learned} of {before} lessons are learned after {options.minutes:g} more minutes (target: at least half)")
    return 0 if 2 * learned >= before else 1


def main():
    parser = argparse.ArgumentParser(description="Measures memory.", formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog=__doc__)
    parser.add_argument("what", choices=("same", "strength", "night"))
    parser.add_argument("program", nargs="?", default=os.path.normpath(os.path.join(HERE, "../../../build/release/tengen")))
    parser.add_argument("--game", default="go:7")
    parser.add_argument("--net", default="default")
    parser.add_argument("--games", type=int, help="(same: 100, strength: 3000, night: 20)")
    parser.add_argument("--minutes", type=float, default=60, help="of training, each time the command is run (60)")
    parser.add_argument("--visits", type=int, default=16, help="of the player (16)")
    parser.add_argument("--opponent", default="net:default,visits=100,symmetry=none", help="(net:default,visits=100,symmetry=none)")
    parser.add_argument("--opening", default="D4 C5", help="(D4 C5)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--poison", type=int, default=0, help="false entries (0)")
    parser.add_argument("--out", help="folder to resume from (a temporary one)")
    options = parser.parse_args()
    options.games = options.games or {"same": 100, "strength": 3000, "night": 20}[options.what]
    if options.games < 2 or options.visits < 1 or options.poison < 0:
        parser.error("--games must be at least 2, --visits at least 1, --poison at least 0")
    with contextlib.ExitStack() as stack:
        folder = options.out or stack.enter_context(tempfile.TemporaryDirectory())
        os.makedirs(folder, exist_ok=True)
        return {"same": same, "strength": strength, "night": night}[options.what](options, folder)


if __name__ == "__main__":
    sys.exit(main())

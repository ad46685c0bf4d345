#!/usr/bin/env python3
"""Strength by cell: matches of a net against other programs, each with its target, in one table.

  strength.py --folder DIR [NET] [--gomoku NET] [--cell NAME]... [--katago COMMAND] [--pachi FILE] [--rapfi FILE]
              [--games N] [--seed N] [--program FILE] [--list] [--table]

NET and --gomoku are a weights file, a run's directory, or default; a copy of a run's best net is kept in DIR, so that all cells
measure the same. Each cell is a `tengen match` in DIR/CELL, openings in pairs with colours swapped: the same command goes on
after a kill, and plays only what is missing. --list prints the cells and their matches, --table only what DIR holds so far.
Without --cell all cells are played; those whose opponent is not given are named and count as missed. --games (an even number)
plays shorter cells for a trial, which meet no target; a later run with more games continues them.

Opponents:
  GNU Go 3.8    Debian: apt-get install gnugo
  KataGo        --katago "katago gtp -model g170-b6c96-s175395328-d26788732.bin.gz -config gtp_example.cfg", the net from
                cpp/tests/models of its source, built with cmake -DUSE_BACKEND=EIGEN cpp; the time and threads of a cell are
                added to the command
  Pachi         --pachi pachi: from https://github.com/pasky/pachi by `make DCNN=0 JOSEKIFIX=0` (a minute; the patterns are
                read from the folder of the program)
  Rapfi         --rapfi pbrain-rapfi: from https://github.com/dhbloo/rapfi by `cmake -S Rapfi -B build -DNO_COMMAND_MODULES=ON`,
                which leaves out its networks: the classical evaluation

A score counts a draw as half a win; its interval is 95 % (Wilson). A cell that is compared with a main cell has the difference
with its 95 % interval (Newcombe's, from both Wilson intervals); the target is that it does not lie wholly below -10 points.

Exit status: 0 all targets of the chosen cells met, 1 some missed, 2 usage, 3 cannot run.
"""
import argparse
import math
import os
import shlex
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
from gtp import GNUGO
from matches import keep_net, play, report

SECOND = "net:{net},time=1s,threads=2"
KATAGO = ("gtp:{katago} -override-config maxTime=1,maxVisits=1000000,maxPlayouts=1000000,numSearchThreads=2,ponderingEnabled=false,"
          "lagBuffer=0,searchFactorAfterOnePass=1,searchFactorAfterTwoPass=1,searchFactorWhenWinning=1,logAllGTPCommunication=false,"
          "logSearchInfo=false")
GNUGO_10 = "gtp:{gnugo} --mode gtp --level 10"
PACHI = "gtp:{pachi} -d 0 -t =5000 --nodcnn --rules chinese threads=1"
RAPFI = "gomocup:{rapfi}"
SLACK = 0.10  # of a cell against its main cell
ONE_GAME = ("--threads", "1")  # at a time, where a player uses both of two cores
EVEN = ("--openings", "even")
RAPFI_CLOCK = (*EVEN, "--time", "2s+0.1s", "--time-margin", "500")


class Cell:
    """least: the score to reach; main: the cell to compare with; no_losses: the target is to lose no game."""

    def __init__(self, game, ours, theirs, games, options=(), least=None, main=None, no_losses=False):
        self.game, self.ours, self.theirs, self.games, self.options = game, ours, theirs, games, options
        self.least, self.main, self.no_losses = least, main, no_losses

    def needs(self):
        return [name for name in ("katago", "gnugo", "pachi", "rapfi") if "{" + name + "}" in self.theirs]

    def target(self):
        if self.least is not None:
            return f"at least {100 * self.least:.0f} %"
        if self.main:
            return f"{self.main} - {100 * SLACK:.0f} points"
        return "no loss" if self.no_losses else "none"


CELLS = {
    "katago9": Cell("go:9,komi=7", SECOND, KATAGO, 200, ONE_GAME, least=0.70),
    "policy9": Cell("go:9,komi=7", "policy:{net}", GNUGO_10, 100, least=0.85),
    "pachi9": Cell("go:9,komi=7,rules=chinese", "net:{net},visits=400", PACHI, 100, least=0.75),
    "komi9": Cell("go:9,komi=5.5", SECOND, KATAGO, 100, ONE_GAME, main="katago9"),
    "japanese9": Cell("go:9,komi=6,rules=japanese", SECOND, KATAGO, 100, ONE_GAME, main="katago9"),
    "size8": Cell("go:8,komi=7", SECOND, KATAGO, 100, ONE_GAME, main="katago9"),
    "size11": Cell("go:11,komi=7", SECOND, KATAGO, 100, ONE_GAME, main="katago9"),
    "gnugo13": Cell("go:13,komi=7", SECOND, GNUGO_10, 100, ONE_GAME, least=0.95),
    "size16": Cell("go:16,komi=7", SECOND, GNUGO_10, 100, ONE_GAME, main="gnugo13"),
    "gnugo19": Cell("go:19,komi=7", SECOND, GNUGO_10, 60, ONE_GAME, least=0.60),
    "pachi19": Cell("go:19,komi=7,rules=chinese", SECOND, PACHI, 60, ONE_GAME),
    "katago19": Cell("go:19,komi=7", SECOND, KATAGO, 60, ONE_GAME),
    "rapfi-freestyle": Cell("gomoku:15", "net:{gomoku}", RAPFI, 100, RAPFI_CLOCK, least=0.50),
    "rapfi-standard": Cell("gomoku:15,rules=standard", "net:{gomoku}", RAPFI, 100, RAPFI_CLOCK),
    "rapfi-renju": Cell("gomoku:15,rules=renju", "net:{gomoku}", RAPFI, 100, RAPFI_CLOCK),
    **{f"rollout-{rules}": Cell(f"gomoku:15,rules={rules}", "net:{gomoku},visits=400", "rollout:10000", 100, EVEN, no_losses=True)
       for rules in ("freestyle", "standard", "renju", "caro")},
}


def difference(one, other):
    """(difference, low, high) of two shares, each as (share, low, high): R. G. Newcombe 1998, method 10."""
    d = one[0] - other[0]
    return (d, d - math.hypot(one[0] - one[1], other[2] - other[0]), d + math.hypot(one[2] - one[0], other[0] - other[1]))


def score(folder):
    """What the report of a cell says of us, or None: games, losses, (score, low, high), faults of either side."""
    found = report(folder)
    if not found or not found["pairs"]:
        return None
    pair = found["pairs"][0]
    return {"games": pair["games"], "losses": pair["losses"], "score": (pair["score"], pair["score_low"], pair["score_high"]),
            "faults": found["forfeits"], "finished": found["finished"]}


def percent(numbers, sign=""):
    return "{:{s}.1f} ({:{s}.1f}..{:{s}.1f})".format(*(100 * number for number in numbers), s=sign)


def row(options, name):
    """The cells of the table, and whether the target is met; None: there is none."""
    cell, found = CELLS[name], score(os.path.join(options.folder, name))
    if not found or not found["games"]:
        return (name, cell.game, "-", cell.target(), "not played"), False if cell.target() != "none" else None
    text, met = percent(found["score"]) + " %", None
    if cell.least is not None:
        met = found["score"][0] >= cell.least
    elif cell.no_losses:
        met = found["losses"] == 0
        text += f", {found['losses']} lost"
    elif cell.main:
        main = score(os.path.join(options.folder, cell.main))
        if main and main["games"]:
            change = difference(found["score"], main["score"])
            met = change[2] >= -SLACK
            text += f"; difference {percent(change, '+')} points"
        else:
            met, text = False, text + f"; {cell.main} was not played"
    verdict = {None: "", True: "met", False: "MISSED"}[met]
    if found["games"] < cell.games:
        verdict = f"{found['games']} of {cell.games} games" + (", so far " + verdict if verdict else "")
        met = met and False
    faults = ", ".join(f"{count} lost by faults of {who}" for who, count in found["faults"].items() if count)
    return (name, cell.game, text, cell.target(), f"{verdict} {faults}".strip()), met


def table(options):
    """Prints it; whether no target is missed."""
    rows, results = zip(*(row(options, name) for name in options.cell))
    rows = [("cell", "game", "score (95 %)", "target", "")] + list(rows)
    widths = [max(len(line[i]) for line in rows) for i in range(5)]
    for line in rows:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip())
    return all(met is not False for met in results)


def match_of(options, name, values):
    """(options of the match, agents)"""
    cell = CELLS[name]
    fill = {key: value or "{" + key + "}" for key, value in values.items()}
    games = min(cell.games, options.games or cell.games)
    return (["--game", cell.game, "--games", str(games), "--seed", str(options.seed), *cell.options],
            (("tengen", cell.ours.format(**fill)), ("opponent", cell.theirs.format(**fill))))


def arguments():
    parser = argparse.ArgumentParser(description="Strength against other programs, by cell.", epilog="cells: " + ", ".join(CELLS))
    parser.add_argument("net", nargs="?", default="default", help="for Go: a weights file, a run's directory, or default")
    parser.add_argument("--gomoku", default="default", help="the net for Gomoku")
    parser.add_argument("--folder", help="for the matches; a later run continues them")
    parser.add_argument("--cell", action="append", choices=list(CELLS), metavar="NAME", help="repeatable (all)")
    parser.add_argument("--katago", help="command: katago gtp -model ... -config ...")
    parser.add_argument("--pachi", help="the program")
    parser.add_argument("--rapfi", help="the program")
    parser.add_argument("--games", type=int, help="fewer games in each cell, for a trial")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", default=os.path.join(HERE, "../../../build/release/tengen"))
    parser.add_argument("--list", action="store_true", help="print cells and matches")
    parser.add_argument("--table", action="store_true", help="play nothing, print what the folder holds")
    options = parser.parse_args()
    options.all = not options.cell
    options.cell = options.cell or list(CELLS)
    if not options.list and not options.folder:
        parser.error("--folder is required: it keeps the matches")
    if not os.access(options.program, os.X_OK):
        parser.error(f"{options.program} cannot be executed; build the release preset, or name a program")
    if options.games is not None and (options.games < 2 or options.games % 2):
        parser.error("--games takes an even number from 2 on: openings are played in pairs")
    for name in ("pachi", "rapfi"):
        path = getattr(options, name)
        if path and not os.access(path, os.X_OK):
            parser.error(f"--{name} {path} cannot be executed")
    return options


def main():
    options = arguments()
    values = {"katago": options.katago, "gnugo": GNUGO, "net": options.net, "gomoku": options.gomoku,
              "pachi": options.pachi and shlex.quote(os.path.abspath(options.pachi)),
              "rapfi": options.rapfi and shlex.quote(os.path.abspath(options.rapfi))}
    if options.list:
        for name in options.cell:
            settings, agents = match_of(options, name, values)
            print(f"{name} (target: {CELLS[name].target()})\n  match {' '.join(settings)}")
            print("".join(f"    {who}={spec}\n" for who, spec in agents), end="")
        return 0
    if options.table:
        return 0 if table(options) else 1
    lacking = {name: [need for need in CELLS[name].needs() if not values[need]] for name in options.cell}
    for name, needs in lacking.items():
        if needs:
            print(f"{name} needs " + ", ".join("apt-get install gnugo" if need == "gnugo" else "--" + need for need in needs),
                  file=sys.stderr)
    if not options.all and any(lacking.values()):
        return 2
    os.makedirs(options.folder, exist_ok=True)
    values["net"] = keep_net(options.net, options.folder, "net")
    values["gomoku"] = keep_net(options.gomoku, options.folder, "gomoku")
    for name in options.cell:
        if not lacking[name]:
            print(f"{name}:", file=sys.stderr, flush=True)
            play(options.program, os.path.join(options.folder, name), *match_of(options, name, values))
    return 0 if table(options) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(3)

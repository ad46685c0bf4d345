#!/usr/bin/env python3
"""Whether a net understands komi, by area scoring.

  komi.py [NET] [--program FILE] [--parts LIST] [--sizes LIST] [--step N] [--boards N] [--visits N] [--rules NAME] [--level N]
          [--seed N] [--folder DIR] [--verbose]

NET is a weights file, a run's directory, or default. Three parts, each asked of one `tengen analysis` with --visits (200):

  empty   Empty boards of each size with komi -30 to 30 (19x19: -60 to 60). Targets: black's wins plus half the draws never rise
          by more than 1 point from one komi to the next, and are above 95 % at the lowest komi and below 5 % at the highest.
  made    --boards positions (40) of the sizes in turn, made by rule so that nothing is left to play and the area is known
          (lib/settled_boards.py), with komi -40 to 40. Targets, in all of them: the lead is within 1.5 points of area minus komi;
          the win rate is on the right side of 50 % where this margin is 1 point or more, above 95 % from 5 points on.
  games   The same with --boards games that GNU Go finished against itself, by Chinese rules. A game is taken if GNU Go's count
          is that of the board after all its dead stones were captured. Needs gnugo (Debian: apt-get install gnugo).

--step (1) is that of komi, so that a coarse one gives a quick look; the ends are always included. --folder keeps games and
answers: the same command continues after a kill. --verbose prints every failure, otherwise the worst are printed.
With a net of 5 blocks x 64 channels, --sizes 9 takes some four minutes of one core (AMD Zen 4), and all sizes with --step 10 take
eight, most of it for GNU Go's games on 19x19.

Exit status: 0 all targets met, 1 some missed, 2 usage, 3 cannot run.
"""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
from analysis import Analysis, Journal
from gtp import GNUGO
from matches import fingerprint
from settled_boards import game_of_gnugo, made

PARTS = ("empty", "made", "games")
EMPTY, EMPTY_LARGE, SETTLED = 30, 60, 40  # the largest komi
MOST_RISE, END, LEAD, SIDE_FROM, SURE_FROM, SURE = 1.0, 95.0, 1.5, 1, 5, 95.0


def komis(most, step):
    return sorted({-most, *range(-most + (most % step), most + 1, step), most})


class Measurement:
    """Asks the engine for what the journal does not hold yet."""

    def __init__(self, options):
        self.options = options
        self.journal = Journal(options.folder and os.path.join(options.folder, "answers.jsonl"),
                               {"net": fingerprint(options.net), "visits": options.visits, "rules": options.rules})
        self.engine = None

    def ask(self, position, values):
        """{komi: (black's win rate in per cent, black's lead)}"""
        missing = [komi for komi in values if not self.journal.get(f"{position['name']} {komi}")]
        if missing and not self.engine:
            self.engine = Analysis([self.options.program, "analysis", "--agent", f"net:{self.options.net}", "--analysis-threads", "1",
                                    "--threads", "1", "--seed", "1"])
        if missing:
            answers = self.engine.ask([self.query(position, komi) for komi in missing])
            for komi in missing:
                root = answers[str(komi), len(position.get("moves", []))]["rootInfo"]
                self.journal.add(f"{position['name']} {komi}", [100 * root["winrate"], root["scoreLead"]])
        return {komi: self.journal.get(f"{position['name']} {komi}") for komi in values}

    def query(self, position, komi):
        moves = position.get("moves", [])
        query = {"id": str(komi), "rules": self.options.rules, "komi": komi, "boardXSize": position["size"],
                 "boardYSize": position["size"], "maxVisits": self.options.visits, "analyzeTurns": [len(moves)],
                 "moves": [["BW"[i % 2], move] for i, move in enumerate(moves)]}
        if "stones" in position:
            query.update(initialStones=position["stones"], initialPlayer=position["to_move"])
        return query

    def close(self):
        if self.engine:
            self.engine.close()


def verdict(text, target, met):
    print(f"  {text} (target: {target}){'' if met else '  MISSED'}", flush=True)
    return met


def examine_empty(measurement, size, step):
    values = komis(EMPTY_LARGE if size == 19 else EMPTY, step)
    rates = [measurement.ask({"name": f"empty-{size}", "size": size}, values)[komi][0] for komi in values]
    rises = [(after - before, komi) for komi, before, after in zip(values, rates, rates[1:])]
    rise, at = max(rises)
    print(f"empty {size}x{size}, {len(values)} komis from {values[0]} to {values[-1]}")
    if measurement.options.verbose:
        print("  " + ", ".join(f"{komi}: {rate:.1f}" for komi, rate in zip(values, rates)))
    above = sum(one > MOST_RISE for one, _ in rises)
    following = values[values.index(at) + 1]
    met = verdict(f"rises of more than 1 point: {above}; the greatest {rise:+.1f} points, from komi {at} to {following}", "0", not above)
    met &= verdict(f"black at komi {values[0]}: {rates[0]:.1f} %", "above 95 %", rates[0] > END)
    met &= verdict(f"black at komi {values[-1]}: {rates[-1]:.1f} %", "below 5 %", rates[-1] < 100 - END)
    return met


class Count:
    """How many of some figures meet a target, and the worst of those that do not."""

    def __init__(self):
        self.all = self.good = 0
        self.failures = []

    def add(self, good, how_bad, text):
        self.all += 1
        self.good += good
        if not good:
            self.failures.append((how_bad, text))

    def report(self, what, verbose):
        met = verdict(f"{what}: {self.good} of {self.all}", "all", self.good == self.all)
        for _, text in sorted(self.failures, reverse=True)[: len(self.failures) if verbose else 3]:
            print(f"    {text}")
        return met


def examine_settled(measurement, title, positions, step):
    leads, sides, sure, errors = Count(), Count(), Count(), []
    values = komis(SETTLED, step)
    for position in positions:
        for komi, (rate, lead) in measurement.ask(position, values).items():
            margin = position["area"] - komi
            error = abs(lead - margin)
            winner = rate if margin > 0 else 100 - rate
            text = f"{position['name']}, komi {komi}, margin {margin:+}: lead {lead:+.1f}, black {rate:.1f} %"
            errors.append(error)
            leads.add(error <= LEAD, error, text)
            if abs(margin) >= SIDE_FROM:
                sides.add(winner > 50, 50 - winner, text)
            if abs(margin) >= SURE_FROM:
                sure.add(winner > SURE, SURE - winner, text)
    errors.sort()
    print(f"{title}: {len(positions)}, {len(values)} komis each; error of the lead: median {errors[len(errors) // 2]:.2f} points, "
          f"largest {errors[-1]:.1f}")
    met = leads.report("lead within 1.5 points of area minus komi", measurement.options.verbose)
    met &= sides.report("right side of 50 % from 1 point on", measurement.options.verbose)
    return met & sure.report("above 95 % from 5 points on", measurement.options.verbose)


def list_of(kind, allowed):
    def parse(text):
        values = [kind(part) for part in text.split(",")]
        if not values or any(value not in allowed for value in values):
            raise ValueError
        return values
    parse.__name__ = "list"
    return parse


def arguments():
    parser = argparse.ArgumentParser(description="Win rate and lead as functions of komi.")
    parser.add_argument("net", nargs="?", default="default", help="a weights file, a run's directory, or default")
    parser.add_argument("--program", default=os.path.join(HERE, "../../../build/release/tengen"))
    parser.add_argument("--parts", type=list_of(str, PARTS), default=list(PARTS), help="of empty,made,games (all)")
    parser.add_argument("--sizes", type=list_of(int, range(7, 20)), default=[7, 9, 13, 19], help="from 7 to 19 (7,9,13,19)")
    parser.add_argument("--step", type=int, default=1, help="of komi (1)")
    parser.add_argument("--boards", type=int, default=40, help="settled boards of each kind (40)")
    parser.add_argument("--visits", type=int, default=200)
    parser.add_argument("--rules", default="tromp-taylor", help="with area scoring (tromp-taylor)")
    parser.add_argument("--level", type=int, default=5, help="GNU Go's (5)")
    parser.add_argument("--seed", type=int, default=1, help="of the boards and games (1)")
    parser.add_argument("--folder", help="keeps games and answers")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if not os.access(options.program, os.X_OK):
        parser.error(f"{options.program} cannot be executed; build the release preset, or name a program")
    for name, least, most in (("step", 1, 60), ("boards", 1, 999), ("visits", 1, 10**6), ("level", 1, 10)):
        if not least <= getattr(options, name) <= most:
            parser.error(f"--{name} takes {least} to {most}")
    return options


def main():
    options = arguments()
    if "games" in options.parts and not GNUGO:
        print("gnugo is missing: apt-get install gnugo, or --parts empty,made", file=sys.stderr)
        return 3
    if options.folder:
        os.makedirs(options.folder, exist_ok=True)
    measurement = Measurement(options)
    print(f"net {options.net}, {options.visits} visits, {options.rules}, seed {options.seed}")
    met = True
    if "empty" in options.parts:
        for size in options.sizes:
            met &= examine_empty(measurement, size, options.step)
    wanted = [(number, options.sizes[number % len(options.sizes)]) for number in range(options.boards)]
    if "made" in options.parts:
        positions = [made(options.seed, number, size) for number, size in wanted]
        met &= examine_settled(measurement, "boards made by rule", positions, options.step)
    if "games" in options.parts:
        positions = [game_of_gnugo(options.seed + number, size, options.level, options.folder) for number, size in wanted]
        met &= examine_settled(measurement, "games that GNU Go finished", positions, options.step)
    measurement.close()
    print("all targets met" if met else "missed")
    return int(not met)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(3)

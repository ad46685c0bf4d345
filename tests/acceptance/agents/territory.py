#!/usr/bin/env python3
"""Territory: a net plays itself by Japanese rules, and no move may lose a point once the position is settled.

  territory.py --arbiter COMMAND [NET] [--program FILE] [--size N] [--komi K] [--games N] [--visits N] [--options LIST]
               [--arbiter-visits N]
               [--seed N] [--threads N] [--folder DIR] [--verbose]

NET is a weights file, a run's directory, or default. The arbiter is a program that speaks KataGo's analysis protocol; what the
target speaks of is KataGo with its net b6c96, which is among the models of its source's tests (build it with
cmake -DUSE_BACKEND=EIGEN cpp):

  --arbiter "katago analysis -model g170-b6c96-s175395328-d26788732.bin.gz -config analysis_example.cfg -override-config
             numAnalysisThreads=1,numSearchThreadsPerAnalysisThread=1,numEigenThreadsPerModel=1"

It looks at all positions of a game with 1 visit, and with --arbiter-visits (200) at those from the first on which could be
settled. A position is settled from the first one on in which the arbiter's ownership is at least 0.9 in magnitude at every
point, but for empty points that touch stones of both colours (neutral points). A move, pass included, loses a point if before
and after it differ, to the disadvantage of the side that moved,
  - the arbiter's lead by more than half a point, the middle between losing nothing and one, at once or within four plies;
  - the count of the board, where stones that the arbiter gives to the other side are dead, by more than half a point.
Both are asked for because each alone is wrong: the lead by b6c96 is a point off in every other of such positions, so that of
moves which each fill a point, every second one seems to cost two and the others none; and a count falls with a move that the
opponent could force. What the lead at once would say alone is printed, too.
A move that its side needs, to save stones or to kill some, costs a point by the count, too, which has taken it for granted. So
a move on the board loses nothing if the arbiter's lead after a pass instead of it is no better by more than half a point.
The arbiter does not always give the same answer: it found the same move of the same game to lose or not from run to run. So it is asked
four more times about a move that seems to lose, with an empty cache each time, and the means of these decide.

Prints the moves that lose, then the totals. Target: none; and at least one game in two gets settled, as there would be nothing
to say otherwise. --folder keeps games and judgements: the same command continues after a kill.

Exit status: 0 targets met, 1 missed, 2 usage, 3 cannot run.
"""
import argparse
import os
import shlex
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
import go_board as go
from analysis import Analysis, Journal
from matches import fingerprint, games, keep_net, play

MAYBE, SETTLED, OWNED, LOST, LATER = 0.7, 0.9, 0.5, 0.5, 4
AGAIN = 4
SETTLED_SHARE = 0.5


class Seen:
    """A position of a game: the board, and prisoners taken by black less those taken by white."""

    def __init__(self, board, prisoners):
        self.board, self.prisoners, self.size = dict(board), prisoners, max(x for x, _ in board) + 1

    def owner(self, point, ownership):
        """ownership: of the points row by row from the top, as the protocol has it."""
        return ownership[(self.size - 1 - point[1]) * self.size + point[0]]

    def settled(self, ownership, least):
        for point, content in self.board.items():
            neutral = content == "." and {"b", "w"} <= {self.board[p] for p in go.neighbours(self.board, point)}
            if not neutral and abs(self.owner(point, ownership)) < least:
                return False
        return True

    def count(self, ownership):
        """Points by which black leads by territory and prisoners, without komi. A point between living stones of both is nobody's."""
        owners = {p: self.owner(p, ownership) for p in self.board}
        points = self.prisoners
        for p, content in self.board.items():
            sides = {owners[q] > 0 for q in go.neighbours(self.board, p) if self.board[q] != "."}
            if content != ".":
                points += (2 if owners[p] > 0 else -2) if content != "bw"[owners[p] < 0] else 0
            elif len(sides) < 2 and abs(owners[p]) >= OWNED:
                points += 1 if owners[p] > 0 else -1
        return points


def positions_of(size, moves):
    board, prisoners = go.empty_board(size), 0
    seen = [Seen(board, 0)]
    for turn, move in enumerate(moves):
        prisoners += go.play(board, "bw"[turn % 2], move) * (1 if turn % 2 == 0 else -1)
        seen.append(Seen(board, prisoners))
    return seen


class Judge:
    def __init__(self, options):
        self.options = options
        self.engine = Analysis(options.arbiter)

    def query(self, visits):
        size = self.options.size
        return {"rules": "japanese", "komi": self.options.komi, "boardXSize": size, "boardYSize": size, "maxVisits": visits}

    def ask(self, moves, turns, visits):
        """[(lead, ownership)] of the positions after so many moves."""
        query = {**self.query(visits), "id": "game", "moves": [["BW"[i % 2], move] for i, move in enumerate(moves)],
                 "analyzeTurns": turns, "includeOwnership": True}
        answers = self.engine.ask([query])
        return [(answers["game", turn]["rootInfo"]["scoreLead"], answers["game", turn]["ownership"]) for turn in turns]

    def judge(self, moves):
        """{"settled": after how many moves, or None, "scores": [lead, count] of that position and each after it}"""
        seen = positions_of(self.options.size, moves)
        glance = self.ask(moves, list(range(len(seen))), 1)
        first = next((t for t, (_, ownership) in enumerate(glance) if seen[t].settled(ownership, MAYBE)), len(seen))
        turns = list(range(first, len(seen)))
        looks = self.ask(moves, turns, self.options.arbiter_visits) if turns else []
        for i, turn in enumerate(turns):
            if seen[turn].settled(looks[i][1], SETTLED):
                return {"settled": turn,
                        "scores": [[lead, seen[t].count(ownership)] for t, (lead, ownership) in zip(turns[i:], looks[i:])]}
        return {"settled": None, "scores": []}

    def instead(self, moves, ply):
        """[lead after the move, lead after a pass instead], for the side that moves."""
        return self.engine.move_and_pass(self.query(self.options.arbiter_visits), moves, ply, AGAIN)

    def again(self, moves, turns):
        """The means of [lead, count] after so many moves, over fresh looks."""
        seen, sums = positions_of(self.options.size, moves), [[0, 0] for _ in turns]
        for _ in range(AGAIN):
            self.engine.clear_cache()
            for total, turn, (lead, ownership) in zip(sums, turns, self.ask(moves, turns, self.options.arbiter_visits)):
                total[0] += lead / AGAIN
                total[1] += seen[turn].count(ownership) / AGAIN
        return sums


class Loss:
    """What a move loses for its side by lead at once, the most within LATER plies, and by count; lead before and after."""

    def __init__(self, ply, scores):
        """scores: [lead, count] before the move, after it, and after those that follow."""
        (lead, count), (after, count_after) = scores[:2]
        side = 1 if ply % 2 == 0 else -1
        self.ply, self.before, self.after = ply, lead, after
        self.by_lead, self.by_count = side * (lead - after), side * (count - count_after)
        self.later = max(side * (lead - other) for other, _ in scores[1:1 + LATER])

    def found(self):
        return self.later > LOST and self.by_count > LOST


def losses(judgement):
    scores, start = judgement["scores"], judgement["settled"]
    return [Loss(start + i, scores[i:i + 1 + LATER]) for i in range(len(scores) - 1)]


def examine(options, folder):
    net = keep_net(options.net, folder, "net")
    player = f"net:{net},visits={options.visits}" + (f",{options.options}" if options.options else "")
    match = os.path.join(folder, "match")
    play(options.program, match, ["--game", f"go:{options.size},komi={options.komi:g},rules=japanese", "--games", str(options.games),
                                  "--seed", str(options.seed), "--threads", str(options.threads)], (("a", player), ("b", player)))
    journal = Journal(os.path.join(folder, "judgements.jsonl"),
                      {"net": fingerprint(net, options.program), "arbiter": " ".join(options.arbiter), "visits": options.arbiter_visits})
    judge = Lazy(options)
    found = dict.fromkeys(("settled", "moves", "passes", "lost by moves", "lost by passes", "games that lost", "by lead alone", "lost at first sight"), 0)
    for number, moves in games(match):
        judgement = remembered(journal, str(number), lambda moves=moves: judge.get().judge(moves))
        if judgement["settled"] is not None:
            found["settled"] += 1
            add_game(options, found, number, moves, judgement, journal, judge)
    judge.close()
    return found


def remembered(journal, key, measure):
    if not journal.get(key):
        journal.add(key, measure())
    return journal.get(key)


class Lazy:
    """The judge, who is not called where everything is in the journal."""

    def __init__(self, options):
        self.options, self.judge = options, None

    def get(self):
        self.judge = self.judge or Judge(self.options)
        return self.judge

    def close(self):
        if self.judge:
            self.judge.engine.close()


def add_game(options, found, number, moves, judgement, journal, judge):
    bad, end = 0, judgement["settled"] + len(judgement["scores"])
    for loss in losses(judgement):
        kind = "passes" if moves[loss.ply].lower() == "pass" else "moves"
        found[kind] += 1
        found["by lead alone"] += loss.by_lead > LOST
        if loss.found():
            turns = list(range(loss.ply, min(end, loss.ply + 1 + LATER)))
            found["lost at first sight"] += 1
            loss = Loss(loss.ply, remembered(journal, f"{number}:{loss.ply}", lambda turns=turns: judge.get().again(moves, turns)))
        lost = loss.found() and not (kind == "moves" and is_needed(number, moves, loss.ply, journal, judge))
        found["lost by " + kind] += lost
        bad += lost
        if lost or options.verbose:
            print(f"game {number + 1}, settled after {judgement['settled']} of {len(moves)} plies: ply {loss.ply + 1}, "
                  f"{'BW'[loss.ply % 2]} {moves[loss.ply]}: lead from {loss.before:+.1f} to {loss.after:+.1f}, "
                  f"count {0 - loss.by_count:+g} for the mover{', loses' if lost else ''}", flush=True)
    found["games that lost"] += bad > 0


def is_needed(number, moves, ply, journal, judge):
    """Whether the arbiter rates a pass no higher than the move."""
    moved, passed = remembered(journal, f"{number}:{ply}:instead", lambda: judge.get().instead(moves, ply))
    return passed - moved <= LOST


def arguments():
    parser = argparse.ArgumentParser(description="Moves that lose points in settled positions by Japanese rules.")
    parser.add_argument("net", nargs="?", default="default", help="a weights file, a run's directory, or default")
    parser.add_argument("--arbiter", type=shlex.split, required=True, help="command of an analysis engine (KataGo's)")
    parser.add_argument("--program", default=os.path.join(HERE, "../../../build/release/tengen"))
    parser.add_argument("--size", type=int, default=9, help="of the board (9)")
    parser.add_argument("--komi", type=float, default=6.5)
    parser.add_argument("--games", type=int, default=200)
    parser.add_argument("--visits", type=int, default=64, help="of the net's searches (64)")
    parser.add_argument("--options", default="", help="further ones of the net's agent, such as score=0.1")
    parser.add_argument("--arbiter-visits", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="games at once (one for each core)")
    parser.add_argument("--folder", help="keeps games and judgements")
    parser.add_argument("--verbose", action="store_true", help="print every move of settled positions")
    options = parser.parse_args()
    if not os.access(options.program, os.X_OK):
        parser.error(f"{options.program} cannot be executed; build the release preset, or name a program")
    for name, least, most in (("size", 5, 19), ("games", 2, 10**6), ("visits", 1, 10**6), ("arbiter_visits", 1, 10**6)):
        if not least <= getattr(options, name) <= most:
            parser.error(f"--{name.replace('_', '-')} takes {least} to {most}")
    if not options.arbiter:
        parser.error("--arbiter needs a command")
    return options


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or temporary
        os.makedirs(folder, exist_ok=True)
        found = examine(options, folder)
    print(f"{options.games} games on {options.size}x{options.size}, {options.net} at {options.visits} visits, seed {options.seed}: "
          f"{found['settled']} get settled, with {found['moves']} moves and {found['passes']} passes afterwards")
    lost = found["lost by moves"] + found["lost by passes"]
    print(f"moves that lose a point in a settled position: {found['lost by moves']}, passes: {found['lost by passes']}, "
          f"in {found['games that lost']} games (target: 0); at first sight: {found['lost at first sight']}, by lead alone: {found['by lead alone']}")
    print(f"games that get settled: {found['settled']} of {options.games} (target: at least {SETTLED_SHARE:.0%})")
    missed = lost > 0 or found["settled"] < SETTLED_SHARE * options.games
    print("missed" if missed else "all targets met")
    return int(missed)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(3)

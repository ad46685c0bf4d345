#!/bin/sh
# `tengen analysis` behind KaTrain's own engine class: KATRAIN=CHECKOUT analysis_katrain.sh [RECORD.sgf [VISITS]]
# KATRAIN is a checkout of KaTrain's sources (github.com/sanderland/katrain), whose classes that start the engine,
# send queries and process replies are used unchanged; their imports from kivy and chardet are stubbed. Every position of the
# record (one of those in the checkout) is queried as KaTrain does when it opens a game, then the last one as for its other
# tools: alternatives, a region, pondering that is interrupted, a new game while queries are pending. Prints queries, replies
# and errors; fails unless all queries get replies without errors. Needs python3.
cd "$(dirname "$0")/../../.." || exit 3
tengen=${TENGEN:-$PWD/build/release/tengen}
[ -f "${KATRAIN:-}/katrain/core/engine.py" ] || { echo "KATRAIN must name a checkout of KaTrain's sources"; exit 3; }
record=${1:-$KATRAIN/tests/data/LS vs AG - G4 - English.sgf}
visits=${2:-50}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/client.py" <<'END_OF_CLIENT'
import json, sys, time, types

katrain, tengen, record, visits = sys.argv[1:4] + [int(sys.argv[4])]
sys.path.insert(0, katrain)


def stub(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module


stub("kivy")
stub("kivy.utils", platform="linux")
stub("kivy._event", Observable=type("Observable", (), {"__init__": lambda self, *args: None}))
stub("chardet", detect=lambda data: {"encoding": "utf-8"})
from katrain.core.constants import OUTPUT_ERROR, OUTPUT_KATAGO_STDERR
from katrain.core.engine import KataGoEngine
from katrain.core.game_node import GameNode
from katrain.core.sgf_parser import SGF


class Reader(SGF):
    _NODE_CLASS = GameNode


class KaTrain:
    """What the engine tells of itself goes here."""

    def __init__(self):
        self.errors, self.warnings, self.sent, self.stderr = [], [], 0, []

    def log(self, message, level=0):
        if level == OUTPUT_ERROR:
            self.errors.append(message)
        elif level == OUTPUT_KATAGO_STDERR:
            self.stderr.append(message)
        elif isinstance(message, str) and message.startswith("Sending") and "terminate" not in message[:20]:
            self.sent += 1
        elif isinstance(message, str) and message.startswith("{'warning"):
            self.warnings.append(message)

    def __call__(self, *message):
        self.errors.append(message)


def wait(what, seconds):
    end = time.time() + seconds
    while not what() and time.time() < end:
        time.sleep(0.02)
    return what()


app = KaTrain()
settings = json.load(open(f"{katrain}/katrain/config.json"))["engine"]
engine = KataGoEngine(app, {**settings, "katago": tengen, "max_visits": visits, "fast_visits": 5})
root = Reader.parse_file(record)
line = [root]
while line[-1].children:
    line.append(line[-1].children[0])
started = time.time()
for node in line:
    node.analyze(engine)
wait(lambda: app.sent >= len(line) or not engine.check_alive(), 60)
wait(lambda: engine.is_idle() or not engine.check_alive(), 3600)
took = time.time() - started


def whole(node):
    points = node.board_size[0] ** 2
    moves, lead = node.analysis["moves"].values(), node.analysis["root"]
    return (node.analysis["completed"] and lead and 0 <= lead["winrate"] <= 1 and len(node.ownership or []) == points
            and len(node.policy or []) == points + 1 and abs(sum(p for p in node.policy if p >= 0) - 1) < 0.01
            and any(move["order"] == 0 and move["pv"] for move in moves) and all(node.candidate_moves))


answered = sum(bool(whole(node)) for node in line)
last, checks = line[-1], {}
before = set(last.analysis["moves"])
last.analyze(engine, find_alternatives=True)
wait(lambda: app.sent > len(line), 10) and wait(engine.is_idle, 60)
checks["alternatives"] = len(set(last.analysis["moves"]) - before)
size = root.board_size[0]
seen = []
engine.request_analysis(last, lambda answer, partial: seen.extend(move["move"] for move in answer["moveInfos"]),
                        region_of_interest=[0, 3, 0, 3], visits=visits)
wait(lambda: seen, 60)
inside = [move for move in seen if move != "pass"]  # which KaTrain does not bar
checks["in the region"] = bool(inside) and all(move[0] in "ABCD" and int(move[1:]) <= 4 for move in inside)
reports = []
engine.request_analysis(last, lambda answer, partial: reports.append(partial), ponder=True)
wait(lambda: len(reports) >= 3, 60)
engine.stop_pondering()
checks["pondering reports, then ends"] = bool(wait(lambda: reports and reports[-1] is False, 60)) and len(reports) > 2
for node in line:
    engine.request_analysis(node, lambda answer, partial: None, visits=100000)
wait(lambda: engine.write_queue.empty(), 60)
engine.on_new_game()
fresh = []
asked = time.time()
engine.request_analysis(root, lambda answer, partial: partial or fresh.append(answer), visits=5)
checks["a new game is answered"] = bool(wait(lambda: fresh, 60))
new_game = time.time() - asked
alive = engine.check_alive()
engine.shutdown(finish=None)
for message in app.errors[:5] + app.stderr[-3:]:
    print(f"    {str(message)[:300]}")
print(f"{len(line)} positions asked as KaTrain asks, {answered} answered whole (target: {len(line)}), {len(app.errors)} "
      f"errors (target: 0), {len(app.warnings)} warnings; {took:.0f} s at {visits} visits, {took / len(line):.2f} s each")
print("; ".join(f"{name}: {value}" for name, value in checks.items()) + f", after {new_game:.1f} s (target: all, < 5 s)")
sys.exit(not (answered == len(line) and not app.errors and all(checks.values()) and new_game < 5 and alive))
END_OF_CLIENT
timeout 3600 python3 "$work/client.py" "$KATRAIN" "$tengen" "$record" "$visits"

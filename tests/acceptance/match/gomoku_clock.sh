#!/bin/sh
# Use of the clock in Gomoku. The program plays an opponent, such as an older build of itself, over the Gomocup protocol
# from balanced openings. Targets: it uses at least 60 % of its time in the games that are not decided early (40 plies or
# more), loses no game on time, and the 95 % interval of its score lies above 50 %.
#
# Usage: gomoku_clock.sh OPPONENT [GAMES [CLOCK [GAME [AT_ONCE [FOLDER]]]]]
# OPPONENT: a build of this program, whose `gomocup` is played. Defaults: 1,000 games at 20s of gomoku:15, one for each
# core. FOLDER keeps the match: rerun the command to resume it, with a larger GAMES to lengthen it.
# TENGEN: the program (default: the release build). SEED: of openings and games (default: 1).
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 OPPONENT [GAMES [CLOCK [GAME [AT_ONCE [FOLDER]]]]]; OPPONENT: an executable of this program" >&2
    exit 2
fi
opponent=$1
games=${2:-1000}
clock=${3:-20s}
game=${4:-gomoku:15}
at_once=${5:-$(nproc)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=${6:-$work/match}

"$tengen" match --game "$game" --games "$games" --time "$clock" --openings even --seed "${SEED:-1}" --threads "$at_once" \
    --memory 2048 --out "$folder" --agent "new=gomocup:$tengen gomocup" --agent "old=gomocup:$opponent gomocup" || exit 1
python3 - "$folder" "$games" "$clock" <<'P'
import csv, math, re, sqlite3, sys

folder, games, clock = sys.argv[1], int(sys.argv[2]), sys.argv[3]
NOT_EARLY, SHARE = 40, 0.6


def seconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(ms|s|m|h)", text).groups()
    return float(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


main, _, increment = clock.partition("+")
main, increment = seconds(main), seconds(increment or "0s")
database = sqlite3.connect(f"file:{folder}/match.db?mode=ro", uri=True)
times = dict(database.execute("SELECT number, times_ms FROM games"))
score, used, faults = 0, {"new": [], "old": []}, {"time": 0, "forfeit": 0}
with open(f"{folder}/games.csv", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
for row in rows:
    players = row["first"], row["second"]
    score += 0.5 if row["result"] == "1/2-1/2" else (row["result"] == "1-0") == (players[0] == "new")
    if row["ended"] in faults and row["loser"] == "new":
        faults[row["ended"]] += 1
    if int(row["plies"]) < NOT_EARLY:
        continue
    spent = [int(ms) / 1000 for ms in times[int(row["game"]) - 1].split()]
    for i, player in enumerate(players):
        own = spent[i::2]
        used[player].append(sum(own) / (main + increment * len(own)))

# Wilson's interval
n, z = len(rows), 1.96
centre = (score + z * z / 2) / (n + z * z)
half = z / (n + z * z) * math.sqrt(score * (n - score) / n + z * z / 4)
long = len(used["new"])
share = {player: sum(u) / max(long, 1) for player, u in used.items()}
print(f"gomoku_clock: {n} games at {clock}: {100 * score / n:.1f} % (95 %: {100 * (centre - half):.1f} to "
      f"{100 * (centre + half):.1f} %; target: above 50 %)")
print(f"  {long} games of {NOT_EARLY} plies or more: {100 * share['new']:.1f} % of the clock used, at most "
      f"{100 * max(used['new'], default=0):.1f} % (target: at least {100 * SHARE:.0f} %), by the opponent {100 * share['old']:.1f} %")
print(f"  lost on time: {faults['time']}, by another fault: {faults['forfeit']} (target: 0 and 0)")
missed = [what for what, fine in (("score", centre - half > 0.5), ("use of the clock", long > 0 and share["new"] >= SHARE),
                                  ("losses by fault", not any(faults.values())), ("number of games", n >= games)) if not fine]
print(f"  missed: {', '.join(missed)}" if missed else "  all targets met")
sys.exit(bool(missed))
P

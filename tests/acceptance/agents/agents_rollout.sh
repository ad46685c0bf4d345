#!/bin/sh
# The rollout agent, whose settings never change, as a yardstick. Target: with twice the playouts it wins at least 60 % of 400
# games (Go 9x9, komi 7, openings of four random plies played with both colours). Then its score against GNU Go 3.8 at level
# 10, without a target.
#
# Measured: 320 wins, 7 draws, 73 losses (80.9 %) over half the playouts; rollout:1000 lost all of 34 games to GNU Go.
#
# Usage: agents_rollout.sh [GAMES [GNU_GO_GAMES]]   (400 and 40). TENGEN: the program (default: ./tengen of this tree).
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/tengen}
games=${1:-400}
gnugo_games=${2:-40}
game=go:9,komi=7
# The agent would add these options by itself. Dead stones have to be captured, because positions are scored as they are.
gnugo="gtp:gnugo --mode gtp --level 10 --chinese-rules --positional-superko --allow-suicide --capture-all-dead"
target=0.60

line=$("$tengen" match --game $game --agent rollout:2000 --agent rollout:1000 --games "$games" --seed 1 --json | tail -n 1)
score=$(echo "$line" | sed -n 's/^{"agents":\[{"name":"rollout:2000".*"score":\([0-9.]*\),"elo".*{"name":"rollout:1000".*"finished":true}$/\1/p')
[ -n "$score" ] || { echo "the match did not finish: $line"; exit 3; }
echo "$line"
echo "rollout:2000 against rollout:1000, $game, $games games: score $score, target at least $target"

if [ "$gnugo_games" -gt 0 ] && PATH=$PATH:/usr/games command -v gnugo >/dev/null; then
    "$tengen" match --game $game --agent rollout:1000 --agent "gnugo10=$gnugo" --games "$gnugo_games" --seed 2
else
    echo "GNU Go was skipped: it is not installed, or the number of games is 0"
fi
awk "BEGIN { exit !($score >= $target) }"

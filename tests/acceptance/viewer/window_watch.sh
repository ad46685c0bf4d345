#!/bin/sh
# Watching a run live, and its cost. First `train --watch` in a display of its own: the window opens, shows the games, is
# killed, and training continues to its end. Then, alternately, training with and without a window: games per second of both,
# and their ratio, which may be at most 2 % below 1, apart from the variation between rounds.
#
# Usage: window_watch.sh [ROUNDS [SECONDS]]   (3 rounds of 60 seconds: seven minutes). Needs xvfb xdotool imagemagick.
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
rounds=${1:-3}
seconds=${2:-60}
work=$(mktemp -d)
. "$root/tests/acceptance/lib/window_common.sh"
trap cleanup EXIT
failed=0
say() { if [ "$1" -eq 0 ]; then echo "ok    $2"; else echo "FAIL  $2"; failed=$((failed + 1)); fi; }
minutes() { awk "BEGIN {print $1 / 60}"; }

start_display 1300x900
export XDG_CONFIG_HOME="$work/config"
"$tengen" train "$work/live" --game go:7 --seed 1 --minutes "$(minutes 40)" --watch >"$work/train.log" 2>&1 &
training=$!
window=
for _ in $(seq 200); do
    window=$(xdotool search --class tengen 2>/dev/null | tail -n 1)
    [ -n "$window" ] && break
    sleep 0.1
done
[ -n "$window" ]
say $? "train --watch opens a window"
[ -n "$window" ] || exit 1
watcher=$(xdotool getwindowpid "$window" 2>/dev/null)
sleep 12
import -window "$window" "${SHOTS:-$work}/watch-live.png"
kill -9 "$watcher"
sleep 1
kill -0 $training 2>/dev/null
say $? "the training outlives its window (process $watcher)"
wait $training
say $? "the training ends well: $(tail -n 2 "$work/train.log" | head -n 1)"

# Games per second of a new training run, with or without a window.
train_once() { # NAME WATCHED?
    rm -rf "$work/$1"
    "$tengen" train "$work/$1" --game go:7 --seed 5 --minutes "$(minutes "$seconds")" --json >"$work/$1.json" 2>&1 &
    training=$!
    if [ "$2" -eq 1 ]; then
        for _ in $(seq 100); do [ -s "$work/$1/live" ] && break; sleep 0.1; done
        "$tengen" watch "$work/$1" >"$work/watch.out" 2>&1 &
        window_pid=$!
    fi
    wait $training
    if [ "$2" -eq 1 ]; then # what the window and the display server took of a processor meanwhile
        for part in "$window_pid" "$display_pid"; do
            awk -v s="$seconds" '{printf "%.2f ", ($14 + $15) / s}' "/proc/$part/stat"
        done >>"$work/share"
        echo >>"$work/share"
        stop_window
    fi
    sed -n 's/.*"positions":\([0-9]*\).*/\1/p' "$work/$1.json" | tail -n 1
}
with=0
without=0
for round in $(seq "$rounds"); do
    # The order alternates, because a machine may warm up or slow down.
    if [ $((round % 2)) -eq 1 ]; then
        a=$(train_once plain 0) b=$(train_once watched 1)
    else
        b=$(train_once watched 1) a=$(train_once plain 0)
    fi
    echo "round $round: $a positions without a window, $b with one"
    with=$((with + b))
    without=$((without + a))
done
echo "percent of one core: the window, and the display server since its start: $(tr '\n' ';' <"$work/share")"
ratio=$(awk "BEGIN {printf \"%.4f\", $with / $without}")
awk "BEGIN {exit !($ratio >= 0.98)}"
say $? "watched over alone: $ratio (target: at least 0.98)"
[ $failed -eq 0 ]

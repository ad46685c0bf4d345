#!/bin/sh
# Memory growth over a thousand moves and undos in the window: the resident size after the first hundred and at the end may
# differ by at most 4 MiB (undone moves stay in the record as variations).
#
# Usage: window_memory.sh [COUNT]   (two minutes). TENGEN: the program. Needs xvfb xdotool.
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
count=${1:-1000}
work=$(mktemp -d)
. "$root/tests/acceptance/lib/window_common.sh"
trap cleanup EXIT
resident() { awk '/VmRSS/{print $2}' /proc/"$window_pid"/status; }
start_display 1280x800
start_window 1000x700 play --game go:19 --colour both || exit 1
i=0
while [ $i -lt "$count" ]; do
    i=$((i + 1))
    # A different point each time: the points of the board are about 30 pixels apart.
    xdotool mousemove $((window_X + 70 + 30 * (i * 7 % 18))) $((window_Y + 70 + 30 * (i / 18 % 18))) click 1 key BackSpace
    [ $i -eq 100 ] && { sleep 1; first=$(resident); }
done
await 'move 0' 5000 || { echo "FAIL  the board is not empty again: $(title)"; exit 1; }
sleep 1
last=$(resident)
nodes=$(grep -o ';[BW]\[' "$work"/data/tengen/games/*.sgf | wc -l)
echo "after 100: $first KiB, after $count moves and undos: $last KiB, $nodes distinct first moves in the record"
[ "$nodes" -gt 100 ] || { echo "FAIL  the clicks made no moves"; exit 1; }
[ $((last - first)) -le 4096 ] || { echo "FAIL  it grew by $((last - first)) KiB, target 4096"; exit 1; }
echo "ok    grew by $((last - first)) KiB (target: at most 4096)"
quit_window

#!/bin/sh
# Profiles self-play and CPU use: selfplay_profile for Go 9x9 and Gomoku 15x15 with the 5x64 net (target: at most 5 % of the
# time outside the network, 15 % on tiles (AMX), cores at least 97 % busy), then a minute of `tengen train` with workers and trainer (target: at
# least 97 % busy after the start). Prints figures and targets. Takes two minutes, on an idle machine.
#
# Usage: selfplay_profile.sh [DTYPE]   (default auto)
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
dtype=${1:-auto}
profile=$here/build/release/tests/acceptance_selfplay_profile
tengen=$here/build/release/tengen
[ -x "$profile" ] || { echo "build first: cmake --preset release && cmake --build build/release" >&2; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
"$profile" go:9 5x64 10 2 "$dtype" || bad=1
"$profile" gomoku:15 5x64 10 2 "$dtype" || bad=1

# Jiffies of a process's CPU time and of idle time; the time of other programs is in neither.
used() { awk '{print $14 + $15}' "/proc/$1/stat"; }
idle() { awk '/^cpu / {print $5 + $6}' /proc/stat; }
"$tengen" train "$work/run" --game go:9 --net 5x64 --threads "$(nproc)" --seed 1 --minutes 1 >"$work/log" 2>&1 &
pid=$!
sleep 15 # nets made, the first games played, the trainer at work
u=$(used $pid) && i=$(idle)
sleep 40
v=$(used $pid) && j=$(idle)
wait $pid || { tail -n 5 "$work/log"; bad=1; }
awk -v ours="$((v - u))" -v idle="$((j - i))" -v all="$(($(getconf CLK_TCK) * 40 * $(nproc)))" 'BEGIN {
    share = ours / (ours + idle)
    printf "train, 40 s: cores %.1f %% used by it, %.1f %% idle, the rest used by other programs: ", 100 * ours / all,
        100 * idle / all
    printf "busy %.1f %% of the available time, target >= 97 %%%s\n", 100 * share, (share >= 0.97 ? "" : "   MISSED")
    exit !(share >= 0.97)
}' || bad=1
exit $bad

#!/bin/sh
# Trains with limits of memory and disk space that are reached within two minutes, and looks at what the run reports of itself: once the
# replay window is full, memory stays the same (within 3 %) and below its limit, and the run's folder within its own.
#
# Usage: memory_disk.sh [MINUTES]   (3). TENGEN: the program (default: the release build).
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
minutes=${1:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
memory=130
disk=14
common="--game gomoku:3,line=3 --net conv:8 --threads 2 --json --report 3 --minutes $minutes --set visits=2 --set first_rows=1000
    --set batch=32 --set samples_per_row=0.1 --set samples_floor=0.1 --set generation_steps=10 --set ladder_share=0"
failed=0

figures() { # NAME FILE
    sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$2"
}
"$tengen" train "$work/memory" $common --set window=100000000 --set max_memory=$memory >"$work/out" || failed=1
figures memory_mb "$work/out" | awk -v most=$memory '
    { at[NR] = $1; if ($1 > highest) highest = $1 }
    END { late = int(NR * 2 / 3); low = high = at[late]
          for (i = late; i <= NR; i++) { if (at[i] < low) low = at[i]; if (at[i] > high) high = at[i] }
          printf "memory: at most %.1f MB of %d (target: within); %.1f to %.1f in the last third (target: within 3 %%)\n", highest, most, low, high
          exit highest > most || high > 1.03 * low || NR < 10 }' || failed=1

# Resumed, the run does not load more of its games than the window will hold.
"$tengen" train "$work/memory" --threads 2 --json --report 1 --minutes 0.3 >"$work/out" || failed=1
figures memory_mb "$work/out" | awk -v most=$memory '
    $1 > highest { highest = $1 }
    END { printf "memory, resumed: at most %.1f MB of %d (target: within)\n", highest, most
          exit highest > most || NR < 5 }' || failed=1

"$tengen" train "$work/disk" $common --set window=20000 --set window_beta=0 --set max_disk=$disk >"$work/out" 2>"$work/err" || failed=1
cat "$work/err"
# The log of the database is part of it, and is only emptied when space is freed: a tenth above.
figures disk_mb "$work/out" | awk -v most=$disk '
    $1 > highest { highest = $1 }
    { last = $1 }
    END { printf "disk: at most %.1f MB of %d, at the end %.1f (target: at most a tenth above)\n", highest, most, last
          exit highest > 1.1 * most || highest < most / 2 }' || failed=1
"$tengen" report "$work/disk" | grep "^Memory"
exit $failed

#!/bin/sh
# Strikes training runs and tournaments with a thousand faults of all kinds (tengen torture); target: nothing that was reported as
# committed is lost, and no process hangs or crashes. Then checks that a disk that flushes nothing is found out.
#
# Usage: torture.sh [FAULTS [SEED]]   (1000: some ten minutes). TENGEN: the program (default: the release build).
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
faults=${1:-1000}
seed=${2:-1}
"$tengen" torture --faults "$faults" --seed "$seed"
status=$?
work=$(mktemp -d)
"$tengen" torture --faults 100 --seed "$seed" --only power-lie --folder "$work/lie" >"$work/out" 2>"$work/err"
planted=$?
head -n 1 "$work/err"
rm -rf "$work"
[ $planted -eq 1 ] || { echo "FAIL: a disk that flushes nothing was not found out (exit $planted)"; exit 1; }
echo "torture: exit $status after $faults faults (target 0); the planted fault was found"
exit $status

#!/bin/sh
# The engine's play is unchanged: compares bench --signature with signature.txt, with one OpenMP thread and with several. Runs
# the release build's tengen, or $TENGEN.
cd "$(dirname "$0")/../.." || exit 3
tengen=${TENGEN:-$PWD/build/release/tengen}
stored=$(grep -v '^#' tests/house/signature.txt)
bad=0
for threads in 1 4; do
    found=$(OMP_NUM_THREADS=$threads "$tengen" bench --signature) || exit 1
    [ "$found" = "$stored" ] && continue
    echo "bench --signature is $found, but tests/house/signature.txt has $stored (OMP_NUM_THREADS=$threads)"
    bad=1
done
exit $bad

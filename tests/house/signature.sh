#!/bin/sh
# The engine plays as it did: bench --signature against the number in signature.txt, on one thread and with OpenMP offered
# more. Runs the release build's tengen, or the one named by TENGEN.
cd "$(dirname "$0")/../.." || exit 3
tengen=${TENGEN:-$PWD/build/release/tengen}
stored=$(grep -v '^#' tests/house/signature.txt)
bad=0
for threads in 1 4; do
    found=$(OMP_NUM_THREADS=$threads "$tengen" bench --signature) || exit 1
    [ "$found" = "$stored" ] && continue
    echo "bench --signature is $found, and tests/house/signature.txt has $stored (OMP_NUM_THREADS=$threads)"
    bad=1
done
exit $bad

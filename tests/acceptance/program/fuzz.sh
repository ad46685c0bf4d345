#!/bin/sh
# Fuzzes the parsers with AddressSanitizer and UndefinedBehaviorSanitizer: fuzz.sh [SECONDS [TARGET...]]
# For each target (sgf, gtp, analysis, gomocup, cup, cells, lab, npz), first fuzzes a build with a planted bug, which has to be found within 10
# minutes, then the real one for SECONDS (1800), which must find nothing. Prints executions, edges covered and findings.
# Needs clang, libclang-rt-*-dev and libomp-*-dev. Inputs that crash are kept in build/fuzz/found.
cd "$(dirname "$0")/../../.." || exit 3
seconds=${1:-1800}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- sgf gtp analysis gomocup cup cells lab npz
{ cmake --preset fuzz && cmake --build build/fuzz; } >build/fuzz.log 2>&1 || { tail -n 20 build/fuzz.log; exit 3; }
found=$PWD/build/fuzz/found
mkdir -p "$found"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ASAN_OPTIONS=detect_leaks=1 OMP_NUM_THREADS=1 TMPDIR="$work"
bad=0

# fuzz TARGET SECONDS LOG: runs the fuzzer on a copy of the corpus in tests/ and returns its status.
fuzz() {
    mkdir -p "$work/$1"
    profile=0 # it pays where an execution is cheap
    case $1 in sgf*) profile=1 ;; esac
    cp "tests/fuzz/corpus/${1%_planted}"/* "$work/$1"
    build/fuzz/tests/fuzz/fuzz_$1 -max_total_time=$2 -max_len=4096 -timeout=30 -rss_limit_mb=3000 -print_final_stats=1 \
        -use_value_profile=$profile -verbosity=1 -dict="tests/fuzz/${1%_planted}.dict" -artifact_prefix="$found/$1-" "$work/$1" >"$3" 2>&1
}
stat() { # NAME LOG
    sed -n "s/^stat::$1: *//p" "$2" | tail -n 1
}

for target; do
    start=$(date +%s)
    fuzz ${target}_planted 600 "$work/planted.log"
    planted=$?
    took=$(($(date +%s) - start))
    if [ $planted -ne 0 ] && grep -q 'deadly signal\|ABORTING' "$work/planted.log"; then
        echo "$target: the planted bug was found after $took s (target: found within 600)"
    else
        echo "$target: the planted bug was NOT found in $took s"
        bad=1
    fi
    rm -f "$found/${target}_planted"-*
    fuzz $target "$seconds" "$work/$target.log"
    status=$?
    edges=$(sed -n 's/.*cov: \([0-9]*\).*/\1/p' "$work/$target.log" | tail -n 1)
    echo "$target: $(stat number_of_executed_units "$work/$target.log") executions in $seconds s," \
        "$edges edges, $(ls "$work/$target" | wc -l) inputs kept, exit $status (target: 0)"
    if [ $status -ne 0 ]; then
        grep -E 'ERROR|SUMMARY|Assertion|runtime error|#[0-9]+ 0x' "$work/$target.log" | head -n 25
        bad=1
    fi
done
exit $bad

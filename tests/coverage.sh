#!/bin/sh
# Line coverage of the Criterion tests, the thread programs and the house's test of the public library: builds the preset
# coverage, runs them, and prints each folder's share of lines that ran, then the whole. With names (games, net, mcts, agents,
# library, engine), only those tests.
#
# Usage: coverage.sh [NAME...]. Needs gcovr. The lines of each file are in build/coverage/coverage.html.
set -u
cd "$(dirname "$0")/.." || exit 3
names=$*
build=$PWD/build/coverage
command -v gcovr >/dev/null || { echo "gcovr is missing; Debian: apt-get install gcovr" >&2; exit 2; }
{ cmake --preset coverage && cmake --build "$build"; } >"$PWD/build/coverage.log" 2>&1 ||
    { tail -n 20 build/coverage.log; exit 1; }
find "$build" -name '*.gcda' -delete
failed=0
for test in "$build"/tests/test_* "$build"/tests/*_thread_*; do
    [ -x "$test" ] && [ -f "$test" ] || continue
    name=$(basename "$test")
    wanted=${names:-all}
    for part in $names; do case ${name#test_} in "$part" | "$part"_*) wanted=all ;; esac; done
    [ "$wanted" = all ] || continue
    options=
    case $name in test_*) options="-j1 --timeout 900" ;; esac
    OMP_NUM_THREADS=1 "$test" $options >"$build/$name.log" 2>&1 </dev/null || { echo "$name failed: $build/$name.log"; failed=1; }
done
gcovr --root . --object-directory "$build" --filter '(games|net|mcts|agents|engine)/' --exclude-throw-branches \
    --csv "$build/coverage.csv" --html-details "$build/coverage.html" --gcov-ignore-parse-errors >"$build/gcovr.log" 2>&1 ||
    { tail -n 20 "$build/gcovr.log"; exit 1; }
awk -F, 'NR > 1 {
    folder = $1
    sub(/\/[^\/]*$/, "", folder)
    lines[folder] += $2; ran[folder] += $3; all += $2; ran_all += $3
} END {
    for (folder in lines) printf "%-28s %5.1f %% of %5d lines\n", folder, 100 * ran[folder] / lines[folder], lines[folder] | "sort"
    close("sort")
    printf "%-28s %5.1f %% of %5d lines\n", "all", 100 * ran_all / all, all
}' "$build/coverage.csv"
exit $failed

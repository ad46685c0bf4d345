#!/bin/sh
# Line coverage: builds the preset coverage, runs the unit tests, the thread programs and the house tests that start tengen,
# and prints the share of lines executed in each folder and in total. With names (games, net, mcts, agents, library, engine), runs
# only those unit tests and thread programs. build/coverage/lines.txt lists the lines that were never executed, as FILE:LINE.
#
# Usage: coverage.sh [NAME...]
set -u
cd "$(dirname "$0")/.." || exit 3
names=$*
build=$PWD/build/coverage
mkdir -p "$build"
{ cmake --preset coverage && cmake --build "$build"; } >"$build.log" 2>&1 ||
    { tail -n 20 "$build.log"; exit 1; }
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
# Tests that run the program itself: commands and window.
[ -n "$names" ] || for test in bad_input manual signature window; do
    TENGEN=$build/tengen sh tests/house/$test.sh >"$build/$test.log" 2>&1 </dev/null ||
        { echo "$test.sh failed: $build/$test.log"; failed=1; }
done
# gcov's text for every object: "count:line:source" after a line that names the file. A line of a header, or of a source that
# several objects include, was executed if it was in one of them.
find "$build/CMakeFiles" "$build/tests" -name '*.gcno' | while read -r notes; do
    gcov -t -r -s "$PWD" -o "${notes%.gcno}.gcda" "$notes" 2>/dev/null
done | awk -F: -v missed="$build/lines.txt" '
    $2 + 0 == 0 && $3 == "Source" { file = $4; mine = file ~ /^(games|net|mcts|agents|engine)\// }
    mine && $2 + 0 > 0 && $1 !~ /-/ { ran[file ":" $2 + 0] += $1 ~ /[0-9]/ }
    END {
        for (line in ran) {
            folder = line
            sub(/\/[^\/]*$/, "", folder)
            lines[folder]++; good[folder] += ran[line] > 0
            lines["all"]++; good["all"] += ran[line] > 0
            if (!ran[line]) print line | ("sort -t: -k1,1 -k2n >" missed)
        }
        for (folder in lines)
            printf "%-28s %5.1f %% of %5d lines\n", folder, 100 * good[folder] / lines[folder], lines[folder] | "sort"
    }'
exit $failed

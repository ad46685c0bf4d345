#!/bin/sh
# No unused functions: every external function is used by the program or the public library, or listed in unused.txt with
# the reason why only tests call it. A function is unused if the linker dropped it from both (the build links with
# --gc-sections) and nothing in the modules calls it; a function that its own file calls may have been inlined.
cd "$(dirname "$0")/../.." || exit 3
build=${TENGEN_BUILD:-$PWD/build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

nm --defined-only --extern-only "$build"/libtengen_*.a 2>/dev/null | awk 'NF == 3 && $2 ~ /^[Ti]$/ {print $3}' |
    sort -u >"$work/defined"
nm --defined-only "$build/tengen" "$build/libtengen.so" | awk 'NF == 3 {print $3}' | sort -u >"$work/kept"
sed -n 's/^\([a-z_0-9]*\):.*/\1/p' tests/house/unused.txt | sort -u >"$work/allowed"
[ "$(wc -l <"$work/defined")" -gt 300 ] || { echo "$build has not been built, or has no symbols"; exit 1; }
# Names that occur more than once in the modules' sources: they are defined, and called or used as a value.
find games net mcts agents engine -name '*.c' -exec grep -ohE '[a-z][a-z_0-9]+' {} + | sort | uniq -d >"$work/called"

# unused DEFINED: the unused functions that are not listed in unused.txt; then entries of unused.txt that do not exist.
unused() {
    comm -23 "$1" "$work/kept" | comm -23 - "$work/called" | comm -23 - "$work/allowed" |
        sed 's/$/: neither the program nor the library uses it/'
    comm -13 "$1" "$work/allowed" | sed 's/$/: listed in unused.txt, but does not exist/'
}
unused "$work/defined" >"$work/found"
[ ! -s "$work/found" ] || { cat "$work/found"; exit 1; }

# The check itself must be able to fail.
{ cat "$work/defined"; echo zz_planted; } >"$work/planted"
unused "$work/planted" | grep -q '^zz_planted: neither' || { echo "an unused function was planted, but not found"; exit 1; }
echo zz_planted >>"$work/allowed"
unused "$work/defined" | grep -q '^zz_planted: listed' || { echo "an entry for a missing function was planted, but not found"; exit 1; }

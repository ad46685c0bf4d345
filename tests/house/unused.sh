#!/bin/sh
# No function without a use: whatever a module defines for others is reached from the program or from the public library,
# or stands in unused.txt with the reason why only tests call it. Unused is what the linker dropped from both (the build
# links with --gc-sections) and no line of the modules calls; a function that its own file calls may have been inlined.
cd "$(dirname "$0")/../.." || exit 3
build=${TENGEN_BUILD:-$PWD/build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

nm --defined-only --extern-only "$build"/libtengen_*.a 2>/dev/null | awk 'NF == 3 && $2 ~ /^[Ti]$/ {print $3}' |
    sort -u >"$work/defined"
nm --defined-only "$build/tengen" "$build/libtengen.so" | awk 'NF == 3 {print $3}' | sort -u >"$work/kept"
sed -n 's/^\([a-z_0-9]*\):.*/\1/p' tests/house/unused.txt | sort -u >"$work/allowed"
[ "$(wc -l <"$work/defined")" -gt 300 ] || { echo "$build is not built, or has no symbols"; exit 1; }
# Every name that stands in the modules' sources more than once: defined, and called or taken as a value.
find games net mcts agents engine -name '*.c' -exec grep -ohE '[a-z][a-z_0-9]+' {} + | sort | uniq -d >"$work/called"

# unused DEFINED: those of its names that nobody reaches and nothing allows; then permissions for what is not there.
unused() {
    comm -23 "$1" "$work/kept" | comm -23 - "$work/called" | comm -23 - "$work/allowed" |
        sed 's/$/: neither the program nor the library uses it/'
    comm -13 "$1" "$work/allowed" | sed 's/$/: stands in unused.txt, and is gone/'
}
unused "$work/defined" >"$work/found"
[ ! -s "$work/found" ] || { cat "$work/found"; exit 1; }

# The check itself must be able to fail.
{ cat "$work/defined"; echo zz_planted; } >"$work/planted"
unused "$work/planted" | grep -q '^zz_planted: neither' || { echo "an unused function was planted and not found"; exit 1; }
echo zz_planted >>"$work/allowed"
unused "$work/defined" | grep -q '^zz_planted: stands' || { echo "a needless permission was planted and not found"; exit 1; }

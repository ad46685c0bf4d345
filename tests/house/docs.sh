#!/bin/sh
# The documentation: the build target docs succeeds without warnings; undocumented public functions and parameters are
# warnings.
cd "$(dirname "$0")/../.." || exit 3
build=${TENGEN_BUILD:-$PWD/build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

cmake --build "$build" --target docs >"$work/log" 2>&1 || { grep -vE '^\[' "$work/log" | head -n 20; exit 1; }
for page in library/game_8h.html library/agent_8h.html library/net_8h.html modules/search_8h.html; do
    [ -s "$build/docs/$page" ] || { echo "docs/$page is missing"; bad=1; }
done
grep -q 'tengen_game_legal_moves' "$build/docs/library/game_8h.html" || { echo "the page of game.h lacks its functions"; bad=1; }

warns() { # WHAT, a header on stdin
    mkdir -p "$work/include"
    cat >"$work/include/planted.h"
    sed "s,^INPUT = .*,INPUT = $work/include,; s,^OUTPUT_DIRECTORY = .*,OUTPUT_DIRECTORY = $work," \
        "$build/Doxyfile.library" >"$work/Doxyfile"
    ! doxygen "$work/Doxyfile" >"$work/log" 2>&1 || { echo "no warning about $1"; bad=1; }
}
warns 'a function without documentation' <<'HEADER'
/** @file */
int planted(int value);
HEADER
warns 'a parameter without documentation' <<'HEADER'
/** @file */
/** Planted.
 *  @return a number */
int planted(int value);
HEADER
exit $bad

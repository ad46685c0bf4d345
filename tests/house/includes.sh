#!/bin/sh
# The tower: a folder includes only itself and lower floors, and only the rooms named below see certain libraries.
cd "$(dirname "$0")/../.." || exit 3
bad=0

# upward FLOOR ALLOWED...: fails for an include from FLOOR of a room that is not allowed.
upward() {
    floor=$1
    shift
    for file in $(find "$floor" -name '*.[ch]'); do
        for room in $(sed -n 's/^ *# *include *"\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
            case " $* " in *" $room "*) ;; *) echo "$file includes $room/, which is above $floor/"; bad=1 ;; esac
        done
        # Includes are rooted at the top: "games/game.h", never "game.h" or "../".
        sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$file" | while read -r path; do
            [ -f "$path" ] || echo "$file includes \"$path\", which is no path from the root"
        done | grep . && bad=1
    done
}

# only LIBRARY PATTERN: fails for an include of LIBRARY outside files matching PATTERN.
only() {
    for file in $(grep -lE "^ *# *include *[<\"]$1" -r games net mcts agents engine); do
        echo "$file" | grep -qE "$2" || { echo "$file includes $1, which only $2 may"; bad=1; }
    done
}

upward games games
upward net games net
upward mcts games net mcts
upward agents games net mcts agents
upward engine games net mcts agents engine
only dnnl '^net/ops_[a-z0-9_]*\.c$'
only SDL '^engine/viewer/draw/'
only fontconfig '^engine/viewer/draw/'
# What the window shows comes from models that know nothing of it.
grep -l '"engine/viewer/draw/' engine/*.[ch] engine/viewer/*.[ch] | sed 's/$/ includes what draws/' | grep . && bad=1
only sqlite3 '^engine/'
only criterion '^$'

# The check itself must be able to fail.
planted=$(mktemp -d)
mkdir -p "$planted/games" "$planted/engine"
echo '#include "engine/x.h"' >"$planted/games/a.c"
touch "$planted/engine/x.h"
before=$bad
(cd "$planted" && bad=0 && upward games games >/dev/null; exit $bad)
[ $? -ne 0 ] || { echo "an upward include was planted and not found"; before=1; }
rm -rf "$planted"
exit $before

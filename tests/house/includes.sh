#!/bin/sh
# Layers: every include must be allowed by the table in layers.txt, and certain libraries only by the folders listed below.
cd "$(dirname "$0")/../.." || exit 3
table=$PWD/tests/house/layers.txt

# check TABLE: prints the includes below the current folder that TABLE does not allow, the folders that it does not list, and
# the permissions that are unused.
check() {
    find games net mcts agents engine -name '*.[ch]' 2>/dev/null | sort | while read -r file; do
        echo "file $file"
        sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$file" | while read -r path; do
            [ -f "$path" ] && echo "edge $file $path" || echo "lost $file $path"
        done
    done | awk -v table="$1" '
        function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
        BEGIN {
            while ((getline line < table) > 0) {
                if (line ~ /^#/ || line !~ /:/) continue
                from = substr(line, 1, index(line, ":") - 1)
                known[from] = 1
                n = split(substr(line, index(line, ":") + 1), names, " ")
                for (i = 1; i <= n; i++) allowed[from, names[i]] = 1
            }
        }
        $1 == "file" && !(folder($2) in known) { print $2 ": its folder is not in layers.txt" }
        $1 == "lost" { print $2 " includes \"" $3 "\", which is not a path from the root" }
        $1 == "edge" {
            from = folder($2); to = folder($3)
            if (from == to) next
            if ((from, to) in allowed) { used[from, to] = 1; next }
            # "engine/match*" allows engine/match and everything below it.
            for (prefix = to; ; prefix = folder(prefix)) {
                if ((from, prefix "*") in allowed) { used[from, prefix "*"] = 1; next }
                if (prefix !~ /\//) break
            }
            print $2 " includes \"" $3 "\": layers.txt does not allow " from "/ to include " to "/"
        }
        END {
            for (edge in allowed) if (!(edge in used)) {
                split(edge, part, SUBSEP)
                print "layers.txt allows " part[1] "/ to include " part[2] ", which is unused"
            }
        }'
}

# only LIBRARY PATTERN: prints the includes of LIBRARY outside files matching PATTERN.
only() {
    for file in $(grep -lE "^ *# *include *[<\"]$1" -r games net mcts agents engine); do
        echo "$file" | grep -qE "$2" || echo "$file includes $1, which only $2 may include"
    done
}

found=$({
    check "$table"
    only dnnl '^net/kernels/dnnl/'
    only SDL '^engine/viewer/draw/'
    only fontconfig '^engine/viewer/draw/'
    only sqlite3 '^engine/|^agents/memory/'
    only criterion '^$'
    only mpi.h '^engine/cluster/mpi/'
    only tengen/ '^agents/library/'
})
[ -z "$found" ] || { echo "$found"; exit 1; }

# The check itself must be able to fail, in each way.
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
cd "$planted" || exit 3
mkdir -p games/go engine/store engine/match net
printf 'games: games/go\ngames/go: games\nengine/store:\nengine/match: engine/store*\n' >layers
touch games/game.h games/go/go.h engine/store/store.h net/x.h
echo '#include "games/go/go.h"' >games/game.c
echo '#include "games/game.h"' >games/go/go.c
echo '#include "engine/store/store.h"' >engine/match/match.c
expect() { # PATTERN of a message of check
    check layers | grep -q "$1" || { echo "planted, but not found: $1"; exit 1; }
}
expect 'net/x.h: its folder is not in layers.txt'
rm -r net
[ -z "$(check layers)" ] || { echo "found in a correct tree:"; check layers; exit 1; }
echo '#include "engine/store/store.h"' >games/up.c
expect 'games/up.c includes "engine/store/store.h": layers.txt does not allow games/ to include engine/store/'
rm games/up.c
echo '#include "go.h"' >games/go/short.c
expect 'games/go/short.c includes "go.h", which is not a path from the root'
rm games/go/short.c engine/match/match.c
expect 'layers.txt allows engine/match/ to include engine/store\*, which is unused'

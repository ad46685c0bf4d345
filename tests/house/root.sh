#!/bin/sh
# Which files may be at the root of the tree, how many a folder may contain, and that scripts are executable. Other tracked
# files at the root are strays.
cd "$(dirname "$0")/../.." || exit 3
allowed="games net mcts agents engine tests docs include CMakeLists.txt CMakePresets.json README.md CONTRIBUTING.md LICENSE tengen
    .ci .clang-format .clang-tidy .gitignore"
most=25 # files per folder, except in tests/

strays() { # reads paths, one per line
    cut -d/ -f1 | sort -u | while read -r name; do
        for known in $allowed; do [ "$name" = "$known" ] && continue 2; done
        echo "\"$name\" is not on the list of files at the root (tests/house/root.sh)"
    done
}
crowded() {
    grep / | grep -v '^tests/' | sed 's,/[^/]*$,,' | sort | uniq -c | while read -r count folder; do
        [ "$count" -le $most ] || echo "$folder/ has $count files, more than $most: split it"
    done
}

unexecutable() { # reads the lines of `git ls-files -s`
    while read -r mode _ _ file; do
        [ "$mode" = 100644 ] && [ "$(head -c 2 "$file" 2>/dev/null | tr -d '\0')" = '#!' ] &&
            echo "$file starts with #! but cannot be executed: chmod +x $file"
    done
}

git rev-parse --git-dir >/dev/null 2>&1 || { echo "not a git checkout: nothing to check"; exit 0; }
found=$(git -c core.quotePath=false ls-files | strays
        git -c core.quotePath=false ls-files | crowded
        git -c core.quotePath=false ls-files -s | unexecutable)
[ -z "$found" ] || { echo "$found"; exit 1; }

# The check itself must be able to fail.
[ -n "$(printf 'games/game.c\nhere Debian\n' | strays)" ] || { echo "a stray file was planted, but not found"; exit 1; }
[ -z "$(printf 'games/game.c\nREADME.md\n' | strays)" ] || { echo "README.md was reported as a stray"; exit 1; }
[ -n "$(echo "100644 0 0	tests/house/root.sh" | unexecutable)" ] || { echo "an unexecutable script was planted, but not found"; exit 1; }
i=0
[ -n "$(while [ $i -le $most ]; do echo "games/go/$i.c"; i=$((i + 1)); done | crowded)" ] || { echo "a crowded folder was planted, but not found"; exit 1; }

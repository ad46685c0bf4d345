#!/bin/sh
# No source file outside tests/ has more than 400 lines, and no function more than 60 (from its opening brace to its closing
# one, both in column 0).
cd "$(dirname "$0")/../.." || exit 3
file_lines=400
function_lines=60

# long: reads paths, one per line; prints the files and functions that are too long.
long() {
    while read -r file; do
        awk -v file="$file" -v most=$file_lines -v most_function=$function_lines '
            /^[a-z].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
            /^\{/ { start = FNR }
            /^\}/ && start {
                if (FNR - start + 1 > most_function)
                    print file ":" start ": " name " has " FNR - start + 1 " lines, more than " most_function ": make it several functions"
                start = 0
            }
            END { if (FNR > most) print file " has " FNR " lines, more than " most ": split it by topic" }' "$file"
    done
}

found=$(find games net mcts agents engine include -name '*.[ch]' | sort | long)
[ -z "$found" ] || { echo "$found"; exit 1; }

# The check itself must be able to fail: with one line too many, but not earlier.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
planted() { # FUNCTION-LINES FILE-LINES
    awk -v body=$(($1 - 2)) -v all="$2" 'BEGIN {
        print "static int planted(int a,\n                   int b)\n{"
        for (i = 0; i < body; i++) print "    a++;"
        print "}"
        for (i = body + 4; i < all; i++) print "/* */"
    }' >"$work/planted.c"
    echo "$work/planted.c" | long
}
[ -z "$(planted $function_lines $file_lines)" ] || { echo "a file and a function of the maximum length were reported"; exit 1; }
planted $((function_lines + 1)) $file_lines | grep -q 'planted has' || { echo "a long function was planted, but not found"; exit 1; }
planted $function_lines $((file_lines + 1)) | grep -q 'planted.c has' || { echo "a long file was planted, but not found"; exit 1; }

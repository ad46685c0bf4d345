#!/bin/sh
# Lint: clang-tidy on every source file outside tests/ (checks in .clang-tidy), and include-what-you-use on every source
# file and header, tests included.
#
# Usage: lint.sh [-j N] [FILE...]      N files at once, by default one per core; without FILE, all files
#
# The rule for includes: a file includes every project header whose declarations it uses, and no header, of any library,
# that it does not use. A header that stands for several marks them with "IWYU pragma: export". Not enforced: standard
# headers that come with another header, and forward declarations.
#
# Prints the findings, and exits with 1 if there are any. A clean file is examined again only when it, a header that it
# includes, its compiler flags or the checks have changed (verdicts are kept in BUILD/lint). Files that the build does not
# compile, such as those of the window without SDL, are skipped. Needs a configured build: build/release or TENGEN_BUILD.
cd "$(dirname "$0")/.." || exit 3
export build="${TENGEN_BUILD:-$PWD/build/release}"

# flags FILE: its compiler flags. A header gets those of its source file, or else of a source file in its folder or the
# nearest folder above.
flags() {
    case $1 in
    include/* | docs/example.c) echo '-std=gnu11 -isystem include'; return ;;
    *.h)
        pattern="/${1%.h}\\.c"
        grep -q "$pattern\"" "$build/lint/commands" || pattern="/$(dirname "$1")/[^/]*\\.c"
        folder=$(dirname "$1")
        while ! grep -q "$pattern\"" "$build/lint/commands"; do
            folder=$(dirname "$folder")
            [ "$folder" != . ] || return
            pattern="/$folder/.*\\.c"
        done
        ;;
    *) pattern="/$1" ;;
    esac
    sed -n "s,^\\(.*\\) -o [^ ]* -c [^ ]*$pattern\"\$,\\1,p" "$build/lint/commands" | head -n 1 |
        sed "s,-I\($PWD/include\),-isystem \1," # so that its headers are named <tengen/...>
}

# findings FILE FLAGS
findings() {
    case $1 in
    tests/*) ;;
    *.c) eval "clang-tidy --quiet $1 -- $2" 2>/dev/null || echo "$1: clang-tidy reports the above, or fails" ;;
    esac
    # It aborts on their __builtin_convertvector.
    case $1 in net/kernels/packed.c | net/kernels/packed_bf16.c) return ;; esac
    eval "include-what-you-use $2 -w -x c -Xiwyu --no_comments -Xiwyu --mapping_file=tests/iwyu.imp $1" 2>&1 |
        awk -v file="$1" '
            / error: |malformed pragma/ { print }
            / should (add|remove) these lines:$/ { mode = $1 == file ? $3 : "" }
            mode || index($0, "(" file " has correct #includes") { done = 1 }
            /^The full include-list for/ { mode = "" }
            mode == "remove" && /^- #include/ { print file ": does not use " $3 }
            mode == "add" && /^#include ("|<tengen\/)/ { print file ": uses " $2 " without including it" }
            END { if (!done) print file ": include-what-you-use fails: " $0 }'
}

# examine FILE: prints what it finds and notes the file in examined, skipped and unclean.
examine() {
    flags=$(flags "$1")
    [ -n "$flags" ] || { echo "$1" >>"$build/lint/skipped"; return; }
    echo "$1" >>"$build/lint/examined"
    flags="$flags -UNDEBUG" # the analyzer takes assertions for facts
    verdict=$build/lint/$(echo "$1" | tr / +)
    hash=$({
        cat "$build/lint/tools"
        echo "$flags"
        eval "cc $flags -w -MM $1" | tr -s ' \\' '\n' | grep '[.][ch]$' | xargs cat
    } | sha256sum)
    [ "$(cat "$verdict" 2>/dev/null)" != "$hash" ] || return
    found=$(findings "$1" "$flags")
    if [ -z "$found" ]; then
        echo "$hash" >"$verdict"
    else
        echo "$found"
        echo "$1" >>"$build/lint/unclean"
    fi
}

[ "${1:-}" = --one ] && { examine "$2"; exit 0; }
jobs=$(nproc)
[ "${1:-}" = -j ] && { jobs=$2; shift 2; }
for tool in clang-tidy include-what-you-use; do
    command -v $tool >/dev/null || { echo "$tool is missing; Debian: apt-get install clang-tidy iwyu" >&2; exit 2; }
done
[ -f "$build/compile_commands.json" ] || { echo "$build is not configured: cmake --preset release" >&2; exit 2; }
mkdir -p "$build/lint"
for list in examined skipped unclean; do : >"$build/lint/$list"; done
# The commands without the compiler, unescaped from JSON.
sed -n 's/^ *"command": "\(.*"\{0,1\}\),$/\1/p' "$build/compile_commands.json" |
    sed 's/\\\(.\)/\1/g; s/^[^ ]*\( [^-][^ ]*\)* -/-/' >"$build/lint/commands"
{ clang-tidy --version; include-what-you-use --version; cat .clang-tidy tests/iwyu.imp tests/lint.sh; } >"$build/lint/tools"
[ $# -gt 0 ] || set -- $(find games net mcts agents engine include tests docs/example.c -name '*.[ch]' | sort)
printf '%s\n' "$@" | xargs -P "$jobs" -n 1 sh tests/lint.sh --one || { echo "interrupted" >&2; exit 3; }
count() { wc -l <"$build/lint/$1"; }
echo "$(count examined) files examined, $(count skipped) not compiled in this build, $(count unclean) with findings"
[ "$(count examined)" -gt 0 ] && [ "$(count unclean)" -eq 0 ]

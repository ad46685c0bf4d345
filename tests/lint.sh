#!/bin/sh
# Runs clang-tidy on the sources with .clang-tidy: any warning is a failure. Without arguments all of them, else the named files; -j N
# runs N at once. The build must have been configured (build/release, or TENGEN_BUILD).
#
# Usage: lint.sh [-j N] [FILE...]
cd "$(dirname "$0")/.." || exit 3
build=${TENGEN_BUILD:-$PWD/build/release}
jobs=1
[ "${1:-}" = -j ] && { jobs=$2; shift 2; }
command -v clang-tidy >/dev/null || { echo "clang-tidy is missing; Debian: apt-get install clang-tidy" >&2; exit 2; }
[ -f "$build/compile_commands.json" ] || { echo "$build is not configured: cmake --preset release" >&2; exit 2; }
[ $# -gt 0 ] || set -- $(find games net mcts agents engine -name '*.c' | sort)
# Only files that are compiled here have known flags: those of the window are missing without SDL.
for file in "$@"; do
    grep -qF "/$file\"" "$build/compile_commands.json" && printf '%s\n' "$file"
done | xargs -P "$jobs" -n 1 sh -c 'clang-tidy --quiet -p "$0" "$1" 2>/dev/null' "$build"

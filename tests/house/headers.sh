#!/bin/sh
# Every header compiles by itself, and when it is included twice; but for that of the MPI modules, which needs the compiler of an MPI.
cd "$(dirname "$0")/../.." || exit 3
flags=$(pkg-config --cflags glib-2.0 sqlite3 libcjson libzstd zlib)
window=$(pkg-config --cflags sdl2 SDL2_ttf fontconfig 2>/dev/null) && flags="$flags $window" && draw=none || draw='*/draw/*'
bad=0
for header in $(find games net mcts agents engine -name '*.h' ! -path "$draw" ! -path 'engine/cluster/mpi/*'); do
    printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
        cc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -Iinclude $flags -fsyntax-only -x c - || {
        echo "$header does not compile alone"
        bad=1
    }
done
exit $bad

#!/bin/sh
# The public library, as external programs use it: installs the release build under a temporary prefix and checks it.
#
#   headers   each compiles by itself, as strict C99 and as C++, and includes only the standard library's and its own
#   symbols   the shared and the static library define the functions of the headers, and no other global symbols
#   example   docs/example.c (60 lines at most) is built through pkg-config against either library, and plays
#   prefix    program, library, networks and translations find each other, even after the prefix was moved
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${TENGEN_BUILD:-$root/build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
unset TENGEN_DATA XDG_DATA_DIRS LD_LIBRARY_PATH
bad=0
fail() { echo "$*"; bad=1; }

cmake --install "$build" --prefix "$work/first" >install.log 2>&1 || { cat install.log; exit 1; }
mv first second
prefix=$work/second
pc=$(find "$prefix" -name tengen.pc)
[ -n "$pc" ] || { echo "no tengen.pc was installed"; exit 1; }
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
libdir=$(cd "$(pkg-config --variable=libdir tengen)" && pwd)
[ "$(pkg-config --modversion tengen)" = "$("$prefix/bin/tengen" --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1)" ] ||
    fail "tengen.pc and the program have different versions"

# Headers.
include=$(pkg-config --cflags-only-I tengen)
for header in "$prefix"/include/tengen/*.h; do
    name=tengen/$(basename "$header")
    printf '#include <%s>\n#include <%s>\n' "$name" "$name" >alone.c
    cc -std=c99 -pedantic -Wall -Wextra -Werror $include -fsyntax-only alone.c || fail "$name is not C99 that compiles alone"
    c++ -pedantic -Wall -Wextra -Werror $include -fsyntax-only -x c++ alone.c || fail "$name is not C++ that compiles alone"
done
sed -n 's/^ *# *include *\(.*\)/\1/p' "$prefix"/include/tengen/*.h | grep -vE '^<(tengen/[a-z]+|std[a-z]+)\.h>$' &&
    fail "a public header includes what is neither its own nor the standard library's"

# Symbols.
grep -hv '^ *#' "$prefix"/include/tengen/*.h | tr '\n' ' ' | grep -oE 'TENGEN_API [^;{(]*\(' | sed 's/.*[ *]\(tengen_[a-z_]*\)($/\1/' | sort >documented
[ "$(wc -l <documented)" -ge 20 ] || fail "the headers document only $(wc -l <documented) functions"
same() { # WHAT, names on stdin
    sort | diff documented - >difference || { fail "$1: other names than the headers document (<):"; grep '^[<>]' difference; }
}
nm -D --defined-only "$libdir/libtengen.so" | awk '{print $3}' | same libtengen.so
nm --defined-only --extern-only "$libdir/libtengen.a" | awk 'NF == 3 {print $3}' | same libtengen.a

# Example.
[ "$(wc -l <"$root/docs/example.c")" -le 60 ] || fail "docs/example.c is longer than 60 lines"
expect() { # PROGRAM
    "$1" >out 2>&1 || { fail "$1 failed:"; cat out; return; }
    grep -q '^Player [01] won by' out && grep -qE 'probability [01]\.[0-9]+ by .* the network would play [A-E][1-5]' out ||
        { fail "$1 did not play and evaluate:"; cat out; }
}
cp "$root/docs/example.c" .
strict="-std=gnu11 -Wall -Wextra -Werror"
cc $strict example.c $(pkg-config --cflags --libs tengen) -o shared || fail "the example does not link to libtengen.so"
LD_LIBRARY_PATH=$libdir expect ./shared
cc $strict example.c $(pkg-config --cflags tengen) -Wl,-Bstatic -L"$libdir" -ltengen -Wl,-Bdynamic \
    $(pkg-config --static --libs tengen) -o static || fail "the example does not link to libtengen.a"
mv "$libdir" "$libdir.away"
TENGEN_DATA=$prefix/share/tengen expect ./static
mkdir -p data
ln -s "$prefix/share/tengen" data/tengen
XDG_DATA_DIRS=$work/data expect ./static
mv "$libdir.away" "$libdir"
[ "$(pkg-config --variable=netdir tengen)" -ef "$prefix/share/tengen" ] || fail "tengen.pc does not say where the networks lie"

# Prefix. In /, so that no source tree is above it.
cd / || exit 3
"$prefix/bin/tengen" match --game go:5 --agent policy:default --agent random --games 2 >"$work/out" 2>&1 ||
    { fail "the installed program does not play:"; cat "$work/out"; }
mv "$prefix/share/tengen" "$prefix/share/away"
"$prefix/bin/tengen" match --game go:5 --agent policy:default --agent random --games 2 >"$work/out" 2>&1 &&
    fail "the installed program found a network elsewhere than under its prefix"
LD_LIBRARY_PATH=$libdir "$work/shared" >"$work/out" 2>&1 && fail "the installed library found a network elsewhere than under its prefix"
mv "$prefix/share/away" "$prefix/share/tengen"
for file in share/man/man1/tengen.1 share/applications/tengen.desktop share/icons/hicolor/scalable/apps/tengen.svg \
    share/tengen/default-go.safetensors share/tengen/default-gomoku.safetensors share/locale/zh_CN/LC_MESSAGES/tengen.mo; do
    [ -s "$prefix/$file" ] || fail "$file is not installed"
done
grep -qaF "$root/net/weights" "$prefix/bin/tengen" "$libdir/libtengen.so" &&
    fail "an installed file looks for networks in the tree that it was built from"
exit $bad

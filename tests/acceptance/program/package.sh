#!/bin/sh
# The Debian packages on a bare Debian 12 (debootstrap minbase, as root): cpack builds them from the release build; tengen is
# installed, runs, plays and has its manual; docs/example.c is built with libtengen-dev against both libraries; both packages
# are removed. Target: every step succeeds, and no files of the packages are left.
#
# Usage: package.sh [DIRECTORY]   (default: a temporary one, removed at the end). Needs root, debootstrap and dpkg-dev.
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
. "$here/tests/acceptance/lib/debian.sh"
build=${TENGEN_BUILD:-$here/build/release}
keep=${1:-}
packages=$(mktemp -d)
(cd "$build" && cpack -B "$packages") >"$packages/log" 2>&1 || { tail -n 20 "$packages/log"; rm -r "$packages"; exit 1; }
make_debian "${1:-$(mktemp -d)}" ca-certificates
rm -rf "$root/root/packages"
mkdir -p "$root/root/packages"
mv "$packages"/*.deb "$root/root/packages/"
rm -r "$packages"
ls -l "$root/root/packages" | awk 'NR > 1 {print "    " $NF ", " $5 " bytes"}'

bad=0
step() { # WHAT COMMANDS
    if inside "set -e; cd /root; $2" >"$root/root/out.log" 2>&1; then
        echo "ok    $1"
    else
        echo "FAIL  $1"
        tail -n 12 "$root/root/out.log" | sed 's/^/    /'
        bad=1
    fi
}
maintainer=$(sed -n 's/^TENGEN_MAINTAINER:STRING=//p' "$build/CMakeCache.txt")
for package in "$root"/root/packages/*.deb; do
    named=$(dpkg-deb -f "$package" Maintainer)
    [ -n "$named" ] && [ "$named" = "$maintainer" ] && continue
    echo "FAIL  ${package##*/}: the maintainer is \"$named\", not \"$maintainer\""
    bad=1
done
apt="apt-get install -y --no-install-recommends"
step "the system knows its packages" 'apt-get update'
step "tengen installs, with what it depends on alone" "$apt ./packages/tengen_*.deb"
step "doctor finds nothing bad" 'tengen doctor'
step "it plays with the networks that ship" \
    'tengen match --game go:5 --agent net:default,visits=8 --agent random --games 4 --json | tail -n 1 | grep "\"games\":4"
     tengen match --game gomoku:15 --agent policy:default --agent random --games 2 --json | tail -n 1 | grep "\"games\":2"'
step "it plays over GTP" 'printf "boardsize 9\ngenmove b\nquit\n" | tengen gtp --agent net:default,visits=8 | grep -E "^= [A-J][1-9]"'
step "it trains" 'tengen train small --game gomoku:3,line=3 --net 1x8 --minutes 0.1 && tengen report small'
step "it speaks Chinese" 'echo quit | LANGUAGE=zh_CN LC_ALL=C.UTF-8 tengen play --text --game go:9 --level 1 | LC_ALL=C.UTF-8 grep -P "\p{Han}"'
step "its manual is found" "$apt man-db && man -w tengen | grep -x /usr/share/man/man1/tengen.1"
step "its desktop file is valid" "$apt desktop-file-utils && desktop-file-validate /usr/share/applications/tengen.desktop"
step "libtengen-dev installs beside it" "$apt ./packages/libtengen-dev_*.deb gcc libc6-dev pkg-config"
step "the example builds and plays with the shared library" \
    'cp /usr/share/doc/libtengen-dev/example.c . && cc -Wall -Wextra -Werror example.c $(pkg-config --cflags --libs tengen) -o example
     ldd example | grep libtengen.so.0 && ./example | grep "would play"'
step "the example builds and plays with the static library" \
    'cc example.c $(pkg-config --cflags tengen) -Wl,-Bstatic -ltengen -Wl,-Bdynamic $(pkg-config --static --libs tengen) -o example
     ! ldd example | grep libtengen && ./example | grep "would play"'
step "both are removed" 'apt-get purge -y tengen libtengen-dev'
step "nothing stays behind" '! find / -xdev -iname "*tengen*" ! -path "/root/*" ! -path "/proc/*" ! -path "/var/log/*" | grep .'
exit $bad

#!/bin/sh
# On a bare Debian 12 (debootstrap minbase, git and CA certificates, as root), makes a clone of HEAD and runs only README's two
# commands: ./tengen train --minutes 2, then ./tengen test. Target: both exit with 0.
#
# Usage: bare_debian.sh [DIRECTORY]   (default: a temporary one, removed at the end). Needs root and debootstrap;
# uses the package sources of this machine.
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
. "$here/tests/acceptance/lib/debian.sh"
keep=${1:-}
make_debian "${1:-$(mktemp -d)}" git,ca-certificates
rm -rf "$root/root/tengen" "$root/root/tengen.git"
git clone -q --bare "$here" "$root/root/tengen.git"

inside 'git clone -q /root/tengen.git /root/tengen' || exit 3
bad=0
for command in './tengen train --minutes 2' './tengen test'; do
    start=$(date +%s)
    inside "cd /root/tengen && $command" >"$root/root/out.log" 2>&1
    status=$?
    tail -n 12 "$root/root/out.log" | sed 's/^/    /'
    echo "$command: exit $status after $(($(date +%s) - start)) s (target: exit 0)"
    [ $status -eq 0 ] || bad=1
done
exit $bad

#!/bin/sh
# On a bare Debian 12 (debootstrap minbase, git and CA certificates, root), a fresh clone of HEAD and README's two
# commands alone: ./tengen train --minutes 2, then ./tengen test. Target: both exit 0.
#
# Usage: bare_debian.sh [DIRECTORY]   (default: a temporary one, removed at the end). Needs root and debootstrap;
# packages come from wherever this machine's own apt gets them.
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
root=${1:-$(mktemp -d)}
command -v debootstrap >/dev/null || { echo "debootstrap is missing: apt-get install debootstrap"; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "run this as root: it makes a system of its own in $root"; exit 2; }

clean() {
    for mount in dev proc; do umount -R "$root/$mount" 2>/dev/null; done
    [ $# -gt 0 ] || rm -rf --one-file-system "$root"
}
[ -n "${1:-}" ] && trap 'clean keep' EXIT || trap clean EXIT

mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1)
if [ ! -e "$root/bin/sh" ]; then
    debootstrap --variant=minbase --include=git,ca-certificates bookworm "$root" "$mirror" >"$root.log" 2>&1 ||
        { tail -n 5 "$root.log"; exit 3; }
    cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/" 2>/dev/null && : >"$root/etc/apt/sources.list"
    cp /etc/apt/apt.conf.d/99* "$root/etc/apt/apt.conf.d/" 2>/dev/null
    cp /etc/resolv.conf "$root/etc/resolv.conf"
fi
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev"
rm -rf "$root/root/tengen" "$root/root/tengen.git"
git clone -q --bare "$here" "$root/root/tengen.git"

inside() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "$1"; }
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

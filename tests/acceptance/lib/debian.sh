# A bare Debian 12 in a folder, for commands that test Tengen there; sourced. Needs root and debootstrap; uses the package
# sources of this machine.

# make_debian ROOT PACKAGES: minbase and these packages (comma-separated), unless ROOT already has one. Unmounted at exit,
# and removed unless the caller sets keep=1.
make_debian() {
    root=$1
    command -v debootstrap >/dev/null || { echo "debootstrap is missing: apt-get install debootstrap"; exit 2; }
    [ "$(id -u)" -eq 0 ] || { echo "run this as root: it installs a system in $root"; exit 2; }
    trap leave_debian EXIT
    mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' \
        /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1)
    if [ ! -e "$root/bin/sh" ]; then
        debootstrap --variant=minbase --include="$2" bookworm "$root" "$mirror" >"$root.log" 2>&1 ||
            { tail -n 5 "$root.log"; exit 3; }
        rm -f "$root.log"
        cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/" 2>/dev/null &&
            : >"$root/etc/apt/sources.list"
        cp /etc/apt/apt.conf.d/99* "$root/etc/apt/apt.conf.d/" 2>/dev/null
        cp /etc/resolv.conf "$root/etc/resolv.conf"
    fi
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev"
}
leave_debian() {
    for mount in dev proc; do umount -R "$root/$mount" 2>/dev/null; done
    [ -n "${keep:-}" ] || rm -rf --one-file-system "$root"
}
# inside COMMANDS: runs them as root in that system, with a minimal environment.
inside() {
    chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive sh -c "$1"
}

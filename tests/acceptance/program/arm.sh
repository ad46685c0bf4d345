#!/bin/sh
# Cross-compiles the program and its tests for 64-bit ARM and runs the tests of games and networks under QEMU's emulation, whose
# processor has the dot product of bytes.
#
# Usage: arm.sh [FOLDER] [FILTER]   FOLDER (default: a temporary one) keeps Debian's root folder and the build for the next time;
#                                   FILTER: tests, as of --filter ("int8*/*"; default: all but
#                                   those of speed).
# Needs root (mmdebstrap; registering the emulator) and the packages gcc-aarch64-linux-gnu, qemu-user, mmdebstrap.
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
work=${1:-}
filter=${2:-!(bench)/*} # no speed
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
work=$(cd "$work" && pwd)
for program in aarch64-linux-gnu-gcc qemu-aarch64 mmdebstrap; do
    if ! command -v $program >/dev/null; then
        echo "arm.sh: $program is missing: apt-get install gcc-aarch64-linux-gnu qemu-user mmdebstrap" >&2
        exit 2
    fi
done

# Criterion starts each test as a program of its own: the kernel has to know how to start those of another processor.
formats=/proc/sys/fs/binfmt_misc
[ -e $formats/register ] || mount -t binfmt_misc none $formats
[ -e $formats/qemu-aarch64 ] ||
    printf '%s' ':qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64:' >$formats/register

export TENGEN_ARM_ROOT="$work/root" QEMU_LD_PREFIX="$work/root" QEMU_CPU=max
if [ ! -e "$work/root/usr/include/dnnl.h" ]; then
    libraries=$(grep -E '^(run|test|window)_packages=' "$root/tengen" | grep -oE '(lib[a-z0-9.-]*|zlib1g)-dev' | paste -sd,)
    # shellcheck disable=SC2046 # one argument per file
    mmdebstrap --quiet --architectures=arm64 --variant=extract --include="$libraries" "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" \
        "$work/root" $(ls /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null)
fi
cmake -S "$root" -B "$work/build" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$root/tests/acceptance/program/arm.cmake" -DTENGEN_WERROR=ON >/dev/null
cmake --build "$work/build" --target tengen test_games test_net >"$work/build.log" || {
    grep -E "error|warning" "$work/build.log" >&2
    exit 1
}

"$work/build/tengen" doctor | head -n 5
failed=0
for part in games net; do
    result=$("$work/build/tests/test_$part" --timeout 3600 -j1 --filter "$filter" 2>&1 | tee "$work/$part.log" | tail -n 1)
    echo "$part on ARM: $result (target: Failing: 0 | Crashing: 0)"
    case $result in
    *"Failing: 0 | Crashing: 0"*) ;;
    *) failed=1 ;;
    esac
done
exit $failed

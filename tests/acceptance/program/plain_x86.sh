#!/bin/sh
# The release build on a baseline x86-64 without AVX: all its tests pass on an emulated processor with SSE3 only (qemu64), and
# the f32 signature is the same as on this machine. An unsupported instruction would crash a test, so this also verifies that
# kernels are dispatched at run time. Then, on this machine, runs the network's tests with oneDNN limited to SSE4.1, to AVX2
# and to AVX-512 without BF16. Takes a quarter of an hour.
#
# Usage: plain_x86.sh [CPU]   (default qemu64; `qemu-x86_64 -cpu help` lists others). Needs qemu-user (Debian's name).
set -u
cd "$(dirname "$0")/../../.." || exit 3
cpu=${1:-qemu64}
build=build/release
command -v qemu-x86_64 >/dev/null || { echo "qemu-x86_64 is missing; as root: apt-get install qemu-user" >&2; exit 3; }
[ -x $build/tests/test_net ] || { echo "build first: cmake --preset release && cmake --build $build" >&2; exit 3; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
bad=0
export OMP_NUM_THREADS=1

grep -rnE -- '-m(arch|tune|avx|sse|fma|cpu)' CMakeLists.txt CMakePresets.json tests/CMakeLists.txt tengen &&
    { echo "the build uses options for a specific processor"; bad=1; }

check() { # WHAT STATUS: of the run whose output is in $log
    line=$(grep -a 'Synthesis: Tested:' "$log" | tail -n 1 | sed 's/\x1b\[[0-9;]*m//g; s/.*Synthesis: //')
    [ -n "$line" ] || line="exit $2"
    echo "$1: $line"
    [ "$2" -eq 0 ] || { grep -aE 'FAIL|CRASH|Assert|rror' "$log" | head -n 20; bad=1; }
}

for test in $build/tests/test_* $build/tests/*_thread_*; do
    [ -x "$test" ] && [ -f "$test" ] || continue
    options=
    case $test in */test_*) options="-j1 --timeout 3000" ;; esac
    timeout 3600 qemu-x86_64 -cpu "$cpu" "$test" $options >"$log" 2>&1 </dev/null
    check "$cpu, $(basename "$test")" $?
done
here=$($build/tengen bench --signature)
there=$(qemu-x86_64 -cpu "$cpu" $build/tengen bench --signature 2>/dev/null)
echo "signature: $here here, $there on $cpu (target: equal)"
[ -n "$here" ] && [ "$here" = "$there" ] || bad=1

for isa in SSE41 AVX2 AVX512_CORE; do
    ONEDNN_MAX_CPU_ISA=$isa $build/tests/test_net -j1 --timeout 900 >"$log" 2>&1 </dev/null
    check "library held to $isa, test_net" $?
done
[ $bad -eq 0 ] && echo "all tests pass on a baseline x86-64" || echo "a target was missed"
exit $bad

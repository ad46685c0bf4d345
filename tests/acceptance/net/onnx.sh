#!/bin/sh
# Nets exported as ONNX, run by onnxruntime, against ours in f32 by the plain backend: 1,000 positions of games on 7x7, 9x9, 13x13
# and 19x19. Target: every output differs by less than 1e-4. Without arguments: the shipped nets, and a random net with every
# kind of block, a tally and experts in its heads. Needs Node.js and npm, which installs onnxruntime-node below the build folder, or MODULES: a
# node_modules that has it.
# Usage: onnx.sh [NET...]; a NET is a weights file or a list of blocks; BUILD: where to build; POSITIONS: how many.
set -u
cd "$(dirname "$0")/../../.." || exit 3
build=${BUILD:-build/acceptance}
{ cmake -S . -B "$build" -G Ninja && cmake --build "$build" --target acceptance_onnx_positions; } >&2 || exit 3
modules=${MODULES:-$PWD/$build/onnxruntime/node_modules}
if [ ! -d "$modules/onnxruntime-node" ]; then
    mkdir -p "$build/onnxruntime"
    (cd "$build/onnxruntime" && npm install --ignore-scripts --no-audit --no-fund onnxruntime-node) >&2 || exit 3
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- net/weights/default-*.safetensors \
    "conv:16 res:16+drop=0.1 gpool:16 se:16 moe:16+experts=3 attn:16+heads=2 tokens:16+heads=4 conv:12 attn:12+heads=3 res:12 loop:12+steps=4"
missed=0
for net; do
    echo "$net"
    rm -rf "$work/net"
    mkdir "$work/net"
    "$build/tests/acceptance_onnx_positions" "$net" "$work/net" "${POSITIONS:-1000}" || exit 3
    node tests/acceptance/net/onnx_compare.js "$modules" "$work/net" 1e-4 || missed=1
done
exit $missed

#!/bin/sh
# The speed of a training step (5 blocks x 64 channels, 9x9, batch 128, one core) compared with PyTorch's, measured in one run.
# Target: no slower in f32, 1.05 times as fast in bf16. Needs Debian's python3-torch.
# Usage: net_training_speed.sh [f32|bf16 [BLOCKSxCHANNELS [SIZE [BATCH]]]]; BUILD: where to build.
set -u
cd "$(dirname "$0")/../../.." || exit 3
build=${BUILD:-build/acceptance}
{ cmake -S . -B "$build" -G Ninja && cmake --build "$build" --target acceptance_net_training_speed; } >&2 || exit 3
exec "$build/tests/acceptance_net_training_speed" tests/acceptance/net/net_training_speed.py "$@"

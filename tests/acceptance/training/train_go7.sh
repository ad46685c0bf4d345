#!/bin/sh
# Go on 7x7 with komi 9, from scratch: see learn_against.sh. Usage: train_go7.sh [SEED [MINUTES [GAMES]]]
exec "$(dirname "$0")/learn_against.sh" go:7,komi=9 "$@"

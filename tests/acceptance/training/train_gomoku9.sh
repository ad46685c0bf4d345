#!/bin/sh
# Gomoku on 9x9, from scratch: see learn_against.sh. Usage: train_gomoku9.sh [SEED [MINUTES [GAMES]]]
exec "$(dirname "$0")/learn_against.sh" gomoku:9 "$@"

#!/bin/sh
# A --deterministic run that is killed with SIGKILL at random moments and resumed ends with the same weights, averages and
# optimiser state, byte for byte, as an uninterrupted one.
#
# Usage: train_deterministic.sh [GENERATIONS [SEED]]   TENGEN: the program (default: the script at the root).
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$here/tengen}
generations=${1:-300}
seed=${2:-7}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# exec, so that kill reaches the program itself when it runs in the background.
run() {
    exec "$tengen" train "$work/$1" --game gomoku:4,line=3 --net 'conv:16 res:16' --deterministic --seed "$seed" --games 6 \
        --generations "$generations" --set first_rows=60 --set batch=32 --json
}
(run whole) >"$work/whole.log" || { echo "train_deterministic: the run failed"; cat "$work/whole.log"; exit 1; }

kills=0
tries=0
while [ $tries -lt 400 ]; do
    tries=$((tries + 1))
    delay=$(awk -v s="$seed$tries" 'BEGIN { srand(s); printf "%.2f", 0.1 + rand() * 0.9 }')
    run killed >"$work/killed.log" 2>&1 &
    pid=$!
    sleep "$delay"
    if kill -9 $pid 2>/dev/null; then
        wait $pid 2>/dev/null
        kills=$((kills + 1))
    else
        wait $pid && break
    fi
done

state=$(cd "$work/whole/nets" && ls state-*.safetensors | tail -n 1)
if [ -e "$work/killed/nets/$state" ] && cmp "$work/whole/nets/$state" "$work/killed/nets/$state"; then
    echo "train_deterministic: $kills kills, $state the same byte for byte (target: the same)"
    [ $kills -gt 0 ] && exit 0
    echo "train_deterministic: no kill happened during the run; use more GENERATIONS"
    exit 1
fi
echo "train_deterministic: after $kills kills $state DIFFERS (target: the same)"
exit 1

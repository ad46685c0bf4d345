#!/bin/sh
# What blocks of attention, lstm and loops cost: evaluations and training samples a second of nets with one or two more blocks than 5x64, or
# with a loop in place of its last three, as a share of those of 5x64, in turn with it. Target: each evaluates at least a quarter
# as many positions. A loop of 3 steps is as deep as 5x64, one of 8 as untied-8. settling-8 never settles, so that it has the
# cost of heads after each step; settling-3 settles as soon as it can.
#
# Usage: block_speed.sh [GAME [DTYPE [ROUNDS]]]   TENGEN: the program.
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$here/tengen}
game=${1:-go:9}
dtype=${2:-f32}
rounds=${3:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

first='conv:64,res:64,gpool:64' then='res:64,res:64' last='gpool:64'
cat >"$work/nets" <<END
5x64 $first,$then,$last
residual $first,res:64,$then,res:64,$last
attn $first,attn:64,$then,attn:64,$last
attn+heads=2 $first,attn:64+heads=2,$then,attn:64+heads=2,$last
moe $first,moe:64,$then,moe:64,$last
tokens $first,tokens:64,$then,tokens:64,$last
lstm $first,lstm:64,$then,$last
six $first,res:64,$then,$last
untied-8 $first,$then,res:64,$then,res:64,$then
loop-3 $first,loop:64+steps=3
loop-8 $first,loop:64+steps=8
loop-2..8 $first,loop:64
settling-8 $first,loop:64 --settle 1e-30
settling-3 $first,loop:64 --settle 1
END

# measure PART NAME NET [OPTION...]: the value of the last figure whose name begins so.
measure() {
    part=$1 name=$2
    shift 2
    "$tengen" bench "$part" --game "$game" --dtype "$dtype" --net "$@" --batch 1 --seconds 0.3 --repeats 1 --json |
        sed -n "s/.*\"name\":\"$name.*\"value\":\([0-9.e+]*\),.*/\1/p" | tail -n 1
}

for round in $(seq "$rounds"); do
    while read -r player net options; do
        # shellcheck disable=SC2086 # the options are several words
        echo "$player $(measure net evaluation "$net" $options) $(measure train training "$net")"
    done <"$work/nets"
done >"$work/figures"

awk -v game="$game" -v dtype="$dtype" '
    function median(name, part,    n, i, j, v, x) {
        n = split(values[name, part], v)
        for (i = 2; i <= n; i++)
            for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) { x = v[j]; v[j] = v[j - 1]; v[j - 1] = x }
        return v[int((n + 1) / 2)]
    }
    { values[$1, 1] = values[$1, 1] " " $2; values[$1, 2] = values[$1, 2] " " $3 }
    !($1 in seen) { seen[$1]; order[++nets] = $1 }
    END {
        for (i = 1; i <= nets; i++) {
            evaluations = median(order[i], 1); samples = median(order[i], 2)
            share = evaluations / median("5x64", 1)
            printf "block_speed: %s, %s, %-12s %6.0f evaluations/s, %.2f of 5x64 (target: 0.25); %5.0f training samples/s, %.2f\n",
                   game, dtype, order[i], evaluations, share, samples, samples / median("5x64", 2)
            missed += !(share >= 0.25)
        }
        exit missed > 0
    }' "$work/figures"

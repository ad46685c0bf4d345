#!/bin/sh
# tengen match with faulty external programs: every fault loses the game with its reason and leaves no process behind; the last
# line of --json has the documented format; the same seed gives the same results on one thread and on two; after Ctrl-C the
# table so far is printed. Prints a line for each check and exits with 1 if one fails.
#
# Usage: match_faults.sh   (a minute). TENGEN: the program (default: ./tengen of this tree).
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/tengen}
mark=match-faults-$$
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

check() { # WHAT CONDITION...
    what=$1
    shift
    if "$@"; then echo "ok    $what"; else echo "FAIL  $what"; failed=$((failed + 1)); fi
}
left() { # how many processes carry the mark, this script and its helpers left out
    count=0
    for file in /proc/[0-9]*/cmdline; do
        { tr '\0' ' ' <"$file"; } 2>/dev/null | grep -q "fault.sh.*$mark\|sleep 1000.*$mark" && count=$((count + 1))
    done
    echo $count
}

"$tengen" --version >/dev/null || exit 3
sh -c 'while sleep 1; do :; done' "fault.sh $mark" >/dev/null 2>&1 &
planted=$!
sleep 1
check "a process that is left would be seen" test "$(left)" -eq 1
kill $planted
wait $planted 2>/dev/null
for fault in exit:'exited with status 7' signal:'signal 11' hang:'did not answer in time' flood:'is not a GTP reply' \
    long:'a line longer than' half:'exited with status 0' closed:'closed its output' garbage:'is not a GTP reply' \
    illegal:'illegal move A9' nonsense:'is not a move' refuse:'refused "genmove' forks:'exited with status 3'; do
    mode=${fault%%:*}
    timeout 120 "$tengen" match --game go:9 --games 4 --seed 1 --threads 2 --reply-timeout 1 --agent random \
        --agent "bad=gtp:sh '$root/tests/agents/external/fault.sh' $mode $mark" >"$work/out" 2>"$work/err"
    status=$?
    check "$mode: the match goes on to its end" test $status -eq 0
    # The move of this mode is illegal only once its point is occupied.
    [ $mode = illegal ] || check "$mode: all four games forfeited" grep -q '^bad .* 4 forfeited' "$work/out"
    check "$mode: the reason: \"${fault#*:}\"" grep -q "^forfeit: bad: .*${fault#*:}" "$work/out"
    check "$mode: no process left" test "$(left)" -eq 0
done

for threads in 1 2; do
    timeout 300 "$tengen" match --game gomoku:7 --games 20 --seed 5 --threads $threads --json --agent a=rollout:100 \
        --agent b=rollout:50 --agent random 2>/dev/null | sed 's/"seconds":[0-9.e+-]*/"seconds":0/' >"$work/$threads"
done
check "one thread and two agree" cmp -s "$work/1" "$work/2"
number='-\{0,1\}[0-9][-0-9.e+]*'
agent='{"name":"[^"]*","games":40,"wins":[0-9]*,"draws":[0-9]*,"losses":[0-9]*,"score":'$number',"elo":'$number',"elo_low":'$number',"elo_high":'$number'}'
check "the last line of --json" sh -c "tail -n 1 '$work/1' | grep -q '^{\"agents\":\[$agent,$agent,$agent\],\"games\":60,\"seconds\":0,\"finished\":true}\$'"

"$tengen" match --game go:9 --games 1000 --seed 1 --threads 2 --agent rollout:100 --agent random >"$work/out" 2>/dev/null &
pid=$!
sleep 4
kill -INT $pid
wait $pid
status=$?
check "Ctrl-C: exit status 1, for an unfinished match" test $status -eq 1
check "Ctrl-C: the table so far" grep -q 'of 1000 games in .* stopped' "$work/out"

echo "$failed checks failed, target 0"
test $failed -eq 0

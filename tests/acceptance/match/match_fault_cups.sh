#!/bin/sh
# Random tournaments with faulty engines: schedules, faults, the moves at which they occur, threads and withdrawal vary. Each
# tournament must end, its table must agree with a recount of games.csv by awk, each fault must lose the game for its engine
# with the right reason, and no process may be left behind. Target: 0 failures in 100 tournaments.
#
# Usage: match_fault_cups.sh [COUNT [SEED]]   (100: five minutes). TENGEN: the program (default: the release build).
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
count=${1:-100}
seed=${2:-1}
mark=match-cups-$$
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
faults=0
games=0

random() { # how many: a number from 0 to that less 1
    seed=$(((seed * 1103515245 + 12345) & 2147483647))
    r=$(((seed >> 12) % $1))
}
pick() { # WORD...
    random $#
    shift "$r"
    picked=$1
}
left() {
    n=0
    for file in /proc/[0-9]*/cmdline; do
        { tr '\0' ' ' <"$file"; } 2>/dev/null | grep -q "$mark" && n=$((n + 1))
    done
    echo $n
}
complain() { # CUP WHAT
    echo "FAIL  cup $1: $2"
    failed=$((failed + 1))
}
# MODE -> pattern of the reason
reason() {
    case $1 in
        exit) echo 'exited with status 7' ;;
        signal) echo 'signal 11' ;;
        hang) echo 'did not answer in time|exceeded its time' ;;
        flood) echo 'is not a GTP reply|flooded|did not answer in time' ;;
        flood100) echo 'flooded|did not answer in time' ;; # a second may be too short for 100 MB on a busy machine
        long) echo 'a line longer than' ;;
        half) echo 'exited with status 0' ;;
        wait) echo 'did not answer in time|exceeded its time' ;;
        late) echo 'did not answer in time|exceeded its time' ;;
        closed) echo 'closed its output' ;;
        garbage) echo 'is not a GTP reply' ;;
        other) echo 'is not a GTP reply' ;;
        illegal) echo 'illegal move A9' ;;
        nonsense) echo 'is not a move' ;;
        refuse) echo 'refused ""genmove' ;;
        forks) echo 'exited with status 3' ;;
        *) echo 'nothing of the kind' ;;
    esac
}

cup=0
while [ $cup -lt "$count" ]; do
    cup=$((cup + 1))
    out=$work/cup
    rm -rf "$out"
    pick round-robin gauntlet knockout swiss ladder
    schedule=$picked
    set -- --agent honest=random --agent search=rollout:3
    random 3
    bad=$((r + 1))
    i=0
    : >"$work/modes"
    while [ $i -lt $bad ]; do
        i=$((i + 1))
        pick exit signal hang flood flood100 long half wait late closed garbage other illegal nonsense refuse forks resign \
            stderr noquit children fine
        random 4
        echo "f$i $picked" >>"$work/modes"
        set -- "$@" --agent "f$i=gtp:sh '$root/tests/agents/external/fault.sh' $picked $mark $((r + 1))"
    done
    pick 0 1 2 4
    withdraw=$picked
    pick 1 2 3
    threads=$picked
    timeout 300 "$tengen" match --game go:9 --schedule $schedule --games 2 --seed $cup --threads $threads \
        --reply-timeout 1 --withdraw $withdraw --out "$out" "$@" >"$work/text" 2>"$work/err"
    status=$?
    [ $status -eq 0 ] || complain $cup "exit status $status ($schedule): $(head -n 1 "$work/err")"
    [ "$(left)" -eq 0 ] || complain $cup "$(left) processes are left"
    # The table of report.jsonl against a recount of games.csv.
    tail -n 1 "$out/report.jsonl" 2>/dev/null | tr '{' '\n' |
        sed -n 's/.*"name":"\([^"]*\)","games":\([0-9]*\),"wins":\([0-9]*\),"draws":\([0-9]*\),"losses":\([0-9]*\).*/\1 \2 \3 \4 \5/p' |
        sort >"$work/table"
    awk -F, 'NR > 1 { gsub(/"/, "", $5); gsub(/"/, "", $6); a = $5; b = $6; g[a]++; g[b]++
            if ($7 == "1-0") { w[a]++; l[b]++ } else if ($7 == "0-1") { w[b]++; l[a]++ } else { d[a]++; d[b]++ } }
        END { for (p in g) print p, g[p], w[p] + 0, d[p] + 0, l[p] + 0 }' "$out/games.csv" 2>/dev/null | sort >"$work/counted"
    grep -v ' 0 0 0 0$' "$work/table" | cmp -s - "$work/counted" || complain $cup "the table is not what the games say"
    [ -s "$work/counted" ] || complain $cup "no games"
    # Faults: the loser is a faulty engine, and the reason matches its fault.
    awk -F, 'NR > 1 && ($8 == "forfeit" || $8 == "time") { gsub(/"/, "", $9); print $9 }' "$out/games.csv" |
        sort | uniq -c >"$work/lost"
    while read -r n who; do
        mode=$(awk -v w="$who" '$1 == w { print $2 }' "$work/modes")
        faults=$((faults + n))
        [ -n "$mode" ] || { complain $cup "$who lost $n games by a fault"; continue; }
        right=$(grep -E "\"$who\"," "$out/games.csv" | grep -E ',(forfeit|time),"'"$who"'",' | grep -cE "$(reason "$mode")")
        [ "$right" -eq "$n" ] || complain $cup "$mode: $right of $n faults have its reason: $(grep -m 1 ",forfeit,\"$who\"" "$out/games.csv")"
        [ $withdraw -eq 0 ] || [ "$n" -le $withdraw ] || complain $cup "$who lost $n games by faults, $withdraw were allowed"
    done <"$work/lost"
    # All players met twice, except those that were withdrawn.
    if [ $schedule = round-robin ] && ! grep -q withdrawn "$work/text"; then
        n=$((2 + bad))
        [ "$(($(wc -l <"$out/games.csv") - 1))" -eq $((n * (n - 1))) ] || complain $cup "games are missing"
    fi
    games=$((games + $(wc -l <"$out/games.csv") - 1))
done
echo "match_fault_cups: $failed failures in $count tournaments of $games games, $faults of them lost by faults (target 0 failures)"
[ $failed -eq 0 ] && [ $faults -gt 0 ]

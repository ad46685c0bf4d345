#!/bin/sh
# A faulty GTP engine: fault.sh MODE MARK [N]. It plays Go correctly (it always passes) until the fault occurs at its N-th
# genmove (default: the first). MARK is on the command line of every process that it starts, so that a test can find those
# that are left.
mode=$1
mark=$2
due=${3:-1}
moves=0

fault() {
    case $mode in
        exit) echo "last words" >&2; exit 7 ;;
        signal) kill -SEGV $$ ;;
        hang) exec sh -c 'sleep 1000' "$mark" ;;
        flood) exec yes "= noise" ;;
        long) exec tr '\0' x </dev/zero ;;
        half) printf '=%s D' "$id"; exit 0 ;;
        closed) exec >&-; sleep 1000 ;;
        garbage) echo "D4, I think"; echo ;;
        other) echo "=999 D4"; echo ;;
        illegal) echo "=$id A9"; echo ;;
        nonsense) echo "=$id Z99"; echo ;;
        refuse) echo "?$id cannot"; echo ;;
        lines) printf '?%s cannot\nand\twill \033not\n\n' "$id" ;;
        resign) echo "=$id resign"; echo ;;
        stderr) head -c 3000000 /dev/zero | tr '\0' e >&2; echo "=$id pass"; echo ;;
        forks)
            # One in our process group, one in its own session, one whose parent exits first.
            sh -c 'sleep 1000; :' "$mark" &
            setsid sh -c 'sleep 1000; :' "$mark" &
            (setsid sh -c '(sleep 1000; :) & sleep 1000; :' "$mark" & )
            exit 3 ;;
        flood100) head -c 100000000 /dev/zero | tr '\0' '\n'; echo "=$id pass"; echo ;;
        wait) printf '=%s D' "$id"; exec sh -c 'sleep 1000' "$mark" ;;
        late) sh -c 'sleep 3; :' "$mark"; echo "=$id pass"; echo ;;
        noquit) trap '' TERM INT HUP PIPE; echo "=$id pass"; echo ;;
        children) sh -c 'trap "" HUP TERM; sleep 1000; :' "$mark" & setsid sh -c 'sleep 1000; :' "$mark" & echo "=$id pass"; echo ;;
        *) echo "=$id pass"; echo ;;
    esac
}

[ "$mode" != start ] || { echo "cannot start" >&2; exit 9; }

while read -r id command rest; do
    # With these two modes, which have more commands for clocks, MARK is a file that gets what it is told of them.
    case $mode-$command in kata-*time* | kgs-*time*) echo "$command $rest" >>"$mark" ;; esac
    case $command in
        # In these two modes it also reports an evaluation, in the formats that programs use.
        lz-genmove_analyze)
            [ "$rest" = "black 100000" ] || { echo "?$id syntax error"; echo; continue; }
            printf '=%s\ninfo move D4 visits 9 winrate 100 order 0 pv D4\n' "$id"
            printf 'info move D4 visits 60 winrate 8000 prior 1 order 0 pv D4 info move C3 visits 40 winrate 7500 pv C3\nplay D4\n\n' ;;
        cgos-genmove_analyze)
            printf '=%s\n{"winrate":0.25,"score":-3.5,"visits":77,"moves":[{"move":"C3","visits":70,"winrate":0.9}]}\nplay resign\n\n' "$id" ;;
        name) echo "=$id Fault"; echo ;;
        version) echo "=$id 1.0"; echo ;;
        list_commands) [ "$mode" != kata ] || printf '=%s kata-time_settings\nkgs-time_settings\ntime_settings\ntime_left\n' "$id"
            [ "$mode" != kgs ] || printf '=%s kgs-time_settings\ntime_settings\ntime_left\n' "$id"
            case $mode in kata | kgs) printf 'name\nversion\nlist_commands\nboardsize\nclear_board\nkomi\nplay\ngenmove\nquit\n\n'; continue ;; esac
            printf '=%s name\nversion\nlist_commands\nboardsize\nclear_board\nkomi\nplay\ngenmove\nquit\n' "$id"
            case $mode in lz | cgos) echo $mode-genmove_analyze ;; esac
            echo ;;
        genmove)
            moves=$((moves + 1))
            if [ $moves -ge "$due" ]; then fault; else echo "=$id pass"; echo; fi ;;
        quit)
            [ "$mode" != noquit ] || while :; do sleep 1000; done
            echo "=$id"; echo; exit 0 ;;
        *) echo "=$id"; echo ;;
    esac
done

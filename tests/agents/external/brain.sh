#!/bin/sh
# A faulty Gomocup program: brain.sh MODE. It places its stones row by row; the fault occurs at its first move.
mode=$1
log=$2 # all lines are written to this file
next=0
swapping=

move() {
    case $mode in
        exit) echo "last words" >&2; exit 7 ;;
        hang) exec sleep 1000 ;;
        flood) exec yes noise $(seq 1000) ;;
        error) echo "ERROR I will not" ;;
        unknown) echo "UNKNOWN command" ;;
        off) echo "15,3" ;;
        taken) echo "7,7" ;;
        junk) echo "I think 3"; echo "3;3"; exec sleep 1000 ;;
        size) echo "ERROR illegal move 3"; exec sleep 1000 ;;
        told) echo "ERROR unknown info time_increment 100"; echo "ERROR Unknown command: 1000"; echo "$next,0" ;;
        unheard) echo "ERROR Unknown command: TIMEOUT_TURN"; echo "UNKNOWN 1000"; echo "$next,0" ;;
        unasked) echo "ERROR Unknown command: TIME_LEFT"; exec sleep 1000 ;;
        chat) echo "MESSAGE deep"; echo; echo "DEBUG x"; echo "what"; printf '%d,0\r\n' $next ;;
        *) echo "$next,0" ;;
    esac
    next=$((next + 1))
}

while read -r command rest; do
    command=$(echo "$command" | tr -d '\r')
    [ -z "$log" ] || echo "$command $rest" | tr -d '\r' >>"$log"
    case $command in
        START)
            case $mode in
                refuse) echo "ERROR bad size" ;;
                number) echo "ERROR unsupported size 15"; exec sleep 1000 ;;
                command) echo "UNKNOWN command START 15"; exec sleep 1000 ;;
                late) echo "OK - good"; echo "MESSAGE hello"; echo OK ;;
                *) echo OK ;;
            esac ;;
        SWAP2BOARD) swapping=yes owners=no ;;
        *,*,*) owners=yes ;;
        *,*) [ $mode != owners ] || echo "ERROR Color is not a valid value, must be one of [1, 2, 3]." ;;
        DONE)
            if [ -z "$swapping" ]; then move; elif [ $owners = yes ]; then echo SWAP; else echo "1,1 2,2 3,3"; fi
            swapping= ;;
        BEGIN | TURN) move ;;
        END) exit 0 ;;
    esac
done

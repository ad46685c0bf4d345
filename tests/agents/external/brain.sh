#!/bin/sh
# A faulty Gomocup program: brain.sh MODE. It places its stones row by row; the fault occurs at its first move.
mode=$1
next=0
swapping=

move() {
    case $mode in
        exit) echo "last words" >&2; exit 7 ;;
        hang) exec sleep 1000 ;;
        flood) exec yes noise ;;
        error) echo "ERROR I will not" ;;
        unknown) echo "UNKNOWN command" ;;
        off) echo "15,3" ;;
        taken) echo "7,7" ;;
        junk) echo "I think 3"; echo "3;3"; exec sleep 1000 ;;
        unheard) echo "ERROR Unknown command: TIMEOUT_TURN"; echo "UNKNOWN 1000"; echo "$next,0" ;;
        unasked) echo "ERROR Unknown command: TIME_LEFT"; exec sleep 1000 ;;
        chat) echo "MESSAGE deep"; echo; echo "DEBUG x"; echo "what"; printf '%d,0\r\n' $next ;;
        *) echo "$next,0" ;;
    esac
    next=$((next + 1))
}

while read -r command rest; do
    command=$(echo "$command" | tr -d '\r')
    case $command in
        START)
            case $mode in
                refuse) echo "ERROR bad size" ;;
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

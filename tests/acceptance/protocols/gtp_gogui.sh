#!/bin/sh
# GoGui with `tengen gtp` as its program: GOGUI="java -cp gogui.jar net.sf.gogui.gogui.Main" gtp_gogui.sh
# GOGUI is the command that starts it (gogui), with absolute paths. Tengen plays Go 9x9 with komi 7 against itself, then Gomoku
# 9x9, whose rules GoGui gets from the gogui-rules_ commands only; then GoGui is closed. Prints the number of commands and
# errors, the result and how the engine ended; fails if GoGui's size or komi is not used, a game does not end, there are errors
# or output on stderr, or the exit status is not 0. Needs Xvfb and xdotool.
cd "$(dirname "$0")/../../.." || exit 3
gogui=${GOGUI:-gogui}
tengen=${TENGEN:-$PWD/build/release/tengen}
root=$PWD
command -v ${gogui%% *} >/dev/null || { echo "GOGUI must name the command that starts GoGui; there is no ${gogui%% *}"; exit 3; }
work=$(mktemp -d)
. "$root/tests/acceptance/lib/window_common.sh"
. "$root/tests/acceptance/lib/client_common.sh"
trap 'stop_client; cleanup' EXIT
make_engine
start_display 1200x900
missed=0

passes() {
    [ "$(grep -c '^= *pass' "$work/answered")" -ge 2 ] || grep -q '^= *resign' "$work/answered"
}
won() {
    grep -q '^= *\(Black wins\|White wins\|The game is drawn\)' "$work/answered"
}
# Closes the window and checks the engine. GoGui sends each Gomoku move twice to the program that provides the rules; the second
# one is illegal.
finish() { # NAME ENDED FORGIVEN
    stop_client
    errors=$(grep '^?' "$work/answered" | grep -vc "${3:-^$}")
    echo "$1: $(count '^genmove' sent) moves requested, the game ended: $2; $errors errors, $(wc -l <"$work/stderr") lines" \
        "on stderr, exit status $(sort -u "$work/status" | xargs) (targets: yes, 0, 0, 0)"
    [ "$2$errors$(sort -u "$work/status" | xargs)" = yes00 ] && [ ! -s "$work/stderr" ] || missed=1
}

start_client $gogui -size 9 -komi 7 -computer-both -program "$work/engine gtp --agent net:default,visits=16"
await 60 passes && ended=yes || ended=no
size=$(sed -n 's/^boardsize *//p' "$work/sent" | tail -n 1) komi=$(sed -n 's/^komi *//p' "$work/sent" | tail -n 1)
echo "size $size, komi $komi (target: those of GoGui's options, 9 and 7)"
[ "$size $komi" = "9 7" ] || missed=1
finish Go $ended

forget
start_client $gogui -computer-both -program "$work/engine gtp --game gomoku:9 --agent rollout:200"
await 60 won && ended=yes || ended=no
finish Gomoku $ended '^?[0-9]* illegal move'
[ $missed = 0 ] || { tail -n 5 "$work/client.log"; exit 1; }

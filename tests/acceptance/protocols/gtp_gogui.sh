#!/bin/sh
# GoGui's own window with `tengen gtp` as its program: GOGUI="java -cp gogui.jar net.sf.gogui.gogui.Main" gtp_gogui.sh
# GOGUI is the command that starts it (gogui), with absolute paths. It plays Go against itself on 9x9 with komi 7, then Gomoku 9x9, of which
# GoGui knows the rules by the gogui-rules_ commands alone, each to its end, and is then closed. Prints what it sent,
# errors, the result and how the engine ended; fails when the size or komi of the window is not kept, when a game does not
# end, on an error, anything on stderr, or an exit status but 0. Needs Xvfb and xdotool.
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
# Closes the window and judges the engine. GoGui tells its ruler each move of Gomoku twice, which cannot be legal.
finish() { # NAME ENDED FORGIVEN
    stop_client
    errors=$(grep '^?' "$work/answered" | grep -vc "${3:-^$}")
    echo "$1: $(count '^genmove' sent) moves asked for, the game ended: $2; $errors errors, $(wc -l <"$work/stderr") lines" \
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

#!/bin/sh
# No game is lost in the window: New, Ctrl+V, resigning and quitting keep every game in the list, and undo brings back the
# one that was replaced. Target: every game that was begun is in the user's data folder, the window starts with invalid
# settings, and it fits a display of 640x480.
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
work=$(mktemp -d)
. "$root/tests/acceptance/lib/window_common.sh"
trap cleanup EXIT
bad=0
check() { # WHAT PATTERN
    if await "$2" 5000; then echo "ok    $1"; else echo "FAIL  $1: no /$2/, but \"$(title)\""; bad=1; fi
}
files() { find "$work/data/tengen/games" -name '*.sgf' | wc -l; }

start_display 640x480
start_window 1100x760 play --game go:9 --colour both || exit 1
check "the window opens" 'move 0'
eval "$(xdotool getwindowgeometry --shell "$window" | grep -E '^(WIDTH|HEIGHT)=')"
[ "$WIDTH" -le 640 ] && [ "$HEIGHT" -le 480 ] || { echo "FAIL  the window is ${WIDTH}x$HEIGHT on 640x480"; bad=1; }
click 136 187
check "a move" 'move 1'
press ctrl+n
sleep 0.5
press Return
check "a new game" 'move 0'
press BackSpace
check "undo brings the replaced game back" 'move 1'
press ctrl+c
sleep 0.3
press ctrl+v
check "a pasted game" 'move 0'
press BackSpace
check "undo brings the game back" 'move 1'
click 590 415
sleep 0.5
title | grep -q 'wins' && { echo "FAIL  one click resigned"; bad=1; }
press Return
check "resigned after the question" 'wins by resignation'
quit_window || { echo "FAIL  closing: exit status $quit_status: $(cat "$work/window.err")"; bad=1; }
# The pasted game was the same record: it is kept as a game of its own.
[ "$(files)" -eq 2 ] || { echo "FAIL  $(files) games are kept, not 2"; bad=1; }
grep -qs 'RE\[[BW]+R\]' "$work"/data/tengen/games/*.sgf || { echo "FAIL  the resigned game was not kept"; bad=1; }

settings=',"game":"go:99","clock":"soon"'
start_window 600x440 play || exit 1
check "the window opens with invalid settings" 'move 0'
grep -q settings.json "$work/window.err" || { echo "FAIL  the settings file is not named"; bad=1; }
[ -s "$work/config/tengen/settings.json.broken" ] || { echo "FAIL  no copy of the settings is kept"; bad=1; }
press Escape
sleep 0.3
press ctrl+q
sleep 0.5
press Return
sleep 1
kill -0 "$window_pid" 2>/dev/null && { echo "FAIL  Enter does not answer the question"; bad=1; }
wait "$window_pid"
window_pid=
[ $bad -eq 0 ] && echo "ok    every game is kept (target: all)"
exit $bad

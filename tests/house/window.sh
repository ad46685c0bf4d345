#!/bin/sh
# The window stays responsive while the engine uses every core: runs it in a display of its own, with real clicks and keys.
# Fails if a move, an undo or a key takes more than a second (tests/acceptance/viewer/window_latency.sh measures the latency),
# if the window does not close, or if this test could not detect a window that hangs. Runs the release build's tengen, or
# $TENGEN.
root=$(cd "$(dirname "$0")/../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
work=$(mktemp -d)
. "$root/tests/acceptance/lib/window_common.sh"
trap cleanup EXIT
limit=${TENGEN_ANSWER_MS:-1000}
bad=0
for tool in Xvfb xdotool; do
    command -v $tool >/dev/null 2>&1 || { echo "$tool is missing; Debian: apt-get install xvfb xdotool"; exit 1; }
done
check() { # WHAT PATTERN
    if await "$2" "$limit"; then
        echo "ok    $1 ($waited_ms ms)"
    else
        echo "FAIL  $1: no /$2/ after $waited_ms ms, but \"$(title)\""
        bad=1
    fi
}

start_display 1280x800
start_window 1000x700 play --game go:9 --agent rollout:100000000 --colour black || exit 1
check "the window opens" 'move 0'
for i in 1 2 3; do
    click 340 330
    check "a click is a move, and the engine thinks" 'move 1 · Thinking'
    sleep 0.5
    press BackSpace
    check "undo while it thinks" 'move 0 · Black'
done
click 340 330
check "a move" 'move 1 · Thinking'
press Return
check "the engine moves at once when told to" 'move 2 · Black'
kill -STOP "$window_pid"
press BackSpace
if await 'move 0' 500; then
    echo "FAIL  a window that hangs was not detected"
    bad=1
else
    echo "ok    a window that hangs is detected"
fi
kill -CONT "$window_pid"
check "it goes on where it hung" 'move 0'
xdotool windowsize "$window" 320 240
sleep 0.3
xdotool windowsize "$window" 1000 700
sleep 0.3
click 340 330
check "it answers after it was made small and large" 'move 1'
quit_window || { echo "FAIL  closing: exit status $quit_status: $(cat "$work/window.err")"; bad=1; }
grep -qs ';B\[' "$work"/data/tengen/games/*.sgf || { echo "FAIL  the game was not kept"; bad=1; }

# Without a display: a single line that says what to do; the text mode works.
DISPLAY='' "$tengen" play --game go:9 >"$work/out" 2>"$work/err"
status=$?
grep -q -- '--text' "$work/err" && [ "$(wc -l <"$work/err")" -eq 1 ] && [ $status -eq 3 ] ||
    { echo "FAIL  without a display: status $status, $(cat "$work/err")"; bad=1; }
text_mode() { # COMMANDS OPTION...
    commands=$1
    shift
    printf "$commands" | DISPLAY='' XDG_DATA_HOME="$work/text" "$tengen" play --text --game go:9 "$@" >"$work/out" 2>&1 ||
        { echo "FAIL  the text mode: $(tail -n 3 "$work/out")"; bad=1; }
}
text_mode 'E5\nundo\nquit\n' --level 1

# It keeps every game, also one that "new" replaces, and resumes it.
rm -rf "$work/text"
text_mode 'E5\nC3\nnew\nG7\nresign\n' --colour both
[ "$(cat "$work"/text/tengen/games/*.sgf | grep -c '^(;')" -eq 2 ] ||
    { echo "FAIL  games of the text mode that were kept: $(ls "$work/text/tengen/games")"; bad=1; }
text_mode 'games\ngames 2\nD4\ngames 3\n' --colour both
grep -q '  1 .* move 1 B+R' "$work/out" && grep -q '  2 .* move 2 $' "$work/out" && grep -q 'no game 3' "$work/out" ||
    { echo "FAIL  the list of games: $(cat "$work/out")"; bad=1; }
grep -l 'B\[ee\];W\[cg\];B\[df\]' "$work"/text/tengen/games/*.sgf >/dev/null ||
    { echo "FAIL  the game that was resumed: $(cat "$work"/text/tengen/games/*.sgf)"; bad=1; }
# "continue" means the game of the last time, although the engine has begun another one since.
text_mode 'continue\nE3\n' --colour white --level 1
grep -q '"continue" resumes it' "$work/out" || { echo "FAIL  no offer to resume: $(cat "$work/out")"; bad=1; }
grep -l 'B\[ee\];W\[cg\];B\[df\];W\[eg\]' "$work"/text/tengen/games/*.sgf >/dev/null ||
    { echo "FAIL  the game that was continued: $(cat "$work"/text/tengen/games/*.sgf)"; bad=1; }
exit $bad

#!/bin/sh
# Complete games in the window, by real clicks and keys, in a display of its own: Go 9x9 and Gomoku 15x15 against the
# engine to the end, some moves of Connect Four, undo, pass, counting; saving as SGF, which gnugo -l reads; analysis;
# resuming a game after a kill. Leaves screenshots at 640x480, 1280x800 and, at twice the scale, 2560x1440 in a folder.
# Prints a line for each check and exits with 1 if one fails.
#
# Usage: window_games.sh [FOLDER]   (two minutes). TENGEN: the program (default: ./tengen of this tree).
# With build/asan-ubsan/tengen, a sanitizer's report is a failure, too
# (TENGEN_SLOW=8 allows more time, TENGEN_SHORT=1 skips the other sizes). Needs xvfb xdotool imagemagick gnugo.
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
shots=${1:-$PWD/window-shots}
work=$(mktemp -d)
. "$root/tests/acceptance/lib/window_common.sh"
trap cleanup EXIT
export ASAN_OPTIONS=detect_leaks=1:log_path=$work/san LSAN_OPTIONS=suppressions=$root/tests/acceptance/lib/window.supp:print_suppressions=0
failed=0
slow=${TENGEN_SLOW:-1} # a sanitizer's build needs more time
PATH=$PATH:/usr/games # where Debian has gnugo
mkdir -p "$shots"
say() { # FAILED? WHAT
    if [ "$1" -eq 0 ]; then echo "ok    $2"; else echo "FAIL  $2 (title: $(title))"; failed=$((failed + 1)); fi
}
check() { await "$2" $(($3 * slow)); say $? "$1"; }
at_size() { # WxH NAME ARGUMENTS...
    size=$1
    name=$2
    shift 2
    patience=$((100 * slow)) start_window "$size" "$@" || { say 1 "$name: a window"; return 1; }
    await 'move' $((10000 * slow))
}
# Saves with the dialog, typing the path.
save_as() { # PATH
    press ctrl+s
    sleep 0.5
    press Tab
    sleep 0.1
    press Return # writes in the field
    sleep 0.1
    for _ in $(seq 120); do echo BackSpace; done | xargs xdotool key
    xdotool type "$1"
    sleep 0.3
    press Return
    sleep 0.5
}
# Lets the engine play for us until the title shows the end of the game.
play_out() { # MOST_MOVES PATTERN
    for _ in $(seq "$1"); do
        title | grep -qE "$2" && return 0
        press Return
        sleep 0.12
        await "to move|$2" $((20000 * slow))
    done
    title | grep -qE "$2"
}
game_of_go() { # WxH SCALE NAME
    at_size "$1" "$3" play --game go:9 --level 8 --colour black --scale "$2" || return
    click $((${1%x*} * 30 / 100)) $((${1#*x} * 45 / 100))
    check "$3: a click is a move, and the engine answers" 'move 2 · Black to move' 15000
    press BackSpace
    check "$3: undo takes both back" 'move 0 · Black to move' 3000
    press p
    check "$3: a pass, and the engine plays on" 'move 2 · Black to move' 15000
    picture "$shots/$3-pass.png"
    press BackSpace
    press space
    sleep $((2 * slow))
    picture "$shots/$3-analysis.png"
    press space
    play_out 90 'counting|wins|drawn'
    say $? "$3: the game comes to its count"
    await 'counting' 20000
    sleep 1
    picture "$shots/$3-count.png"
    press Return
    check "$3: the count is accepted" 'wins|drawn' 5000
    picture "$shots/$3-end.png"
    save_as "$work/$3.sgf"
    moves=$(grep -o ';[BW]\[' "$work/$3.sgf" 2>/dev/null | wc -l)
    [ "$moves" -gt 10 ] && gnugo --quiet --score estimate -l "$work/$3.sgf" </dev/null >"$work/gnugo" 2>&1
    say $? "$3: saved with $moves moves, and GNU Go reads it: $(grep -aoE '(White|Black) (seems|wins).*' "$work/gnugo" | head -n 1)"
    sgf_result=$(sed -n 's/.*RE\[\([^]]*\)\].*/\1/p' "$work/$3.sgf" | head -n 1)
    [ -n "$sgf_result" ]
    say $? "$3: the result stands in the record: $sgf_result"
    quit_window
    say $? "$3: closes with status 0"
}
game_of_gomoku() { # WxH SCALE NAME
    at_size "$1" "$3" play --game gomoku:15 --level 9 --colour black --scale "$2" || return
    click $((${1%x*} * 32 / 100)) $((${1#*x} * 48 / 100))
    check "$3: a click is a move, and the engine answers" 'move 2 · Black to move' 15000
    press f
    sleep $((2 * slow))
    picture "$shots/$3-hint.png"
    press f
    play_out 120 'wins|drawn'
    say $? "$3: the game comes to its end"
    picture "$shots/$3-end.png"
    quit_window
    say $? "$3: closes with status 0"
}
# Clicks on the top row, from which the disc falls; then chooses a column by keys.
game_of_connect_four() { # WxH SCALE NAME
    at_size "$1" "$3" play --game connect4:7x6 --level 1 --colour black --scale "$2" || return
    click $((${1%x*} * 30 / 100)) $((${1#*x} * 20 / 100))
    check "$3: a click on the top row is a move, and the engine answers" 'move 2 · Black to move' 15000
    press shift+Left
    press Return
    check "$3: a column chosen by keys is a move" 'move 4 · Black to move' 15000
    picture "$shots/$3.png"
    press ctrl+n
    sleep 0.5
    picture "$shots/$3-new.png"
    press Return
    check "$3: another game begins from the dialogue" 'move 0 · Black to move' 5000
    quit_window
    say $? "$3: closes with status 0"
}
taken_up_again() {
    at_size 1000x700 again play --game go:9 --level 6 --colour black || return
    click 300 300
    await 'move 2 · Black' 15000
    kill -9 "$window_pid"
    wait "$window_pid" 2>/dev/null
    at_size 1000x700 again play || return
    sleep 1
    picture "$shots/again.png"
    press Tab Return
    check "a game is offered again after a kill" 'move 2 · Black' 5000
    quit_window
}

start_display 2600x1500
: >"$work/gnugo"
game_of_go 1280x800 1 go9
game_of_gomoku 1280x800 1 gomoku15
game_of_connect_four 1280x800 1 connect4
taken_up_again
if [ -z "${TENGEN_SHORT:-}" ]; then
    game_of_go 640x480 1 go9-small
    game_of_gomoku 640x480 1 gomoku15-small
    game_of_go 2560x1440 2 go9-large
    game_of_gomoku 2560x1440 2 gomoku15-large
fi
for report in "$work"/san.*; do
    [ -s "$report" ] || continue
    head -n 20 "$report"
    say 1 "a sanitizer's report"
done
echo "$((failed)) failed; screenshots in $shots"
[ $failed -eq 0 ]

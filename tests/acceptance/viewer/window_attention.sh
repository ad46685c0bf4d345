#!/bin/sh
# What a net attends to, in the window: with a small net that has attention in two blocks, W shows one head after another, from the
# point under the pointer, and after the last head nothing. Prints the pixels that differ from the board without it, which
# must be more than 2,000 for each head, others for another point, and at most 2,000 after the last one.
#
# Usage: window_attention.sh (a minute). TENGEN: the program. SHOTS: a folder for screenshots; LANGUAGE_NUMBER: 1 English, 2 Chinese.
# Needs xvfb xdotool imagemagick.
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
work=$(mktemp -d)
shots=${SHOTS:-$work}
settings=",\"tips\":0,\"language\":${LANGUAGE_NUMBER:-1}"
. "$root/tests/acceptance/lib/window_common.sh"
trap cleanup EXIT
"$tengen" train "$work/att" --game go:9 --net conv:16,attn:16+heads=2,res:16,tokens:16+heads=1 --minutes 0.1 >"$work/train.out" 2>&1 ||
    { cat "$work/train.out"; exit 1; }
start_display 1280x800
start_window 1000x700 play --game go:9 --agent "net:$work/att,visits=2" --colour black || exit 1
await 'move 0|第 0 手' 20000 || { echo "FAIL  no window: $(title)"; exit 1; }
bad=0
point() { # X Y: the pointer
    xdotool mousemove $((window_X + $1)) $((window_Y + $2))
    sleep "${PAUSE:-1}"
}
differ() { # A B: pixels of the board
    compare -metric AE -fuzz 5% -extract 560x560+20+20 "$shots/$1.png" "$shots/$2.png" null: 2>&1
}
check() { # WHAT PIXELS more|fewer
    found=fewer
    [ "$2" -gt 2000 ] && found=more
    if [ $found = "$3" ]; then
        echo "ok    $1: $2 pixels"
    else
        echo "FAIL  $1: $2 pixels, not $3 than 2000"
        bad=1
    fi
}
point 340 330
picture "$shots/without.png"
for head in 1 2 3; do
    press w
    sleep "${PAUSE:-1}"
    picture "$shots/head-$head.png"
    check "head $head" "$(differ without "head-$head")" more
done
point 150 450
picture "$shots/elsewhere.png"
check "head 3 from another point" "$(differ head-3 elsewhere)" more
point 340 330
press w
sleep "${PAUSE:-1}"
picture "$shots/after.png"
check "after the last head" "$(differ without after)" fewer
quit_window || bad=1
exit $bad

#!/bin/sh
# Lizzie with `tengen gtp` as its engine: LIZZIE="java -jar /path/lizzie.jar" gtp_lizzie.sh [STARTS]
# LIZZIE is the command that starts it, with absolute paths. It is started STARTS (5) times on a 9x9 board; it must
# begin to analyse by itself, continue after a stone is placed, pause and continue with the space key, and is closed. Prints
# the number of starts and of each observation; fails if there is no analysis, a command is rejected, or an engine is left
# behind. Needs Xvfb and xdotool.
cd "$(dirname "$0")/../../.." || exit 3
tengen=${TENGEN:-$PWD/build/release/tengen}
root=$PWD
starts=${1:-5}
[ -n "${LIZZIE:-}" ] && command -v ${LIZZIE%% *} >/dev/null ||
    { echo "LIZZIE must name the command that starts Lizzie"; exit 3; }
work=$(mktemp -d)
. "$root/tests/acceptance/lib/window_common.sh"
. "$root/tests/acceptance/lib/client_common.sh"
trap 'stop_client; cleanup' EXIT
make_engine
start_display 1200x900

analyses() { # COMMANDS: has analysed so often, and lines come
    [ "$(count 'lz-analyze' sent)" -ge "$1" ] && [ "$(tail -n 3 "$work/answered" | grep -c '^info move')" = 3 ]
}
stopped() {
    tail -n 2 "$work/answered" | head -n 1 | grep -q '^=[0-9]* Tengen'
}
analysed=0 played=0 paused=0 errors=0
for _ in $(seq "$starts"); do
    forget
    printf '{"leelaz":{"engine-command":"%s gtp --agent net:default"},"ui":{"board-size":9}}' "$work/engine" >"$work/config.txt"
    start_client $LIZZIE
    if await 20 analyses 1; then
        analysed=$((analysed + 1))
        window=$(xdotool search --name '^Lizzie' | tail -n 1)
        eval "$(xdotool getwindowgeometry --shell "$window" | sed -n '/^\(X\|Y\|WIDTH\|HEIGHT\)=/p')"
        xdotool mousemove $((X + WIDTH / 2)) $((Y + HEIGHT / 2)) click 1
        await 10 analyses 2 && grep -q ' play B ' "$work/sent" && played=$((played + 1))
        xdotool key space
        await 10 stopped && xdotool key space && await 10 analyses 3 && paused=$((paused + 1))
    fi
    errors=$((errors + $(count '^?' answered) + $(wc -l <"$work/stderr")))
    stop_client
done
left=$(pgrep -fc "$tengen gtp" || :)
echo "$starts starts: $analysed analysed at once, $played after a stone, $paused after a pause (target: $starts each);" \
    "$errors errors, $left engines left (target: 0, 0)"
[ "$analysed $played $paused $errors $left" = "$starts $starts $starts 0 0" ] || { tail -n 5 "$work/client.log"; exit 1; }

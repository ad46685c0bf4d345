# Shared by window_*.sh and tests/house/window.sh: a virtual display, the window in it, and simulated keys and clicks. Sourced;
# needs `root` and `work` to be set. All processes started here end with the script.
display_pid=
window_pid=

# Starts a display of this size (WxH), with a free number.
start_display() { # WxH [DPI]
    Xvfb -displayfd 7 -screen 0 "$1x24" -dpi "${2:-96}" -nolisten tcp 7>"$work/display" >/dev/null 2>&1 &
    display_pid=$!
    for _ in $(seq 100); do [ -s "$work/display" ] && break; sleep 0.1; done
    DISPLAY=:$(cat "$work/display")
    export DISPLAY
    unset WAYLAND_DISPLAY
}
stop_display() {
    [ -z "$display_pid" ] || { kill "$display_pid" && wait "$display_pid"; } 2>/dev/null
    display_pid=
}

# Starts a window of this size, with its own settings and games, and waits for it; sets $window to its id.
start_window() { # WxH COMMAND ARGUMENTS...
    size=$1
    shift
    export XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state" XDG_DATA_HOME="$work/data"
    mkdir -p "$work/config/tengen"
    echo "{\"width\":${size%x*},\"height\":${size#*x}${settings:-}}" >"$work/config/tengen/settings.json"
    "$tengen" "$@" >"$work/window.out" 2>"$work/window.err" &
    window_pid=$!
    window=
    for _ in $(seq "${patience:-100}"); do
        window=$(xdotool search --pid "$window_pid" 2>/dev/null | tail -n 1)
        [ -n "$window" ] || window=$(xdotool search --class tengen 2>/dev/null | tail -n 1)
        [ -n "$window" ] && break
        kill -0 "$window_pid" 2>/dev/null || break
        sleep 0.1
    done
    [ -n "$window" ] || { echo "no window: $(cat "$work/window.err")"; return 1; }
    eval "$(xdotool getwindowgeometry --shell "$window" | sed -n 's/^\([XY]\)=/window_\1=/p')"
}
# Returns its exit status.
stop_window() {
    kill "$window_pid" 2>/dev/null
    wait "$window_pid" 2>/dev/null
    window_pid=
}
cleanup() {
    [ -z "$window_pid" ] || kill -9 "$window_pid" 2>/dev/null
    stop_display
    rm -rf "$work"
}

title() { xdotool getwindowname "$window" 2>/dev/null; }
press() { xdotool key "$@"; }
click() { # X Y [BUTTON], in the window
    xdotool mousemove $((window_X + $1)) $((window_Y + $2)) click "${3:-1}"
}
# Waits until the title matches; fails after the given milliseconds. Sets $waited_ms to the time it took.
await() { # PATTERN MILLISECONDS
    begin=$(date +%s%3N)
    while :; do
        waited_ms=$(($(date +%s%3N) - begin))
        title | grep -qE "$1" && return 0
        [ $waited_ms -gt "$2" ] && return 1
        sleep 0.01
    done
}
picture() { # FILE
    import -window "$window" "$1"
}
# Closes the window like a user; returns the program's exit status.
quit_window() {
    press ctrl+q
    sleep 0.3
    press Tab Return
    for _ in $(seq $((100 * ${slow:-1}))); do kill -0 "$window_pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$window_pid" 2>/dev/null && echo "it did not close in time"
    wait "$window_pid"
    quit_status=$?
    window_pid=
    return $quit_status
}

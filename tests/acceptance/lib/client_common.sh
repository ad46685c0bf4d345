# For commands that start a real client with Tengen as its engine: records the engine's input and output. Sourced after
# window_common.sh; needs `tengen` and `work`.
client_pid=

# $work/engine runs `tengen` and records its input, output, errors and exit status in $work/sent, answered, stderr and
# status.
make_engine() {
    cat >"$work/engine" <<END_OF_ENGINE
#!/bin/sh
tee -a '$work/sent' | { '$tengen' "\$@" 2>>'$work/stderr'; echo \$? >>'$work/status'; } | tee -a '$work/answered'
END_OF_ENGINE
    chmod +x "$work/engine"
    forget
}
# Clears the records.
forget() {
    for record in sent answered stderr status; do : >"$work/$record"; done
}
start_client() { # COMMAND ARGUMENTS..., in $work, with a home of its own
    (cd "$work" && HOME=$work JAVA_TOOL_OPTIONS=-Duser.home=$work exec "$@") >"$work/client.log" 2>&1 &
    client_pid=$!
}
# Ends the client and waits until its engines have ended, too.
stop_client() {
    [ -z "$client_pid" ] && return
    kill "$client_pid" 2>/dev/null
    wait "$client_pid" 2>/dev/null
    client_pid=
    for _ in $(seq 50); do pgrep -f "^/bin/sh $work/engine" >/dev/null || break; sleep 0.1; done
}
await() { # SECONDS COMMAND: until it succeeds
    seconds=$1
    shift
    for _ in $(seq $((10 * seconds))); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    return 1
}
# The number of matching lines in a record.
count() { # PATTERN RECORD
    grep -c "$1" "$work/$2" || :
}

#!/bin/sh
# ./tengen test [NAME...]: builds and runs all tests, plain and under sanitizers, and prints "N passed, N failed".
# With names (house, games, net, mcts, agents, library, engine), only those. Logs are kept in build/test-logs.
#
#   release      all tests
#   asan-ubsan   all tests under AddressSanitizer and UndefinedBehaviorSanitizer; a leak log fails the run
#   tsan         the programs with threads (tests/*/thread_*.c) under ThreadSanitizer
#   house        project rules: layering of includes, self-contained headers, planted bugs are detected
set -u
cd "$(dirname "$0")/.." || exit 3
names=$*
for name in $names; do
    case ${name%%_*} in
        house | games | net | mcts | agents | library | engine) ;;
        *) echo "unknown tests \"$name\"; the names are house, games, net, mcts, agents, library, engine" >&2; exit 2 ;;
    esac
done
logs=$PWD/build/test-logs
rm -rf "$logs"
mkdir -p "$logs"
passed=0
failed=0

memory=
# Tests of runs wait for the disk at each checkpoint: their files are in memory where there are two gigabytes of it.
if [ "$(df -P /dev/shm 2>/dev/null | awk 'NR == 2 { print ($4 > 2000000) }')" = 1 ] && memory=$(mktemp -d /dev/shm/tengen-tests-XXXXXX); then
    export TMPDIR="$memory"
fi

# Prints one line per test, and an excerpt of the log if it failed.
report() { # NAME passed failed LOG
    passed=$((passed + $2))
    failed=$((failed + $3))
    if [ "$3" -eq 0 ]; then
        echo "ok    $1 ($2)"
    else
        echo "FAIL  $1 ($3 of $(($2 + $3)))"
        grep -E '\[(FAIL|----|ERR )|ERROR|WARNING: Thread|SUMMARY|error:|rror|timed out|Assert' "$4" | head -n 60
        echo "      full log: $4"
    fi
}

wanted() { # NAME
    [ -z "$names" ] && return 0
    for name in $names; do case $1 in "$name" | "$name"_*) return 0 ;; esac; done
    return 1
}

build() { # PRESET
    # No -j: ninja uses all cores.
    { cmake --preset "$1" -DTENGEN_TESTS=ON && cmake --build "build/$1"; } >"$logs/build-$1.log" 2>&1
}

# Builds in the background, at low priority: most tests use one core. In a process group of its own, which ends with this script.
build_next() { # PRESET
    setsid nice -n 10 sh -c 'cmake --preset "$1" -DTENGEN_TESTS=ON && cmake --build "build/$1"' sh "$1" >"$logs/build-$1.log" 2>&1 &
    building=$!
}
building=
beside=
trap '[ -z "$building" ] || kill -- "-$building" 2>/dev/null; [ -z "$beside" ] || { pkill -P "$beside"; kill "$beside"; } 2>/dev/null; [ -z "$memory" ] || rm -rf "$memory"' EXIT
trap 'exit 130' INT TERM

report_build() { # PRESET
    grep -E 'error|FAILED|undefined' "$logs/build-$1.log" | head -n 40
    report "build $1" 0 1 "$logs/build-$1.log"
}

# Counts the tests in Criterion's synthesis line if there is one, else the exit status as one test.
count() { # NAME STATUS LOG
    line=$(grep -a 'Synthesis: Tested:' "$3" | tail -n 1)
    if [ -n "$line" ]; then
        tested=$(echo "$line" | sed 's/.*Tested:[^0-9]*\([0-9]*\).*/\1/')
        good=$(echo "$line" | sed 's/.*Passing:[^0-9]*\([0-9]*\).*/\1/')
        bad=$((tested - good))
        # A suite that ran no tests, or failed outside any test, must not count as passed.
        [ "$tested" -gt 0 ] && { [ "$2" -eq 0 ] || [ "$bad" -gt 0 ]; } || bad=$((bad + 1))
        report "$1" "$good" "$bad" "$3"
    elif [ "$2" -eq 0 ]; then
        report "$1" 1 0 "$3"
    else
        report "$1" 0 1 "$3"
    fi
}

log_of() { # PRESET TEST
    echo "$logs/$1-$(basename "$2").log"
}

# Runs a test program; its exit status goes to a file beside its log.
run_program() { # PRESET TEST
    log=$(log_of "$1" "$2")
    options=
    case $2 in */test_*) options="-j1 --timeout ${TENGEN_TEST_TIMEOUT:-900}" ;; esac
    # Leaks are logged to files: LeakSanitizer reports after Criterion's verdict, so a leaking test would pass.
    # GLib's slices pass memory between threads without a word that ThreadSanitizer understands: plain malloc instead.
    ASAN_OPTIONS=detect_leaks=1:log_path=$log.san LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0 \
        UBSAN_OPTIONS=print_stacktrace=1 OMP_NUM_THREADS=1 \
        G_SLICE=always-malloc TSAN_OPTIONS=halt_on_error=1:exitcode=66:suppressions=$PWD/tests/tsan.supp \
        timeout 1800 "$2" $options >"$log" 2>&1 </dev/null
    echo $? >"$log.status"
}

judge() { # PRESET TEST
    log=$(log_of "$1" "$2")
    name=$(basename "$2")
    status=$(cat "$log.status" 2>/dev/null || echo 1)
    rm -f "$log.status"
    if ls "$log".san.* >/dev/null 2>&1; then
        cat "$log".san.* >>"$log"
        status=1
        report "$1 $name (sanitizer log)" 0 1 "$log"
    fi
    count "$1 $name" "$status" "$log"
}

# The tests of the engine take as long as all others together, and most of the time one core: they run beside them.
run_preset() { # PRESET
    engine=build/$1/tests/test_engine
    if [ -x "$engine" ] && wanted engine; then
        run_program "$1" "$engine" &
        beside=$!
    fi
    for test in build/$1/tests/test_* build/$1/tests/*_thread_*; do
        name=$(basename "$test")
        [ -x "$test" ] && [ -f "$test" ] && [ "$test" != "$engine" ] && wanted "${name#test_}" || continue
        run_program "$1" "$test"
        judge "$1" "$test"
    done
    [ -z "$beside" ] || { wait "$beside"; beside=; judge "$1" "$engine"; }
}

run_house() {
    for test in tests/house/*.sh; do
        log=$logs/house-$(basename "$test").log
        timeout 600 sh "$test" >"$log" 2>&1 </dev/null
        count "$test" $? "$log"
    done
}

# While the tests of one preset run, the next one is built.
build release && built=yes || built=
for preset in release asan-ubsan tsan; do
    case $preset in
        release) next=asan-ubsan ;;
        asan-ubsan) next=tsan ;;
        *) next= ;;
    esac
    [ -z "$next" ] || build_next $next
    if [ "$built" ]; then run_preset $preset; else report_build $preset; fi
    if [ -n "$next" ]; then wait "$building" && built=yes || built=; building=; fi
done
wanted house && run_house
echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

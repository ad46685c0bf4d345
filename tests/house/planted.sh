#!/bin/sh
# Plants an overflow, a leak, undefined behaviour and a race, and fails unless each is caught the way run.sh looks.
cd "$(dirname "$0")/../.." || exit 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# `keep` prevents the compiler from removing unused values.
cat >"$work/memory.c" <<'END'
#include <criterion/criterion.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#define keep(p) __asm__("" : : "r"(p) : "memory")
Test(planted, overflow) { char *p = malloc(4); int i = rand() % 2 + 4; memset(p, 1, (size_t)i + 1); keep(p); free(p); }
Test(planted, undefined) { int top = INT_MAX - rand() % 2; keep(&top); top += 2; keep(&top); }
Test(planted, leak) { char *p = malloc(77); keep(p); p = NULL; keep(p); }
END
cat >"$work/race.c" <<'END'
#include <pthread.h>
static int shared;
static void *add(void *unused) { for (int i = 0; i < 1000; i++) shared++; return unused; }
int main(void) { pthread_t a, b; pthread_create(&a, 0, add, 0); pthread_create(&b, 0, add, 0);
                 pthread_join(a, 0); pthread_join(b, 0); return 0; }
END
san='-std=gnu11 -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all'
cc $san -fsanitize=address,undefined $(pkg-config --cflags criterion) "$work/memory.c" -o "$work/memory" \
    $(pkg-config --libs criterion) || exit 1
cc $san -fsanitize=thread "$work/race.c" -o "$work/race" -lpthread || exit 1

expect() { # WHAT PATTERN FILES...
    what=$1 pattern=$2
    shift 2
    grep -aq "$pattern" "$@" 2>/dev/null && echo "caught: $what" || { echo "NOT caught: $what"; bad=1; }
}
for test in overflow undefined leak; do
    ASAN_OPTIONS=detect_leaks=1:log_path=$work/$test.san "$work/memory" -j1 --filter "planted/$test" >"$work/$test.log" 2>&1
done
expect overflow heap-buffer-overflow "$work"/overflow.san.*
expect undefined 'signed integer overflow' "$work"/undefined.san.* "$work/undefined.log"
expect leak 'detected memory leaks' "$work"/leak.san.*
TSAN_OPTIONS=halt_on_error=1:exitcode=66 "$work/race" >"$work/race.log" 2>&1
[ $? -eq 66 ] && expect race 'data race' "$work/race.log" || { echo "NOT caught: race"; bad=1; }
exit $bad

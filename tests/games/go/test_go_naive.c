/* The fast board against the naive one, with every ko and suicide rule (acceptance/go_naive_million plays a million
 * moves each). */
#include "tests/games/go/go_against_naive.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const char *const kos[] = {"simple", "positional", "situational"};

static void agree(int size, long moves, bool all, int cap)
{
    for (int mode = 0; mode < 6; mode++) {
        struct naive_tally tally = {0};
        char spec[100];
        snprintf(spec, sizeof spec, "go:%d,ko=%s,suicide=%s,cap=%d", size, kos[mode % 3], mode < 3 ? "no" : "yes", cap);
        const char *wrong = go_against_naive(spec, moves, all, 7 + (uint64_t)mode, &tally);
        cr_assert(!wrong, "%s: %s", spec, wrong);
        cr_expect(tally.captures > 100, "%s: %ld captures", spec, tally.captures);
        cr_expect((tally.suicides > 0) == (mode >= 3), "%s: %ld suicides", spec, tally.suicides);
        cr_expect(tally.kos > 0, "%s: %ld kos", spec, tally.kos);
        cr_expect(mode % 3 == 0 ? tally.superkos == 0 : size > 5 || tally.superkos > 3, "%s: %ld superkos", spec,
                  tally.superkos);
    }
}

Test(go_naive, tiny_boards_full_of_superko)
{
    agree(3, 3000, true, 400);
    agree(4, 3000, true, 600);
}

Test(go_naive, five_by_five)
{
    agree(5, 4000, true, 800);
}

Test(go_naive, nine_by_nine)
{
    agree(9, 2000, false, 600);
}

Test(go_naive, nineteen_by_nineteen)
{
    agree(19, 2000, false, 0);
}

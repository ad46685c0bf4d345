/* When training counts as diverged: by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/training/recovery/divergence.h"
#include "net/train.h"

/* Steps with the same loss until one counts as diverged; returns its number from 1, or 0 for none of `count`. */
static int feed(struct divergence *d, float loss, int count, char why[DIVERGENCE_WHY])
{
    const struct net_losses losses = {.total = loss, .finite = isfinite(loss)};
    for (int i = 1; i <= count; i++)
        if (divergence_step(d, &losses, why))
            return i;
    return 0;
}

Test(divergence, a_loss_that_is_no_number)
{
    struct divergence d = {0};
    char why[DIVERGENCE_WHY];
    cr_assert_eq(feed(&d, NAN, 1, why), 1);
    cr_assert_str_eq(why, "the loss is not a finite number");
    d = (struct divergence){0};
    cr_assert_eq(feed(&d, 4, 100, why), 0);
    cr_assert_eq(feed(&d, INFINITY, 1, why), 1);
}

/* From 4, one loss of L makes the fast mean 0.8 * 4 + 0.2 L and the slow one 0.98 * 4 + 0.02 L: the former is more than three times
 * the latter if 0.14 L > 8.56, that is, L > 61.1. */
Test(divergence, a_single_loss)
{
    struct divergence d = {0};
    char why[DIVERGENCE_WHY];
    cr_assert_eq(feed(&d, 4, 60, why), 0);
    cr_assert_eq(feed(&d, 61, 1, why), 0);
    d = (struct divergence){0};
    cr_assert_eq(feed(&d, 4, 60, why), 0);
    cr_assert_eq(feed(&d, 62, 1, why), 1);
    cr_assert_str_eq(why, "the loss rose from 4 to 62");
}

/* A loss that stays at k times what it was: fast / slow = (k - (k - 1) 0.8^n) / (k - (k - 1) 0.98^n) is at its highest after some 15
 * steps; for k = 3 it is 2.90 / 1.52 = 1.9 there, for k = 10 it is 9.68 / 3.35 = 2.9 after 15, and 9.5 / 3.1 = 3.08 after 13. */
Test(divergence, a_loss_that_stays_high)
{
    struct divergence d = {0};
    char why[DIVERGENCE_WHY];
    cr_assert_eq(feed(&d, 1, 60, why), 0);
    cr_assert_eq(feed(&d, 3, 500, why), 0);
    d = (struct divergence){0};
    cr_assert_eq(feed(&d, 1, 60, why), 0);
    const int steps = feed(&d, 10, 500, why);
    cr_assert(steps > 1 && steps <= 13, "%d", steps);
}

/* What a session begins with is no measure: its first 50 steps. */
Test(divergence, the_beginning)
{
    struct divergence d = {0};
    char why[DIVERGENCE_WHY];
    cr_assert_eq(feed(&d, 1, 1, why), 0);
    cr_assert_eq(feed(&d, 1000, 49, why), 0);
}

#include "engine/training/recovery/divergence.h"

#include <glib.h>
#include <stdio.h>

#include "engine/store/store.h"
#include "net/train.h"

/* A healthy loss stays within a small factor of its mean, whatever is new in the window. */
enum { STEPS_BEFORE = 50, FACTOR = 3 };

bool divergence_step(struct divergence *d, const struct net_losses *losses, char why[DIVERGENCE_WHY])
{
    if (!losses->finite) {
        g_strlcpy(why, "the loss is not a finite number", DIVERGENCE_WHY);
        return true;
    }
    const double before = d->slow;
    d->fast = d->steps ? d->fast + 0.2 * (losses->total - d->fast) : losses->total;
    d->slow = d->steps ? d->slow + 0.02 * (losses->total - d->slow) : losses->total;
    d->steps++;
    if (d->steps <= STEPS_BEFORE || d->fast <= FACTOR * d->slow)
        return false;
    g_snprintf(why, DIVERGENCE_WHY, "the loss rose from %.3g to %.3g", before, (double)losses->total);
    return true;
}

void divergence_tell(struct store *store, const struct divergence_told *told)
{
    char *what = g_strdup_printf("%s after %" G_GINT64_FORMAT " steps: back to the checkpoint after %" G_GINT64_FORMAT
                                 " steps, with the learning rate scaled by %g",
                                 told->why, told->steps, told->back_to, told->rate_scale);
    fprintf(stderr, "tengen train: %s (roll-back %d of at most %d)\n", what, told->times, told->most);
    store_add_event(store, what, NULL); /* if it cannot be written, something that matters more cannot, either */
    g_free(what);
}

#include "engine/training/recovery/divergence.h"

#include <glib.h>

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

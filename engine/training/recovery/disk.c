#include "engine/training/recovery/disk.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "engine/settings/settings.h"
#include "engine/store/database.h"
#include "engine/store/files/budget.h"
#include "engine/store/store.h"
#include "engine/training/replay/replay_window.h"
#include "net/io/atomic_file.h"

enum { ASKED = 10 }; /* times a second */

/* Once the run has generated so many times as many rows as now, its larger window still finds all of its rows on the disk. */
enum { GROWTH = 2 };

bool disk_wait(struct disk_pause *pause, GError **error, bool (*is_over)(void *user), void *user)
{
    if (!g_error_matches(*error, DATABASE_ERROR, DATABASE_ERROR_FULL) &&
        !g_error_matches(*error, ATOMIC_FILE_ERROR, ATOMIC_FILE_ERROR_FULL))
        return false;
    if (!atomic_exchange(&pause->said, true)) {
        const char *advice = strchr((*error)->message, ';'); /* to rerun the command */
        fprintf(stderr, "tengen train: %.*s; training pauses and resumes by itself when there is room\n",
                (int)(advice ? advice - (*error)->message : (ptrdiff_t)strlen((*error)->message)), (*error)->message);
    }
    atomic_fetch_add(&pause->waiting, 1);
    bool over = false;
    for (int i = 0; i < ASKED && !(over = is_over(user)); i++)
        g_usleep(G_USEC_PER_SEC / ASKED);
    atomic_fetch_sub(&pause->waiting, 1);
    if (!over)
        g_clear_error(error);
    return !over;
}

void disk_written(struct disk_pause *pause, struct store *store)
{
    if (!atomic_exchange(&pause->said, false))
        return;
    fprintf(stderr, "tengen train: there is room on the disk; training goes on\n");
    store_add_event(store, "the disk was full, and training paused until there was room", NULL);
}

enum { MEGABYTE = 1000 * 1000, LOG = 4 * MEGABYTE }; /* bytes */

/* False, after the error was printed. */
static bool keep(struct store *store, const struct settings *settings, int64_t bytes, int64_t made, enum budget *budget)
{
    GError *error = NULL;
    if (budget_keep(store, bytes, window_size(settings, GROWTH * made), budget, &error))
        return true;
    fprintf(stderr, "tengen train: %s; will try again to keep max_disk\n", error->message);
    g_error_free(error);
    return false;
}

void disk_keep_budget(struct disk_pause *pause, struct store *store, const struct settings *settings, int64_t made,
                      bool (*is_over)(void *user), void *user)
{
    enum budget budget = BUDGET_MORE;
    if (settings->max_disk == 0)
        return;
    const int64_t used = budget_used(store), most = settings->max_disk * MEGABYTE;
    /* Games come in bursts, since none are made while others are freed. */
    const int64_t before = atomic_load(&pause->growth);
    const int64_t growth = MAX(used - atomic_exchange(&pause->used, used), before - before / 8);
    atomic_store(&pause->growth, growth);
    /* For a while they are in the database and in its log, which grows to LOG before its space is reused. */
    const int64_t bytes = most - MIN(MAX(2 * growth, LOG), most / 2);
    if (made == 0 || used <= bytes)
        return;
    atomic_fetch_add(&pause->waiting, 1);
    while (keep(store, settings, bytes, made, &budget) && budget == BUDGET_MORE && !is_over(user))
        ;
    atomic_fetch_sub(&pause->waiting, 1);
    atomic_store(&pause->used, budget_used(store));
    if (budget == BUDGET_IMPOSSIBLE && budget_used(store) > most && !atomic_exchange(&pause->over, true))
        fprintf(stderr,
                "tengen train: max_disk=%" G_GINT64_FORMAT " cannot be kept: the run takes %" G_GINT64_FORMAT
                " MB with the games of its replay window and the nets that it needs; training goes on\n",
                settings->max_disk, budget_used(store) / MEGABYTE);
}

#include "engine/selfplay/start.h"

#include <glib.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/rng.h"

enum draw { UNIFORMLY, BY_SURPRISE, DRAWS };

struct entry {
    struct record *record;
    int64_t max_plies;    /* of a game on its board */
    double weight[DRAWS]; /* of all its positions */
};

struct start_archive {
    const struct settings *settings;
    GQueue games; /* struct entry, oldest first */
    int64_t rows;
};

struct start_archive *start_archive_new(const struct settings *settings)
{
    struct start_archive *archive = g_new0(struct start_archive, 1);
    archive->settings = settings;
    g_queue_init(&archive->games);
    return archive;
}

static void free_entry(void *data)
{
    struct entry *entry = data;
    record_unref(entry->record);
    g_free(entry);
}

void start_archive_free(struct start_archive *archive)
{
    if (!archive)
        return;
    g_queue_clear_full(&archive->games, free_entry);
    g_free(archive);
}

/* How often a position is drawn, relative to others; 0: never. */
static double weight(const struct entry *entry, int ply, enum draw draw)
{
    const struct record *record = entry->record;
    if (ply < 1 || ply >= entry->max_plies || !(record->plies[ply].flags & RECORD_SEARCHED))
        return 0;
    return draw == BY_SURPRISE ? (double)record_surprise(record, ply) : 1;
}

static int64_t oldest_rows(struct start_archive *archive)
{
    const struct entry *oldest = g_queue_peek_head(&archive->games);
    return oldest->record->rows;
}

void start_archive_add(struct start_archive *archive, struct record *record)
{
    struct entry *entry = g_new0(struct entry, 1);
    entry->record = record_ref(record);
    entry->max_plies = settings_lengths(archive->settings, &record->game).max_plies;
    for (int ply = 0; ply < record->ply_count; ply++)
        for (enum draw draw = 0; draw < DRAWS; draw++)
            entry->weight[draw] += weight(entry, ply, draw);
    g_queue_push_tail(&archive->games, entry);
    archive->rows += record->rows;
    while (archive->rows - oldest_rows(archive) >= START_ARCHIVE_ROWS) {
        archive->rows -= oldest_rows(archive);
        free_entry(g_queue_pop_head(&archive->games));
    }
}

static double sum(const struct start_archive *archive, enum draw draw)
{
    double total = 0;
    for (const GList *at = archive->games.head; at; at = at->next)
        total += ((const struct entry *)at->data)->weight[draw];
    return total;
}

/* The game in whose part of the weights `left` falls, less those before it; the last one if rounding leaves something. */
static const struct entry *find_game(const struct start_archive *archive, enum draw draw, double *left)
{
    const struct entry *found = NULL;
    for (const GList *at = archive->games.head; at; at = at->next) {
        const struct entry *entry = at->data;
        if (entry->weight[draw] <= 0)
            continue;
        found = entry;
        if (*left < entry->weight[draw])
            break;
        *left -= entry->weight[draw];
    }
    return found;
}

static int find_ply(const struct entry *entry, enum draw draw, double left)
{
    int found = 0;
    for (int ply = 0; ply < entry->record->ply_count; ply++) {
        const double own = weight(entry, ply, draw);
        if (own <= 0)
            continue;
        found = ply;
        if ((left -= own) < 0)
            break;
    }
    return found;
}

bool start_archive_draw(const struct start_archive *archive, uint64_t seed, struct record **start, int *plies)
{
    struct rng rng;
    rng_seed(&rng, rng_mix(seed ^ 0x7374617274u /* "start" */));
    if (rng_uniform(&rng) >= archive->settings->start_share)
        return false;
    enum draw draw = rng_uniform(&rng) < archive->settings->start_surprise ? BY_SURPRISE : UNIFORMLY;
    if (sum(archive, draw) <= 0)
        draw = UNIFORMLY; /* nothing surprised */
    double left = rng_uniform(&rng) * sum(archive, draw);
    const struct entry *entry = find_game(archive, draw, &left);
    if (!entry)
        return false;
    *start = record_ref(entry->record);
    *plies = find_ply(entry, draw, left);
    return true;
}

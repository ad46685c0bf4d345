#include "games/history.h"

#include "games/game.h"

void history_init(struct history *history, int capacity)
{
    *history = (struct history){.capacity = capacity > 16 ? capacity : 16};
    history->entries = g_new(struct history_entry, history->capacity);
}

void history_clear(struct history *history)
{
    g_free(history->entries);
    *history = (struct history){0};
}

static void reserve(struct history *history, int count)
{
    if (count <= history->capacity)
        return;
    history->capacity = count * 2;
    history->entries = g_renew(struct history_entry, history->entries, history->capacity);
}

void history_copy(struct history *to, const struct history *from)
{
    reserve(to, from->count);
    if (from->count)
        memcpy(to->entries, from->entries, (size_t)from->count * sizeof *from->entries);
    to->count = from->count;
    to->marks = from->marks;
    memcpy(to->seen, from->seen, sizeof to->seen);
}

static void mark(struct history *history, uint64_t stones_hash)
{
    history->seen[stones_hash >> 58] |= (uint64_t)1 << (stones_hash >> 52 & 63);
    history->marks++;
}

void history_push_entry(struct history *history, const struct history_entry *entry)
{
    reserve(history, history->count + 1);
    history->entries[history->count++] = *entry;
    mark(history, entry->stones_hash);
}

void history_push(struct history *history, const struct position *position)
{
    history_push_entry(
        history, &(struct history_entry){
                     .stones_hash = position->stones_hash, .colour = position->colour, .move = GAME_NO_MOVE});
}

/* Bits of truncated entries that are tolerated: one in eight of the filter's, which bounds the false positives that
 * they cause. */
enum { MAX_STALE_MARKS = 512 };

void history_truncate(struct history *history, int count)
{
    history->count = count;
    if (history->marks - count <= MAX_STALE_MARKS)
        return;
    history->marks = 0;
    memset(history->seen, 0, sizeof history->seen);
    for (int i = 0; i < count; i++)
        mark(history, history->entries[i].stones_hash);
}

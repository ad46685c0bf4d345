/* What happened before a position: hashes of the positions on the way to it, for rules that ask whether a board has
 * been there before (superko). The caller owns it; undo is history_truncate and a copy of the earlier position. */
#ifndef TENGEN_GAMES_HISTORY_H
#define TENGEN_GAMES_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

struct position;

/* Entry i is the position from which move i was made, oldest first. */
struct history_entry {
    uint64_t stones_hash;
    uint8_t colour; /* to move there */
};
struct history {
    struct history_entry *entries;
    int count, capacity;
    /* A filter before the entries: a stones_hash whose bit is not set is in none of them. Bits of entries that were
     * truncated stay set until they are too many; `marks` counts those set since the filter was last rebuilt. */
    int marks;
    uint64_t seen[64];
};

/* history_init cannot fail (out of memory ends the program); a history grows when full, which a caller that reserves
 * enough (game->max_plies) never sees. A NULL history means "do not check superko" wherever one is taken. */
void history_init(struct history *history, int capacity);
void history_clear(struct history *history); /* frees */
void history_copy(struct history *to, const struct history *from);
void history_push(struct history *history, const struct position *position);
void history_push_entry(struct history *history, const struct history_entry *entry);
void history_truncate(struct history *history, int count);
/* False: no position with these stones is in the history. True: there may be one. */
static inline bool history_may_have(const struct history *history, uint64_t stones_hash)
{
    return history->seen[stones_hash >> 58] >> (stones_hash >> 52 & 63) & 1;
}

#endif

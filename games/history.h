/* The hashes of the positions that led to a position, for rules that forbid repeating a board (superko). The caller
 * owns it; to undo moves, truncate it and copy the earlier position back. */
#ifndef TENGEN_GAMES_HISTORY_H
#define TENGEN_GAMES_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

struct position;

/* Entry i is the position from which move i was made, oldest first, and that move. */
struct history_entry {
    uint64_t stones_hash;
    uint8_t colour; /* to move in that position */
    uint16_t move;  /* a game_move; GAME_NO_MOVE where the board came to be otherwise */
};
struct history {
    struct history_entry *entries;
    int count, capacity;
    /* A Bloom filter with one hash function: a stones_hash whose bit is clear is in no entry. Bits of truncated entries
     * stay set until there are too many; `marks` counts the entries marked since the filter was last rebuilt. */
    int marks;
    uint64_t seen[64];
};

/* history_init cannot fail (running out of memory ends the program). A full history grows; one with a capacity of
 * game->max_plies never has to. Wherever a function takes a history, NULL means "do not check superko". */
void history_init(struct history *history, int capacity);
void history_clear(struct history *history); /* frees */
void history_copy(struct history *to, const struct history *from);
/* An entry without a move. */
void history_push(struct history *history, const struct position *position);
void history_push_entry(struct history *history, const struct history_entry *entry);
void history_truncate(struct history *history, int count);
/* False: no position in the history has these stones. True: there may be one. */
static inline bool history_may_have(const struct history *history, uint64_t stones_hash)
{
    return history->seen[stones_hash >> 58] >> (stones_hash >> 52 & 63) & 1;
}

#endif

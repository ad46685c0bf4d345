/* A finished game as it is stored and learned from: its moves, what each search found, how it ended.
 *
 *   plies    move, player, improved policy (sparse, 16-bit shares), win/draw/loss after search and before it
 *   result   outcome and margin from player 0's side; map: the game's per-point target, +1 player 0's
 *
 * Everything of a ply is from the view of the player who moved there, whatever colour that player held. A record is
 * immutable once finished and shared by reference count, by any thread. */
#ifndef TENGEN_ENGINE_STORE_RECORD_H
#define TENGEN_ENGINE_STORE_RECORD_H

#include "games/game.h"

#define RECORD_ERROR (record_error_quark())
GQuark record_error_quark(void);
enum record_error { RECORD_ERROR_BLOB };

enum record_flags {
    RECORD_SEARCHED = 1, /* wdl and raw_wdl were filled; false for the plies of an opening */
    RECORD_TRAIN = 2,    /* a training row: searched fully, its policy is a target */
};

struct record_share {
    game_move move;
    uint16_t share; /* of the row's sum, which is near 65535 */
};

struct record_ply {
    game_move move;
    uint8_t player, flags;
    uint32_t first_share; /* index into record->shares */
    uint16_t share_count;
    float wdl[3];     /* win, draw, loss after search */
    float raw_wdl[3]; /* the evaluator's own */
};

struct record {
    struct game game;        /* its own: komi and rules may differ from game to game of a run */
    uint64_t number;         /* of the game in its run, from 0 */
    uint32_t generation;     /* of the net that began it */
    struct game_result result;
    uint64_t opening_hash; /* the position after RECORD_OPENING_PLIES (or the last), for the diversity figure */
    uint64_t moves_hash;   /* of the whole list of moves: counts distinct games */
    int ply_count, ply_room;
    struct record_ply *plies;
    uint32_t share_count, share_room;
    struct record_share *shares;
    int8_t *map; /* [points] */
    int rows;    /* plies with RECORD_TRAIN */
    int refs;    /* atomic; see record_ref */
};

enum { RECORD_OPENING_PLIES = 6 };

/* game: copied. */
struct record *record_new(const struct game *game, uint64_t number, uint32_t generation);
struct record *record_ref(struct record *record);
void record_unref(struct record *record); /* NULL is fine */

/* Adds the move made in `position` (before it was played). policy: [moves] shares that sum to 1, or NULL for none; wdl
 * and raw_wdl: mover's view, or NULL when nothing was searched. */
void record_add(struct record *record, const struct position *position, game_move move, const float *policy,
                const float *wdl, const float *raw_wdl, int flags);
/* The game has ended (or was stopped at its length cap) in this position: takes result and map. */
void record_finish(struct record *record, const struct position *last);

/* The result as win, draw and loss of the player who moved at a ply: one of them is 1, the others are 0. */
void record_outcome(const struct record *record, int ply, float wdl[3]);
/* The short-term value of a ply, its mover's view: sum over k >= 1 of (1 - l) l^(k-1) wdl(ply + k), over the plies that
 * were searched, with l = 1 - 1 / horizon; what remains of the weight goes to the result. horizon: above 1, the mean
 * distance in plies. */
void record_short_term_value(const struct record *record, int ply, float horizon, float wdl[3]);

/* As bytes (zstd), and back. Bytes of version 2 hold the game's spec; those of version 1, which older programs wrote,
 * do not, and are taken for games of `otherwise` (NULL: refused). Unpacking replays the moves and refuses whatever is
 * not a legal game. Returns 0, or -1 with the error set. */
GBytes *record_pack(const struct record *record);
int record_unpack(struct record **out, const struct game *otherwise, const void *data, size_t size, GError **error);

#endif

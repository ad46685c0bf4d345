/* A finished game as stored and trained on: moves, search results, game result.
 *
 *   plies    move, player, improved policy (sparse, 16-bit shares) and its surprise, win/draw/loss after and before search
 *   result   outcome and margin from player 0's perspective; map: the game's per-point target, +1: player 0
 *
 * All data of a ply is from the perspective of the player who moved, whatever the colour. A record is immutable once
 * finished and reference counted; references may be shared between threads. */
#ifndef TENGEN_ENGINE_STORE_RECORD_H
#define TENGEN_ENGINE_STORE_RECORD_H

#include "games/game.h"

#define RECORD_ERROR (record_error_quark())
GQuark record_error_quark(void);
enum record_error { RECORD_ERROR_BLOB };

enum record_flags {
    RECORD_SEARCHED = 1, /* wdl and raw_wdl are set; not for opening plies */
    RECORD_TRAIN = 2,    /* a training row: full search, policy is a target (but see RECORD_OPPONENT) */
    RECORD_COPIED = 4,   /* of an earlier game, at whose position this one began; only at the start of a record */
    /* By the fixed opponent of settings.against: its move is not a target of the policy, and its values are the learning net's, without
     * a search. */
    RECORD_OPPONENT = 8,
};

struct record_share {
    game_move move;
    uint16_t share; /* probability, relative to the sum over the ply, which is about 65535 */
};

struct record_ply {
    game_move move;
    uint8_t player, flags;
    uint32_t first_share; /* index into record->shares */
    uint16_t share_count;
    float wdl[3];     /* win, draw, loss after search */
    float raw_wdl[3]; /* raw network value */
    float surprise;   /* of the policy, nats: see record_set_surprise; 0 if unknown */
};

/* Where a game's result is from. Self-play's is that of the final position. Games that people played end by resignation, or with
 * dead stones on the board; then the result is what their record states, and nobody knows who owns the points. */
enum record_source {
    RECORD_BY_RULES,
    RECORD_OUTCOME_STATED, /* only who won is known: the margin and the map are 0 */
    RECORD_MARGIN_STATED,  /* outcome and margin; the map is unknown */
};

struct record {
    struct game game;        /* komi and rules may differ between the games of a run */
    uint64_t number;         /* of the game in its run, from 0 */
    uint32_t generation;     /* of the net at the start of the game */
    struct game_result result;
    enum record_source source; /* of the result */
    /* Position after RECORD_OPENING_PLIES, or the last one: for the diversity statistic. The copied plies do not count. */
    uint64_t opening_hash;
    uint64_t moves_hash;   /* of the move sequence: identifies distinct games */
    int ply_count, ply_capacity;
    struct record_ply *plies;
    uint32_t share_count, share_capacity;
    struct record_share *shares;
    int8_t *map; /* [points] */
    int rows;    /* plies with RECORD_TRAIN */
    int copied;  /* plies with RECORD_COPIED */
    int refs;    /* atomic; see record_ref */
};

enum { RECORD_OPENING_PLIES = 6 };

/* game: copied. */
struct record *record_new(const struct game *game, uint64_t number, uint32_t generation);
struct record *record_ref(struct record *record);
void record_unref(struct record *record); /* NULL is fine */
/* Bytes of memory that a record takes. */
size_t record_memory(const struct record *record);

/* Appends a move; `position`: before the move. policy: [moves] probabilities, or NULL; wdl and raw_wdl: from the
 * mover's perspective, or NULL if there was no search. */
void record_add(struct record *record, const struct position *position, game_move move, const float *policy,
                const float *wdl, const float *raw_wdl, int flags);
/* The surprise of the last ply's policy: the divergence of the improved policy from the net's prior, nats, 0..16; more
 * counts as 16. */
void record_set_surprise(struct record *record, float nats);
/* Sets result and map from the final position, at the end of the game or at its length limit. */
void record_finish(struct record *record, const struct position *last);
/* After record_finish: replaces the result by a stated one; source: not RECORD_BY_RULES. margin: points of player 0 minus those of
 * player 1, if it is stated. */
void record_state_result(struct record *record, enum record_source source, enum game_outcome outcome, float margin);

/* The player whose moves are the fixed opponent's; -1 if there is none. */
int record_opponent(const struct record *record);
/* The result as one-hot win, draw, loss from the perspective of the player who moved at `ply`. */
void record_outcome(const struct record *record, int ply, float wdl[3]);
/* The surprise of a ply's value: the divergence of win, draw and loss after the search from the raw network's, nats; 0 if
 * there was no search. */
float record_value_surprise(const struct record *record, int ply);
/* The surprise of a ply's policy and value together, nats. */
float record_surprise(const struct record *record, int ply);
/* The short-term value at a ply, from its mover's perspective: sum over k >= 1 of (1 - l) l^(k-1) wdl(k-th searched ply after it), with
 * l = 1 - 1 / horizon; the remaining weight goes to the result, and so does what is left below 1e-4. horizon: above 1, the mean
 * distance in searched plies. */
void record_short_term_value(const struct record *record, int ply, float horizon, float wdl[3]);

/* Serialisation (zstd). Format version 3 is written, or 4 for a game with a stated result. Versions 1 and 2 of older programs are
 * read, too: 2 lacks the surprise of the policy, which is then unknown; 1 also lacks the game's spec and is read as a game of
 * `fallback` (NULL: rejected). Unpacking replays the moves and rejects anything but a legal game. Returns 0, or -1 with the error set. */
GBytes *record_pack(const struct record *record);
int record_unpack(struct record **out, const struct game *fallback, const void *data, size_t size, GError **error);

/* Win, draw and loss of a ply as value, -1..1. */
static inline double record_value(const float wdl[3])
{
    return (double)wdl[0] - (double)wdl[2];
}

#endif

/* The ladder of a run: games of its checkpoints against fixed rungs and against earlier checkpoints, and the ratings that follow.
 *
 * Losses do not show strength, since their targets move with the player that generates them; games against fixed players do.
 * A rung that wins or loses all games tells little, so opponents of about equal strength are preferred; earlier checkpoints
 * connect a net that has outgrown the fixed rungs to them. A run that starts from a net is measured against that net first, which shows
 * how much stronger training has made it.
 *
 * The functions need no thread of their own: engine/training/measure.c calls them in one. */
#ifndef TENGEN_ENGINE_LADDER_LADDER_H
#define TENGEN_ENGINE_LADDER_LADDER_H

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/match/statistics/rating.h"
#include "engine/store/store.h"

struct agent;
struct game;

/* LADDER_GAMES: games of a checkpoint, after which it is the newest one's turn. LADDER_ONE_SIDED: the same for a checkpoint that has
 * won, or lost, all its games so far: more of them would tell little. LADDER_JUDGED: with fewer games a checkpoint (ladder_best), or
 * half of the checkpoints (ladder_gain_of), is not judged. */
enum { LADDER_MAX_RUNGS = 8, LADDER_GAMES = 24, LADDER_ONE_SIDED = 6, LADDER_JUDGED = 8 };
/* The rung that is the net from which the run started: its generation 0. */
#define LADDER_START "start"

/* The fixed rungs of a run. */
struct ladder {
    const struct game *game;
    int visits; /* of the checkpoints' searches */
    int count;
    char rungs[LADDER_MAX_RUNGS][STORE_RUNG_MAX]; /* agents' specs */
    bool failed[LADDER_MAX_RUNGS];                /* not to be played any more: see ladder_set_failed */
};
/* rungs: agents' specs, or LADDER_START, separated by semicolons. from: the net from which the run started, as its setting names it, or
 * "". If rungs is empty, they are: without `from`, rollout:1000, random, rollout:100 and the network that comes with Tengen, if there is
 * one for the game, with the same visits; with `from`, LADDER_START, that network unless `from` names it, and rollout:1000. False with
 * the error set if one of them does not play this game, or does not exist, if there are more than LADDER_MAX_RUNGS, or if one has
 * STORE_RUNG_MAX characters or more. */
bool ladder_init(struct ladder *ladder, const struct game *game, const char *rungs, const char *from, int visits,
                 GError **error);

/* Leaves out a rung whose game failed, if it is a fixed one. False if no fixed rung is left. */
bool ladder_set_failed(struct ladder *ladder, const char *rung);

/* Whether a rung, as in struct store_rung_game, is an earlier checkpoint, and which. */
bool ladder_rung_generation(const char *rung, uint32_t *generation);

/* Who plays next: a checkpoint, and a rung as in struct store_rung_game. */
struct ladder_meeting {
    uint32_t generation;
    char rung[STORE_RUNG_MAX];
};
/* games: struct store_rung_game, played so far. generations: uint32_t, the checkpoints whose nets are on disk, ascending, not
 * empty. The rung is empty if all fixed ones have failed and no earlier checkpoint that has played is on disk. */
struct ladder_meeting ladder_next(const struct ladder *ladder, const GArray *games, const GArray *generations);

/* A pair of games being played: what another thread needs to stop it. */
struct ladder_table {
    pthread_mutex_t lock;
    struct agent *agents[2]; /* NULL: none is being played */
    atomic_bool stop;
};
void ladder_table_init(struct ladder_table *table);
void ladder_table_clear(struct ladder_table *table);
/* Ends the games soon, and all later ones at once; from any thread. */
void ladder_table_stop(struct ladder_table *table);
/* Plays a pair: an opening that the checkpoint considers even, once with each colour. net, rung_net: files of the checkpoint, and of
 * the rung if that is one, too. Returns the number of finished games, at most 2: fewer when stopped, or if a player fails, which sets the error. pair: also the
 * seed of the opening. */
int ladder_play(const struct ladder *ladder, struct ladder_table *table, const struct ladder_meeting *meeting,
                const char *net, const char *rung_net, int64_t pair, struct store_rung_game games[2], GError **error);

/* A rated player. */
struct ladder_rating {
    char name[STORE_RUNG_MAX]; /* a rung's spec; empty: a checkpoint */
    uint32_t generation;
    int games;
    double score; /* mean points */
    struct rating rating;
};
/* Rates all players of the games in one pool by maximum likelihood, the rung that played first at 0. Returns struct ladder_rating:
 * the rungs in order of their first game, then the checkpoints in ascending order. Freed with g_array_unref. */
GArray *ladder_rate(const GArray *games);
/* How much stronger later checkpoints are than earlier ones: the mean, weighted by games, of those with the later half of the games,
 * less that of the others. */
struct ladder_gain {
    bool known;            /* false: fewer than LADDER_JUDGED games in one of them, or nothing connects them */
    double elo, low, high; /* 95 % interval */
    uint32_t first, middle,
        last; /* generations: the earlier ones are first .. before middle, the later ones middle .. last */
};
struct ladder_gain ladder_gain_of(const GArray *games);
/* The checkpoint to play with: the newest one, unless an earlier one that is on disk is stronger than the newest that was measured,
 * beyond chance (99 %); then the strongest of those. Only checkpoints with LADDER_JUDGED games count as measured. games and generations:
 * as for ladder_next. */
uint32_t ladder_best(const GArray *games, const GArray *generations);

#endif

/* A self-play worker's own state, shared by selfplay.c, opening.c (the plies before the first search) and opponent.c (the plies of a
 * fixed opponent). */
#ifndef TENGEN_ENGINE_SELFPLAY_SELFPLAY_INTERNAL_H
#define TENGEN_ENGINE_SELFPLAY_SELFPLAY_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "games/game.h"
#include "mcts/evaluator.h"

struct mcts;
struct mcts_config;
struct record;

/* A worker's state for one of the run's games. Evaluator and search are tied to a board size and refer to the table's
 * own copy of the game, whose komi is set before each game. */
struct table {
    struct game game;
    struct game variants[SETTINGS_MAX_RULES]; /* under each rule set of the run */
    double shares[SETTINGS_MAX_RULES];
    int variant_count;
    struct evaluator *evaluator; /* the net evaluator stack, or the uniform evaluator */
    struct mcts *search;
    /* For games against the fixed opponent, otherwise NULL: the net's search, which models it, and its own. */
    struct mcts *modelling, *opponent_search;
    struct evaluator *opponent;
    struct settings_lengths lengths;
};

struct selfplay {
    struct selfplay_config config;
    double shares[SETTINGS_MAX_GAMES]; /* of the tables */
    struct table tables[SETTINGS_MAX_GAMES];
    uint32_t generation;
    struct rng rng;
    /* Scratch buffers for one move. */
    float policy[GAME_MAX_MOVES];
    struct eval eval;
};

/* A game in progress. */
struct play {
    const struct game *game;
    struct table *table;
    bool fair_komi; /* komi is chosen after the opening, so that the net considers it even */
    int64_t visits; /* of a full search */
    struct mcts *search; /* the table's for this game */
    int opponent;        /* the player who is the fixed opponent; -1: neither */
    int64_t opponent_visits;
    int weak;       /* the player who makes only fast searches; -1: neither */
    int decided;    /* how many searches in a row, up to the last one, gave player 0 (negative: player 1) a value of `decided` */
    union any_position position;
    struct history history;
    /* The plies before the first search; `line` is owned. The first `copied` of them are those of an earlier game. */
    game_move *line;
    int length, copied;
};

/* The evaluator of a net on a table's board; NULL: the uniform one. 0, or -1 with the error set. */
int selfplay_make_evaluator(const struct selfplay *worker, const struct table *table, struct net *net,
                            struct evaluator **out, GError **error);
/* Adds to a table what games against the fixed opponent need, and its policy to the table's evaluator. config: of the table's search.
 * 0, or -1 with the error set. */
int selfplay_add_opponent(struct selfplay *worker, struct table *table, const struct mcts_config *config,
                          GError **error);
/* Chooses the fixed opponent's move by its own search, and records it with the learning net's values, which are then in worker->eval. */
game_move selfplay_opponent_move(struct selfplay *worker, const struct play *play, struct record *record);
/* Whether something that happens in this share of the games happens in this one. Consumes no random number if it never
 * does. */
bool selfplay_draw_event(struct selfplay *worker, double share);
/* To the initial position. */
void selfplay_restart(struct play *play);
/* Fills the play's line with an opening: samples openings until one is balanced enough, or else takes the most balanced of
 * those tried. */
void selfplay_choose_opening(struct selfplay *worker, struct play *play);
/* Fills the play's line with the first plies of an earlier game and, in start_fork of the games, another move than the
 * one that was played there. */
void selfplay_copy_start(struct selfplay *worker, struct play *play, const struct record *start, int plies);
/* Sets the komi at which the net considers the position after the line even, by bisection. Leaves it as it is if the net
 * favours the same side at any komi, as one does that was trained with a single komi. */
void selfplay_set_fair_komi(struct selfplay *worker, struct play *play);

#endif

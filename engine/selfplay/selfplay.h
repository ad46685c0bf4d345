/* A self-play worker: plays games with Gumbel search and records them.
 *
 * For diversity, each game starts with a few plies sampled from the net's policy or uniformly (redrawn while the net
 * considers the position too one-sided, see opening_balance), and its first searched plies are sampled from the
 * improved policy. Komi varies, too, if the game has it and komi_stdev is set. Instead of at the game's start, a game may
 * begin at a position of an earlier one (start.h). A game depends only on the settings, the net and its assignment. A
 * worker must be used only by the thread that creates it. */
#ifndef TENGEN_ENGINE_SELFPLAY_SELFPLAY_H
#define TENGEN_ENGINE_SELFPLAY_SELFPLAY_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "games/game.h"
#include "net/net.h"

struct record;
struct selfplay;
struct selfplay_config {
    const struct game *games; /* borrowed; their komi is the centre of the komi distribution */
    int game_count;
    const struct settings *settings; /* borrowed */
    struct net *opponent; /* of settings->against, prepared for number type and backend; borrowed. NULL: none */
    struct net *net;                 /* the worker takes its own reference; NULL: the uniform evaluator */
    enum net_backend backend;
    enum net_dtype dtype;
    size_t cache_bytes; /* of the evaluation cache; 0: none */
    /* Called before each search; returning false abandons the game. May replace the net. May be NULL. */
    bool (*before_move)(void *user, struct selfplay *worker);
    /* Notifications of each game and move, for live viewing. game: with its own komi, valid during the call;
     * value_player_0: after the move, NAN for opening plies. Either both or neither are NULL. */
    void (*began)(void *user, const struct game *game, uint64_t number, uint32_t generation);
    void (*moved)(void *user, game_move move, float value_player_0);
    void *user;
};
/* Returns 0, or -1 with the error set and *out NULL. The caller closes it with selfplay_close. */
int selfplay_create(struct selfplay **out, const struct selfplay_config *config, GError **error);
void selfplay_close(struct selfplay *worker); /* NULL is fine */
/* Replaces the net for subsequent searches; the worker takes its own reference. Returns 0, or -1 with the error set. Under the uniform
 * evaluator the net is ignored, and only the generation, for the records, is set. */
int selfplay_set_net(struct selfplay *worker, struct net *net, uint32_t generation, GError **error);
/* A game to play. Without `start`, the seed determines also which of the games is played, and its komi. */
struct selfplay_assignment {
    uint64_t number; /* of the game in its run */
    uint64_t seed;
    /* Where it begins: after the first start_plies plies of this game, whose size is one of the worker's, under its rules
     * and, unless it is made even, its komi. NULL: at the start of a game. */
    struct record *start;
    int start_plies;
    int64_t opponent_visits; /* of the fixed opponent's searches; 0: settings->against_visits */
    double progress; /* how much of the schedule of visits is over, 0..1: see settings_visits */
};
/* Plays a game, whose record begins with the plies that it copied, marked RECORD_COPIED, so that it can be replayed by
 * itself. The caller frees it with record_unref. Returns NULL if before_move abandoned the game. */
struct record *selfplay_play_assignment(struct selfplay *worker, const struct selfplay_assignment *assignment);
/* The same from the start of a game. */
struct record *selfplay_play(struct selfplay *worker, uint64_t number, uint64_t seed);
/* Network evaluations so far. */
uint64_t selfplay_evaluations(const struct selfplay *worker);

#endif

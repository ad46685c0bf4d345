/* One worker of self-play: plays games against itself with Gumbel search and makes records of them.
 *
 * Games differ: each begins with a few plies from the net's policy or at random (Gomoku: drawn again while the net
 * thinks the position lopsided), and its first searched plies are sampled from the improved policy. Komi differs, too,
 * where the game has it and komi_stdev says so. What a game becomes
 * depends on the settings, the net and the game's own seed alone. A worker belongs to one thread, which creates it. */
#ifndef TENGEN_ENGINE_SELFPLAY_SELFPLAY_H
#define TENGEN_ENGINE_SELFPLAY_SELFPLAY_H

#include "engine/store/record.h"
#include "engine/store/settings.h"
#include "net/net.h"

struct selfplay;
struct selfplay_config {
    const struct game *games; /* borrowed; their komi is what each game's own strays around */
    int game_count;
    const struct settings *settings; /* borrowed */
    struct net *net;                 /* a reference of its own is taken; NULL: the uniform evaluator */
    enum net_backend backend;
    enum net_dtype dtype;
    size_t cache_bytes; /* of the evaluation cache; 0: none */
    /* Called before each search; false abandons the game. May swap the net. May be NULL. */
    bool (*before_move)(void *user, struct selfplay *worker);
    /* Told of each game and move, for whoever watches: the game with its own komi, valid during the call; the value
     * after the move for player 0, NAN where nothing was searched. May be NULL, both or neither. */
    void (*began)(void *user, const struct game *game, uint64_t number, uint32_t generation);
    void (*moved)(void *user, game_move move, float value_player_0);
    void *user;
};
int selfplay_create(struct selfplay **out, const struct selfplay_config *config, GError **error);
void selfplay_close(struct selfplay *worker); /* NULL is fine */
/* Takes another net for the searches to come. */
int selfplay_set_net(struct selfplay *worker, struct net *net, uint32_t generation, GError **error);
/* Plays game `number` from its seed; NULL when before_move gave up. Which of the games, and its
 * komi, are drawn from the seed too. */
struct record *selfplay_play(struct selfplay *worker, uint64_t number, uint64_t seed);
/* Network evaluations so far. */
uint64_t selfplay_evaluations(const struct selfplay *worker);

#endif

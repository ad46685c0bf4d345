/* Small nets and evaluator queries, for Criterion tests. */
#ifndef TENGEN_TESTS_MCTS_ASKING_H
#define TENGEN_TESTS_MCTS_ASKING_H

#include <criterion/criterion.h>
#include <glib.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

static inline struct net *small_net(const struct game *game, uint64_t seed)
{
    struct net *net;
    GError *error = NULL;
    int failed = evaluator_net_fresh(&net, game, "conv:8 res:8", seed, &error);
    cr_assert_eq(failed, 0, "%s", error ? error->message : "");
    return net;
}

static inline struct evaluator *net_evaluator(const struct game *game, struct net *net, int symmetry, int batch)
{
    struct evaluator *evaluator;
    GError *error = NULL;
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_PLAIN,
                                            .max_batch = batch,
                                            .symmetry = symmetry,
                                            .seed = 3};
    int failed = evaluator_create(&evaluator, game, &config, &error);
    cr_assert_eq(failed, 0, "%s", error ? error->message : "");
    return evaluator;
}

enum { ALL = EVAL_POLICY | EVAL_VALUE | EVAL_SCORE | EVAL_MAP };

static inline void ask(struct evaluator *evaluator, const struct position *position, const struct history *history,
                       struct eval *eval)
{
    memset(eval, 0xff, sizeof *eval); /* NaN in everything that is not written */
    const struct eval_query query = {.position = position, .history = history, .want = ALL};
    evaluator_evaluate(evaluator, 1, &query, eval);
    cr_assert_eq(eval->filled, ALL);
}

/* The maximum difference of two evaluations, where a point of `a` corresponds to its image under symmetry s in `b`. */
static inline double distance(const struct game *game, const struct eval *a, const struct eval *b, int s)
{
    double most = fabsf(a->score - b->score);
    for (int m = 0; m < game->moves; m++)
        most = fmax(most, fabsf(a->logits[m] - b->logits[game_symmetry_move(game, s, (game_move)m)]));
    for (int p = 0; p < game->points; p++)
        most = fmax(most, fabsf(a->map[p] - b->map[game_symmetry_point(game, s, p)]));
    for (int i = 0; i < 3; i++)
        most = fmax(most, fabsf(a->wdl[i] - b->wdl[i]));
    return most;
}

/* Plays the images of these moves under a symmetry. */
static inline void play_under(const struct game *game, struct position *position, const char *moves, int symmetry)
{
    char **texts = g_strsplit(moves, " ", -1);
    game_init(game, position);
    for (int i = 0; texts[i]; i++)
        cr_assert(game_try(game, position, NULL, game_symmetry_move(game, symmetry, game_move_parse(game, texts[i]))));
    g_strfreev(texts);
}

#endif

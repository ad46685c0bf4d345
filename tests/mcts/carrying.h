/* Nets that carry a state along the moves played, and games for them. */
#ifndef TENGEN_TESTS_MCTS_CARRYING_H
#define TENGEN_TESTS_MCTS_CARRYING_H

#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

/* A net whose answers depend on the state: a fresh one ignores it, so this one has learned noise for three steps. */
static inline struct net *carrying_net(const struct game *game, int moves)
{
    char *trunk = g_strdup_printf("conv:8 lstm:8+state=4+moves=%d res:8", moves);
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    struct net *net, *learned;
    struct rng rng;
    GError *error = NULL;
    cr_assert_eq(evaluator_net_fresh(&net, game, trunk, 1, &error), 0, "%s", error ? error->message : "");
    net_trainer_choose(&config, NET_ADAMW);
    config.backend = NET_BACKEND_PLAIN;
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    struct net_samples *s = net_samples_new(net_info(net), game->width, game->height, 8);
    rng_seed(&rng, 5);
    for (int i = 0; i < 8 * net_info(net)->planes * game->points; i++)
        s->planes[i] = (float)rng_below(&rng, 2);
    for (int row = 0; row < 8; row++) {
        s->row_weight[row] = s->weight[NET_TARGET_POLICY][row] = 1;
        net_samples_row(s, NET_TARGET_POLICY, row)[rng_below(&rng, game->moves)] = 1;
    }
    for (int i = 0; i < 3; i++)
        net_trainer_step(trainer, s, 0.1f, NULL);
    learned = net_trainer_snapshot(trainer, false);
    net_samples_free(s);
    net_trainer_close(trainer);
    net_unref(net);
    g_free(trunk);
    return learned;
}

/* A game from its start, with its history. */
struct line {
    union any_position at;
    struct history history;
};

static inline void line_init(const struct game *game, struct line *line)
{
    game_init(game, &line->at.p);
    history_init(&line->history, game->max_plies);
}

/* Plays the images of these moves under a symmetry. */
static inline void line_play(const struct game *game, struct line *line, const char *moves, int symmetry)
{
    char **texts = g_strsplit(moves, " ", -1);
    for (int i = 0; texts[i]; i++)
        cr_assert(game_try(game, &line->at.p, &line->history,
                           game_symmetry_move(game, symmetry, game_move_parse(game, texts[i]))),
                  "%s", texts[i]);
    g_strfreev(texts);
}

static inline struct line line_of(const struct game *game, const char *moves)
{
    struct line line;
    line_init(game, &line);
    line_play(game, &line, moves, 0);
    return line;
}

/* Takes the last moves back: the position is found by playing the others again. */
static inline void line_undo(const struct game *game, struct line *line, int plies)
{
    const int count = line->history.count - plies;
    game_init(game, &line->at.p);
    for (int i = 0; i < count; i++)
        game_play(game, &line->at.p, NULL, line->history.entries[i].move);
    history_truncate(&line->history, count);
}

#endif

/* The plies of a self-play game before its first search. */
#include <math.h>

#include "engine/selfplay/selfplay.h"
#include "engine/selfplay/selfplay_internal.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"

enum { OPENING_TRIES = 8, MAX_OPENING = 64 };

/* Into worker->eval. */
static void evaluate(struct selfplay *worker, const struct play *play, int want)
{
    struct eval_query query = {.position = &play->position.p, .history = &play->history, .want = want};
    evaluator_evaluate(play->table->evaluator, 1, &query, &worker->eval);
}

void selfplay_restart(struct play *play)
{
    game_init(play->game, &play->position.p);
    history_truncate(&play->history, 0);
}

static bool is_central(const struct game *game, game_move move)
{
    int x = move % game->width, y = move / game->width;
    int side = game->width >= 7 ? game->width / 4 : 0, top = game->height >= 7 ? game->height / 4 : 0;
    return x >= side && y >= top && x < game->width - side && y < game->height - top;
}

/* Keeps the legal moves that suit an opening: points rather than a pass, if there are any. */
static int opening_moves(const struct play *play, game_move *moves)
{
    const struct game *game = play->game;
    int n = game->ops->legal_moves(game, &play->position.p, &play->history, moves), kept = 0;
    for (int i = 0; i < n; i++)
        if (moves[i] < game->points && (!game->ops->traits.learning.opening_central || is_central(game, moves[i])))
            moves[kept++] = moves[i];
    return kept ? kept : n;
}

static game_move sample_opening_move(struct selfplay *worker, const struct play *play)
{
    game_move moves[GAME_MAX_MOVES];
    int n = opening_moves(play, moves);
    if (rng_uniform(&worker->rng) < worker->config.settings->opening_uniform)
        return moves[rng_below(&worker->rng, (uint32_t)n)];
    evaluate(worker, play, EVAL_POLICY);
    eval_softmax(&worker->eval, moves, n, 1, worker->policy);
    return eval_sample(moves, worker->policy, n, &worker->rng);
}

/* Samples an opening into `line`; returns its length. Leaves the position at its end. */
static int sample_opening(struct selfplay *worker, struct play *play, game_move *line, int plies)
{
    selfplay_restart(play);
    int made = 0;
    while (made < plies && !game_over(&play->position.p)) {
        line[made] = sample_opening_move(worker, play);
        game_play(play->game, &play->position.p, &play->history, line[made]);
        made++;
    }
    return made;
}

void selfplay_choose_opening(struct selfplay *worker, struct play *play)
{
    const struct settings *settings = worker->config.settings;
    game_move line[MAX_OPENING];
    play->line = g_new(game_move, MAX_OPENING);
    float best_value = INFINITY;
    for (int try = 0; try < OPENING_TRIES && best_value > settings->opening_balance; try++) {
        /* With another length each time: there is only one opening of no plies, balanced or not. */
        const int plies = (int)rng_below(&worker->rng, (uint32_t)settings->opening_plies + 1),
                  length = sample_opening(worker, play, line, plies);
        if (game_over(&play->position.p))
            continue;
        float value = 0;
        if (settings->opening_balance < 1) {
            evaluate(worker, play, EVAL_VALUE);
            value = fabsf(eval_value(&worker->eval));
        }
        if (value < best_value) {
            best_value = value;
            play->length = length;
            memcpy(play->line, line, sizeof line);
        }
    }
}

static void play_line(struct play *play)
{
    selfplay_restart(play);
    for (int i = 0; i < play->length; i++)
        game_play(play->game, &play->position.p, &play->history, play->line[i]);
}

/* Another move than `played` that does not end the game, sampled from the net's policy; GAME_NO_MOVE if there is none. */
static game_move sample_fork(struct selfplay *worker, const struct play *play, game_move played)
{
    const struct game *game = play->game;
    union any_position after;
    game_move moves[GAME_MAX_MOVES];
    int n = game->ops->legal_moves(game, &play->position.p, &play->history, moves), kept = 0;
    for (int i = 0; i < n; i++) {
        game_copy(game, &after.p, &play->position.p);
        if (moves[i] != played && game_try(game, &after.p, NULL, moves[i]) && !game_over(&after.p))
            moves[kept++] = moves[i];
    }
    if (!kept)
        return GAME_NO_MOVE;
    evaluate(worker, play, EVAL_POLICY);
    eval_softmax(&worker->eval, moves, kept, 1, worker->policy);
    return eval_sample(moves, worker->policy, kept, &worker->rng);
}

void selfplay_copy_start(struct selfplay *worker, struct play *play, const struct record *start, int plies)
{
    g_assert(plies <= start->ply_count);
    play->line = g_new(game_move, plies + 1);
    for (int i = 0; i < plies; i++)
        play->line[i] = start->plies[i].move;
    play->length = play->copied = plies;
    play_line(play);
    if (plies == start->ply_count || !selfplay_draw_event(worker, worker->config.settings->start_fork))
        return;
    const game_move fork = sample_fork(worker, play, start->plies[plies].move);
    if (fork != GAME_NO_MOVE)
        play->line[play->length++] = fork;
}

void selfplay_set_fair_komi(struct selfplay *worker, struct play *play)
{
    struct game *game = &play->table->game;
    const int drawn = game_komi(game), most = 2 * game->points; /* half points */
    int low = -most, high = most;
    play_line(play);
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        game_set_komi(game, middle);
        evaluate(worker, play, EVAL_VALUE);
        const float value = eval_value(&worker->eval), first = play->position.p.player ? -value : value;
        if (first > 0)
            low = middle;
        else
            high = middle;
    }
    game_set_komi(game, low > -most && high < most ? high : drawn);
}

/* The evaluator without knowledge: uniform policy, even value. */
#include "games/game.h"
#include "mcts/evaluator.h"

static void evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    for (int i = 0; i < n; i++) {
        memset(evals[i].logits, 0, sizeof *evals[i].logits * self->game->moves);
        evals[i].wdl[0] = evals[i].wdl[2] = 0.5f;
        evals[i].wdl[1] = 0;
        evals[i].score = 0;
        evals[i].error = -1;
        evals[i].steps = 0;
        evals[i].filled = queries[i].want & (EVAL_POLICY | EVAL_VALUE | EVAL_SCORE | EVAL_ERROR);
    }
}

static struct evaluator *copy(const struct evaluator *self)
{
    return evaluator_uniform_create(self->game);
}
static void release(struct evaluator *self)
{
    g_free(self);
}

static const struct evaluator_ops uniform_ops = {
    .name = "uniform", .evaluate = evaluate, .clone = copy, .free = release};

struct evaluator *evaluator_uniform_create(const struct game *game)
{
    struct evaluator *self = g_new0(struct evaluator, 1);
    *self = (struct evaluator){.ops = &uniform_ops, .game = game};
    return self;
}

#include "agents/attention.h"

#include "agents/agent.h"
#include "agents/net_path.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/heads.h"
#include "net/net.h"

struct attention {
    struct net *net;
    struct net_runner *runner;
    const struct game_features *features;
    int heads;
    float *planes, *globals;
    float *weights; /* [heads][points]: the last result, */
    uint64_t hash;  /* for the position with this hash, */
    struct game game;
    int point; /* from this point; -1: no result yet */
};

bool attention_open(struct attention **out, const char *net, const struct game *game, GError **error)
{
    struct attention *a = *out = g_new0(struct attention, 1);
    a->point = -1;
    if (net_path_load(&a->net, net, game, error) == 0 &&
        (a->features = evaluator_net_features(a->net, game, error)) != NULL) {
        a->heads = net_heads(a->net, 0, NULL);
        if (a->heads == 0)
            g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC, "this net has no block with attention");
        else if (net_runner_create(&a->runner, a->net, NET_BACKEND_FAST, NET_F32, 1, error) == 0)
            return true;
    }
    attention_close(a);
    *out = NULL;
    return false;
}

void attention_close(struct attention *a)
{
    if (!a)
        return;
    net_runner_close(a->runner);
    net_unref(a->net);
    g_free(a->planes);
    g_free(a->globals);
    g_free(a->weights);
    g_free(a);
}

int attention_heads(const struct attention *a)
{
    return a->heads;
}

void attention_head(const struct attention *a, int i, struct net_head *head)
{
    net_heads(a->net, i, head);
}

static void evaluate(struct attention *a, const struct position *position, const struct history *history)
{
    const struct game *game = &a->game;
    a->planes = g_renew(float, a->planes, (size_t)a->features->planes * game->points);
    a->globals = g_renew(float, a->globals, a->features->globals);
    a->weights = g_renew(float, a->weights, (size_t)a->heads * game->points);
    game_encode(game, a->features, position, history, 0, a->planes, a->globals);
    net_runner_attention(a->runner, game->width, game->height, a->planes, a->globals, a->point, a->weights);
}

const float *attention_look(struct attention *a, const struct game *game, const struct position *position,
                            const struct history *history, int point, int i)
{
    g_assert(i >= 0 && i < a->heads);
    if (a->point != point || a->hash != position->hash || !game_equal(&a->game, game)) {
        a->game = *game;
        a->hash = position->hash;
        a->point = point;
        evaluate(a, position, history);
    }
    return a->weights + (size_t)i * game->points;
}

/* Compares a net's outputs in int8 and bf16 with those in f32, on positions of games sampled from the net's policy
 * (with other seeds than calibration uses).
 *
 *   agreement   same most probable move, in positions where it leads by two percentage points    target 98 %
 *   win rate    mean absolute difference, in percentage points                                   target at most 0.5
 *
 * Usage: int8_tolerance [GAME [NET [POSITIONS [SEED]]]]   (default go:9, the shipped net, 4000, 7) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/net_path.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

struct tally {
    int compared, agreed, positions;
    double difference;
};

struct comparison {
    const struct game *game;
    struct evaluator *exact, *other;
    const char *name;
    struct tally tally;
};

static int best_two(const struct game *game, const struct eval_query *query, const struct eval *eval, double *lead)
{
    game_move legal[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, query->position, query->history, legal), best = -1;
    double sum = 0, first = 0, second = 0;
    for (int i = 0; i < count; i++) {
        double p = exp((double)eval->logits[legal[i]]);
        sum += p;
        if (p > first) {
            second = first;
            first = p;
            best = legal[i];
        } else if (p > second)
            second = p;
    }
    *lead = 100 * (first - second) / sum;
    return best;
}

static void compare(struct comparison *c, const struct eval_query *query)
{
    static struct eval exact, other;
    double lead, ignored;
    evaluator_evaluate(c->exact, 1, query, &exact);
    evaluator_evaluate(c->other, 1, query, &other);
    int move = best_two(c->game, query, &exact, &lead);
    if (lead >= 2) {
        c->tally.compared++;
        c->tally.agreed += move == best_two(c->game, query, &other, &ignored);
    }
    c->tally.positions++;
    c->tally.difference += 50 * fabs((double)(eval_value(&exact) - eval_value(&other)));
}

static bool report(const struct comparison *c)
{
    double agreement = 100.0 * c->tally.agreed / MAX(1, c->tally.compared);
    double difference = c->tally.difference / MAX(1, c->tally.positions);
    printf(
        "%s against f32: most probable move agrees in %.2f %% of %d positions where it leads by two percentage points "
        "(target 98), win rate differs by %.3f percentage points on average over %d (target 0.5)\n",
        c->name, agreement, c->tally.compared, difference, c->tally.positions);
    return agreement >= 98 && difference <= 0.5;
}

static struct evaluator *open(const struct game *game, struct net *net, enum net_dtype dtype)
{
    GError *error = NULL;
    struct evaluator *evaluator;
    const struct evaluator_config config = {
        .kind = EVALUATOR_NET, .net = net, .backend = NET_BACKEND_FAST, .dtype = dtype};
    if (evaluator_create(&evaluator, game, &config, &error) == 0)
        return evaluator;
    fprintf(stderr, "%s\n", error->message);
    exit(2);
}

int main(int argc, char **argv)
{
    GError *error = NULL;
    struct game game;
    struct net *net = NULL;
    const char *spec = argc > 1 ? argv[1] : "go:9", *name = argc > 2 ? argv[2] : "default";
    int positions = argc > 3 ? atoi(argv[3]) : 4000;
    uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 7;
    if (!game_parse(&game, spec, &error) || net_path_load(&net, name, &game, &error) != 0 ||
        evaluator_net_prepare(net, &game, NET_BACKEND_FAST, NET_INT8, 1, &error) != 0) {
        fprintf(stderr, "%s\n", error->message);
        return 2;
    }
    if (!net_has_int8()) {
        printf("this processor has no int8 instructions: nothing to compare\n");
        return 0;
    }
    struct comparison narrow = {&game, open(&game, net, NET_F32), open(&game, net, NET_INT8), "int8", {0}};
    struct comparison half = {&game, narrow.exact, NULL, "bf16", {0}};
    if (net_dtype_best(NET_BACKEND_FAST) == NET_BF16)
        half.other = open(&game, net, NET_BF16);
    union any_position position;
    struct history history;
    struct rng rng;
    struct eval *eval = g_new(struct eval, 1);
    rng_seed(&rng, seed);
    history_init(&history, game.max_plies + 1);
    game_init(&game, &position.p);
    for (int i = 0; i < positions; i++) {
        if (game_over(&position.p)) {
            game_init(&game, &position.p);
            history_truncate(&history, 0);
        }
        const struct eval_query query = {
            .position = &position.p, .history = &history, .want = EVAL_POLICY | EVAL_VALUE};
        compare(&narrow, &query);
        if (half.other)
            compare(&half, &query);
        evaluator_evaluate(narrow.exact, 1, &query, eval);
        game_play(&game, &position.p, &history, evaluator_sample_move(&game, &position.p, &history, eval, &rng));
    }
    bool good = report(&narrow);
    if (half.other)
        report(&half);
    evaluator_free(narrow.exact);
    evaluator_free(narrow.other);
    evaluator_free(half.other);
    history_clear(&history);
    g_free(eval);
    net_unref(net);
    return good ? 0 : 1;
}

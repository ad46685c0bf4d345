/* Games against the fixed opponent of settings.against. */
#include "engine/selfplay/selfplay.h"
#include "engine/selfplay/selfplay_internal.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"

int selfplay_add_opponent(struct selfplay *worker, struct table *table, const struct mcts_config *config,
                          GError **error)
{
    const struct evaluator_config opponent = {.kind = EVALUATOR_NET,
                                              .net = worker->config.opponent,
                                              .backend = worker->config.backend,
                                              .dtype = worker->config.dtype,
                                              .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                              .seed = (uint64_t)worker->config.settings->seed,
                                              .cache_bytes = worker->config.cache_bytes};
    if (evaluator_create(&table->opponent, &table->game, &opponent, error) != 0)
        return -1;
    table->evaluator = evaluator_opponent_create(table->evaluator, evaluator_clone(table->opponent));
    struct mcts_config modelling = *config, own = mcts_defaults(MCTS_PUCT);
    modelling.model_opponent = true;
    own.memory_bytes = config->memory_bytes;
    return mcts_create(&table->modelling, &table->game, &modelling, &table->evaluator, error) == 0
               ? mcts_create(&table->opponent_search, &table->game, &own, &table->opponent, error)
               : -1;
}

game_move selfplay_opponent_move(struct selfplay *worker, const struct play *play, struct record *record)
{
    struct mcts *mcts = play->table->opponent_search;
    const struct eval_query query = {
        .position = &play->position.p, .history = &play->history, .want = EVAL_POLICY | EVAL_VALUE};
    mcts_set_root(mcts, &play->position.p, &play->history);
    mcts_seed(mcts, rng_next(&worker->rng));
    mcts_run(mcts, &(struct mcts_limits){.visits = play->opponent_visits});
    const game_move move = mcts_choose(mcts, 0, &worker->rng);
    evaluator_evaluate(play->table->evaluator, 1, &query, &worker->eval);
    memset(worker->policy, 0, sizeof worker->policy);
    worker->policy[move] = 1;
    record_add(record, &play->position.p, move, worker->policy, worker->eval.wdl, worker->eval.wdl,
               RECORD_SEARCHED | RECORD_TRAIN | RECORD_OPPONENT);
    return move;
}

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
    if (selfplay_make_evaluator(worker, table, worker->config.opponent, &table->opponent, error) != 0)
        return -1;
    table->evaluator = evaluator_opponent_create(table->evaluator, evaluator_clone(table->opponent));
    struct mcts_config modelling = *config, own = mcts_defaults(MCTS_PUCT);
    modelling.model_opponent = true;
    modelling.model_rationality = (float)worker->config.settings->against_rationality;
    own.memory_bytes = config->memory_bytes;
    own.threats = 1; /* as players with a net have by preset */
    return mcts_create(&table->modelling, &table->game, &modelling, &table->evaluator, error) == 0
               ? mcts_create(&table->opponent_search, &table->game, &own, &table->opponent, error)
               : -1;
}

game_move selfplay_opponent_move(struct selfplay *worker, const struct play *play, struct record *record)
{
    struct mcts *mcts = play->table->opponent_search;
    const struct eval_query query = {.position = &play->position.p, .history = &play->history, .want = EVAL_VALUE};
    const double share = worker->config.settings->full_share; /* of its plies that are rows, as of the net's own */
    const bool row = share >= 1 || rng_uniform(&worker->rng) < share;
    mcts_set_root(mcts, &play->position.p, &play->history);
    mcts_forget(mcts); /* its visits set its strength, so no tree is kept from earlier moves */
    mcts_seed(mcts, rng_next(&worker->rng));
    mcts_run(mcts, &(struct mcts_limits){.visits = play->opponent_visits});
    const game_move move = mcts_choose(mcts, 0, &worker->rng);
    evaluator_evaluate(play->table->evaluator, 1, &query, &worker->eval);
    memset(worker->policy, 0, sizeof worker->policy);
    worker->policy[move] = 1;
    record_add(record, &play->position.p, move, row ? worker->policy : NULL, worker->eval.wdl, worker->eval.wdl,
               RECORD_SEARCHED | RECORD_OPPONENT | (row ? RECORD_TRAIN : 0));
    return move;
}

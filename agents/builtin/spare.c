#include "agents/builtin/spare.h"

#include "agents/agent.h"
#include "agents/builtin/finish.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"

enum { SPARED_LEAST = 16, SPARED_MOST = 400 }; /* visits of each of the two that tell which is better */
/* The largest loss by a pass that the net may expect if reading is to decide instead. */
#define LITTLE_POINTS 3.0f
#define LITTLE_VALUE 0.3f
/* Prior of a move that reading must have overlooked: of a player who wins by what it counts, and of one who has less to lose by asking. */
#define SURE_AHEAD 0.9f
#define SURE_BEHIND 0.8f

static const struct mcts_move *find_move(const struct mcts_move *moves, int count, game_move move)
{
    for (int i = 0; i < count; i++)
        if (moves[i].move == move)
            return &moves[i];
    return NULL;
}

/* Searches on until this root move has had so many visits. Returns the new ones. */
static int64_t search_move(struct mcts *search, const struct mcts_limits *limits, game_move move, int64_t visits)
{
    struct mcts_move moves[GAME_MAX_MOVES];
    uint8_t only[GAME_MAX_MOVES] = {0};
    const struct mcts_move *now = find_move(moves, mcts_moves(search, moves, GAME_MAX_MOVES), move);
    struct mcts_limits more = *limits;
    more.visits = visits - (now ? now->visits : 0);
    struct mcts_root root;
    if (more.visits <= 0)
        return 0;
    only[move] = 1;
    mcts_allow(search, only);
    mcts_run(search, &more);
    mcts_allow(search, NULL);
    mcts_root(search, &root);
    return root.new_visits;
}

bool spare_doubts(struct evaluator *evaluator, const struct agent *agent, float outcome, uint8_t *costs)
{
    const struct game *game = agent->game;
    struct eval eval = {.filled = 0};
    game_move moves[GAME_MAX_MOVES];
    float probability[GAME_MAX_MOVES];
    const struct eval_query query = {.position = agent->position, .history = &agent->history, .want = EVAL_POLICY};
    const int count = game->ops->legal_moves(game, agent->position, &agent->history, moves);
    if ((outcome > 0 && agent->position->recent[0] == game->pass) || count == 0)
        return false;
    evaluator_evaluate(evaluator, 1, &query, &eval);
    eval_softmax(&eval, moves, count, 1, probability);
    const float sure = outcome > 0 ? SURE_AHEAD : SURE_BEHIND;
    bool doubts = false;
    for (int i = 0; i < count; i++)
        doubts |= moves[i] < game->points && probability[i] > sure;
    for (int m = 0; m < game->moves; m++)
        costs[m] = m < game->points;
    return doubts;
}

bool spare_passes(struct mcts *search, const struct agent *agent, struct mcts_limits limits, game_move found,
                  bool reads, int64_t *visits_made)
{
    struct mcts_move moves[GAME_MAX_MOVES];
    const game_move pass = agent->game->pass;
    const struct mcts_move *move = find_move(moves, mcts_moves(search, moves, GAME_MAX_MOVES), found);
    const int64_t visits = CLAMP(move ? move->visits / 2 : 0, SPARED_LEAST, SPARED_MOST);
    limits.time_ms /= 2;
    *visits_made += search_move(search, &limits, pass, visits);
    *visits_made += search_move(search, &limits, found, visits);
    const int count = mcts_moves(search, moves, GAME_MAX_MOVES);
    const struct mcts_move *passed = find_move(moves, count, pass);
    move = find_move(moves, count, found);
    if (!move || !passed || passed->visits == 0 || passed->proven < 0)
        return false;
    const float points = move->score - passed->score, value = move->value - passed->value;
    if (points < 0.5f && value < 0.1f)
        return true;
    game_move after_pass[2], after_move[2];
    if (!reads || points >= LITTLE_POINTS || value >= LITTLE_VALUE ||
        mcts_variation(search, pass, after_pass, NULL, 2) < 2)
        return false;
    const game_move reply = mcts_variation(search, found, after_move, NULL, 2) == 2 ? after_move[1] : GAME_NO_MOVE;
    return finish_holds(agent, after_pass[1]) && !finish_gains(agent, found, reply, after_pass[1]);
}

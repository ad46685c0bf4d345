#include "agents/builtin/spare.h"

#include <math.h>
#include <string.h>

#include "agents/agent.h"
#include "agents/builtin/finish.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"

/* Visits of the move and of the pass that are compared, and of each contested point, of which so many are tried. */
enum { COMPARED_LEAST = 100, COMPARED_MOST = 400, TRIED = 16, TRIED_POINTS = 16 };
/* The smallest gain of a move over a pass, in points and in value, for which it can be worth its point. */
#define SOME_POINTS 0.5f
#define SOME_VALUE 0.1f
/* Gains that count although reading finds nothing to gain. In 50 finished games on 9x9 the best move seemed to gain 0.5 to 12 points with
 * 400 visits where there was nothing, and 3 to 26 where reading had overlooked something: points alone tell these apart only if there are
 * many, if the value gains, too, or if reading is not sure. The limits were chosen on these positions and a few of other games. */
#define MUCH_POINTS 3.0f
#define SEVERAL_POINTS 6.0f
#define A_LITTLE_VALUE 0.03f
#define MANY_POINTS 15.0f
#define MUCH_VALUE 0.3f
/* Where a pass would end the game with a win: the least value of a move that is played for its points, and their number. */
#define SAFE_VALUE 0.9f
#define SAFE_POINTS 8.0f
/* Values that differ by less are compared by points. */
#define SAME_VALUE 0.05f
/* Prior of a move that reading must have overlooked: of a player who wins by what it counts, and of one who has less to lose by asking. */
#define SURE_AHEAD 0.9f
#define SURE_BEHIND 0.8f

static bool net_is_sure(struct evaluator *evaluator, const struct agent *agent, float outcome)
{
    const struct game *game = agent->game;
    struct eval eval = {.filled = 0};
    game_move moves[GAME_MAX_MOVES];
    float probability[GAME_MAX_MOVES];
    const struct eval_query query = {.position = agent->position, .history = &agent->history, .want = EVAL_POLICY};
    const int count = game->ops->legal_moves(game, agent->position, &agent->history, moves);
    const float sure = outcome > 0 ? SURE_AHEAD : SURE_BEHIND;
    bool is_sure = false;
    evaluator_evaluate(evaluator, 1, &query, &eval);
    eval_softmax(&eval, moves, count, 1, probability);
    for (int i = 0; i < count; i++)
        is_sure |= moves[i] < game->points && probability[i] > sure;
    return is_sure;
}

void spare_look(struct evaluator *evaluator, const struct agent *agent, int64_t budget_ms, bool passes, float outcome,
                struct spare *spare)
{
    const struct game *game = agent->game;
    *spare = (struct spare){.kind = SPARE_NOTHING,
                            .wins = passes && outcome > 0 && agent->position->recent[0] == game->pass};
    if (!passes || spare->wins) {
        if (finish_costly_moves(agent, budget_ms, spare->costs, spare->contested))
            spare->kind = passes ? SPARE_FINISHED : SPARE_READ;
        return;
    }
    memset(spare->costs, 1, game->points);
    if (net_is_sure(evaluator, agent, outcome))
        spare->kind = SPARE_DOUBTED;
    else if (finish_stones_cost_points(agent))
        spare->kind = SPARE_FINISHED;
}

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

/* Gives each contested point some visits, a third of the time. */
static int64_t try_contested(struct mcts *search, const struct agent *agent, const struct mcts_limits *limits,
                             const struct spare *spare)
{
    const struct game *game = agent->game;
    int64_t made = 0;
    int count = 0, tried = 0;
    for (int p = 0; p < game->points; p++)
        count += spare->contested[p];
    struct mcts_limits each = *limits;
    each.time_ms = limits->time_ms ? MAX(limits->time_ms / 3 / MAX(MIN(count, TRIED_POINTS), 1), 1) : 0;
    for (int p = 0; p < game->points && tried < TRIED_POINTS; p++)
        if (spare->contested[p] && game->ops->legal(game, agent->position, &agent->history, (game_move)p)) {
            made += search_move(search, &each, (game_move)p, TRIED);
            tried++;
        }
    return made;
}

static bool is_better(const struct mcts_move *move, const struct mcts_move *than)
{
    const float difference = move->value - than->value;
    return fabsf(difference) < SAME_VALUE ? move->score > than->score : difference > 0;
}

/* The move on the board to compare with a pass: the one that the search has found, or its favourite if that is a pass, unless a
 * contested point is better. NULL: none has been visited. */
static const struct mcts_move *choose_candidate(const struct agent *agent, const struct spare *spare,
                                                const struct mcts_move *moves, int count, game_move found)
{
    const struct mcts_move *best = found == agent->game->pass ? NULL : find_move(moves, count, found);
    for (int i = 0; i < count && !best; i++) /* by visits, most first */
        if (moves[i].move != agent->game->pass)
            best = &moves[i];
    if (!best || best->visits == 0)
        return NULL;
    for (int i = 0; i < count; i++)
        if (spare->contested[moves[i].move] && moves[i].visits >= TRIED && is_better(&moves[i], best))
            best = &moves[i];
    return best;
}

/* Whether reading sees nothing that the opponent could take after a pass, nor anything to take. */
static bool reads_nothing(struct mcts *search, const struct agent *agent, game_move candidate)
{
    const game_move pass = agent->game->pass;
    game_move after_pass[2], after_move[2];
    if (mcts_variation(search, pass, after_pass, NULL, 2) < 2)
        return false;
    const game_move reply = mcts_variation(search, candidate, after_move, NULL, 2) == 2 ? after_move[1] : GAME_NO_MOVE;
    return finish_holds(agent, after_pass[1]) && !finish_gains(agent, candidate, reply, after_pass[1]);
}

/* Whether a pass is as good as the candidate. sought: the search preferred the candidate. */
static bool passes_instead(struct mcts *search, const struct agent *agent, const struct spare *spare,
                           const struct mcts_move *candidate, const struct mcts_move *passed, bool sought)
{
    const float points = candidate->score - passed->score, value = candidate->value - passed->value;
    const bool some = points >= SOME_POINTS || value >= SOME_VALUE;
    const bool much = points >= (spare->wins ? SAFE_POINTS : MUCH_POINTS);
    const bool sure = (points >= SOME_POINTS && value >= MUCH_VALUE) || points >= MANY_POINTS ||
                      (much && spare->contested[candidate->move]) ||
                      (points >= SEVERAL_POINTS && value >= A_LITTLE_VALUE);
    if (!some)
        return true;
    if (spare->wins && (candidate->value < SAFE_VALUE || !much))
        return true;
    if (sure || spare->kind == SPARE_DOUBTED)
        return false;
    return (!much && (spare->kind == SPARE_FINISHED || !sought)) || reads_nothing(search, agent, candidate->move);
}

game_move spare_choose(struct mcts *search, const struct agent *agent, struct mcts_limits limits,
                       const struct spare *spare, game_move found, int64_t *visits_made)
{
    struct mcts_move moves[GAME_MAX_MOVES];
    const game_move pass = agent->game->pass;
    if (found != pass && !spare->costs[found])
        return found;
    *visits_made += try_contested(search, agent, &limits, spare);
    const struct mcts_move *best =
        choose_candidate(agent, spare, moves, mcts_moves(search, moves, GAME_MAX_MOVES), found);
    if (!best || !(spare->costs[best->move] || spare->contested[best->move]))
        return found;
    const game_move candidate = best->move;
    const int64_t visits = CLAMP(best->visits / 2, COMPARED_LEAST, COMPARED_MOST);
    limits.time_ms /= 3;
    *visits_made += search_move(search, &limits, pass, visits);
    *visits_made += search_move(search, &limits, candidate, visits);
    const int count = mcts_moves(search, moves, GAME_MAX_MOVES);
    const struct mcts_move *passed = find_move(moves, count, pass), *move = find_move(moves, count, candidate);
    if (!move || !passed || passed->visits == 0 || passed->proven < 0)
        return found;
    return passes_instead(search, agent, spare, move, passed, found != pass) ? pass : candidate;
}

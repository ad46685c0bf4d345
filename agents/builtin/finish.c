/* Ends games that are finished. */
#include "agents/builtin/finish.h"

#include <string.h>

#include "agents/agent.h"
#include "games/game.h"

static int sign(float margin)
{
    return (margin > 0) - (margin < 0);
}

/* Counts and owners are from Black's perspective: 1 if Black is to move, else -1. */
static int side_of(const struct agent *agent)
{
    return agent->position->colour == GAME_BLACK ? 1 : -1;
}

/* The sign of the count for the player to move. */
static int outcome_of(const struct agent *agent, const uint8_t *dead, struct game_count *count)
{
    agent->game->ops->counting->count(agent->game, agent->position, dead, count, NULL);
    return sign(count->margin) * side_of(agent);
}

static bool can_pass(const struct agent *agent)
{
    const struct game *game = agent->game;
    return game->pass != GAME_NO_MOVE && agent->position->ply > 0 &&
           game->ops->legal(game, agent->position, &agent->history, game->pass);
}

/* Whether a second pass ends the game with a win. Where dead stones are removed by agreement, it must be one with and
 * without them, since nobody has examined whether something is left to play. */
static bool wins_by_passing(const struct agent *agent)
{
    const struct game *game = agent->game;
    union any_position next;
    if (agent->position->recent[0] != game->pass)
        return false;
    game_copy(game, &next.p, agent->position);
    game->ops->play(game, &next.p, &agent->history, game->pass);
    if (!game_over(&next.p))
        return false;
    struct game_result result = game_result(game, &next.p);
    struct game_count count = {.dead_removed = false};
    bool wins = game_result_sign(&result, agent->position->player) > 0;
    if (game->ops->counting && outcome_of(agent, NULL, &count) <= 0 && count.dead_removed)
        return false;
    if (!count.dead_removed)
        return wins;
    uint8_t dead[GAME_MAX_POINTS], seki[GAME_MAX_POINTS];
    game->ops->counting->find_dead(game, agent->position, dead, seki);
    return outcome_of(agent, dead, &count) > 0;
}

/* Whether the player passed and the opponent played on: it sees something left to play. */
static bool was_contradicted(const struct agent *agent)
{
    const game_move *recent = agent->position->recent;
    return recent[1] == agent->game->pass && recent[0] != agent->game->pass;
}

static bool too_little(const struct agent *agent, int64_t budget_ms)
{
    return budget_ms > 0 && budget_ms < agent->game->points;
}

/* Whether neither side can gain by playing on. */
static bool nothing_is_left(const struct agent *agent, struct finish_look *look)
{
    if (!look->taken) {
        look->taken = true;
        look->finished = agent->game->ops->counting->finished(agent->game, agent->position, look->dead);
    }
    return look->finished;
}

/* Whether nothing is left to play. By rules that count the board as it stands, the player must have won, whatever becomes
 * of dead stones: who is behind loses nothing by playing on. */
static bool is_finished(const struct agent *agent, struct finish_look *look, int *outcome)
{
    struct game_count count;
    if (!agent->game->ops->counting)
        return false;
    /* Where area counts, moves are free: the search answers who plays on. */
    const int as_it_stands = outcome_of(agent, NULL, &count);
    if (!count.prisoners_count && was_contradicted(agent))
        return false;
    if ((as_it_stands <= 0 && !count.dead_removed) || !nothing_is_left(agent, look))
        return false;
    *outcome = outcome_of(agent, look->dead, &count);
    return count.dead_removed || *outcome > 0;
}

bool finish_passes(const struct agent *agent, int64_t budget_ms, struct finish_look *look, float *value)
{
    int outcome = 1;
    if (!can_pass(agent))
        return false;
    if (!wins_by_passing(agent) && (too_little(agent, budget_ms) || !is_finished(agent, look, &outcome)))
        return false;
    *value = (float)outcome;
    return true;
}

bool finish_stones_cost_points(const struct agent *agent)
{
    struct game_count count;
    if (!agent->game->ops->counting)
        return false;
    outcome_of(agent, NULL, &count);
    return count.prisoners_count && count.dead_removed;
}

bool finish_costly_moves(const struct agent *agent, int64_t budget_ms, uint8_t *costs, uint8_t *contested)
{
    const struct game *game = agent->game;
    int8_t owner[GAME_MAX_POINTS];
    bool any = false;
    if (!can_pass(agent) || !finish_stones_cost_points(agent) || too_little(agent, budget_ms) ||
        !game->ops->counting->settled(game, agent->position, owner, contested))
        return false;
    memset(costs, 0, game->moves);
    for (int p = 0; p < game->points; p++)
        any |= costs[p] = owner[p] != 0;
    return any;
}

bool finish_holds(const struct agent *agent, game_move reply)
{
    const struct game *game = agent->game;
    const int side = side_of(agent);
    int8_t before[GAME_MAX_POINTS], after[GAME_MAX_POINTS];
    union any_position next;
    game_copy(game, &next.p, agent->position);
    game->ops->play(game, &next.p, NULL, game->pass);
    if (reply == game->pass || game_over(&next.p))
        return true;
    game->ops->play(game, &next.p, NULL, reply);
    if (!game->ops->counting->settled(game, agent->position, before, NULL) ||
        !game->ops->counting->settled(game, &next.p, after, NULL))
        return false;
    for (int p = 0; p < game->points; p++)
        if (before[p] == side && after[p] != side)
            return false;
    return true;
}

/* The count for the agent after two moves. */
static float margin_after(const struct agent *agent, game_move first, game_move second)
{
    const struct game *game = agent->game;
    uint8_t dead[GAME_MAX_POINTS], seki[GAME_MAX_POINTS];
    struct game_count count;
    union any_position at;
    game_copy(game, &at.p, agent->position);
    game->ops->play(game, &at.p, NULL, first);
    if (second != GAME_NO_MOVE && !game_over(&at.p) && game->ops->legal(game, &at.p, NULL, second))
        game->ops->play(game, &at.p, NULL, second);
    game->ops->counting->find_dead(game, &at.p, dead, seki);
    game->ops->counting->count(game, &at.p, dead, &count, NULL);
    return count.margin * (float)side_of(agent);
}

bool finish_gains(const struct agent *agent, game_move move, game_move reply, game_move answer)
{
    return margin_after(agent, move, reply) > margin_after(agent, agent->game->pass, answer) + 0.5f;
}

bool finish_counts(const struct agent *agent, int64_t budget_ms, struct finish_look *look, struct finish_count *count)
{
    const struct game_counting *counting = agent->game->ops->counting;
    const int side = side_of(agent);
    int8_t owner[GAME_MAX_POINTS];
    struct game_count found;
    if (!counting || game_over(agent->position) || agent->position->ply == 0 || too_little(agent, budget_ms) ||
        !nothing_is_left(agent, look))
        return false;
    counting->count(agent->game, agent->position, look->dead, &found, owner);
    count->margin = found.margin * (float)side;
    for (int p = 0; p < agent->game->points; p++)
        count->map[p] = (float)(owner[p] * side);
    return true;
}

static float mix(float counted, float searched)
{
    return 0.98f * counted + 0.02f * searched;
}

void finish_report(const struct finish_count *count, struct agent_report *report, struct agent_candidate *candidates)
{
    const float value = mix((float)sign(count->margin), report->value);
    const float draw = mix(count->margin == 0 ? 1 : 0, report->draw);
    for (int i = report->count - 1; i >= 0; i--) { /* the first one last, because the others are moved with it */
        struct agent_candidate *candidate = &candidates[i];
        if (candidate->visits == 0 || candidate->proven)
            continue;
        candidate->score += count->margin - candidates[0].score;
        candidate->value = CLAMP(candidate->value + value - candidates[0].value, -1, 1);
        candidate->lcb = CLAMP(candidate->lcb + value - candidates[0].value, -1, 1);
        candidate->draw = draw;
    }
    report->value = value;
    report->draw = draw;
    report->score = count->margin;
    report->map = report->map ? count->map : NULL;
}

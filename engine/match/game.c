#include "engine/match/game.h"

#include <math.h>
#include <stdarg.h>

const char *const match_end_names[MATCH_ENDS] = {"rules", "resigned", "forfeit", "stopped", "time", "agreed", "capped"};

struct table { /* the authoritative game state */
    union any_position at;
    struct history history;
    const struct game *game;
    struct agent *const *agents;
    const struct match_terms *terms;
    struct agent_clock clock[2];
    int agree_win[2], agree_draw; /* consecutive plies whose mover expected a win by player 0 or 1, or a draw */
    struct match_game *out;
};

static void G_GNUC_PRINTF(3, 4) lose(struct match_game *out, int loser, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_vsnprintf(out->reason, sizeof out->reason, format, list);
    va_end(list);
    out->end = MATCH_FORFEIT;
    out->loser = loser;
    out->outcome = loser ? GAME_WON_0 : GAME_WON_1;
}

/* An agent error: it loses the game and must be reopened. */
static void fail(struct match_game *out, int player, GError *error)
{
    lose(out, player, "%s", error ? error->message : "failed without an error message");
    out->broken[player] = true;
    g_clear_error(&error);
}

/* Plays a legal move on the board and sends it to both agents; false when one of them fails. */
static bool make_move(struct table *table, game_move move, struct match_ply info)
{
    g_assert(table->out->plies < table->game->max_plies); /* a game of that length is over */
    table->out->info[table->out->plies] = info;
    table->out->moves[table->out->plies++] = move;
    game_play(table->game, &table->at.p, &table->history, move);
    for (int i = 0; i < 2; i++) {
        GError *error = NULL;
        if (!agent_moved(table->agents[i], move, &error)) {
            fail(table->out, i, error);
            return false;
        }
    }
    return true;
}

static bool capped(const struct table *table)
{
    return table->terms->max_plies > 0 && table->out->plies >= table->terms->max_plies;
}

static bool ended(const struct table *table)
{
    return game_over(&table->at.p) || capped(table);
}

/* Charges the mover's clock; false on a time forfeit. A program that never answered was abandoned a little after its
 * clock ran out, which is also a loss on time. */
static bool spend_time(struct table *table, int player, int64_t spent_ms, bool answered)
{
    int64_t over_ms, limit_ms = agent_clock_limit_ms(&table->clock[player]);
    bool ok =
        agent_clock_spend(&table->clock[player], &table->terms->clock, spent_ms, table->terms->margin_ms, &over_ms);
    if (ok)
        return true;
    lose(table->out, player, "exceeded its time at ply %d: %.3f s used, %.3f s left%s", table->at.p.ply + 1,
         (double)spent_ms / 1000, (double)limit_ms / 1000, answered ? "" : ", no answer");
    table->out->end = MATCH_TIME;
    table->out->broken[player] = !answered;
    return false;
}

/* Whether both have agreed on the result for enough moves. An agent that reports no value never agrees. */
static bool agreed(struct table *table, int player, float value)
{
    const struct match_terms *terms = table->terms;
    float value0 = player ? -value : value;
    bool win[2] = {value0 >= terms->win_value, -value0 >= terms->win_value};
    for (int i = 0; i < 2; i++)
        table->agree_win[i] = win[i] ? table->agree_win[i] + 1 : 0; /* false for NAN */
    bool draw = fabsf(value) <= terms->draw_value && table->out->plies >= terms->draw_ply;
    table->agree_draw = draw ? table->agree_draw + 1 : 0;
    for (int i = 0; i < 2; i++)
        if (terms->win_moves > 0 && table->agree_win[i] >= 2 * terms->win_moves) {
            table->out->outcome = i ? GAME_WON_1 : GAME_WON_0;
            g_snprintf(table->out->reason, sizeof table->out->reason,
                       "adjudicated: both expected %s to win (value at least %.2f) for %d moves",
                       i ? "the second player" : "the first player", (double)terms->win_value, terms->win_moves);
        }
    if (terms->draw_moves > 0 && table->agree_draw >= 2 * terms->draw_moves) {
        table->out->outcome = GAME_DRAWN;
        g_snprintf(table->out->reason, sizeof table->out->reason,
                   "adjudicated: both expected a draw (value within %.2f) for %d moves", (double)terms->draw_value,
                   terms->draw_moves);
    }
    if (table->out->outcome == GAME_ONGOING)
        return false;
    table->out->end = MATCH_AGREED;
    return true;
}

/* Carries out the mover's choice; false when that ended the game. */
static bool apply_choice(struct table *table, int player, const struct agent_choice *choice)
{
    struct match_game *out = table->out;
    if (choice->action == AGENT_RESIGNS) {
        out->end = MATCH_RESIGNED;
        out->loser = player;
        out->outcome = player ? GAME_WON_0 : GAME_WON_1;
        return false;
    }
    if (choice->move >= table->game->moves ||
        !table->game->ops->legal(table->game, &table->at.p, &table->history, choice->move)) {
        char text[GAME_MOVE_TEXT_MAX];
        lose(out, player, "illegal move %s at ply %d", game_move_format(table->game, choice->move, text),
             table->at.p.ply + 1);
        return false;
    }
    const struct match_ply info = {(int32_t)MIN(choice->time_ms, G_MAXINT32), choice->value, choice->visits};
    return make_move(table, choice->move, info) && (game_over(&table->at.p) || !agreed(table, player, choice->value));
}

static bool take_turn(struct table *table, const atomic_bool *stop)
{
    struct match_game *out = table->out;
    int player = table->at.p.player;
    struct agent_choice choice;
    GError *error = NULL;
    bool ok = agent_choose(table->agents[player], &table->clock[player], &choice, &error);
    if (stop && atomic_load(stop)) {
        /* The answer may come from an interrupted search, or be an error caused by the stop. */
        out->broken[player] = !ok;
        g_clear_error(&error);
        return false;
    }
    if (!ok && !g_error_matches(error, AGENT_ERROR, AGENT_ERROR_TIMEOUT)) {
        fail(out, player, error);
        return false;
    }
    if (!spend_time(table, player, choice.time_ms, ok)) {
        g_clear_error(&error);
        return false;
    }
    if (!ok) { /* reply timeout with time left on the clock, or without a clock */
        fail(out, player, error);
        return false;
    }
    return apply_choice(table, player, &choice);
}

static bool start(struct table *table, const struct match_opening *opening, uint64_t seed)
{
    const struct match_ply no_info = {.value = NAN};
    for (int i = 0; i < 2; i++) {
        GError *error = NULL;
        if (!agent_new_game(table->agents[i], rng_mix(seed + (uint64_t)i), &error)) {
            fail(table->out, i, error);
            return false;
        }
    }
    for (int i = 0; opening && i < opening->count && !ended(table); i++)
        if (!make_move(table, opening->moves[i], no_info))
            return false;
    return true;
}

/* The referee program replays the game and scores it; if that fails, the board is scored as is. */
static bool ask_referee(struct table *table, struct agent *referee, struct game_result *result)
{
    struct match_game *out = table->out;
    GError *error = NULL;
    bool ok = agent_follow(referee, NULL, out->moves, out->plies, 0, &error) && agent_score(referee, result, &error);
    if (!ok) {
        g_snprintf(out->reason, sizeof out->reason, "scored without the referee, which failed: %s", error->message);
        out->referee_broken = true;
    }
    g_clear_error(&error);
    return ok;
}

/* Replaces the result by the count with dead stones removed, if the rules remove them. */
static void remove_dead(const struct table *table, struct game_result *result)
{
    const struct game_counting *counting = table->game->ops->counting;
    uint8_t dead[GAME_MAX_POINTS], seki[GAME_MAX_POINTS];
    struct game_count count;
    counting->count(table->game, &table->at.p, NULL, &count, NULL);
    if (!count.dead_removed)
        return;
    counting->find_dead(table->game, &table->at.p, dead, seki);
    counting->count(table->game, &table->at.p, dead, &count, NULL);
    const bool black_first = table->at.p.black_player == 0;
    result->margin = black_first ? count.margin : -count.margin;
    result->outcome = result->margin > 0 ? GAME_WON_0 : result->margin < 0 ? GAME_WON_1 : GAME_DRAWN;
}

static void score(struct table *table, struct agent *referee)
{
    struct game_result result = game_result(table->game, &table->at.p);
    if (table->game->ops->counting)
        remove_dead(table, &result);
    if (referee && table->game->ops->counting)
        ask_referee(table, referee, &result);
    bool cap = !game_over(&table->at.p);
    table->out->end = cap ? MATCH_CAPPED : MATCH_RULES;
    if (cap && !*table->out->reason)
        g_snprintf(table->out->reason, sizeof table->out->reason, "scored at the limit of %d plies",
                   table->terms->max_plies);
    table->out->outcome = result.outcome;
    table->out->margin = result.margin;
}

/* Tells agents that are still fine how the game ended. What they cannot store is no fault of the game. */
static void tell_agents(const struct table *table, const atomic_bool *stop)
{
    const struct match_game *out = table->out;
    const bool decided = out->end != MATCH_STOPPED && out->end != MATCH_FORFEIT && out->end != MATCH_TIME;
    for (int i = 0; decided && i < 2; i++) {
        GError *error = NULL;
        if (!agent_finished(table->agents[i], out->outcome, stop, &error))
            fprintf(stderr, "tengen match: a lost game is not remembered: %s\n", error->message);
        g_clear_error(&error);
    }
}

void match_play_game(const struct game *game, struct agent *const agents[2], struct agent *referee,
                     const struct match_opening *opening, const struct match_terms *terms, const atomic_bool *stop,
                     uint64_t seed, struct match_game *out)
{
    static const struct match_terms no_terms;
    int64_t begun = g_get_monotonic_time();
    *out = (struct match_game){.end = MATCH_STOPPED, .outcome = GAME_ONGOING};
    out->moves = g_new(game_move, game->max_plies + 1);
    out->info = g_new0(struct match_ply, game->max_plies + 1);
    struct table table = {.game = game, .agents = agents, .terms = terms ? terms : &no_terms, .out = out};
    table.clock[0] = table.clock[1] = table.terms->clock;
    game_init(game, &table.at.p);
    history_init(&table.history, game->max_plies);
    bool going = start(&table, opening, seed);
    while (going && !ended(&table))
        going = !(stop && atomic_load(stop)) && take_turn(&table, stop);
    if (going)
        score(&table, referee);
    tell_agents(&table, stop);
    history_clear(&table.history);
    out->seconds = (double)(g_get_monotonic_time() - begun) / 1e6;
}

void match_game_clear(struct match_game *game)
{
    g_free(game->moves);
    g_free(game->info);
    game->moves = NULL;
    game->info = NULL;
}

static uint64_t hash_under(const struct game *game, const struct match_game *played, int symmetry)
{
    uint64_t hash = (uint64_t)played->plies;
    for (int i = 0; i < played->plies; i++)
        hash = rng_mix(hash ^ game_symmetry_move(game, symmetry, played->moves[i]));
    return hash;
}

uint64_t match_game_hash(const struct game *game, const struct match_game *played)
{
    return hash_under(game, played, 0);
}

uint64_t match_game_hash_symmetric(const struct game *game, const struct match_game *played)
{
    uint64_t least = UINT64_MAX;
    for (int symmetry = 0; symmetry < game->symmetries; symmetry++)
        if (game_symmetry_keeps_start(game, symmetry))
            least = MIN(least, hash_under(game, played, symmetry));
    return least;
}

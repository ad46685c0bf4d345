/* The referee of one game, its openings and its hashes. */
#include <stdarg.h>

#include "engine/match.h"

struct table { /* the referee's own board */
    union any_position at;
    struct history history;
    const struct game *game;
    struct agent *const *agents;
    struct match_game *out;
};

static void G_GNUC_PRINTF(3, 4) forfeit(struct match_game *out, int loser, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_vsnprintf(out->reason, sizeof out->reason, format, list);
    va_end(list);
    out->end = MATCH_FORFEIT;
    out->loser = loser;
    out->outcome = loser ? GAME_WON_0 : GAME_WON_1;
}

/* An agent's own error: it loses, and cannot be used again. */
static void fail(struct match_game *out, int player, GError *error)
{
    forfeit(out, player, "%s", error ? error->message : "failed without saying why");
    out->broken[player] = true;
    g_clear_error(&error);
}

/* Plays a legal move on the referee's board and tells both agents; false when one of them fails. */
static bool make_move(struct table *table, game_move move)
{
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

static bool ended(const struct table *table)
{
    return game_over(&table->at.p) || table->out->plies >= table->game->max_plies;
}

static bool take_turn(struct table *table, const struct agent_clock *clock, const atomic_bool *stop)
{
    struct match_game *out = table->out;
    int player = table->at.p.player;
    struct agent_choice choice;
    GError *error = NULL;
    bool fine = agent_choose(table->agents[player], clock, &choice, &error);
    if (stop && atomic_load(stop)) {
        /* Whatever came back may be half thought, or an error that the stop itself caused. */
        out->broken[player] = !fine;
        g_clear_error(&error);
        return false;
    }
    if (!fine) {
        fail(out, player, error);
        return false;
    }
    if (choice.action == AGENT_RESIGNS) {
        out->end = MATCH_RESIGNED;
        out->loser = player;
        out->outcome = player ? GAME_WON_0 : GAME_WON_1;
        return false;
    }
    if (choice.move >= table->game->moves ||
        !table->game->ops->legal(table->game, &table->at.p, &table->history, choice.move)) {
        char text[GAME_MOVE_TEXT_MAX];
        forfeit(out, player, "illegal move %s at ply %d", game_move_format(table->game, choice.move, text),
                table->at.p.ply + 1);
        return false;
    }
    return make_move(table, choice.move);
}

static bool start(struct table *table, const struct match_opening *opening, uint64_t seed)
{
    for (int i = 0; i < 2; i++) {
        GError *error = NULL;
        if (!agent_new_game(table->agents[i], rng_mix(seed + (uint64_t)i), &error)) {
            fail(table->out, i, error);
            return false;
        }
    }
    for (int i = 0; opening && i < opening->count && !ended(table); i++)
        if (!make_move(table, opening->moves[i]))
            return false;
    return true;
}

void match_play_game(const struct game *game, struct agent *const agents[2], const struct match_opening *opening,
                     const struct agent_clock *clock, const atomic_bool *stop, uint64_t seed, struct match_game *out)
{
    *out = (struct match_game){.end = MATCH_STOPPED, .outcome = GAME_ONGOING};
    out->moves = g_new(game_move, game->max_plies + 1);
    struct table table = {.game = game, .agents = agents, .out = out};
    game_init(game, &table.at.p);
    history_init(&table.history, game->max_plies);
    bool going = start(&table, opening, seed);
    while (going && !ended(&table))
        going = !(stop && atomic_load(stop)) && take_turn(&table, clock, stop);
    if (going) {
        struct game_result result = game_result(game, &table.at.p);
        out->end = MATCH_RULES;
        out->outcome = result.outcome;
        out->margin = result.margin;
    }
    history_clear(&table.history);
}

void match_game_clear(struct match_game *game)
{
    g_free(game->moves);
    game->moves = NULL;
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
    for (int symmetry = 0; symmetry < GAME_SYMMETRIES; symmetry++)
        least = MIN(least, hash_under(game, played, symmetry));
    return least;
}

/* ---- openings ---- */

/* The game is over, or whoever moves can end it at once. */
static bool decided(const struct game *game, const struct position *position, struct history *history)
{
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, history, moves);
    bool found = count == 0;
    for (int i = 0; i < count && !found; i++) {
        union any_position next;
        if (moves[i] >= game->points)
            continue;
        game_copy(game, &next.p, position);
        int before = history->count;
        game_play(game, &next.p, history, moves[i]);
        history_truncate(history, before);
        found = game_over(&next.p);
    }
    return found;
}

static bool random_opening(const struct game *game, int plies, struct rng *rng, struct match_opening *opening)
{
    union any_position at;
    struct history history;
    game_init(game, &at.p);
    history_init(&history, plies);
    opening->count = 0;
    while (opening->count < plies && !game_over(&at.p)) {
        game_move moves[GAME_MAX_MOVES];
        int count = game->ops->legal_moves(game, &at.p, &history, moves), points = 0;
        while (points < count && moves[points] < game->points)
            points++;
        if (points == 0) /* an opening rule asks for a decision, which is the players' own */
            break;
        game_move move = moves[rng_below(rng, (uint32_t)points)];
        game_play(game, &at.p, &history, move);
        opening->moves[opening->count++] = move;
    }
    bool fine = !decided(game, &at.p, &history);
    history_clear(&history);
    return fine;
}

void match_random_openings(const struct game *game, int plies, uint64_t seed, struct match_opening *openings, int count)
{
    enum { TRIES = 200 };
    GHashTable *seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    struct rng rng;
    rng_seed(&rng, rng_mix(seed ^ 0x6f70656eu)); /* its own stream, apart from the games' */
    for (int i = 0; i < count; i++) {
        bool fresh = false;
        openings[i].count = 0; /* the start, where no opening of this length is undecided */
        for (int t = 0; t < TRIES && !fresh; t++) {
            struct match_opening tried;
            if (!random_opening(game, MIN(plies, MATCH_MAX_OPENING), &rng, &tried))
                continue;
            openings[i] = tried;
            struct match_game as_game = {.plies = tried.count, .moves = tried.moves};
            uint64_t hash = match_game_hash(game, &as_game);
            fresh = g_hash_table_add(seen, g_memdup2(&hash, sizeof hash));
        }
    }
    g_hash_table_destroy(seen);
}

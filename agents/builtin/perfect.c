/* Plays games that are small enough to solve, choosing uniformly among the optimal moves.
 *
 * Negamax over win, draw and loss with alpha-beta pruning and a transposition table. The key is the position's hash
 * and, if legality depends on the history (superko), also the set of earlier boards and the ply, since games that can
 * cycle end at a length limit. */
#include "agents/agent.h"
#include "games/game.h"

enum {
    MAX_POINTS = 25,       /* larger boards are rejected immediately */
    TABLE_BITS = 22,       /* entries */
    STATE_LIMIT = 6000000, /* maximum positions searched per move; takes seconds */
};

/* The value is in low..high; used is 0 in an empty slot. */
struct entry {
    uint64_t key;
    int8_t low, high, used;
};

struct solver {
    struct entry *table;
    int64_t states; /* searched for the current move */
    bool aborted;
};

static uint64_t key_of(const struct agent *agent, const struct position *position, const struct history *history)
{
    if (!agent->game->ops->traits.history_decides)
        return position->hash;
    uint64_t set = 0; /* a sum, since the order of the boards does not matter */
    for (int i = 0; i < history->count; i++)
        set += rng_mix(history->entries[i].stones_hash ^ history->entries[i].colour);
    return rng_mix(position->hash ^ rng_mix(set ^ position->ply));
}

static struct entry *find(struct solver *solver, uint64_t key)
{
    struct entry *entry = &solver->table[rng_mix(key) >> (64 - TABLE_BITS)];
    if (!entry->used || entry->key != key)
        return NULL;
    return entry;
}

static void store(struct solver *solver, uint64_t key, int low, int high)
{
    struct entry *old = find(solver, key);
    if (old) {
        low = MAX(low, old->low);
        high = MIN(high, old->high);
    }
    solver->table[rng_mix(key) >> (64 - TABLE_BITS)] =
        (struct entry){.key = key, .low = (int8_t)low, .high = (int8_t)high, .used = 1};
}

/* The value for the player to move, exact if within alpha..beta, else a bound. */
static int solve(struct agent *agent, const struct position *position, int alpha, int beta);

static int value_after(struct agent *agent, const struct position *position, game_move move, int alpha, int beta)
{
    union any_position next;
    int before = agent->history.count;
    game_copy(agent->game, &next.p, position);
    game_play(agent->game, &next.p, &agent->history, move);
    int value =
        next.p.player == position->player ? solve(agent, &next.p, alpha, beta) : -solve(agent, &next.p, -beta, -alpha);
    history_truncate(&agent->history, before);
    return value;
}

static int solve(struct agent *agent, const struct position *position, int alpha, int beta)
{
    const struct game *game = agent->game;
    struct solver *solver = agent->own;
    if (game_over(position)) {
        struct game_result result = game_result(game, position);
        return game_result_sign(&result, position->player);
    }
    uint64_t key = key_of(agent, position, &agent->history);
    struct entry *known = find(solver, key);
    if (known && (known->low == known->high || known->low >= beta || known->high <= alpha))
        return known->low >= beta || known->low == known->high ? known->low : known->high;
    if (++solver->states > STATE_LIMIT)
        solver->aborted = true;
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, &agent->history, moves), best = -1, floor = alpha;
    for (int i = 0; i < count && !solver->aborted && best < beta; i++) {
        int value = value_after(agent, position, moves[i], floor, beta);
        best = MAX(best, value);
        floor = MAX(floor, best);
        if (best == 1)
            break;
    }
    if (!solver->aborted)
        store(solver, key, best > alpha ? best : -1, best < beta ? best : 1);
    return best;
}

static bool refuse(const struct agent *agent, GError **error)
{
    char spec[GAME_SPEC_MAX];
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_GAME,
                "perfect cannot solve %s: more than %d positions; it supports gomoku:3,line=3, gomoku:4,line=4, go:2 "
                "and similar",
                game_format(agent->game, spec), STATE_LIMIT);
    return false;
}

/* Fills `best` with the optimal moves; returns their number, or 0 if the position is too complex. */
static int best_moves(struct agent *agent, game_move *best, int *value)
{
    struct solver *solver = agent->own;
    game_move moves[GAME_MAX_MOVES];
    int count = agent->game->ops->legal_moves(agent->game, agent->position, &agent->history, moves), found = 0;
    solver->states = 0;
    solver->aborted = false;
    *value = -1;
    for (int i = 0; i < count && !solver->aborted; i++) {
        int reached = value_after(agent, agent->position, moves[i], -1, 1);
        if (reached > *value) {
            *value = reached;
            found = 0;
        }
        if (reached == *value)
            best[found++] = moves[i];
    }
    return solver->aborted ? 0 : found;
}

static bool open_perfect(struct agent *agent, const char *argument, GError **error)
{
    if (*argument) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "perfect takes no argument, not \"%s\"", argument);
        return false;
    }
    if (agent->game->points > MAX_POINTS)
        return refuse(agent, error);
    struct solver *solver = agent->own = g_new0(struct solver, 1);
    solver->table = g_new0(struct entry, (size_t)1 << TABLE_BITS);
    game_move best[GAME_MAX_MOVES];
    int value;
    return best_moves(agent, best, &value) > 0 || refuse(agent, error);
}

static bool choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error)
{
    (void)clock;
    game_move best[GAME_MAX_MOVES];
    int value, count = best_moves(agent, best, &value);
    if (count == 0)
        return refuse(agent, error);
    choice->move = best[rng_below(&agent->rng, (uint32_t)count)];
    choice->value = (float)value;
    choice->visits = ((struct solver *)agent->own)->states;
    return true;
}

static void release(struct agent *agent)
{
    struct solver *solver = agent->own;
    if (solver)
        g_free(solver->table);
    g_free(solver);
}

const struct agent_ops agent_perfect_ops = {
    .name = "perfect",
    .usage = "perfect",
    .summary = "solves small games; plays a random optimal move",
    .open = open_perfect,
    .choose = choose,
    .close = release,
};

#include "mcts/eval/carried.h"

#include <glib.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

struct carried {
    uint64_t key;  /* of the root whose states are stored, with the game and the net; 0: none */
    bool replayed; /* the moves lead to that root */
    int first, count;
    union any_position positions[NET_MOVES_MAX]; /* the last ones before it; the first is that after `first` moves */
    bool filled[GAME_SYMMETRIES];
    float *state[GAME_SYMMETRIES];
};

/* How many of the history's moves were played. */
static int played(const struct eval_query *query)
{
    return query->history ? query->history->count - query->below_root : 0;
}

uint64_t carried_key(const struct eval_query *query)
{
    const int count = played(query);
    g_assert(query->below_root >= 0 && (!query->history || count >= 0));
    uint64_t hash = 0;
    for (int i = 0; i < count; i++) {
        const struct history_entry *entry = &query->history->entries[i];
        hash = rng_mix(hash ^ entry->stones_hash) + ((uint64_t)entry->move << 8 | entry->colour);
    }
    return count ? rng_mix(hash) | 1 : 0;
}

struct carried *carried_new(void)
{
    return g_new0(struct carried, 1);
}

void carried_free(struct carried *carried)
{
    for (int i = 0; carried && i < GAME_SYMMETRIES; i++)
        g_free(carried->state[i]);
    g_free(carried);
}

/* Whether this is the position from which the history's entry was made. */
static bool is_before(const struct position *position, const struct history_entry *entry)
{
    return position->stones_hash == entry->stones_hash && position->colour == entry->colour;
}

/* Finds the last positions before the root; false if the moves do not lead there from the game's start. */
static bool replay(struct carried *carried, const struct game *game, const struct history *history, int count, int most)
{
    union any_position at;
    game_init(game, &at.p);
    carried->count = MIN(count, most);
    carried->first = count - carried->count;
    for (int i = 0; i < count; i++) {
        const struct history_entry *entry = &history->entries[i];
        if (!is_before(&at.p, entry) || entry->move >= game->moves || !game->ops->legal(game, &at.p, NULL, entry->move))
            return false;
        if (i >= carried->first)
            game_copy(game, &carried->positions[i - carried->first].p, &at.p);
        game_play(game, &at.p, NULL, entry->move);
    }
    return true;
}

/* Whether the replayed moves end at the root: at the position that is asked for, or at that from which the search's moves go on. */
static bool reaches_root(const struct carried *carried, const struct game *game, const struct eval_query *query,
                         int count)
{
    union any_position root;
    game_copy(game, &root.p, &carried->positions[carried->count - 1].p);
    game_play(game, &root.p, NULL, query->history->entries[count - 1].move);
    if (query->below_root > 0)
        return is_before(&root.p, &query->history->entries[count]);
    return root.p.stones_hash == query->position->stones_hash && root.p.colour == query->position->colour;
}

static void fill(struct carried *carried, struct net_runner *runner, const struct net *net, const struct game *game,
                 const struct game_features *features, const struct history *all, int symmetry)
{
    const size_t size = net_state_size(net, game->points);
    float *planes = g_new(float, (size_t)features->planes * game->points), *globals = g_new(float, features->globals);
    float *state = carried->state[symmetry] = g_renew(float, carried->state[symmetry], size);
    for (int i = 0; i < carried->count; i++) {
        struct history before = *all; /* the history of an earlier position is a part of it */
        before.count = carried->first + i;
        game_encode(game, features, &carried->positions[i].p, &before, symmetry, planes, globals);
        net_runner_carry(runner, game->width, game->height, planes, globals, i ? state : NULL, state);
    }
    carried->filled[symmetry] = true;
    g_free(planes);
    g_free(globals);
}

const float *carried_state(struct carried *carried, struct net_runner *runner, const struct net *net,
                           const struct game *game, const struct game_features *features,
                           const struct eval_query *query, int symmetry)
{
    const int count = played(query);
    uint64_t key = carried_key(query);
    if (!key)
        return NULL;
    key = rng_mix(key ^ rng_mix(evaluator_game_hash(game) ^ net_generation(net))) | 1;
    if (key != carried->key) {
        carried->key = key;
        carried->replayed =
            replay(carried, game, query->history, count, net_moves(net)) && reaches_root(carried, game, query, count);
        memset(carried->filled, 0, sizeof carried->filled);
    }
    if (carried->replayed && !carried->filled[symmetry])
        fill(carried, runner, net, game, features, query->history, symmetry);
    return carried->replayed ? carried->state[symmetry] : NULL;
}

/* Whether a game of Go has come to its end, so that both sides should pass. */
#include "games/game.h"
#include "games/go/board.h"
#include "games/go/go.h"
#include "games/go/groups.h"
#include "games/go/ops.h"

enum {
    GLANCE = 16,         /* playouts that tell the opening from the rest of a game; even: the sides begin in turn */
    FIRST_PLAYOUTS = 64, /* enough to tell the middle game from the end */
    NARROW = 2,          /* points of a neutral region in which nothing but neutral points can be at stake */
    SHARED = 6,          /* points that groups in seki share at most; more are open to play */
};

/* Fills map with the sum of the owners over FIRST_PLAYOUTS, unless it returns false. */
static bool looks_decided(const struct game *game, const struct position *position, int *map)
{
    struct rng rng;
    rng_seed(&rng, position->stones_hash);
    go_sum_ownership(game, position, GLANCE, &rng, map);
    if (2 * go_owned(game, map) < GLANCE * game->points)
        return false;
    go_add_ownership(game, position, FIRST_PLAYOUTS - GLANCE, &rng, map);
    return go_is_decided(game, map, FIRST_PLAYOUTS);
}

/* Whether the sides share a region in which something is left to play: one that cannot be part of a seki, because the groups
 * around it have two eyes elsewhere or it is too large, and that contains no stone of `captive` (by point), which may turn out
 * to live after all. */
static bool has_open_region(const struct game *game, const struct position *position, const int *chain,
                            const uint8_t *dead, const bool *captive)
{
    struct go_groups groups;
    bool open[GAME_MAX_POINTS], any = false;
    const int quiet = game->derived[GO_DERIVED_SCORING] == GO_TERRITORY ? NARROW : 0;
    go_find_groups(game, position, chain, dead, &groups);
    for (int r = 0; r < groups.count; r++)
        open[r] = groups.eyes[r] == 0 && groups.points[r] > quiet;
    for (int p = 0; p < game->points; p++) {
        int around[4], n = go_neighbours(game, p, around);
        const int region = groups.region[p];
        if (region >= 0 && captive[p])
            open[region] = false;
        while (region >= 0 && n--)
            open[region] &= groups.region[around[n]] >= 0 || groups.all_eyes[groups.group[around[n]]] >= 2 ||
                            groups.points[region] > SHARED;
    }
    for (int r = 0; r < groups.count; r++)
        any |= open[r];
    return any;
}

/* Whether a few playouts are enough to tell that something is left to play, as in most positions before the last moves of a
 * game: there is an open region whether the doubtful chains live or die. The judgement that follows takes ten times as
 * long. */
static bool is_open(const struct game *game, const struct position *position, const int *map, const int *chain)
{
    uint8_t dead[GAME_MAX_POINTS];
    bool doubtful[GAME_MAX_POINTS], captive[GAME_MAX_POINTS], open = true;
    go_judge_chains(game, position, map, FIRST_PLAYOUTS, GO_LIVES, chain, dead, doubtful);
    for (int p = 0; p < game->points; p++)
        captive[p] = chain[p] >= 0 && dead[p] && !doubtful[chain[p]];
    for (int doubt = 0; doubt < 2 && open; doubt++) {
        for (int p = 0; p < game->points; p++)
            if (chain[p] >= 0 && doubtful[chain[p]])
                dead[p] = doubt == 1;
        open = has_open_region(game, position, chain, dead, captive);
    }
    return open;
}

bool go_find_settled(const struct game *game, const struct position *position, int8_t *owner, uint8_t *contested)
{
    uint8_t dead[GAME_MAX_POINTS], seki[GAME_MAX_POINTS];
    struct game_count count;
    int map[GAME_MAX_POINTS];
    if (!looks_decided(game, position, map))
        return false;
    go_judge(game, position, dead, seki, contested);
    go_count(game, position, dead, &count, owner);
    return true;
}

/* Whether every region belongs to one side, or is a neutral one that nobody gains by playing in: one of a seki, or, by
 * territory rules, a narrow one. */
static bool regions_are_closed(const struct game *game, const struct position *position, const int *chain,
                               const uint8_t *dead, const uint8_t *seki)
{
    struct go_groups groups;
    bool quiet[GAME_MAX_POINTS];
    const bool territory = game->derived[GO_DERIVED_SCORING] == GO_TERRITORY;
    go_find_groups(game, position, chain, dead, &groups);
    for (int r = 0; r < groups.count; r++)
        quiet[r] = groups.eyes[r] > 0 || (territory && groups.points[r] <= NARROW);
    for (int p = 0; p < game->points; p++) {
        int around[4], n = go_neighbours(game, p, around);
        while (groups.region[p] >= 0 && n--)
            quiet[groups.region[p]] |=
                groups.points[groups.region[p]] <= SHARED && groups.region[around[n]] < 0 && seki[around[n]];
    }
    for (int r = 0; r < groups.count; r++)
        if (!quiet[r])
            return false;
    return true;
}

/* The count for the side that has this colour. */
static float margin_for(const struct game *game, const struct position *position, const uint8_t *dead,
                        enum game_colour colour)
{
    struct game_count count;
    go_count(game, position, dead, &count, NULL);
    return colour == GAME_BLACK ? count.margin : -count.margin;
}

static int liberty_of(const struct game *game, const struct position *position, const int *chain, int root)
{
    for (int p = 0; p < game->points; p++) {
        int around[4], n = go_neighbours(game, p, around);
        while (game->ops->stone(game, position, p) == GAME_EMPTY && n--)
            if (chain[around[n]] == root)
                return p;
    }
    return -1;
}

/* Whether a living chain in atari is worth capturing, or a ko. Capturing into a snapback, say, gains nothing. */
static bool is_worth_capturing(const struct game *game, const struct position *position, const int *chain, int root,
                               const uint8_t *dead)
{
    const enum game_colour taker = (enum game_colour)game_other((int)game->ops->stone(game, position, root));
    const game_move move = (game_move)liberty_of(game, position, chain, root);
    union any_position next;
    uint8_t dead_then[GAME_MAX_POINTS], seki[GAME_MAX_POINTS];
    game_copy(game, &next.p, position);
    game_set_to_move(game, &next.p, taker);
    if (!game->ops->legal(game, &next.p, NULL, move))
        return true;
    game->ops->play(game, &next.p, NULL, move);
    return !go_judge(game, &next.p, dead_then, seki, NULL) ||
           margin_for(game, &next.p, dead_then, taker) > margin_for(game, position, dead, taker);
}

bool go_is_finished(const struct game *game, const struct position *position, uint8_t *dead)
{
    uint8_t seki[GAME_MAX_POINTS];
    int chain[GAME_MAX_POINTS] = {0}, map[GAME_MAX_POINTS];
    if (!looks_decided(game, position, map))
        return false;
    go_chains(game, position, chain);
    if (is_open(game, position, map, chain) || !go_judge(game, position, dead, seki, NULL))
        return false;
    if (!regions_are_closed(game, position, chain, dead, seki))
        return false;
    for (int p = 0; p < game->points; p++)
        if (chain[p] == p && !dead[p] && go_liberties(game, position, p) == 1 &&
            is_worth_capturing(game, position, chain, p, dead))
            return false;
    return true;
}

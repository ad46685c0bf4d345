/* Finds the dead stones of a finished game of Go, and those that live in seki.
 *
 * Playouts give each chain a share of survivals, and a threshold on it separates the living from the dead. Two
 * corrections follow: stones that only dead ones enclose live; and where a group needs to capture dead stones in order
 * to live, reading decides whether it can. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "games/game.h"
#include "games/go/board.h"
#include "games/go/go.h"
#include "games/go/groups.h"
#include "games/go/ops.h"
#include "games/go/reading.h"
#include "games/go/settle.h"

enum {
    PLAYOUTS = 1000,
    READING_PLAYOUTS = 1500,
};
static const double DOUBT = 0.2;         /* of the playouts, around the threshold */
static const double SURE = 0.8;          /* probability in a reading */
static const double SURE_IN_SEKI = 0.97; /* of surviving an attack, which may need a sacrifice and a ko */

void go_add_ownership(const struct game *game, const struct position *position, int playouts, struct rng *rng, int *map)
{
    const struct go_tables *t = go_tables(game);
    union any_position at;
    struct go_empties empties, all = {0};
    int8_t last[GAME_MAX_POINTS];
    go_list_empties(go_position(position), t, &all);
    for (int i = 0; i < playouts; i++) {
        game_copy(game, &at.p, position);
        empties = all;
        go_settle_playout((struct go_position *)&at.p, t->stride, i % 2 ? GAME_WHITE : GAME_BLACK, 0, 3 * t->points,
                          &empties, NULL, rng);
        go_area(game, &at.p, last);
        for (int p = 0; p < game->points; p++)
            map[p] += last[p];
    }
}

void go_sum_ownership(const struct game *game, const struct position *position, int playouts, struct rng *rng, int *map)
{
    memset(map, 0, sizeof *map * game->points);
    go_add_ownership(game, position, playouts, rng, map);
}

int go_owned(const struct game *game, const int *map)
{
    int sum = 0;
    for (int p = 0; p < game->points; p++)
        sum += abs(map[p]);
    return sum;
}

bool go_is_decided(const struct game *game, const int *map, int playouts)
{
    return 10 * go_owned(game, map) > 6 * playouts * game->points;
}

void go_chains(const struct game *game, const struct position *position, int *chain)
{
    const int points = game->points;
    int queue[GAME_MAX_POINTS];
    for (int p = 0; p < points; p++)
        chain[p] = -1;
    for (int p = 0; p < points; p++) {
        enum game_colour colour = game->ops->stone(game, position, p);
        if (colour == GAME_EMPTY || chain[p] >= 0)
            continue;
        int count = 0;
        queue[count++] = p;
        chain[p] = p;
        for (int k = 0; k < count; k++) {
            int around[4], n = go_neighbours(game, queue[k], around);
            while (n--) {
                int to = around[n];
                if (chain[to] >= 0 || game->ops->stone(game, position, to) != colour)
                    continue;
                chain[to] = p;
                queue[count++] = to;
            }
        }
    }
}

static int sign_of(const struct game *game, const struct position *position, int point)
{
    return game->ops->stone(game, position, point) == GAME_BLACK ? 1 : -1;
}

/* Random play is kinder to weak groups than to strong ones: of some 2,300 chains in 52 of GNU Go's scoring positions, all
 * but a dozen of those that live keep their points in at least two thirds of the playouts, and of those that are dead in
 * fewer. Hence GO_LIVES, which was chosen on these positions. */
void go_judge_chains(const struct game *game, const struct position *position, const int *map, int playouts,
                     double lives, const int *chain, uint8_t *dead, bool *doubtful)
{
    int sum[GAME_MAX_POINTS] = {0}, stones[GAME_MAX_POINTS] = {0};
    int8_t sure[GAME_MAX_POINTS];
    go_pass_alive(game, position, sure);
    for (int p = 0; p < game->points; p++) {
        doubtful[p] = false;
        if (chain[p] >= 0) {
            sum[chain[p]] += sign_of(game, position, p) * map[p];
            stones[chain[p]]++;
        }
    }
    for (int p = 0; p < game->points; p++) {
        dead[p] = 0;
        if (chain[p] < 0)
            continue;
        double share = (double)sum[chain[p]] / stones[chain[p]] / playouts;
        dead[p] = sure[p] ? sure[p] != sign_of(game, position, p) : share < lives;
        doubtful[chain[p]] = !sure[p] && fabs(share - lives) < DOUBT;
    }
}

void go_revive(const struct game *game, const struct position *position, const int *chain, uint8_t *dead)
{
    struct go_groups groups;
    int border[GAME_MAX_POINTS] = {0}; /* by region: bits of the colours of the living */
    go_find_groups(game, position, chain, dead, &groups);
    for (int p = 0; p < game->points; p++) {
        int around[4], n = go_neighbours(game, p, around);
        while (groups.region[p] < 0 && n--)
            if (groups.region[around[n]] >= 0)
                border[groups.region[around[n]]] |= game->ops->stone(game, position, p);
    }
    for (int p = 0; p < game->points; p++)
        if (dead[p] && !(border[groups.region[p]] & game_other((int)game->ops->stone(game, position, p))))
            dead[p] = 0;
}

/* ---- reading ---- */

struct trial {
    const struct game *game;
    const struct position *position;
    const int *chain;
    uint8_t *dead;
    bool open[GAME_MAX_POINTS]; /* by chain: it lives, for all that is known, but may be captured in a reading */
    int8_t sure[GAME_MAX_POINTS];
    uint8_t *contested; /* by point, or NULL: see go_judge */
    struct rng *rng;
};

static enum game_colour colour_at(const struct trial *c, int p)
{
    return c->game->ops->stone(c->game, c->position, p);
}

static void set_dead(struct trial *c, int chain, bool dead)
{
    for (int p = 0; p < c->game->points; p++)
        if (c->chain[p] == chain)
            c->dead[p] = dead;
}

/* Marks the empty points next to a chain. */
static void mark_liberties(const struct trial *c, int chain)
{
    for (int p = 0; p < c->game->points; p++) {
        int around[4], n = go_neighbours(c->game, p, around);
        while (c->chain[p] < 0 && n--)
            if (c->chain[around[n]] == chain)
                c->contested[p] = 1;
    }
}

/* Marks where a chain can be attacked or defended whose fate depends on which side moves first: its liberties, and those of adjacent
 * enemy chains that have few. */
static void mark_contested(const struct trial *c, int chain)
{
    enum { FEW = 4 };
    if (!c->contested)
        return;
    for (int p = 0; p < c->game->points; p++) {
        int around[4], n = go_neighbours(c->game, p, around);
        while (c->chain[p] == chain && n--) {
            const int beside = around[n];
            if (c->chain[beside] >= 0 && c->chain[beside] != chain && !c->sure[beside] &&
                go_liberties(c->game, c->position, beside) <= FEW)
                mark_liberties(c, c->chain[beside]);
        }
    }
    mark_liberties(c, chain);
}

/* The probability that the stone at `p` survives if `first` begins; -1 if the region is too large to be read. */
static double read_chain(const struct trial *c, int p, enum game_colour first)
{
    const struct go_tables *t = go_tables(c->game);
    uint8_t solid[GO_MAX_CELLS] = {0};
    for (int q = 0; q < c->game->points; q++)
        if (c->chain[q] >= 0 && c->chain[q] != c->chain[p])
            solid[t->cell[q]] = !c->dead[q] && !c->open[c->chain[q]];
    return go_read_survival(t, go_position(c->position), solid, t->cell[p], (int)first, READING_PLAYOUTS, c->rng);
}

/* Reads the chains on which the playouts do not agree: doubtful[chain]. One that dies if the opponent begins, and lives
 * if its owner does, is left alive, since the opponent has passed. Returns whether each of them is sure to die or to
 * live. */
static bool read_doubtful(struct trial *c, const bool *doubtful)
{
    bool beyond_doubt = true;
    memcpy(c->open, doubtful, sizeof c->open);
    for (int p = 0; p < c->game->points; p++) {
        const enum game_colour own = colour_at(c, p);
        if (c->chain[p] != p || !doubtful[p] || c->sure[p])
            continue;
        double attacked = read_chain(c, p, game_other(own)), defended = attacked;
        if (attacked >= 0 && attacked < 0.5)
            defended = read_chain(c, p, own);
        if (defended >= 0)
            set_dead(c, p, defended < 0.5);
        if (attacked <= SURE && (defended < 0 || defended >= 1 - SURE)) {
            beyond_doubt = false;
            mark_contested(c, p);
        }
    }
    memset(c->open, 0, sizeof c->open);
    return beyond_doubt;
}

/* Opens the chains in and around a region that have not two eyes if everything in the region lives. Returns whether
 * there are any of both colours. */
static bool open_region(struct trial *c, const struct go_groups *groups, int region)
{
    struct go_groups alive;
    uint8_t dead[GAME_MAX_POINTS];
    bool colours[3] = {false};
    for (int p = 0; p < c->game->points; p++)
        dead[p] = c->dead[p] && groups->region[p] != region;
    go_find_groups(c->game, c->position, c->chain, dead, &alive);
    memset(c->open, 0, sizeof c->open);
    for (int p = 0; p < c->game->points; p++) {
        int around[5], n = go_neighbours(c->game, p, around);
        if (groups->region[p] != region)
            continue;
        around[n++] = p;
        while (n--) {
            const int q = around[n];
            if (c->chain[q] < 0 || c->sure[q] || alive.region[q] >= 0 || alive.all_eyes[alive.group[q]] >= 2)
                continue;
            c->open[c->chain[q]] = colours[colour_at(c, q)] = true;
        }
    }
    return colours[GAME_BLACK] && colours[GAME_WHITE];
}

/* Dead chains in a region whose surroundings need to capture them: those that survive being attacked are not dead. Then
 * the chains around, if these are captured in turn, are dead instead; otherwise both live in seki. Returns false if the
 * fate of a dead chain depends on who begins. */
static bool settle_region(struct trial *c, const struct go_groups *groups, int region)
{
    bool revived = false, settled = true;
    for (int p = 0; p < c->game->points; p++)
        if (c->chain[p] == p && c->dead[p] && c->open[p] && groups->region[p] == region) {
            double s = read_chain(c, p, game_other(colour_at(c, p)));
            if (s > 0.5) {
                set_dead(c, p, false);
                revived = true;
            } else if (s >= 0 && read_chain(c, p, colour_at(c, p)) >= 1 - SURE) {
                settled = false;
                mark_contested(c, p);
            }
        }
    for (int p = 0; p < c->game->points && revived; p++)
        if (c->chain[p] == p && !c->dead[p] && c->open[p] && groups->region[p] != region) {
            double s = read_chain(c, p, game_other(colour_at(c, p)));
            set_dead(c, p, s >= 0 && s < 0.5);
        }
    return settled;
}

static bool settle_regions(struct trial *c)
{
    bool settled = true;
    struct go_groups groups;
    bool done[GAME_MAX_POINTS] = {false};
    go_find_groups(c->game, c->position, c->chain, c->dead, &groups);
    for (int p = 0; p < c->game->points; p++) {
        const int region = groups.region[p];
        if (!c->dead[p] || region < 0 || done[region]) /* < 0: it has been found to be dead meanwhile */
            continue;
        done[region] = true;
        if (open_region(c, &groups, region))
            settled &= settle_region(c, &groups, region);
    }
    memset(c->open, 0, sizeof c->open);
    return settled;
}

/* Chains in seki must survive being attacked. One that dies whoever begins, as in a bent four in the corner, is dead.
 * Returns false if the fate of one depends on who begins, as in a race to capture, or cannot be read. */
static bool settle_seki(struct trial *c, const uint8_t *seki)
{
    bool settled = true, dies[GAME_MAX_POINTS] = {false};
    for (int p = 0; p < c->game->points; p++)
        if (c->chain[p] == p)
            c->open[p] = seki[p] && !c->sure[p];
    for (int p = 0; p < c->game->points; p++) {
        if (c->chain[p] != p || !c->open[p])
            continue;
        const enum game_colour own = colour_at(c, p);
        const double attacked = read_chain(c, p, game_other(own));
        if (attacked > SURE_IN_SEKI)
            continue;
        dies[p] = attacked >= 0 && attacked < 1 - SURE && read_chain(c, p, own) < 1 - SURE;
        if (!dies[p]) {
            settled = false;
            mark_contested(c, p);
        }
    }
    for (int p = 0; p < c->game->points; p++)
        if (dies[p])
            set_dead(c, p, true);
    memset(c->open, 0, sizeof c->open);
    return settled;
}

bool go_judge(const struct game *game, const struct position *position, uint8_t *dead, uint8_t *seki,
              uint8_t *contested)
{
    int map[GAME_MAX_POINTS], chain[GAME_MAX_POINTS] = {0};
    bool doubtful[GAME_MAX_POINTS] = {false};
    struct rng rng;
    rng_seed(&rng, position->stones_hash);
    go_sum_ownership(game, position, PLAYOUTS, &rng, map);
    go_chains(game, position, chain);
    const double lives = go_is_decided(game, map, PLAYOUTS) ? GO_LIVES : 0;
    go_judge_chains(game, position, map, PLAYOUTS, lives, chain, dead, doubtful);
    struct trial trial = {
        .game = game, .position = position, .chain = chain, .dead = dead, .contested = contested, .rng = &rng};
    go_pass_alive(game, position, trial.sure);
    if (contested)
        memset(contested, 0, game->points);
    bool beyond_doubt = read_doubtful(&trial, doubtful);
    go_revive(game, position, chain, dead);
    beyond_doubt &= settle_regions(&trial);
    go_find_seki(game, position, chain, dead, seki);
    beyond_doubt &= settle_seki(&trial, seki);
    go_revive(game, position, chain, dead);
    go_find_seki(game, position, chain, dead, seki);
    return beyond_doubt;
}

void go_find_dead(const struct game *game, const struct position *position, uint8_t *dead, uint8_t *seki)
{
    go_judge(game, position, dead, seki, NULL);
}

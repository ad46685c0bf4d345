/* SWAP2BOARD: placing the three opening stones, and choosing a colour after three or five.
 *
 * In swap2 one player places a black, a white and a black stone; the other takes black (SWAP), continues as white (one
 * stone), or places two more and leaves the choice to the first. The player who chooses takes the better side, so the
 * first three stones should be balanced. This program never places two more. */
#include <math.h>

#include "engine/protocols/gomocup/session.h"

enum { TRIES = 16, OPENING_TURN_MS = 2000 };

static int64_t budget_ms(const struct gomocup *g)
{
    int64_t ms = g->turn_ms > 0 ? g->turn_ms * 8 / 10 : g->turn_ms == 0 ? 1 : OPENING_TURN_MS;
    if (g->left_ms >= 0 && g->match_ms != 0)
        ms = MIN(ms, g->left_ms / 10);
    return MAX(ms, 1);
}

static void place_all(struct gomocup *g, const game_move *points, int count)
{
    game_init(&g->game, &g->at.p);
    history_truncate(&g->history, 0);
    g->agent_follows = false;
    for (int i = 0; i < count; i++)
        gomocup_place(g, points[i]);
}

/* Three distinct random points near the centre. */
static void random_three(const struct gomocup *g, struct rng *rng, game_move *points)
{
    int reach = MIN(7, g->game.width), low = (g->game.width - reach) / 2;
    for (int i = 0; i < 3; i++) {
        bool again = true;
        while (again) {
            int x = low + (int)rng_below(rng, (uint32_t)reach), y = low + (int)rng_below(rng, (uint32_t)reach);
            points[i] = (game_move)(y * g->game.width + x);
            again = false;
            for (int k = 0; k < i; k++)
                again |= points[k] == points[i];
        }
    }
}

/* Chooses the most balanced of TRIES random openings by the agent's evaluation. */
static bool find_balanced(struct gomocup *g, game_move *best)
{
    float smallest = INFINITY;
    struct rng rng;
    rng_seed(&rng, rng_mix(g->config.seed + g->games));
    for (int i = 0; i < TRIES; i++) {
        game_move points[3], unused;
        float value;
        random_three(g, &rng, points);
        place_all(g, points, 3);
        if (!gomocup_evaluate(g, budget_ms(g) / TRIES, &value, &unused))
            return false;
        if (fabsf(value) < smallest) {
            smallest = fabsf(value);
            memcpy(best, points, sizeof points);
        }
    }
    return true;
}

static void swap2(struct gomocup *g, const char *rest)
{
    int values[6][3], size = g->game.width;
    game_move points[6], best;
    float value;
    int count = gomocup_read_list(g, rest, false, values, 6);
    if (count < 0)
        return;
    if (count != 0 && count != 3 && count != 5) {
        gomocup_send(g, "ERROR SWAP2BOARD requires 0, 3 or 5 stones, not %d", count);
        return;
    }
    for (int i = 0; i < count; i++) {
        points[i] = (game_move)(values[i][1] * size + values[i][0]);
        for (int k = 0; k < i; k++)
            if (points[k] == points[i]) {
                gomocup_send(g, "ERROR duplicate point %d,%d", values[i][0], values[i][1]);
                return;
            }
    }
    if (count == 0) {
        if (find_balanced(g, points))
            gomocup_send(g, "%d,%d %d,%d %d,%d", points[0] % size, points[0] / size, points[1] % size, points[1] / size,
                         points[2] % size, points[2] / size);
        place_all(g, points, 0); /* the game continues with BOARD */
        return;
    }
    place_all(g, points, count);
    if (!gomocup_evaluate(g, budget_ms(g), &value, &best))
        return;
    if (value < 0 || best == GAME_NO_MOVE) /* white is to move and behind, so take black */
        gomocup_send(g, "SWAP");
    else
        gomocup_send(g, "%d,%d", best % size, best / size);
}

const struct gomocup_command gomocup_swap_commands[] = {
    {"SWAP2BOARD", true, swap2},
    {NULL, false, NULL},
};

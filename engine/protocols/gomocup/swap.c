/* The swap2 opening: placing three stones, choosing after three, and choosing after five; by SWAP2BOARD, and by Yixin's
 * yxswap2step1 to 3.
 *
 * One player places a black, a white and a black stone; the other takes black (SWAP), continues as white (one stone), or
 * places two more and leaves the choice to the first. The player who chooses takes the better side, so stones placed for
 * the other's choice should be balanced. White is to move at each choice. */
#include <math.h>

#include "engine/protocols/gomocup/gomocup.h"
#include "engine/protocols/gomocup/session.h"
#include "games/game.h"

enum { TRIES = 16, OPENING_TURN_MS = 2000 };

/* Up to this value of the better side, an opening of three stones counts as even: to choose a side gains less than the
 * evaluation errs by. The program then places two more if it finds stones that are at least as even, so that the
 * opponent has to judge a position that it did not prepare. */
static const float even = 0.1f;

enum choice { TAKE_BLACK, STAY_WHITE, PLACE_TWO };

static int64_t budget_ms(const struct gomocup *g)
{
    const int64_t turn_ms = gomocup_turn_ms(g);
    int64_t ms = turn_ms > 0 ? turn_ms * 8 / 10 : turn_ms == 0 ? 1 : OPENING_TURN_MS;
    if (g->left_ms >= 0 && g->match_ms != 0)
        ms = MIN(ms, g->left_ms / 10);
    return MAX(ms, 1);
}

/* Places stones of alternating colours on an empty board, black's first. */
static void place_all(struct gomocup *g, const game_move *points, int count)
{
    game_init(&g->game, &g->at.p);
    history_truncate(&g->history, 0);
    g->agent_follows = false;
    for (int i = 0; i < count; i++)
        gomocup_place(g, points[i], i % 2 ? GAME_WHITE : GAME_BLACK);
}

/* Fills points[from..count) with distinct random points near the centre, none of them among points[0..from). */
static void random_points(const struct gomocup *g, struct rng *rng, game_move *points, int from, int count)
{
    int reach = MIN(7, g->game.width), low = (g->game.width - reach) / 2;
    for (int i = from; i < count; i++) {
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

/* Fills points[from..count) with the most balanced of TRIES random continuations of the stones before, by the agent's
 * evaluation. *balance: the value of the better side. Returns false if it failed, as gomocup_evaluate does. */
static bool find_balanced(struct gomocup *g, game_move *points, int from, int count, int64_t ms, float *balance)
{
    game_move tried[5], unused;
    struct rng rng;
    *balance = INFINITY;
    memcpy(tried, points, sizeof *points * (size_t)from);
    rng_seed(&rng, rng_mix(g->config.seed + g->games));
    for (int i = 0; i < TRIES; i++) {
        float value;
        random_points(g, &rng, tried, from, count);
        place_all(g, tried, count);
        if (!gomocup_evaluate(g, ms / TRIES, &value, &unused))
            return false;
        if (fabsf(value) < *balance) {
            *balance = fabsf(value);
            memcpy(points, tried, sizeof *points * (size_t)count);
        }
    }
    return true;
}

/* Chooses after three or five stones, of which there are `count`. *best: the stone that white continues with; for
 * PLACE_TWO, points[3] and points[4] are filled. Returns false if it failed, as gomocup_evaluate does. */
static bool choose(struct gomocup *g, game_move *points, int count, enum choice *choice, game_move *best)
{
    game_move more[5];
    float value, balance;
    const int64_t ms = budget_ms(g);
    place_all(g, points, count);
    if (!gomocup_evaluate(g, count == 3 ? ms / 2 : ms, &value, best))
        return false;
    *choice = value < 0 || *best == GAME_NO_MOVE ? TAKE_BLACK : STAY_WHITE; /* white is to move, and behind below 0 */
    if (count == 3 && fabsf(value) <= even) {
        memcpy(more, points, sizeof *more * 3);
        if (!find_balanced(g, more, 3, 5, ms / 2, &balance))
            return false;
        if (balance <= even) {
            memcpy(points, more, sizeof more);
            *choice = PLACE_TWO;
        }
        place_all(g, points, count);
    }
    return true;
}

/* ---- SWAP2BOARD ---- */

/* Whether the list has distinct points of a number that has to do with swap2; otherwise sends ERROR. */
static bool check_list(struct gomocup *g, int (*values)[3], int count)
{
    if (count != 0 && count != 3 && count != 5) {
        gomocup_send(g, "ERROR SWAP2BOARD requires 0, 3 or 5 stones, not %d", count);
        return false;
    }
    for (int i = 0; i < count; i++)
        for (int k = 0; k < i; k++)
            if (values[k][0] == values[i][0] && values[k][1] == values[i][1]) {
                gomocup_send(g, "ERROR duplicate point %d,%d", values[i][0], values[i][1]);
                return false;
            }
    return true;
}

static void send_points(struct gomocup *g, const game_move *points, int count)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < count; i++)
        g_string_append_printf(text, "%s%d,%d", i ? " " : "", points[i] % g->game.width, points[i] / g->game.width);
    gomocup_send(g, "%s", text->str);
    g_string_free(text, TRUE);
}

static void swap2(struct gomocup *g, const char *rest)
{
    int values[6][3];
    game_move points[5], best;
    float balance;
    enum choice choice;
    int count = gomocup_read_list(g, rest, false, values, 6);
    if (count < 0 || !check_list(g, values, count))
        return;
    for (int i = 0; i < count; i++)
        points[i] = (game_move)(values[i][1] * g->game.width + values[i][0]);
    if (count == 0) {
        if (find_balanced(g, points, 0, 3, budget_ms(g), &balance))
            send_points(g, points, 3);
        place_all(g, points, 0); /* the game continues with BOARD */
    } else if (choose(g, points, count, &choice, &best)) {
        if (choice == TAKE_BLACK)
            gomocup_send(g, "SWAP");
        else
            send_points(g, choice == PLACE_TWO ? points + 3 : &best, choice == PLACE_TWO ? 2 : 1);
    }
}

/* ---- Yixin's steps ---- */

/* Fills the points of the stones on the board, black's and white's in turn. Returns their number; -1 if black has not
 * one more than white, or there are more than five. */
static int read_opening(const struct gomocup *g, game_move *points)
{
    int number[2] = {0};
    for (int p = 0; p < g->game.points; p++) {
        enum game_colour colour = g->game.ops->stone(&g->game, &g->at.p, p);
        int side = colour == GAME_WHITE;
        if (colour == GAME_EMPTY)
            continue;
        if (number[side] == 3 - side)
            return -1;
        points[2 * number[side]++ + side] = (game_move)p;
    }
    return number[0] == number[1] + 1 ? number[0] + number[1] : -1;
}

static void send_steps(struct gomocup *g, const game_move *points, int from, int count)
{
    for (int i = from; i < count; i++)
        gomocup_send(g, "MESSAGE SWAP2 MOVE%d %d %d", i + 1, points[i] % g->game.width, points[i] / g->game.width);
}

void gomocup_swap_step(struct gomocup *g, int step)
{
    game_move points[5], best;
    float balance;
    enum choice choice;
    const int wanted = 2 * step - 1;
    if (step == 1) { /* the board is not sent before: it is empty */
        if (find_balanced(g, points, 0, 3, budget_ms(g), &balance))
            send_steps(g, points, 0, 3);
        place_all(g, points, 0);
    } else if (read_opening(g, points) != wanted) {
        gomocup_send(g, "ERROR YXSWAP2STEP%d requires %d stones on the board, black's and white's in turn", step,
                     wanted);
    } else if (choose(g, points, wanted, &choice, &best)) {
        if (choice == PLACE_TWO)
            send_steps(g, points, 3, 5);
        else /* after three stones: whether to change colours; after five: whether to be black */
            gomocup_send(g, "MESSAGE SWAP2 SWAP%d %s", step - 1, choice == TAKE_BLACK ? "YES" : "NO");
    }
}

const struct gomocup_command gomocup_swap_commands[] = {
    {"SWAP2BOARD", true, swap2},
    {NULL, false, NULL},
};

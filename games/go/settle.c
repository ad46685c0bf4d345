/* Playouts with tactics. */
#include "games/go/settle.h"

#include "games/game.h"
#include "games/go/board.h"

int go_find_liberties(const struct go_cell *cells, int stride, int root, int max, uint16_t *found)
{
    int count = 0, p = root;
    do {
        const int around[4] = {p - 1, p + 1, p - stride, p + stride};
        for (int i = 0; i < 4; i++) {
            bool known = cells[around[i]].colour != GAME_EMPTY;
            for (int k = 0; k < count && !known; k++)
                known = found[k] == around[i];
            if (known)
                continue;
            found[count++] = (uint16_t)around[i];
            if (count == max)
                return count;
        }
        p = cells[p].next;
    } while (p != root);
    return count;
}

static bool in_atari_at(const struct go_cell *cells, int stride, int chain, int p)
{
    return cells[chain].liberties == go_touches(cells, p, stride, chain);
}

/* ---- self-atari ---- */

/* The chain that a stone on p would make, and its liberties, of which more than two are not counted. */
struct outcome {
    bool captures;
    int liberties, stones;
    int chain[4], chains; /* the own chains that it joins */
};

static void look(const struct go_cell *cells, int p, int stride, int colour, struct outcome *out)
{
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    uint16_t liberty[8];
    *out = (struct outcome){.stones = 1};
    for (int i = 0; i < 4; i++) {
        int there = cells[around[i]].colour, root = cells[around[i]].chain;
        if (there == GAME_EMPTY)
            liberty[out->liberties++] = (uint16_t)around[i];
        else if (there == game_other(colour))
            out->captures |= in_atari_at(cells, stride, root, p);
    }
    for (int i = 0; i < 4; i++) {
        uint16_t more[4];
        bool known = cells[around[i]].colour != colour;
        for (int k = 0; k < out->chains && !known; k++)
            known = out->chain[k] == cells[around[i]].chain;
        if (known)
            continue;
        out->chain[out->chains++] = cells[around[i]].chain;
        int found = go_find_liberties(cells, stride, cells[around[i]].chain, 4, more);
        for (int m = 0; m < found && out->liberties < 3; m++) {
            known = more[m] == p;
            for (int k = 0; k < out->liberties && !known; k++)
                known = liberty[k] == more[m];
            if (!known)
                liberty[out->liberties++] = more[m];
        }
    }
}

bool go_is_killing_shape(int points, const int *of_degree)
{
    switch (points) {
    case 4:
        return of_degree[2] == 4 || of_degree[3] == 1;
    case 5:
        return of_degree[4] == 1 || (of_degree[3] == 1 && of_degree[2] == 3);
    case 6:
        return of_degree[4] == 1 && of_degree[2] == 3;
    default:
        return points < 4;
    }
}

static bool is_in_corner(const struct go_cell *cells, int stride, int p)
{
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    int borders = 0;
    for (int i = 0; i < 4; i++)
        borders += cells[around[i]].colour == GO_BORDER;
    return borders == 2;
}

/* Whether the stone on p and the chains that it joins make a killing shape, or a bent four in the corner: four in a line that
 * bends on the corner point, which leave the opponent no more than a ko once they are captured. */
static bool is_killing_shape(const struct go_cell *cells, int p, int stride, const struct outcome *out)
{
    uint16_t stone[6];
    bool bent = false;
    int count = 0, of_degree[5] = {0};
    stone[count++] = (uint16_t)p;
    for (int k = 0; k < out->chains; k++) {
        int s = out->chain[k];
        do {
            if (count == 6)
                return false;
            stone[count++] = (uint16_t)s;
            s = cells[s].next;
        } while (s != out->chain[k]);
    }
    for (int i = 0; i < count; i++) {
        int degree = 0;
        for (int k = 0; k < count; k++) {
            int step = stone[k] - stone[i];
            degree += step == 1 || step == -1 || step == stride || step == -stride;
        }
        of_degree[degree]++;
        bent |= count == 4 && degree == 2 && is_in_corner(cells, stride, stone[i]);
    }
    return bent || go_is_killing_shape(count, of_degree);
}

bool go_is_blunder(const struct go_cell *cells, int p, int stride, int colour)
{
    struct outcome out;
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    int empty = 0;
    for (int i = 0; i < 4; i++)
        empty += cells[around[i]].colour == GAME_EMPTY;
    if (empty >= 2)
        return false;
    look(cells, p, stride, colour, &out);
    return !out.captures && out.liberties < 2 && out.chains > 0 && !is_killing_shape(cells, p, stride, &out);
}

/* ---- replies to the last move ---- */

static bool is_legal(const struct go_position *go, int p, int stride, int colour)
{
    return p != go->ko && go->cells[p].colour == GAME_EMPTY && go_would_have_liberty(go->cells, p, stride, colour);
}

/* The move that saves a chain in atari: captures a neighbour in atari, or else extends to two liberties; 0: none. */
static int save(const struct go_position *go, int stride, int colour, int chain)
{
    const struct go_cell *cells = go->cells;
    struct outcome out;
    uint16_t liberty[1];
    int p = chain;
    do {
        const int around[4] = {p - 1, p + 1, p - stride, p + stride};
        for (int i = 0; i < 4; i++)
            if (cells[around[i]].colour == game_other(colour) &&
                go_find_liberties(cells, stride, cells[around[i]].chain, 1, liberty) == 1 &&
                in_atari_at(cells, stride, cells[around[i]].chain, liberty[0]) &&
                is_legal(go, liberty[0], stride, colour))
                return liberty[0];
        p = cells[p].next;
    } while (p != chain);
    go_find_liberties(cells, stride, chain, 1, liberty);
    if (!is_legal(go, liberty[0], stride, colour))
        return 0;
    look(cells, liberty[0], stride, colour, &out);
    return out.liberties >= 2 ? liberty[0] : 0;
}

/* A move that the last one asks for, or 0. */
static int reply(const struct go_position *go, int stride, int colour, int last, struct rng *rng)
{
    const struct go_cell *cells = go->cells;
    const int around[4] = {last - 1, last + 1, last - stride, last + stride};
    uint16_t liberty[3] = {0};
    if (cells[last].colour != game_other(colour))
        return 0;
    int found = go_find_liberties(cells, stride, cells[last].chain, 3, liberty);
    if (found > 0 && in_atari_at(cells, stride, cells[last].chain, liberty[0]) &&
        is_legal(go, liberty[0], stride, colour))
        return liberty[0];
    for (int i = 0; i < 4; i++) {
        uint16_t own[2];
        if (cells[around[i]].colour != colour || go_find_liberties(cells, stride, cells[around[i]].chain, 2, own) != 1)
            continue;
        int p = save(go, stride, colour, cells[around[i]].chain);
        if (p)
            return p;
    }
    if (found == 2 && rng_below(rng, 2)) {
        int p = liberty[rng_below(rng, 2)];
        if (is_legal(go, p, stride, colour) && !go_is_blunder(cells, p, stride, colour))
            return p;
    }
    return 0;
}

/* ---- playouts ---- */

static bool is_listed(const struct go_empties *empties, int p)
{
    return empties->place[p] < empties->count && empties->list[empties->place[p]] == p;
}

void go_settle_playout(struct go_position *go, int stride, int colour, int last, int max_moves,
                       struct go_empties *empties, uint8_t *first, struct rng *rng)
{
    int passes = 0;
    for (int moves = 0; passes < 2 && moves < max_moves; moves++) {
        int p = last ? reply(go, stride, colour, last, rng) : 0;
        if (!p || !is_listed(empties, p))
            p = go_draw_cell(go, stride, colour, rng, empties, go_is_blunder);
        if (p) {
            go_place(go, stride, p, colour, false, empties);
            if (first && !first[p])
                first[p] = (uint8_t)colour;
            passes = 0;
        } else {
            go->ko = 0;
            passes++;
        }
        last = p;
        colour = game_other(colour);
    }
}

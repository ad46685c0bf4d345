/* What a network sees of a Go position. */
#include "games/go_ops.h"

/* Planes of go-v1, from the view of the side to move. */
enum {
    OWN,
    OTHER,
    OWN_1,
    OWN_2,
    OWN_3, /* stones of own chains with exactly so many liberties */
    OTHER_1,
    OTHER_2,
    OTHER_3,
    LEGAL,     /* may be played now */
    FORBIDDEN, /* empty, but ko, superko or suicide forbids it */
    AFTER_1,
    AFTER_2,  /* legal; the chain made there would have one liberty, two */
    RECENT_1, /* the last five moves, newest first */
    OWN_ALIVE = RECENT_1 + GAME_RECENT,
    OTHER_ALIVE, /* pass-alive chains and regions */
    ONES,        /* the board itself, so that padding shows the edge */
    PLANES
};
enum {
    KOMI,      /* by which the mover would start, area points / 15 */
    KOMI_WAVE, /* who wins the last point: a triangle wave over komi, as parity decides by area */
    SUICIDE,
    KO_SIMPLE,
    KO_POSITIONAL,
    KO_SITUATIONAL,
    TERRITORY,
    PASS_ENDS, /* a pass now would end the game */
    PASSES,    /* a pass was just made */
    KO_ON,     /* a simple ko is on */
    PROGRESS,  /* plies / points, at most 2, halved */
    NEAR_CAP,  /* 1 at the length cap, 0 from `points` plies before it on */
    SIZE,      /* (size - 9) / 10 */
    WHITE,     /* the mover is white */
    GLOBALS
};

/* Distinct liberties, up to 3, of the chain that a stone of colour on legal cell p makes, captures included. */
static int liberties_after(const struct go_cell *cells, int stride, int p, int colour)
{
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    int taken[4], own[4], takes = 0, owns = 0, count = 0, empties = 0;
    for (int i = 0; i < 4; i++) {
        const struct go_cell *cell = &cells[around[i]];
        empties += cell->colour == GAME_EMPTY;
        if (cell->colour == colour)
            own[owns++] = cell->chain;
        else if (go_is_stone(cell->colour) && cells[cell->chain].liberties == go_touches(cells, p, stride, cell->chain))
            taken[takes++] = cell->chain;
    }
    if (empties > 2 || (!owns && !takes))
        return empties;
    int found[3];
    for (int chain = -1; chain < owns; chain++) { /* first the stone itself, then each own chain beside it */
        int s = chain < 0 ? p : own[chain];
        do {
            const int next[4] = {s - 1, s + 1, s - stride, s + stride};
            for (int i = 0; i < 4; i++) {
                bool liberty = cells[next[i]].colour == GAME_EMPTY && next[i] != p;
                for (int k = 0; k < takes; k++)
                    liberty |= cells[next[i]].chain == taken[k];
                for (int k = 0; k < count; k++)
                    liberty &= found[k] != next[i];
                if (!liberty)
                    continue;
                found[count++] = next[i];
                if (count == 3)
                    return 3;
            }
            s = chain < 0 ? p : cells[s].next;
        } while (chain >= 0 && s != own[chain]);
    }
    return count;
}

static void encode_stones(const struct go_tables *t, const struct go_cell *cells, int colour, float *planes)
{
    uint8_t liberties[GO_MAX_CELLS]; /* by root cell, up to 4 */
    for (int i = 0; i < t->points; i++) {
        int p = t->cell[i], root = cells[p].chain;
        if (root == p)
            liberties[p] = (uint8_t)go_count_liberties(cells, t->stride, p, 4);
    }
    for (int i = 0; i < t->points; i++) {
        int p = t->cell[i];
        if (cells[p].colour == GAME_EMPTY)
            continue;
        bool own = cells[p].colour == colour;
        planes[(own ? OWN : OTHER) * t->points + i] = 1.0f;
        int count = liberties[cells[p].chain];
        if (count <= 3)
            planes[((own ? OWN_1 : OTHER_1) + count - 1) * t->points + i] = 1.0f;
    }
}

static void encode_moves(const struct game *game, const struct position *position, const struct history *history,
                         float *planes)
{
    const struct go_tables *t = go_tables(game);
    const struct go_cell *cells = go_position(position)->cells;
    game_move moves[GO_MAX_POINTS + 1];
    int count = game->ops->legal_moves(game, position, history, moves);
    for (int i = 0; i < t->points; i++)
        planes[FORBIDDEN * t->points + i] = cells[t->cell[i]].colour == GAME_EMPTY;
    for (int i = 0; i < count && moves[i] < t->points; i++) {
        int liberties = liberties_after(cells, t->stride, t->cell[moves[i]], position->colour);
        planes[LEGAL * t->points + moves[i]] = 1.0f;
        planes[FORBIDDEN * t->points + moves[i]] = 0.0f;
        if (liberties == 1 || liberties == 2)
            planes[(liberties == 1 ? AFTER_1 : AFTER_2) * t->points + moves[i]] = 1.0f;
    }
    for (int i = 0; i < GAME_RECENT; i++)
        if (position->recent[i] < t->points)
            planes[(RECENT_1 + i) * t->points + position->recent[i]] = 1.0f;
}

static void encode_alive(const struct game *game, const struct go_cell *cells, int colour, float *planes)
{
    const struct go_tables *t = go_tables(game);
    for (int side = 0; side < 2; side++) {
        uint8_t alive[GO_MAX_CELLS] = {0};
        go_benson(game, cells, side ? game_other(colour) : colour, alive);
        for (int i = 0; i < t->points; i++)
            planes[(OWN_ALIVE + side) * t->points + i] = alive[t->cell[i]];
    }
}

/* By area the margin before komi is odd or even as the board is, unless dame are left: so komi matters by its distance
 * from the komi below that would draw. 0 at a draw and half-way to the next, +-1/2 where half a point decides. */
static float komi_wave(int komi2, int points)
{
    int above = ((komi2 - 2 * points) % 4 + 4) % 4; /* half points above the last komi that draws */
    static const float wave[4] = {0.0f, 0.5f, 0.0f, -0.5f};
    return wave[above];
}

static float clamp(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

static void encode_globals(const struct game *game, const struct position *position, float *globals)
{
    const struct go_position *go = go_position(position);
    bool white = position->colour == GAME_WHITE;
    int komi2 = white ? go_komi2(game, go) : -go_komi2(game, go);
    globals[KOMI] = clamp((float)komi2 / 30.0f, -6.0f, 6.0f);
    globals[KOMI_WAVE] = komi_wave(komi2, game->points);
    globals[SUICIDE] = game->own[GO_OWN_SUICIDE] != 0;
    globals[KO_SIMPLE + game->own[GO_OWN_KO]] = 1.0f;
    globals[TERRITORY] = game->own[GO_OWN_SCORING] == GO_TERRITORY;
    globals[PASS_ENDS] = go->passes + 1 >= game->own[GO_OWN_PASSES] && (!game->own[GO_OWN_WHITE_LAST] || white);
    globals[PASSES] = go->passes > 0;
    globals[KO_ON] = go->ko != 0;
    globals[PROGRESS] = clamp((float)position->ply / (float)game->points / 2.0f, 0.0f, 1.0f);
    globals[NEAR_CAP] = clamp(1.0f - (float)(game->max_plies - position->ply) / (float)game->points, 0.0f, 1.0f);
    globals[SIZE] = (float)(game->size - 9) / 10.0f;
    globals[WHITE] = white;
}

static void encode(const struct game *game, const struct position *position, const struct history *history,
                   float *planes, float *globals)
{
    const struct go_tables *t = go_tables(game);
    const struct go_cell *cells = go_position(position)->cells;
    memset(planes, 0, (size_t)PLANES * t->points * sizeof *planes);
    memset(globals, 0, GLOBALS * sizeof *globals);
    encode_stones(t, cells, position->colour, planes);
    encode_moves(game, position, history, planes);
    encode_alive(game, cells, position->colour, planes);
    for (int i = 0; i < t->points; i++)
        planes[ONES * t->points + i] = 1.0f;
    encode_globals(game, position, globals);
}

const struct game_features go_features_v1 = {.name = "go-v1", .planes = PLANES, .globals = GLOBALS, .encode = encode};

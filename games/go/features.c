/* The feature planes of Go: "go-v1", and "go-v2", which adds what territory scoring needs. */
#include "games/game.h"
#include "games/go/bits.h"
#include "games/go/board.h"
#include "games/go/go.h"
#include "games/go/ops.h"

/* Planes, from the view of the side to move. */
enum {
    OWN,
    OTHER,
    OWN_1,
    OWN_2,
    OWN_3, /* stones of own chains with exactly 1, 2, 3 liberties */
    OTHER_1,
    OTHER_2,
    OTHER_3,
    LEGAL,     /* may be played now */
    FORBIDDEN, /* empty, but forbidden by ko, superko or suicide */
    AFTER_1,
    AFTER_2,  /* legal, and the chain of the new stone would have one liberty, two liberties */
    RECENT_1, /* the last five moves, newest first, one plane each */
    OWN_ALIVE = RECENT_1 + GAME_RECENT,
    OTHER_ALIVE, /* pass-alive chains and regions */
    ONES,        /* 1 on the board: distinguishes it from the zero padding */
    PLANES
};
enum {
    KOMI,      /* for the side to move, in points / 15 */
    KOMI_WAVE, /* triangle wave over komi: which side profits from the parity of the board; see komi_wave */
    SUICIDE,
    KO_SIMPLE,
    KO_POSITIONAL,
    KO_SITUATIONAL,
    TERRITORY,
    PASS_ENDS, /* a pass now would end the game, or its first phase */
    PASSES,    /* a pass was just made */
    KO_ON,     /* a point is forbidden by simple ko */
    PROGRESS,  /* plies / points / 2, at most 1 */
    NEAR_CAP,  /* rises from 0, `points` plies before the length cap, to 1 at the cap */
    SIZE,      /* (size - 9) / 10 */
    WHITE,     /* white is to move */
    GLOBALS_V1,
    PAID_PASSES = GLOBALS_V1, /* a pass gives the opponent a prisoner */
    CLEANUP,                  /* the phase in which dead stones are captured */
    CLEANUP_FIRST,            /* the mover was the first to move in it */
    PRISONERS,                /* with territory scoring: prisoners that the mover leads by / 15 */
    GLOBALS_V2
};

enum { MAX_CHAINS = GO_MAX_POINTS };

struct chain {
    struct go_bits stones, near; /* near: the neighbours of its stones, some of which are its stones */
    int liberties;
};
/* A position as bitboards. */
struct view {
    const struct go_tables *tables;
    const struct go_cell *cells;
    struct go_bits_board board;
    int count;
    struct chain chain[MAX_CHAINS];
    uint16_t number[GO_MAX_CELLS]; /* index into `chain`, by root cell */
};

GO_BITS_INLINE void find_chains(int n, struct view *view)
{
    const struct go_tables *t = view->tables;
    view->count = 0;
    for (int colour = 0; colour < 2; colour++)
        GO_BITS_EACH (n, view->board.stones[colour], c) {
            if (view->cells[c].chain != c)
                continue;
            struct chain *chain = &view->chain[view->count];
            struct go_bits stones, liberties;
            for (int i = 0; i < n; i++)
                stones.w[i] = 0;
            int p = (int)c;
            do {
                go_bits_set(&stones, p);
                p = view->cells[p].next;
            } while (p != (int)c);
            struct go_bits near = go_bits_near(n, &stones, t->stride);
            for (int i = 0; i < n; i++) {
                chain->stones.w[i] = stones.w[i];
                chain->near.w[i] = near.w[i];
                liberties.w[i] = near.w[i] & view->board.empty.w[i];
            }
            chain->liberties = go_bits_count(n, &liberties);
            view->number[c] = (uint16_t)view->count++;
        }
}

/* The empty cells where the mover may play, ignoring superko. *captures: those that capture; *plain: those that capture
 * nothing and leave the new stone with a liberty. */
GO_BITS_INLINE struct go_bits find_moves(int n, const struct game *game, const struct view *view, int ko, int colour,
                                         struct go_bits *captures, struct go_bits *plain)
{
    struct go_bits atari, alive = view->board.empty; /* enemy chains in atari; cells that give a stone a liberty */
    struct go_bits moves = {{0}};
    const bool suicide = game->derived[GO_DERIVED_SUICIDE];
    for (int i = 0; i < n; i++)
        atari.w[i] = 0;
    for (int k = 0; k < view->count; k++) {
        const struct chain *chain = &view->chain[k];
        bool own = go_bits_intersect(n, &chain->stones, &view->board.stones[colour - 1]);
        if (own && chain->liberties >= 2)
            go_bits_add(n, &alive, &chain->stones);
        else if (!own && chain->liberties == 1)
            go_bits_add(n, &atari, &chain->stones);
    }
    alive = go_bits_near(n, &alive, view->tables->stride);
    atari = go_bits_near(n, &atari, view->tables->stride);
    for (int i = 0; i < n; i++) {
        captures->w[i] = atari.w[i] & view->board.empty.w[i];
        plain->w[i] = alive.w[i] & view->board.empty.w[i] & ~atari.w[i];
        moves.w[i] = view->board.empty.w[i] & (suicide ? ~(uint64_t)0 : alive.w[i] | atari.w[i]);
    }
    if (ko)
        moves.w[ko >> 6] &= ~((uint64_t)1 << (ko & 63));
    return moves;
}

/* Liberties of the chain that a stone of the mover on an empty cell would belong to, after captures; exact where they
 * are 1 or 2. */
GO_BITS_INLINE int liberties_after(int n, const struct view *view, int p, int colour, bool captures)
{
    const int stride = view->tables->stride, around[4] = {p - 1, p + 1, p - stride, p + stride};
    struct go_bits stone, near, free = view->board.empty;
    int empties = 0, owns = 0;
    for (int i = 0; i < 4; i++) {
        empties += view->cells[around[i]].colour == GAME_EMPTY;
        owns += view->cells[around[i]].colour == colour;
    }
    if (empties > 2 || (!owns && !captures))
        return empties;
    for (int i = 0; i < n; i++)
        stone.w[i] = 0;
    go_bits_set(&stone, p);
    near = go_bits_near(n, &stone, stride);
    for (int i = 0; i < 4; i++) {
        const struct go_cell *cell = &view->cells[around[i]];
        if (!go_is_stone(cell->colour))
            continue;
        const struct chain *chain = &view->chain[view->number[cell->chain]];
        if (cell->colour == colour)
            go_bits_add(n, &near, &chain->near);
        else if (chain->liberties == 1)
            go_bits_add(n, &free, &chain->stones);
    }
    for (int i = 0; i < n; i++)
        near.w[i] &= free.w[i] & ~stone.w[i];
    return go_bits_count(n, &near);
}

/* Writes 1 on the points of a set, moved by the symmetry. */
GO_BITS_INLINE void mark(int n, const struct go_tables *t, const struct go_bits *bits, const uint16_t *to,
                         float *planes, int plane)
{
    float *out = planes + plane * t->points;
    GO_BITS_EACH (n, *bits, c)
        out[to[t->point[c]]] = 1.0f;
}

GO_BITS_INLINE void encode_stones(int n, const struct view *view, int colour, const uint16_t *to, float *planes)
{
    struct go_bits few[6]; /* stones of own chains with 1, 2, 3 liberties, then of the opponent's */
    for (int k = 0; k < 6; k++)
        for (int i = 0; i < n; i++)
            few[k].w[i] = 0;
    for (int k = 0; k < view->count; k++) {
        const struct chain *chain = &view->chain[k];
        bool own = go_bits_intersect(n, &chain->stones, &view->board.stones[colour - 1]);
        if (chain->liberties <= 3)
            go_bits_add(n, &few[(own ? 0 : 3) + chain->liberties - 1], &chain->stones);
    }
    mark(n, view->tables, &view->board.stones[colour - 1], to, planes, OWN);
    mark(n, view->tables, &view->board.stones[2 - colour], to, planes, OTHER);
    for (int k = 0; k < 6; k++)
        mark(n, view->tables, &few[k], to, planes, OWN_1 + k);
}

/* Removes the moves that superko forbids. For most moves a look at the history's filter suffices. */
GO_BITS_INLINE void remove_repeats(int n, const struct game *game, const struct go_position *go,
                                   const struct history *history, const struct go_bits *plain, struct go_bits *legal)
{
    const uint64_t *keys = go_stone_keys[go->base.colour - 1];
    GO_BITS_EACH (n, *legal, c) {
        if (go_bits_has(plain, (int)c) && (!go->removed || !history_may_have(history, go->base.stones_hash ^ keys[c])))
            continue;
        if (go_violates_superko(game, go, history, (int)c))
            legal->w[c >> 6] &= ~((uint64_t)1 << (c & 63));
    }
}

GO_BITS_INLINE void encode_moves(int n, const struct game *game, const struct position *position,
                                 const struct history *history, const struct view *view, const uint16_t *to,
                                 float *planes)
{
    const struct go_tables *t = view->tables;
    const struct go_position *go = go_position(position);
    struct go_bits captures, plain, after[3], forbidden;
    struct go_bits legal = find_moves(n, game, view, go->ko, position->colour, &captures, &plain);
    for (int i = 0; i < n; i++) {
        legal.w[i] = position->outcome == GAME_ONGOING ? legal.w[i] : 0;
        after[1].w[i] = after[2].w[i] = 0;
    }
    if (go_may_violate_superko(game, go, history))
        remove_repeats(n, game, go, history, &plain, &legal);
    for (int i = 0; i < n; i++)
        forbidden.w[i] = view->board.empty.w[i] & ~legal.w[i];
    GO_BITS_EACH (n, legal, p) {
        int liberties = liberties_after(n, view, (int)p, position->colour, go_bits_has(&captures, (int)p));
        if (liberties == 1 || liberties == 2)
            go_bits_set(&after[liberties], (int)p);
    }
    mark(n, t, &legal, to, planes, LEGAL);
    mark(n, t, &forbidden, to, planes, FORBIDDEN);
    mark(n, t, &after[1], to, planes, AFTER_1);
    mark(n, t, &after[2], to, planes, AFTER_2);
    for (int i = 0; i < GAME_RECENT; i++)
        if (position->recent[i] < t->points)
            planes[(RECENT_1 + i) * t->points + to[position->recent[i]]] = 1.0f;
}

GO_BITS_INLINE void encode_planes(int n, const struct game *game, const struct position *position,
                                  const struct history *history, const uint16_t *to, float *planes)
{
    struct view view;
    struct go_bits alive[2];
    int colour = position->colour;
    view.tables = go_tables(game);
    view.cells = go_position(position)->cells;
    go_bits_read(n, view.cells, view.tables->cells, &view.board);
    find_chains(n, &view);
    encode_stones(n, &view, colour, to, planes);
    encode_moves(n, game, position, history, &view, to, planes);
    go_benson(game, go_position(position), &view.board, alive);
    mark(n, view.tables, &alive[colour - 1], to, planes, OWN_ALIVE);
    mark(n, view.tables, &alive[2 - colour], to, planes, OTHER_ALIVE);
}

/* With area scoring the margin before komi has the parity of the number of points, unless a seki leaves a point to
 * neither side. So komi matters by its distance from the next lower value at which draws are possible: the result is 0
 * at such a komi and half-way to the next one, 1/2 and -1/2 in between. */
static float komi_wave(int komi2, int points)
{
    int above = ((komi2 - 2 * points) % 4 + 4) % 4; /* half points above the last komi with draws */
    static const float wave[4] = {0.0f, 0.5f, 0.0f, -0.5f};
    return wave[above];
}

static float clamp(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

/* In half points, for the side to move. */
static int mover_komi2(const struct game *game, const struct go_position *go)
{
    return go->base.colour == GAME_WHITE ? go_komi2(game, go) : -go_komi2(game, go);
}

static int prisoner_lead(const struct go_position *go)
{
    return go->prisoners[go->base.colour - 1] - go->prisoners[2 - go->base.colour];
}

static void encode_globals(const struct game *game, const struct position *position, float *globals)
{
    const struct go_position *go = go_position(position);
    bool white = position->colour == GAME_WHITE;
    int komi2 = mover_komi2(game, go);
    globals[KOMI] = clamp((float)komi2 / 30.0f, -6.0f, 6.0f);
    globals[KOMI_WAVE] = komi_wave(komi2, game->points);
    globals[SUICIDE] = game->derived[GO_DERIVED_SUICIDE] != 0;
    globals[KO_SIMPLE + game->derived[GO_DERIVED_KO]] = 1.0f;
    globals[TERRITORY] = game->derived[GO_DERIVED_SCORING] == GO_TERRITORY;
    globals[PASS_ENDS] = go_pass_ends(game, go);
    globals[PASSES] = go->passes > 0;
    globals[KO_ON] = go->ko != 0;
    globals[PROGRESS] = clamp((float)position->ply / (float)game->points / 2.0f, 0.0f, 1.0f);
    globals[NEAR_CAP] = clamp(1.0f - (float)(game->max_plies - position->ply) / (float)game->points, 0.0f, 1.0f);
    globals[SIZE] = (float)(game->width - 9) / 10.0f;
    globals[WHITE] = white;
}

/* With territory scoring, prisoners are worth what komi is, and the margin has no parity: KOMI includes them, and there
 * is no KOMI_WAVE. PRISONERS tells them from komi, since the net may learn that komi is even at the start. */
static void encode_territory(const struct game *game, const struct position *position, float *globals)
{
    const struct go_position *go = go_position(position);
    globals[PAID_PASSES] = game->derived[GO_DERIVED_PASS_STONES] || go->cleanup != 0;
    globals[CLEANUP] = go->cleanup != 0;
    globals[CLEANUP_FIRST] = go->cleanup == position->colour;
    if (game->derived[GO_DERIVED_SCORING] != GO_TERRITORY)
        return;
    const int lead = prisoner_lead(go);
    globals[KOMI] = clamp((float)(mover_komi2(game, go) + 2 * lead) / 30.0f, -6.0f, 6.0f);
    globals[KOMI_WAVE] = 0;
    globals[PRISONERS] = clamp((float)lead / 15.0f, -6.0f, 6.0f);
}

static void encode(const struct game *game, const struct position *position, const struct history *history,
                   const uint16_t *to, float *planes, float *globals)
{
    const struct go_tables *t = go_tables(game);
    memset(planes, 0, (size_t)PLANES * t->points * sizeof *planes);
    memset(globals, 0, GLOBALS_V1 * sizeof *globals);
    GO_BITS_DISPATCH(t->cells, encode_planes, game, position, history, to, planes);
    for (int i = 0; i < t->points; i++)
        planes[ONES * t->points + i] = 1.0f;
    encode_globals(game, position, globals);
}

static void encode_v2(const struct game *game, const struct position *position, const struct history *history,
                      const uint16_t *to, float *planes, float *globals)
{
    encode(game, position, history, to, planes, globals);
    memset(globals + GLOBALS_V1, 0, (GLOBALS_V2 - GLOBALS_V1) * sizeof *globals);
    encode_territory(game, position, globals);
}

/* Also right with territory scoring: as long as both sides have made equally many moves, territory and prisoners give the same margin as
 * area, and PRISONERS takes out again the prisoners that KOMI includes there. */
static const float margin[GLOBALS_V2] = {[KOMI] = 15, [PRISONERS] = -15};

const struct game_features go_features_v1 = {
    .name = "go-v1", .planes = PLANES, .globals = GLOBALS_V1, .encode = encode, .margin = margin};
const struct game_features go_features_v2 = {.name = "go-v2",
                                             .planes = PLANES,
                                             .globals = GLOBALS_V2,
                                             .extends = &go_features_v1,
                                             .encode = encode_v2,
                                             .margin = margin};

/* Bit sets of cells against the same sets as arrays, for each number of words. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/go/bits.h"
#include "games/go/board.h"
#include "tests/games/common.h"

enum { MAX_BITS = 64 * GO_BITS_WORDS };

static void to_array(const struct go_bits *bits, int count, bool *set)
{
    for (int i = 0; i < count; i++)
        set[i] = bits->w[i / 64] >> (i % 64) & 1;
}

/* Sets about one bit in `sparse` of the first `count`. */
static struct go_bits random_bits(int count, uint32_t sparse, struct rng *rng)
{
    struct go_bits bits = {{0}};
    for (int i = 0; i < count; i++)
        if (rng_below(rng, sparse) == 0)
            go_bits_set(&bits, i);
    return bits;
}

/* Whether bit i of `all` has a neighbour in `set`. */
static bool touches(const bool *set, int all, int stride, int i)
{
    const int around[4] = {i - 1, i + 1, i - stride, i + stride};
    bool found = false;
    for (int k = 0; k < 4; k++)
        found |= around[k] >= 0 && around[k] < all && set[around[k]];
    return found;
}

/* Spreads `set` within `within` until nothing is added. */
static void spread(bool *set, const bool *within, int all, int stride)
{
    for (bool grew = true; grew;) {
        grew = false;
        for (int i = 0; i < all; i++)
            if (within[i] && !set[i] && touches(set, all, stride, i))
                grew = set[i] = true;
    }
}

GO_BITS_INLINE void check_single(int n, const struct go_bits *x)
{
    bool set[MAX_BITS];
    int count = 0, first = -1, met = 0, last = -1;
    to_array(x, 64 * n, set);
    for (int i = 0; i < 64 * n; i++) {
        cr_assert_eq(go_bits_has(x, i), set[i]);
        count += set[i];
        first = set[i] && first < 0 ? i : first;
    }
    cr_assert_eq(go_bits_any(n, x), first >= 0);
    cr_assert_eq(go_bits_count(n, x), count);
    GO_BITS_EACH (n, *x, c) {
        cr_assert((int)c > last && set[c]);
        last = (int)c;
        met++;
    }
    cr_assert_eq(met, count);
}

GO_BITS_INLINE void check_pair(int n, const struct go_bits *x, const struct go_bits *y)
{
    bool a[MAX_BITS], b[MAX_BITS], meet = false, beyond = false;
    struct go_bits joined = *x;
    to_array(x, 64 * n, a);
    to_array(y, 64 * n, b);
    go_bits_add(n, &joined, y);
    for (int i = 0; i < 64 * n; i++) {
        meet |= a[i] && b[i];
        beyond |= a[i] && !b[i];
        cr_assert_eq(go_bits_has(&joined, i), a[i] || b[i]);
    }
    cr_assert_eq(go_bits_intersect(n, x, y), meet);
    cr_assert_eq(go_bits_subset(n, x, y), !beyond);
}

GO_BITS_INLINE void check_spread(int n, const struct go_bits *x, int stride, struct rng *rng)
{
    bool within[MAX_BITS], seeds[MAX_BITS] = {false};
    struct go_bits near = go_bits_near(n, x, stride), seed = {{0}}, left = *x;
    to_array(x, 64 * n, within);
    for (int i = 0; i < 64 * n; i++)
        cr_assert_eq(go_bits_has(&near, i), touches(within, 64 * n, stride, i), "near, stride %d, bit %d", stride, i);
    for (int i = 64 * n; i < MAX_BITS; i++)
        cr_assert(!go_bits_has(&near, i), "unused words are empty");
    for (int i = 0; i < 64 * n; i++)
        if (within[i] && rng_below(rng, 20) == 0) {
            seeds[i] = true;
            go_bits_set(&seed, i);
        }
    struct go_bits filled = go_bits_fill(n, seed, x, stride);
    spread(seeds, within, 64 * n, stride);
    for (int i = 0; i < 64 * n; i++)
        cr_assert_eq(go_bits_has(&filled, i), seeds[i], "fill, stride %d, bit %d", stride, i);
    for (int first = 0; go_bits_any(n, &left); first++) {
        bool part[MAX_BITS] = {false};
        while (!within[first])
            first++;
        part[first] = true;
        spread(part, within, 64 * n, stride);
        struct go_bits taken = go_bits_take_component(n, &left, stride);
        for (int i = 0; i < 64 * n; i++) {
            cr_assert_eq(go_bits_has(&taken, i), part[i], "part, stride %d, bit %d", stride, i);
            within[i] &= !part[i];
            cr_assert_eq(go_bits_has(&left, i), within[i]);
        }
    }
}

GO_BITS_INLINE void check_all(int n, int size, struct rng *rng)
{
    for (uint32_t sparse = 1; sparse < 200; sparse = sparse * 2 + 1) {
        struct go_bits x = random_bits(64 * n, sparse, rng), y = random_bits(64 * n, sparse, rng), more = x;
        check_single(n, &x);
        check_pair(n, &x, &y);
        check_pair(n, &x, &x);
        go_bits_add(n, &more, &y);
        check_pair(n, &x, &more);
        check_pair(n, &more, &x);
        if (sparse > 1)
            check_spread(n, &x, size + 1, rng);
    }
    check_single(n, &(struct go_bits){{0}});
}

/* A set of two words covers boards up to 9x9, one of four words boards up to 14x14. */
Test(go_bits, sets_against_arrays)
{
    struct rng rng;
    rng_seed(&rng, 3);
    for (int size = GO_MIN_SIZE; size <= GO_MAX_SIZE; size++) {
        int cells = (size + 2) * (size + 1) + 1;
        GO_BITS_DISPATCH(cells, check_all, size, &rng);
    }
}

GO_BITS_INLINE void check_board(int n, const struct game *game, const struct position *position, int words)
{
    const struct go_tables *t = go_tables(game);
    struct go_bits_board board;
    cr_assert_eq(n, words, "%dx%d", game->width, game->height);
    go_bits_read(n, go_position(position)->cells, t->cells, &board);
    for (int c = 0; c < 64 * n; c++) {
        int point = c < t->cells ? t->point[c] : GAME_NO_MOVE;
        int there = point == GAME_NO_MOVE ? GO_BORDER : (int)game->ops->stone(game, position, point);
        cr_assert_eq(go_bits_has(&board.stones[0], c), there == GAME_BLACK);
        cr_assert_eq(go_bits_has(&board.stones[1], c), there == GAME_WHITE);
        cr_assert_eq(go_bits_has(&board.empty, c), there == GAME_EMPTY);
    }
}

Test(go_bits, boards_of_every_size)
{
    struct rng rng;
    rng_seed(&rng, 13);
    for (int size = GO_MIN_SIZE; size <= GO_MAX_SIZE; size++) {
        char spec[16];
        union any_position position;
        g_snprintf(spec, sizeof spec, "go:%d", size);
        struct game game = parse(spec);
        game_init(&game, &position.p);
        for (int ply = 0; ply < 3 * game.points && !game_over(&position.p); ply++) {
            int words = size <= 9 ? 2 : size <= 14 ? 4 : 7;
            if (ply % size == 0)
                GO_BITS_DISPATCH(go_tables(&game)->cells, check_board, &game, &position.p, words);
            game_play(&game, &position.p, NULL, random_move(&game, &position.p, NULL, &rng));
        }
    }
}

/* Bitboards: sets of cells of a Go board, with bit c for cell c. Private to games/go/.
 *
 * Each function takes the number of 64-bit words in use, which is a compile-time constant after inlining, so that the
 * sets of a small board stay in registers: GO_BITS_DISPATCH calls a function with 2 words (up to 9x9), 4 (up to 14x14)
 * or 7. */
#ifndef TENGEN_GAMES_GO_BITS_H
#define TENGEN_GAMES_GO_BITS_H

#include "games/go/board.h"

enum { GO_BITS_WORDS = (GO_MAX_CELLS + 63) / 64 };
struct go_bits {
    uint64_t w[GO_BITS_WORDS];
};

#define GO_BITS_INLINE __attribute__((always_inline)) static inline

/* Calls function(n, ...) with a constant n of words large enough for `cells` cells. */
#define GO_BITS_DISPATCH(cells, function, ...)                                                                         \
    do {                                                                                                               \
        if ((cells) <= 2 * 64)                                                                                         \
            function(2, __VA_ARGS__);                                                                                  \
        else if ((cells) <= 4 * 64)                                                                                    \
            function(4, __VA_ARGS__);                                                                                  \
        else                                                                                                           \
            function(GO_BITS_WORDS, __VA_ARGS__);                                                                      \
    } while (0)

/* A loop over the cells c of a set, in ascending order. */
#define GO_BITS_EACH(n, bits, c)                                                                                       \
    for (int c##_word = 0; c##_word < (n); c##_word++)                                                                 \
        for (uint64_t c##_rest = (bits).w[c##_word], c = 0;                                                            \
             c##_rest && (c = (uint64_t)(64 * c##_word + __builtin_ctzll(c##_rest)), 1); c##_rest &= c##_rest - 1)

GO_BITS_INLINE void go_bits_set(struct go_bits *x, int cell)
{
    x->w[cell >> 6] |= (uint64_t)1 << (cell & 63);
}
GO_BITS_INLINE bool go_bits_has(const struct go_bits *x, int cell)
{
    return x->w[cell >> 6] >> (cell & 63) & 1;
}
GO_BITS_INLINE bool go_bits_any(int n, const struct go_bits *x)
{
    uint64_t all = 0;
    for (int i = 0; i < n; i++)
        all |= x->w[i];
    return all != 0;
}
/* Whether the sets have a cell in common. */
GO_BITS_INLINE bool go_bits_intersect(int n, const struct go_bits *a, const struct go_bits *b)
{
    uint64_t all = 0;
    for (int i = 0; i < n; i++)
        all |= a->w[i] & b->w[i];
    return all != 0;
}
/* Whether all cells of a are in b. */
GO_BITS_INLINE bool go_bits_subset(int n, const struct go_bits *a, const struct go_bits *b)
{
    uint64_t all = 0;
    for (int i = 0; i < n; i++)
        all |= a->w[i] & ~b->w[i];
    return all == 0;
}
/* Adds the cells of b to a. */
GO_BITS_INLINE void go_bits_add(int n, struct go_bits *a, const struct go_bits *b)
{
    for (int i = 0; i < n; i++)
        a->w[i] |= b->w[i];
}
/* The number of cells, without the POPCNT instruction, which baseline x86-64 lacks. */
GO_BITS_INLINE int go_bits_count(int n, const struct go_bits *x)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        uint64_t v = x->w[i];
        v -= v >> 1 & 0x5555555555555555u;
        v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
        v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu;
        count += (int)(v * 0x0101010101010101u >> 56);
    }
    return count;
}

/* The neighbours of a set's cells, rim included. */
GO_BITS_INLINE struct go_bits go_bits_near(int n, const struct go_bits *x, int stride)
{
    struct go_bits near = {{0}}; /* including the words after the first n, because whole structs are copied */
    for (int i = 0; i < n; i++) {
        uint64_t here = x->w[i], below = i ? x->w[i - 1] : 0, above = i + 1 < n ? x->w[i + 1] : 0;
        near.w[i] = here << 1 | below >> 63 | here >> 1 | above << 63 | here << stride | below >> (64 - stride) |
                    here >> stride | above << (64 - stride);
    }
    return near;
}
/* Flood fill: the cells of `within` that are connected to the seeds through cells of `within`, which contains them. */
GO_BITS_INLINE struct go_bits go_bits_fill(int n, struct go_bits seeds, const struct go_bits *within, int stride)
{
    uint64_t grown;
    do {
        struct go_bits near = go_bits_near(n, &seeds, stride);
        grown = 0;
        for (int i = 0; i < n; i++) {
            uint64_t more = near.w[i] & within->w[i] & ~seeds.w[i];
            grown |= more;
            seeds.w[i] |= more;
        }
    } while (grown);
    return seeds;
}
/* Removes the connected component of the lowest cell from a non-empty set and returns it. */
GO_BITS_INLINE struct go_bits go_bits_take_component(int n, struct go_bits *x, int stride)
{
    struct go_bits seed = {{0}};
    uint64_t seen = 0;
    for (int i = 0; i < n; i++) {
        seed.w[i] = seen ? 0 : x->w[i] & -x->w[i];
        seen |= x->w[i];
    }
    struct go_bits part = go_bits_fill(n, seed, x, stride);
    for (int i = 0; i < n; i++)
        x->w[i] &= ~part.w[i];
    return part;
}

/* The board as bitboards. */
struct go_bits_board {
    struct go_bits stones[2]; /* by colour - 1 */
    struct go_bits empty;
};
GO_BITS_INLINE void go_bits_read(int n, const struct go_cell *cells, int count, struct go_bits_board *board)
{
    for (int i = 0; i < n; i++) {
        int first = 64 * i, end = count - first < 64 ? count - first : 64;
        uint64_t low = 0, high = 0; /* of the colours: 1 black, 2 white, 3 rim */
        for (int k = 0; k < end; k++) {
            uint64_t colour = cells[first + k].colour;
            low |= (colour & 1) << k;
            high |= (colour >> 1) << k;
        }
        uint64_t all = end >= 64 ? ~(uint64_t)0 : end > 0 ? ((uint64_t)1 << end) - 1 : 0;
        board->stones[0].w[i] = low & ~high;
        board->stones[1].w[i] = high & ~low;
        board->empty.w[i] = ~low & ~high & all;
    }
}

/* Pass-alive chains and regions of black and white: see go_pass_alive. In benson.c. */
void go_benson(const struct game *game, const struct go_position *go, const struct go_bits_board *board,
               struct go_bits alive[2]);

#endif

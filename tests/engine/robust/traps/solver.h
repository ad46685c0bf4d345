/* Searches all continuations of a trap's fight, as the judge of its answer. */
#ifndef TENGEN_TESTS_ENGINE_ROBUST_TRAPS_SOLVER_H
#define TENGEN_TESTS_ENGINE_ROBUST_TRAPS_SOLVER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/robust/traps/traps.h"
#include "games/game.h"

struct solver {
    const struct trap *trap;
    GHashTable *known; /* by key and depth: enum solved */
    int64_t left;      /* positions; negative once there were too few */
};

/* For the side to move. */
enum solved { SOLVED_LOST = 1, SOLVED_OPEN, SOLVED_WON }; /* OPEN: not decided within the depth */

static inline enum solved solver_search(struct solver *s, const struct position *position, struct history *history,
                                        int depth);

/* A position with the set of boards before it, which superko forbids. */
static inline uint64_t solver_key(const struct position *position, const struct history *history)
{
    uint64_t set = 0;
    for (int i = 0; i < history->count; i++)
        set += rng_mix(history->entries[i].stones_hash ^ history->entries[i].colour);
    return rng_mix(position->hash ^ rng_mix(set));
}

/* The winner once a target is captured or the game has ended; GAME_EMPTY before. */
static inline enum game_colour solver_end(const struct trap *trap, const struct position *position)
{
    const struct game *game = &trap->game;
    for (int i = 0; i < 2; i++)
        if (trap->target[i] >= 0 &&
            game->ops->stone(game, position, trap->target[i]) != (enum game_colour)(GAME_BLACK + i))
            return trap->winner_after[i ? TRAP_WHITE_TAKEN : TRAP_BLACK_TAKEN];
    if (!game_over(position))
        return GAME_EMPTY;
    struct game_result result = game_result(game, position);
    return game_result_sign(&result, position->black_player) > 0 ? GAME_BLACK : GAME_WHITE;
}

/* The result of playing the move, for the side that plays it. */
static inline enum solved solver_try(struct solver *s, const struct position *position, struct history *history,
                                     game_move move, int depth)
{
    union any_position next;
    const int before = history->count;
    game_copy(&s->trap->game, &next.p, position);
    game_play(&s->trap->game, &next.p, history, move);
    enum game_colour winner = solver_end(s->trap, &next.p);
    enum solved result = SOLVED_OPEN;
    if (winner)
        result = winner == position->colour ? SOLVED_WON : SOLVED_LOST;
    else if (depth > 1)
        result = (enum solved)(SOLVED_WON + SOLVED_LOST - solver_search(s, &next.p, history, depth - 1));
    history_truncate(history, before);
    return result;
}

/* All moves to this depth. Moves on settled points change nothing, and passes stand for them. */
static inline enum solved solver_search(struct solver *s, const struct position *position, struct history *history,
                                        int depth)
{
    const struct game *game = &s->trap->game;
    const uint64_t key = rng_mix(solver_key(position, history) + (uint64_t)depth);
    const int known = GPOINTER_TO_INT(g_hash_table_lookup(s->known, &key));
    game_move moves[GAME_MAX_MOVES];
    if (known || --s->left < 0)
        return known ? (enum solved)known : SOLVED_OPEN;
    const int count = game->ops->legal_moves(game, position, history, moves);
    enum solved best = SOLVED_LOST;
    for (int near = 1; near >= 0; near--) /* captures first */
        for (int i = 0; i < count && best < SOLVED_WON; i++)
            if (moves[i] >= game->points || !s->trap->settled[moves[i]]) {
                enum solved result = solver_try(s, position, history, moves[i], near ? 1 : depth);
                if (!near || result == SOLVED_WON)
                    best = MAX(best, result);
            }
    if (s->left >= 0)
        g_hash_table_insert(s->known, g_memdup2(&key, sizeof key), GINT_TO_POINTER(best));
    return best;
}

/* Deeper and deeper. move: to play first; GAME_NO_MOVE: none, and the result is the position's. */
static inline enum solved solver_solve(struct solver *s, const struct position *position, struct history *history,
                                       game_move move)
{
    enum solved result = SOLVED_OPEN;
    /* A ladder has many moves that lead nowhere; of the others most continuations are soon searched to their ends. */
    const int first = s->trap->kind == TRAP_LADDER ? 1 : 200;
    for (int depth = first; result == SOLVED_OPEN && s->left >= 0 && depth <= first + 60; depth++)
        result = move == GAME_NO_MOVE ? solver_search(s, position, history, depth)
                                      : solver_try(s, position, history, move, depth);
    return s->left < 0 ? SOLVED_OPEN : result;
}

static inline void solver_init(struct solver *s, const struct trap *trap, int64_t positions)
{
    *s = (struct solver){.trap = trap, .left = positions};
    s->known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}
static inline void solver_clear(struct solver *s)
{
    g_hash_table_destroy(s->known);
}

#endif

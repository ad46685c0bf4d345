/* A source of memories that a test fills by hand. */
#ifndef TENGEN_TESTS_MCTS_REMEMBERING_H
#define TENGEN_TESTS_MCTS_REMEMBERING_H

#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"

struct recollections {
    struct memory_source source; /* must be first */
    struct {
        struct eval_key key;
        struct memory_trace trace;
    } list[16];
};

static inline bool recollections_recall(const struct memory_source *source, struct eval_key key,
                                        struct memory_trace *trace)
{
    const struct recollections *all = (const struct recollections *)source;
    for (size_t i = 0; i < source->count; i++)
        if (eval_key_equal(all->list[i].key, key)) {
            *trace = all->list[i].trace;
            return true;
        }
    return false;
}

static const struct memory_source_ops recollections_ops = {.name = "recollections", .recall = recollections_recall};

static inline struct memory_place place_at(const struct game *game, const struct position *position,
                                           const struct history *history)
{
    const struct eval_query query = {.position = position, .history = history};
    return memory_place_of(game, &query);
}

/* best: a move of this position, or GAME_NO_MOVE. */
static inline void recollect(struct recollections *all, const struct game *game, const struct position *position,
                             const struct history *history, game_move best, float value, int visits)
{
    const struct memory_place place = place_at(game, position, history);
    const size_t i = all->source.count++;
    cr_assert_lt(i, G_N_ELEMENTS(all->list));
    all->source.ops = &recollections_ops;
    all->source.revision++;
    all->list[i].key = place.key;
    all->list[i].trace =
        (struct memory_trace){best == GAME_NO_MOVE ? best : memory_move_to_image(game, &place, best), value, visits, false};
}

#endif

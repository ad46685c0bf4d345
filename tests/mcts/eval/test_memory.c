/* Memory on top of an evaluator: what is remembered counts as visits, mixed with what the evaluator below says. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/remembering.h"

enum { ALL_BUT_MAP = EVAL_POLICY | EVAL_VALUE | EVAL_SCORE };

struct setup {
    struct game game;
    union any_position position;
    struct recollections all;
    struct evaluator *memory, *reference; /* the reference is what the memory wraps */
    game_move legal[GAME_MAX_MOVES];
    int count;
};

static void set_up(struct setup *s, const char *moves)
{
    *s = (struct setup){.game = fake_game("go:5")};
    s->all.source.ops = &recollections_ops;
    s->memory = evaluator_memory_create(fake_create(&s->game, 1, 2), &s->all.source);
    s->reference = fake_create(&s->game, 1, 2);
    fake_play(&s->game, &s->position.p, NULL, moves);
    s->count = s->game.ops->legal_moves(&s->game, &s->position.p, NULL, s->legal);
}

static void clear(struct setup *s)
{
    evaluator_free(s->memory);
    evaluator_free(s->reference);
}

static void query(const struct setup *s, struct evaluator *evaluator, int want, struct eval *eval)
{
    const struct eval_query asked = {.position = &s->position.p, .want = want};
    memset(eval, 0, sizeof *eval);
    evaluator_evaluate(evaluator, 1, &asked, eval);
}

static void recollect_here(struct setup *s, const char *best, float value, int visits)
{
    recollect(&s->all, &s->game, &s->position.p, NULL, best ? game_move_parse(&s->game, best) : GAME_NO_MOVE, value,
              visits);
}

Test(memory, what_is_not_remembered_passes_through)
{
    struct setup s;
    struct eval eval, direct;
    set_up(&s, "C3 B2 D4");
    recollect_here(&s, "A1", 0.5f, 50);
    fake_play(&s.game, &s.position.p, NULL, "C3 B2");
    query(&s, s.memory, ALL_BUT_MAP, &eval);
    query(&s, s.reference, ALL_BUT_MAP, &direct);
    cr_assert_eq(memcmp(&eval, &direct, sizeof eval), 0);
    clear(&s);
}

/* The value: (v + n m) / (1 + n); the draws stay at the fake's 0.1. */
Test(memory, the_value_counts_as_so_many_visits)
{
    struct setup s;
    struct eval eval, direct;
    set_up(&s, "C3 B2 D4");
    recollect_here(&s, NULL, 0.5f, 3);
    query(&s, s.memory, ALL_BUT_MAP, &eval);
    query(&s, s.reference, ALL_BUT_MAP, &direct);
    cr_assert_eq(eval.filled, ALL_BUT_MAP | EVAL_PRIOR_VISITS);
    cr_assert_eq(eval.prior_visits, 3);
    cr_assert_float_eq(eval_value(&eval), (eval_value(&direct) + 3 * 0.5f) / 4, 1e-6);
    cr_assert_float_eq(eval.wdl[1], 0.1f, 1e-6);
    cr_assert_float_eq(eval.wdl[0] + eval.wdl[1] + eval.wdl[2], 1, 1e-6);
    cr_assert_eq(memcmp(eval.logits, direct.logits, sizeof eval.logits), 0, "no move is remembered");
    cr_assert_eq(eval.score, direct.score);
    clear(&s);
}

Test(memory, a_sure_result_leaves_no_room_for_draws)
{
    struct setup s;
    struct eval eval;
    set_up(&s, "C3 B2 D4");
    recollect_here(&s, NULL, -1, MEMORY_MAX_VISITS);
    query(&s, s.memory, ALL_BUT_MAP, &eval);
    for (int i = 0; i < 3; i++)
        cr_assert(eval.wdl[i] >= 0 && eval.wdl[i] <= 1);
    cr_assert_float_eq(eval.wdl[0] + eval.wdl[1] + eval.wdl[2], 1, 1e-6);
    cr_assert_lt(eval_value(&eval), -0.98f);
    clear(&s);
}

/* The policy: (16 p + n [best]) / (16 + n). No move is excluded, and the others keep their proportions. */
Test(memory, the_best_move_counts_as_so_many_visits)
{
    for (int visits = 1; visits <= MEMORY_MAX_VISITS; visits += MEMORY_MAX_VISITS - 1) {
        struct setup s;
        struct eval eval, direct;
        float mixed[GAME_MAX_MOVES], below[GAME_MAX_MOVES];
        set_up(&s, "C3 B2 D4");
        const game_move best = game_move_parse(&s.game, "A4");
        recollect_here(&s, "A4", 0.5f, visits);
        query(&s, s.memory, ALL_BUT_MAP, &eval);
        query(&s, s.reference, ALL_BUT_MAP, &direct);
        eval_softmax(&eval, s.legal, s.count, 1, mixed);
        eval_softmax(&direct, s.legal, s.count, 1, below);
        for (int i = 0; i < s.count; i++) {
            const float expected = (16 * below[i] + (s.legal[i] == best ? (float)visits : 0)) / (16 + (float)visits);
            cr_assert_float_eq(mixed[i], expected, 1e-5 * (double)expected + 1e-7);
            cr_assert_gt(mixed[i], 0);
        }
        clear(&s);
    }
}

/* A doubtful one counts as much as the policy below, at most; the value as ever. */
Test(memory, a_doubtful_move_counts_less)
{
    struct setup s;
    struct eval eval, direct;
    float mixed[GAME_MAX_MOVES], below[GAME_MAX_MOVES];
    set_up(&s, "C3 B2 D4");
    const game_move best = game_move_parse(&s.game, "A4");
    recollect_here(&s, "A4", 0.5f, 100);
    s.all.list[0].trace.doubtful = true;
    query(&s, s.memory, ALL_BUT_MAP, &eval);
    query(&s, s.reference, ALL_BUT_MAP, &direct);
    eval_softmax(&eval, s.legal, s.count, 1, mixed);
    eval_softmax(&direct, s.legal, s.count, 1, below);
    for (int i = 0; i < s.count; i++)
        cr_assert_float_eq(mixed[i], (below[i] + (s.legal[i] == best ? 1 : 0)) / 2, 1e-5);
    cr_assert_eq(eval.prior_visits, 100);
    clear(&s);
}

/* A move remembered on one board is played on its image. */
Test(memory, moves_are_turned_with_the_board)
{
    struct setup s;
    struct eval eval;
    float mixed[GAME_MAX_MOVES];
    set_up(&s, "C3 B2 D3");
    recollect_here(&s, "A4", 0.5f, MEMORY_MAX_VISITS);
    for (int symmetry = 0; symmetry < 8; symmetry++) {
        static const char *const moves[] = {"C3", "B2", "D3"};
        game_init(&s.game, &s.position.p);
        for (int i = 0; i < 3; i++)
            game_play(&s.game, &s.position.p, NULL,
                      game_symmetry_move(&s.game, symmetry, game_move_parse(&s.game, moves[i])));
        const int count = s.game.ops->legal_moves(&s.game, &s.position.p, NULL, s.legal);
        const game_move image = game_symmetry_move(&s.game, symmetry, game_move_parse(&s.game, "A4"));
        query(&s, s.memory, ALL_BUT_MAP, &eval);
        eval_softmax(&eval, s.legal, count, 1, mixed);
        for (int i = 0; i < count; i++)
            cr_assert_eq(mixed[i] > 0.9f, s.legal[i] == image, "symmetry %d", symmetry);
    }
    clear(&s);
}

Test(memory, nonsense_is_ignored)
{
    static const struct {
        const char *best;
        float value;
        int visits;
        bool ignored;
    } cases[] = {{"A4", 0.5f, 0, true}, {"A4", NAN, 50, true}, {"A4", 0.5f, -3, true},      {"C3", 0.5f, 50, false},
                 {"A4", 7, 50, false},  {"A4", -7, 50, false}, {"A4", 0.5f, 1 << 20, false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct setup s;
        struct eval eval, direct;
        set_up(&s, "C3 B2 D4");
        recollect_here(&s, cases[i].best, cases[i].value, cases[i].visits);
        query(&s, s.memory, ALL_BUT_MAP, &eval);
        query(&s, s.reference, ALL_BUT_MAP, &direct);
        cr_assert_eq(cases[i].ignored, memcmp(&eval, &direct, sizeof eval) == 0, "case %zu", i);
        cr_assert(fabsf(eval_value(&eval)) <= 1 && eval.prior_visits <= MEMORY_MAX_VISITS, "case %zu", i);
        if (strcmp(cases[i].best, "C3") == 0) /* occupied */
            cr_assert_eq(memcmp(eval.logits, direct.logits, sizeof eval.logits), 0);
        clear(&s);
    }
}

Test(memory, only_what_is_asked_for_is_mixed)
{
    struct setup s;
    struct eval eval, direct;
    set_up(&s, "C3 B2 D4");
    recollect_here(&s, "A4", 0.5f, 50);
    query(&s, s.memory, EVAL_VALUE, &eval);
    query(&s, s.reference, EVAL_VALUE, &direct);
    cr_assert_eq(eval.filled, EVAL_VALUE | EVAL_PRIOR_VISITS);
    cr_assert_eq(memcmp(eval.logits, direct.logits, sizeof eval.logits), 0);
    clear(&s);
}

Test(memory, sources_are_exchanged_and_shared_by_clones)
{
    struct setup s;
    struct eval eval;
    const struct memory_source *before = NULL;
    set_up(&s, "C3 B2 D4");
    const uint64_t empty = evaluator_generation(s.memory);
    recollect_here(&s, "A4", 0.5f, 50);
    cr_assert_neq(evaluator_generation(s.memory), empty, "answers have changed");
    struct evaluator *clone = evaluator_clone(s.memory), *cached = evaluator_cache_create(s.memory, 1 << 16);
    cr_assert(evaluator_memory_set(cached, NULL, &before), "found below another evaluator");
    cr_assert_eq(before, &s.all.source);
    query(&s, s.memory, ALL_BUT_MAP, &eval);
    cr_assert_eq(eval.filled, ALL_BUT_MAP);
    query(&s, clone, ALL_BUT_MAP, &eval);
    cr_assert_eq(eval.filled, ALL_BUT_MAP | EVAL_PRIOR_VISITS);
    cr_assert_not(evaluator_memory_set(s.reference, NULL, NULL));
    s.memory = cached;
    evaluator_free(clone);
    clear(&s);
}

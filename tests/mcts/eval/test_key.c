/* Evaluation keys: different whenever results may differ, equal for the same situation. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "tests/mcts/fake.h"

static bool same_key(const struct game *a, const struct position *p, const struct history *hp, const struct game *b,
                     const struct position *q, const struct history *hq)
{
    const struct eval_query one = {.position = p, .history = hp}, other = {.position = q, .history = hq};
    struct eval_key x = evaluator_key(a, &one, 7), y = evaluator_key(b, &other, 7);
    cr_assert_eq(x.bits[0] == y.bits[0], x.bits[1] == y.bits[1], "each half distinguishes all situations");
    return eval_key_equal(x, y);
}

/* The same position, queried with two specs. */
static void expect_apart(const char *one, const char *other)
{
    struct game a = fake_game(one), b = fake_game(other);
    union any_position position;
    game_init(&a, &position.p);
    cr_assert_not(same_key(&a, &position.p, NULL, &b, &position.p, NULL), "%s and %s", one, other);
    cr_assert(same_key(&a, &position.p, NULL, &a, &position.p, NULL), "%s", one);
}

Test(key, komi_and_rules)
{
    expect_apart("go:5", "go:5,komi=6.5");
    expect_apart("go:5,komi=0.5", "go:5,komi=-0.5");
    expect_apart("go:5", "go:5,rules=chinese");
    expect_apart("go:5,ko=positional", "go:5,ko=situational");
    expect_apart("go:5,suicide=no", "go:5,suicide=yes");
    expect_apart("go:5,cap=50", "go:5,cap=51");
    expect_apart("go:5,passes=2", "go:5,passes=3");
    expect_apart("go:5", "go:6");
    expect_apart("gomoku:9", "gomoku:9,rules=renju");
    expect_apart("gomoku:9,line=4", "gomoku:9");
    expect_apart("gomoku:9", "go:9");
}

/* Swapping the values of two options gives another key: values are not confused with those of neighbouring options. */
Test(key, each_option_in_its_place)
{
    struct game a = fake_game("go:5"), b = a;
    union any_position position;
    game_init(&a, &position.p);
    for (int i = 0; i < GAME_MAX_OPTIONS; i++)
        for (int j = 0; j < i; j++) {
            memset(a.option, 0, sizeof a.option);
            memset(b.option, 0, sizeof b.option);
            a.option[i] = b.option[j] = 1;
            a.option[j] = b.option[i] = 2;
            cr_assert_not(same_key(&a, &position.p, NULL, &b, &position.p, NULL), "options %d and %d", i, j);
        }
}

/* The same game whose owner changes its komi and changes it back. */
Test(key, follows_a_game_that_changes)
{
    struct game game = fake_game("go:5");
    union any_position position;
    game_init(&game, &position.p);
    const struct eval_query query = {.position = &position.p};
    struct eval_key before = evaluator_key(&game, &query, 1);
    cr_assert(game_vary(&game, &game, "komi=3.5", NULL));
    cr_assert_not(eval_key_equal(before, evaluator_key(&game, &query, 1)));
    cr_assert(game_vary(&game, &game, "komi=7", NULL));
    cr_assert(eval_key_equal(before, evaluator_key(&game, &query, 1)));
}

Test(key, everything_of_a_position)
{
    struct game game = fake_game("go:5");
    union any_position a, b;
    fake_play(&game, &a.p, NULL, "C3 B2 D4 E5");
    game_copy(&game, &b.p, &a.p);
    cr_assert(same_key(&game, &a.p, NULL, &game, &b.p, NULL), "a copy");
#define EXPECT_COUNTS(field)                                                                                           \
    do {                                                                                                               \
        b.p.field ^= 1;                                                                                                \
        cr_assert_not(same_key(&game, &a.p, NULL, &game, &b.p, NULL), #field);                                         \
        b.p.field ^= 1;                                                                                                \
    } while (0)
    EXPECT_COUNTS(hash);
    EXPECT_COUNTS(stones_hash);
    EXPECT_COUNTS(ply);
    EXPECT_COUNTS(player);
    EXPECT_COUNTS(colour);
    EXPECT_COUNTS(black_player);
    EXPECT_COUNTS(phase);
    EXPECT_COUNTS(outcome);
    for (int i = 0; i < GAME_RECENT; i++)
        EXPECT_COUNTS(recent[i]);
#undef EXPECT_COUNTS
}

Test(key, generation)
{
    struct game game = fake_game("go:5");
    union any_position position;
    game_init(&game, &position.p);
    const struct eval_query query = {.position = &position.p};
    cr_assert_not(eval_key_equal(evaluator_key(&game, &query, 1), evaluator_key(&game, &query, 2)));
}

/* The same stones, side and last moves; in one of them a ko forbids C3. */
Test(key, ko)
{
    struct game game = fake_game("go:5");
    union any_position ko, free_to_take;
    fake_play(&game, &ko.p, NULL, "B3 D4 C4 E3 C2 D2 E5 C3 D3");
    cr_assert(game_set_up_drawing(&game, &free_to_take.p, "....X ..XO. .X.XO ..XO. .....", GAME_WHITE, NULL));
    cr_assert_eq(ko.p.stones_hash, free_to_take.p.stones_hash);
    memcpy(free_to_take.p.recent, ko.p.recent, sizeof ko.p.recent);
    free_to_take.p.ply = ko.p.ply;
    cr_assert_not(same_key(&game, &ko.p, NULL, &game, &free_to_take.p, NULL));
}

/* A history only matters through the moves that it forbids. */
Test(key, superko)
{
    struct game game = fake_game("go:5,ko=positional");
    union any_position position, after;
    struct history real, other, barring;
    history_init(&real, 4);
    history_init(&other, 4);
    history_init(&barring, 4);
    fake_play(&game, &position.p, NULL, "B5 A5 A4 E1"); /* A5 was captured: from now on boards may repeat */
    game_copy(&game, &after.p, &position.p);
    game_play(&game, &after.p, NULL, game_move_parse(&game, "C3"));
    history_push(&real, &position.p);
    history_push(&other, &position.p);
    other.entries[0].stones_hash ^= 0x1234567;
    history_push(&barring, &after.p); /* this board occurred before: C3 is now forbidden */
    cr_assert_not(game.ops->legal(&game, &position.p, &barring, game_move_parse(&game, "C3")));
    cr_assert_not(same_key(&game, &position.p, &real, &game, &position.p, &barring), "C3 is forbidden in one of them");
    cr_assert(same_key(&game, &position.p, &real, &game, &position.p, &other), "the same moves are legal in both");
    cr_assert_not(same_key(&game, &position.p, &real, &game, &position.p, NULL), "superko is not checked in one");
    history_clear(&real);
    history_clear(&other);
    history_clear(&barring);
}

/* Different move orders to the same situation, and different forms of the query. */
Test(key, same_situation_same_key)
{
    struct game game = fake_game("go:5");
    union any_position a, b;
    struct history history_a, history_b;
    history_init(&history_a, 16);
    history_init(&history_b, 16);
    fake_play(&game, &a.p, &history_a, "A1 E5 C1 E1 B2 D2 B3 D3 C4");
    fake_play(&game, &b.p, &history_b, "C1 E1 A1 E5 B2 D2 B3 D3 C4");
    cr_assert(same_key(&game, &a.p, &history_a, &game, &b.p, &history_b), "the first moves in another order");
    fake_play(&game, &b.p, NULL, "A1 E5 C1 E1 D2 B2 D3 B3 C4");
    cr_assert_not(same_key(&game, &a.p, NULL, &game, &b.p, NULL), "the last moves in another order");
    game_move legal[GAME_MAX_MOVES];
    const struct eval_query bare = {.position = &a.p, .history = &history_a, .want = EVAL_POLICY};
    struct eval_query helped = bare;
    helped.want = EVAL_VALUE | EVAL_MAP;
    helped.legal = legal;
    helped.legal_count = game.ops->legal_moves(&game, &a.p, &history_a, legal);
    cr_assert(eval_key_equal(evaluator_key(&game, &bare, 3), evaluator_key(&game, &helped, 3)));
    history_clear(&history_a);
    history_clear(&history_b);
}

/* Keys may be stored in files, so they must be the same in every process. Changing them invalidates stored data. */
Test(key, same_in_every_process)
{
    static const struct {
        const char *game, *moves;
        struct eval_key key;
    } known[] = {
        {"go:9,komi=6.5", "E5 C3", {{0x373f5340f0342bfbu, 0x3921b6d12577105cu}}},
        {"gomoku:15", "H8 J9", {{0x6778c5f238e4556du, 0xaee672af9c7c0c92u}}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        struct game game = fake_game(known[i].game);
        union any_position position;
        fake_play(&game, &position.p, NULL, known[i].moves);
        const struct eval_query query = {.position = &position.p};
        struct eval_key key = evaluator_key(&game, &query, 0);
        cr_assert(eval_key_equal(key, known[i].key), "%s: %016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x",
                  known[i].game, key.bits[0], key.bits[1]);
    }
}

/* Places of positions: the same for what the rules cannot tell apart, and for nothing else. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/go/go.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"
#include "tests/mcts/fake.h"
#include "tests/mcts/remembering.h"

static const char *const specs[] = {"go:5",      "go:7,ko=positional", "go:5,rules=japanese",    "gomoku:6",
                                    "reversi:6", "connect4:7x6",       "gomoku:7,opening=swap2", "go:4,rules=aga"};

static bool same_place(const struct game *game, const struct position *a, const struct history *ha,
                       const struct position *b, const struct history *hb)
{
    return eval_key_equal(place_at(game, a, ha).key, place_at(game, b, hb).key);
}

/* Territory rules know a ko by its point, which images do not share. */
static bool has_ko(const struct game *game, const struct position *position)
{
    return strcmp(game->ops->name, "go") == 0 && go_ko_point(game, position) != GAME_NO_MOVE;
}

/* Plays the same random game on a board and on its image. */
static void play_images(const struct game *game, int symmetry, uint64_t seed)
{
    union any_position at[2];
    struct history history[2];
    struct rng rng;
    rng_seed(&rng, seed);
    for (int i = 0; i < 2; i++) {
        game_init(game, &at[i].p);
        history_init(&history[i], game->max_plies);
    }
    for (int ply = 0; ply < 60 && !game_over(&at[0].p); ply++) {
        const bool ko = has_ko(game, &at[0].p);
        game_move moves[GAME_MAX_MOVES];
        const int count = game->ops->legal_moves(game, &at[0].p, &history[0], moves);
        const struct memory_place a = place_at(game, &at[0].p, &history[0]), b = place_at(game, &at[1].p, &history[1]);
        cr_assert(ko || eval_key_equal(a.key, b.key), "%s: symmetry %d, ply %d", game->ops->name, symmetry, ply);
        if (count == 0)
            break;
        const game_move move = moves[rng_below(&rng, (uint32_t)count)];
        cr_assert_eq(memory_move_from_image(game, &a, memory_move_to_image(game, &a, move)), move);
        /* A move that is remembered in one leads to the same position in the other. */
        union any_position after[2];
        for (int i = 0; i < 2; i++)
            game_copy(game, &after[i].p, &at[i].p);
        game_play(game, &after[0].p, NULL, move);
        const game_move recalled = memory_move_from_image(game, &b, memory_move_to_image(game, &a, move));
        cr_assert(ko || game->ops->legal(game, &at[1].p, &history[1], recalled));
        if (!ko) {
            game_play(game, &after[1].p, NULL, recalled);
            cr_assert(has_ko(game, &after[0].p) || same_place(game, &after[0].p, NULL, &after[1].p, NULL));
        }
        game_play(game, &at[0].p, &history[0], move);
        game_play(game, &at[1].p, &history[1], game_symmetry_move(game, symmetry, move));
    }
    for (int i = 0; i < 2; i++)
        history_clear(&history[i]);
}

Test(place, images_share_it_and_their_moves)
{
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = fake_game(specs[i]);
        for (int symmetry = 0; symmetry < game.symmetries; symmetry++)
            for (uint64_t seed = 1; seed <= 6 && game_symmetry_keeps_start(&game, symmetry); seed++)
                play_images(&game, symmetry, seed);
    }
}

/* In Go, too, wherever prisoners do not count: including positions with a ko. */
Test(place, images_with_a_ko_share_it_where_area_counts)
{
    struct game game = fake_game("go:5");
    union any_position a, b;
    static const char *const moves[] = {"B3", "D4", "C4", "E3", "C2", "D2", "E5", "C3", "D3"};
    game_init(&game, &a.p);
    game_init(&game, &b.p);
    for (size_t i = 0; i < G_N_ELEMENTS(moves); i++) {
        const game_move move = game_move_parse(&game, moves[i]);
        game_play(&game, &a.p, NULL, move);
        game_play(&game, &b.p, NULL, game_symmetry_move(&game, 5, move));
    }
    cr_assert_neq(go_ko_point(&game, &a.p), GAME_NO_MOVE);
    cr_assert(same_place(&game, &a.p, NULL, &b.p, NULL));
}

Test(place, does_not_depend_on_the_path)
{
    struct game game = fake_game("go:5");
    union any_position a, b;
    fake_play(&game, &a.p, NULL, "C3 B2 D4 E5");
    fake_play(&game, &b.p, NULL, "D4 E5 C3 B2");
    cr_assert(same_place(&game, &a.p, NULL, &b.p, NULL));
}

Test(place, tells_positions_apart)
{
    struct game game = fake_game("go:5");
    union any_position a, b;
    fake_play(&game, &a.p, NULL, "C3");
    fake_play(&game, &b.p, NULL, "B2");
    cr_assert_not(same_place(&game, &a.p, NULL, &b.p, NULL), "stones");
    game_init(&game, &a.p);
    fake_play(&game, &b.p, NULL, "pass");
    cr_assert_not(same_place(&game, &a.p, NULL, &b.p, NULL), "the side to move, or a pass");
    fake_play(&game, &a.p, NULL, "C3 D4 pass pass");
    a.p.outcome = GAME_ONGOING; /* but for the passes, the same as the next */
    fake_play(&game, &b.p, NULL, "C3 D4");
    cr_assert_not(same_place(&game, &a.p, NULL, &b.p, NULL), "passes");
    /* Black captured at C3: white may not retake; the same stones set up have no ko. */
    fake_play(&game, &a.p, NULL, "B3 D4 C4 E3 C2 D2 E5 C3 D3");
    cr_assert(game_set_up_drawing(&game, &b.p, "....X ..XO. .X.XO ..XO. .....", GAME_WHITE, NULL));
    cr_assert_not(same_place(&game, &a.p, NULL, &b.p, NULL), "ko");
}

Test(place, tells_histories_apart_where_they_decide)
{
    struct game game = fake_game("go:5,ko=positional");
    union any_position position, after;
    struct history none, barred;
    history_init(&none, 4);
    history_init(&barred, 4);
    fake_play(&game, &position.p, NULL, "B5 A5 A4 E1"); /* A5 was captured: from now on boards may repeat */
    game_copy(&game, &after.p, &position.p);
    game_play(&game, &after.p, NULL, game_move_parse(&game, "C3"));
    history_push(&none, &position.p);
    history_push(&barred, &after.p); /* these stones were there before: C3 is now forbidden */
    cr_assert_not(same_place(&game, &position.p, &none, &position.p, &barred));
    history_clear(&none);
    history_clear(&barred);
}

Test(place, tells_games_apart)
{
    const struct game first = fake_game("go:5");
    static const char *const changes[] = {"komi=7.5", "komi=-7", "rules=chinese", "passes=3"};
    union any_position position;
    fake_play(&first, &position.p, NULL, "C3 B2 D4");
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        struct game other;
        cr_assert(game_vary(&other, &first, changes[i], NULL));
        cr_assert_not(eval_key_equal(place_at(&first, &position.p, NULL).key, place_at(&other, &position.p, NULL).key),
                      "%s", changes[i]);
    }
}

/* The same stones and side to move; white has captured a stone at A5 in one of the two. */
Test(place, counts_prisoners_where_territory_counts)
{
    union any_position captured, not ;
    struct game territory = fake_game("go:5,rules=japanese"), area = fake_game("go:5");
    fake_play(&territory, &captured.p, NULL, "A5 B5 E1 A4");
    fake_play(&territory, &not .p, NULL, "pass B5 E1 A4");
    cr_assert_eq(captured.p.stones_hash, not .p.stones_hash);
    cr_assert_not(same_place(&territory, &captured.p, NULL, &not .p, NULL));
    fake_play(&area, &captured.p, NULL, "A5 B5 E1 A4");
    fake_play(&area, &not .p, NULL, "pass B5 E1 A4");
    cr_assert(same_place(&area, &captured.p, NULL, &not .p, NULL));
}

/* Gomoku's opening rules: legal points, decisions, and who has which colour afterwards. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/gomoku/gomoku.h"

static struct game start(const char *spec, union any_position *position)
{
    struct game game;
    cr_assert(game_parse(&game, spec, NULL), "%s", spec);
    game_init(&game, &position->p);
    return game;
}

static int legal_count(const struct game *game, const union any_position *position)
{
    game_move moves[GAME_MAX_MOVES];
    return game->ops->legal_moves(game, &position->p, NULL, moves);
}

/* Plays moves separated by spaces; each must be legal and leave a consistent position. */
static void play(const struct game *game, union any_position *position, const char *moves)
{
    char **words = g_strsplit(moves, " ", -1);
    for (int i = 0; words[i]; i++) {
        game_move move = game_move_parse(game, words[i]);
        cr_assert(game_try(game, &position->p, NULL, move), "%s in %s", words[i], moves);
        cr_assert_null(game->ops->check(game, &position->p), "%s", game->ops->check(game, &position->p));
    }
    g_strfreev(words);
}

static bool is_legal(const struct game *game, const union any_position *position, const char *move)
{
    return game->ops->legal(game, &position->p, NULL, game_move_parse(game, move));
}

static void expect_state(const union any_position *position, int player, int colour, int black_player, int phase)
{
    cr_assert_eq(position->p.player, player);
    cr_assert_eq(position->p.colour, colour);
    cr_assert_eq(position->p.black_player, black_player);
    cr_assert_eq(position->p.phase, phase);
}

Test(gomoku_opening, free_has_no_decisions)
{
    union any_position position;
    struct game game = start("gomoku:15", &position);
    cr_assert_eq(game.moves, 228);
    cr_assert_eq(legal_count(&game, &position), 225);
    cr_assert(!is_legal(&game, &position, "swap") && !is_legal(&game, &position, "stay") &&
              !is_legal(&game, &position, "place-two"));
    play(&game, &position, "H8 A1");
    expect_state(&position, 0, GAME_BLACK, 0, GOMOKU_PLAY);
}

/* The third stone must be outside the central 5x5: 225 - 25 points, minus white's stone if that is outside. */
Test(gomoku_opening, pro)
{
    union any_position position;
    struct game game = start("gomoku:15,opening=pro", &position);
    cr_assert_eq(legal_count(&game, &position), 1);
    cr_assert(is_legal(&game, &position, "H8"));
    play(&game, &position, "H8");
    cr_assert_eq(legal_count(&game, &position), 224);
    union any_position inside = position;
    play(&game, &inside, "H9");
    cr_assert_eq(legal_count(&game, &inside), 200);
    cr_assert(!is_legal(&game, &inside, "F6") && !is_legal(&game, &inside, "K10") && !is_legal(&game, &inside, "H10"));
    cr_assert(is_legal(&game, &inside, "H11") && is_legal(&game, &inside, "E8") && is_legal(&game, &inside, "L8") &&
              is_legal(&game, &inside, "H5"));
    play(&game, &position, "A1");
    cr_assert_eq(legal_count(&game, &position), 199);
    play(&game, &position, "A2");
    expect_state(&position, 1, GAME_WHITE, 0, GOMOKU_PLAY);
    cr_assert_eq(legal_count(&game, &position), 222);
}

Test(gomoku_opening, longpro)
{
    union any_position position;
    struct game game = start("gomoku:15,opening=longpro", &position);
    play(&game, &position, "H8 G8");
    cr_assert_eq(legal_count(&game, &position), 225 - 49);
    cr_assert(!is_legal(&game, &position, "E5") && !is_legal(&game, &position, "H11") &&
              is_legal(&game, &position, "H12") && is_legal(&game, &position, "D4"));
    play(&game, &position, "H12 H9");
    expect_state(&position, 0, GAME_BLACK, 0, GOMOKU_PLAY);
}

/* The smallest board, which is even: the centre is (size / 2, size / 2), from the top left. */
Test(gomoku_opening, pro_on_even_boards)
{
    union any_position position;
    struct game game = start("gomoku:6,opening=pro", &position);
    cr_assert(is_legal(&game, &position, "D3"));
    play(&game, &position, "D3 C3");
    cr_assert_eq(legal_count(&game, &position), 36 - 25);
}

Test(gomoku_opening, swap)
{
    union any_position position;
    struct game game = start("gomoku:15,opening=swap", &position);
    expect_state(&position, 0, GAME_BLACK, 0, GOMOKU_FIRST_THREE);
    play(&game, &position, "H8");
    expect_state(&position, 0, GAME_WHITE, 0, GOMOKU_FIRST_THREE);
    play(&game, &position, "A1 H9");
    expect_state(&position, 1, GAME_WHITE, 0, GOMOKU_CHOOSE);
    cr_assert_eq(legal_count(&game, &position), 2);
    cr_assert(!is_legal(&game, &position, "place-two") && !is_legal(&game, &position, "C3"));
    union any_position stays = position;
    play(&game, &stays, "stay");
    expect_state(&stays, 1, GAME_WHITE, 0, GOMOKU_PLAY);
    play(&game, &stays, "A2");
    expect_state(&stays, 0, GAME_BLACK, 0, GOMOKU_PLAY);
    play(&game, &position, "swap");
    expect_state(&position, 0, GAME_WHITE, 1, GOMOKU_PLAY);
    play(&game, &position, "A2");
    expect_state(&position, 1, GAME_BLACK, 1, GOMOKU_PLAY);
    cr_assert(!is_legal(&game, &position, "swap") && !is_legal(&game, &position, "stay"));
}

/* After a swap, black's line is a win for player 1, and the map is negative. */
Test(gomoku_opening, swap_changes_which_player_wins)
{
    union any_position position;
    struct game game = start("gomoku:15,opening=swap", &position);
    play(&game, &position, "H8 A1 H9 swap A2 H10 A3 H11 B4 H12");
    cr_assert_eq(position.p.outcome, GAME_WON_1);
    struct game_result result = game_result(&game, &position.p);
    cr_assert(result.over && game_result_sign(&result, 1) == 1 && game_result_sign(&result, 0) == -1);
    int8_t map[225];
    game.ops->final_map(&game, &position.p, map);
    int sum = 0;
    for (int p = 0; p < 225; p++)
        sum += map[p];
    cr_assert_eq(sum, -5);
    cr_assert_eq(map[game_move_parse(&game, "H10")], -1);
}

Test(gomoku_opening, swap2_three_choices)
{
    union any_position position;
    struct game game = start("gomoku:15,opening=swap2", &position);
    play(&game, &position, "H8 A1 H9");
    expect_state(&position, 1, GAME_WHITE, 0, GOMOKU_CHOOSE);
    cr_assert_eq(legal_count(&game, &position), 3);
    union any_position stays = position, swaps = position;
    play(&game, &stays, "stay");
    expect_state(&stays, 1, GAME_WHITE, 0, GOMOKU_PLAY);
    play(&game, &swaps, "swap");
    expect_state(&swaps, 0, GAME_WHITE, 1, GOMOKU_PLAY);

    play(&game, &position, "place-two");
    expect_state(&position, 1, GAME_WHITE, 0, GOMOKU_TWO_MORE);
    cr_assert_eq(legal_count(&game, &position), 222);
    play(&game, &position, "B1");
    expect_state(&position, 1, GAME_BLACK, 0, GOMOKU_TWO_MORE);
    play(&game, &position, "J8");
    expect_state(&position, 0, GAME_WHITE, 0, GOMOKU_CHOOSE_AGAIN);
    cr_assert_eq(legal_count(&game, &position), 2);
    cr_assert(!is_legal(&game, &position, "place-two"));
    union any_position keeps_black = position;
    play(&game, &keeps_black, "stay");
    expect_state(&keeps_black, 1, GAME_WHITE, 0, GOMOKU_PLAY);
    play(&game, &position, "swap");
    expect_state(&position, 0, GAME_WHITE, 1, GOMOKU_PLAY);
    play(&game, &position, "B2");
    expect_state(&position, 1, GAME_BLACK, 1, GOMOKU_PLAY);
}

/* No game is longer than max_plies, whatever the decisions; playouts follow the rules through the opening phases. */
Test(gomoku_opening, random_games_end_in_time)
{
    static const char *const specs[] = {"gomoku:6,opening=swap2", "gomoku:6,opening=swap", "gomoku:6,opening=pro",
                                        "gomoku:8,opening=longpro,rules=renju"};
    struct rng rng;
    rng_seed(&rng, 9);
    for (size_t s = 0; s < G_N_ELEMENTS(specs); s++) {
        union any_position first, position;
        struct game game = start(specs[s], &first);
        int longest = 0, won[3] = {0};
        for (int i = 0; i < 2000; i++) {
            struct game_result result;
            position = first;
            int played = game.ops->playout(&game, &position.p, &rng, &result);
            longest = played > longest ? played : longest;
            cr_assert(result.over);
            won[game_result_sign(&result, 0) + 1]++;
        }
        cr_assert_leq(longest, game.max_plies, "%s", specs[s]);
        cr_assert(won[0] > 0 && won[1] > 0 && won[2] > 0, "%s", specs[s]);
    }
}

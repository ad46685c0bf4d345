/* Gomoku's rules on games that can be counted and boards that can be drawn. */
#include <criterion/criterion.h>

#include "games/gomoku.h"

static struct game parse(const char *spec)
{
    struct game game;
    GError *error = NULL;
    cr_assert(game_parse(&game, spec, &error), "%s: %s", spec, error ? error->message : "?");
    return game;
}

/* Sets up a drawing and checks its consistency. */
static void draw(const struct game *game, union any_position *position, const char *diagram, enum game_colour colour)
{
    GError *error = NULL;
    cr_assert(gomoku_setup(game, &position->p, diagram, colour, &error), "%s", error ? error->message : "?");
    cr_assert_null(game->ops->check(game, &position->p), "%s", game->ops->check(game, &position->p));
}

static game_move at(const struct game *game, const char *text)
{
    game_move move = game_move_parse(game, text);
    cr_assert_neq(move, GAME_NO_MOVE, "%s", text);
    return move;
}

struct count {
    int games, positions, result[3]; /* first player lost, drew, won */
    GHashTable *seen;
};

static void count_games(const struct game *game, const union any_position *position, struct count *count)
{
    if (!g_hash_table_contains(count->seen, GSIZE_TO_POINTER(position->p.hash))) {
        g_hash_table_add(count->seen, GSIZE_TO_POINTER(position->p.hash));
        count->positions++;
        cr_assert_null(game->ops->check(game, &position->p));
    }
    if (game_over(&position->p)) {
        struct game_result result = game_result(game, &position->p);
        count->games++;
        count->result[game_result_sign(&result, 0) + 1]++;
        return;
    }
    game_move moves[GAME_MAX_MOVES];
    int n = game->ops->legal_moves(game, &position->p, NULL, moves);
    cr_assert_gt(n, 0);
    for (int i = 0; i < n; i++) {
        union any_position next = *position;
        game_play(game, &next.p, NULL, moves[i]);
        count_games(game, &next, count);
    }
}

/* Known: 255,168 games, of which the first player wins 131,184, loses 77,904 and draws 46,080; 5,478 positions. */
Test(gomoku, tic_tac_toe_games)
{
    struct game game = parse("gomoku:3,line=3");
    union any_position position;
    game_init(&game, &position.p);
    struct count count = {.seen = g_hash_table_new(NULL, NULL)};
    count_games(&game, &position, &count);
    cr_assert_eq(count.games, 255168);
    cr_assert_eq(count.positions, 5478);
    cr_assert_eq(count.result[2], 131184);
    cr_assert_eq(count.result[0], 77904);
    cr_assert_eq(count.result[1], 46080);
    g_hash_table_destroy(count.seen);
}

static int best(const struct game *game, const union any_position *position)
{
    if (game_over(&position->p)) {
        struct game_result result = game_result(game, &position->p);
        return game_result_sign(&result, position->p.player);
    }
    game_move moves[GAME_MAX_MOVES];
    int n = game->ops->legal_moves(game, &position->p, NULL, moves), value = -1;
    for (int i = 0; i < n && value < 1; i++) {
        union any_position next = *position;
        game_play(game, &next.p, NULL, moves[i]);
        int reply = -best(game, &next);
        value = reply > value ? reply : value;
    }
    return value;
}

Test(gomoku, tic_tac_toe_is_a_draw)
{
    struct game game = parse("gomoku:3,line=3");
    union any_position position;
    game_init(&game, &position.p);
    cr_assert_eq(best(&game, &position), 0);
    draw(&game, &position, "X.. .O. ..X", GAME_WHITE);
    cr_assert_eq(best(&game, &position), 0); /* white answers at a side */
    game_play(&game, &position.p, NULL, at(&game, "A1"));
    cr_assert_eq(best(&game, &position), 1); /* not in a corner */
}

/* Gomoku's rules: known counts of games, and positions as drawings. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/gomoku/gomoku.h"

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
    cr_assert(game_set_up_drawing(game, &position->p, diagram, colour, &error), "%s", error ? error->message : "?");
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
    cr_assert_eq(best(&game, &position), 0); /* white replies on an edge */
    game_play(&game, &position.p, NULL, at(&game, "A1"));
    cr_assert_eq(best(&game, &position), 1); /* not in a corner */
}

/* Exact: over all random games the first player wins 737/1260, the second 121/420, and 8/63 are drawn. */
Test(gomoku, random_tic_tac_toe_has_the_known_odds)
{
    struct game game = parse("gomoku:3,line=3");
    struct rng rng;
    rng_seed(&rng, 3);
    int count[3] = {0}, n = 200000;
    for (int i = 0; i < n; i++) {
        union any_position position;
        struct game_result result;
        game_init(&game, &position.p);
        int moves = game.ops->playout(&game, &position.p, &rng, &result);
        cr_assert(result.over && moves >= 5 && moves <= 9);
        count[game_result_sign(&result, 0) + 1]++;
    }
    cr_assert_float_eq((double)count[2] / n, 737.0 / 1260, 0.005);
    cr_assert_float_eq((double)count[0] / n, 121.0 / 420, 0.005);
    cr_assert_float_eq((double)count[1] / n, 8.0 / 63, 0.005);
}

/* ---- what wins ---- */

struct win {
    const char *rules, *row; /* row 4 of 9; '*' is the point that the side to move plays */
    enum game_colour colour;
    bool wins;
};

static void check_win(const struct win *win, int row)
{
    char spec[GAME_SPEC_MAX], diagram[81 + 1];
    g_snprintf(spec, sizeof spec, "gomoku:9,rules=%s", win->rules);
    struct game game = parse(spec);
    memset(diagram, '.', 81);
    diagram[81] = 0;
    memcpy(diagram + row * 9, win->row, 9);
    char *star = strchr(diagram, '*');
    game_move move = (game_move)(star - diagram);
    *star = '.';
    union any_position position;
    draw(&game, &position, diagram, win->colour);
    cr_assert(game.ops->legal(&game, &position.p, NULL, move), "%s %s", win->rules, win->row);
    game_play(&game, &position.p, NULL, move);
    enum game_outcome outcome = win->colour == GAME_BLACK ? GAME_WON_0 : GAME_WON_1;
    cr_assert_eq(position.p.outcome, win->wins ? outcome : GAME_ONGOING, "%s: %s", win->rules, win->row);
    cr_assert_null(game.ops->check(&game, &position.p));
}

Test(gomoku, winning_rows)
{
    static const struct win wins[] = {
        {"freestyle", ".XX*XX...", GAME_BLACK, true},   {"freestyle", "XXX*XX...", GAME_BLACK, true},
        {"freestyle", "OXX*XXO..", GAME_BLACK, true},   {"freestyle", "XXXX*XXXX", GAME_BLACK, true},
        {"freestyle", ".XX*X....", GAME_BLACK, false},  {"freestyle", "XX*X.X...", GAME_BLACK, false},
        {"standard", ".XX*XX...", GAME_BLACK, true},    {"standard", "XXX*XX...", GAME_BLACK, false},
        {"standard", "OXX*XXO..", GAME_BLACK, true},    {"standard", ".OOO*OO..", GAME_WHITE, false},
        {"standard", "....*OOOO", GAME_WHITE, true},    {"renju", ".XX*XX...", GAME_BLACK, true},
        {"renju", "OOO*OO...", GAME_WHITE, true},       {"renju", "XOO*OOX..", GAME_WHITE, true},
        {"caro", ".XX*XX...", GAME_BLACK, true},        {"caro", "OXX*XXO..", GAME_BLACK, false},
        {"caro", "OXX*XX...", GAME_BLACK, true},        {"caro", ".XX*XXO..", GAME_BLACK, true},
        {"caro", "XX*XXO...", GAME_BLACK, true},        {"caro", "..OXX*XX.", GAME_BLACK, true},
        {"caro", "...OXX*XX", GAME_BLACK, true},        {"caro", "OXX*XXXO.", GAME_BLACK, true},
        {"caro", ".XX*XXX..", GAME_BLACK, true},        {"caro", "XOO*OOX..", GAME_WHITE, false},
        {"caro-exact", ".XX*XX...", GAME_BLACK, true},  {"caro-exact", "OXX*XXO..", GAME_BLACK, false},
        {"caro-exact", ".XX*XXX..", GAME_BLACK, false}, {"caro-exact", "XX*XXO...", GAME_BLACK, true},
        {"caro-exact", "OXX*XXXO.", GAME_BLACK, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wins); i++)
        for (int row = 0; row < 9; row += 4)
            check_win(&wins[i], row);
}

Test(gomoku, caro_blocks_both_ends_of_a_diagonal)
{
    struct game game = parse("gomoku:7,rules=caro");
    union any_position position;
    draw(&game, &position, "O...... .X..... ..X.... ....... ....X.. .....X. ......O", GAME_BLACK);
    game_play(&game, &position.p, NULL, at(&game, "D4"));
    cr_assert_eq(position.p.outcome, GAME_ONGOING);
    draw(&game, &position, "O...... .X..... ..X.... ....... ....X.. .....X. .......", GAME_BLACK);
    game_play(&game, &position.p, NULL, at(&game, "D4"));
    cr_assert_eq(position.p.outcome, GAME_WON_0);
}

Test(gomoku, winning_line_is_the_final_map)
{
    struct game game = parse("gomoku:7");
    union any_position position;
    int8_t map[49];
    draw(&game, &position, "OOOO.O. X...... .X..... ..X.... ...X... ....... X......", GAME_BLACK);
    union any_position white = position;
    game.ops->final_map(&game, &position.p, map);
    for (int p = 0; p < 49; p++)
        cr_assert_eq(map[p], 0);
    game_play(&game, &position.p, NULL, at(&game, "E2"));
    game.ops->final_map(&game, &position.p, map);
    for (int p = 0; p < 49; p++)
        cr_assert_eq(map[p], p / 7 >= 1 && p / 7 <= 5 && p % 7 == p / 7 - 1 ? 1 : 0, "%d", p);
    game_play(&game, &white.p, NULL, at(&game, "G1"));
    game_play(&game, &white.p, NULL, at(&game, "E7"));
    cr_assert_eq(white.p.outcome, GAME_WON_1);
    game.ops->final_map(&game, &white.p, map);
    for (int p = 0; p < 49; p++)
        cr_assert_eq(map[p], p < 6 ? -1 : 0); /* all of a row of six */
}

/* A full board is a draw, and so is a renju position in which black's only empty points are overlines. */
Test(gomoku, draws)
{
    struct game game = parse("gomoku:3,line=3");
    union any_position position;
    draw(&game, &position, "XOX XOO .XX", GAME_WHITE);
    game_play(&game, &position.p, NULL, at(&game, "A1"));
    cr_assert_eq(position.p.outcome, GAME_DRAWN);
    cr_assert_eq(game.ops->legal_moves(&game, &position.p, NULL, (game_move[GAME_MAX_MOVES]){0}), 0);

    game = parse("gomoku:6,rules=renju");
    draw(&game, &position, "XXX.XX OOXOXO XOOXOX OXOXOX OOXXO. XOOXXO", GAME_WHITE);
    cr_assert_eq(gomoku_forbidden_kind(&game, &position.p, at(&game, "D6")), GOMOKU_OVERLINE);
    cr_assert_not(game_over(&position.p));
    game_play(&game, &position.p, NULL, at(&game, "F2"));
    cr_assert_eq(position.p.outcome, GAME_DRAWN);
    cr_assert_null(game.ops->check(&game, &position.p), "%s", game.ops->check(&game, &position.p));
}

/* ---- diagrams, specs, hashes ---- */

Test(gomoku, bad_diagrams_and_specs_are_refused)
{
    struct game game = parse("gomoku:3,line=3");
    static const char *const diagrams[] = {"", "X.. ...", "X.. ... ... .", "X.. .Q. ...", ".........."};
    for (size_t i = 0; i < G_N_ELEMENTS(diagrams); i++) {
        union any_position position, fresh;
        GError *error = NULL;
        memset(&position, 0, sizeof position);
        memset(&fresh, 0, sizeof fresh);
        game_init(&game, &fresh.p);
        cr_assert_not(game_set_up_drawing(&game, &position.p, diagrams[i], GAME_BLACK, &error), "%s", diagrams[i]);
        cr_assert_not_null(error);
        cr_assert_eq(memcmp(&position, &fresh, game.position_bytes), 0);
        g_error_free(error);
    }
    static const char *const specs[] = {"gomoku:3",
                                        "gomoku:21",
                                        "gomoku:2,line=3",
                                        "gomoku:15,line=2",
                                        "gomoku:15,rules=renju,line=6",
                                        "gomoku:5,opening=pro",
                                        "gomoku:7,opening=longpro",
                                        "gomoku:5,line=3,opening=swap2",
                                        "gomoku:15,rules=chess"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game bad;
        GError *error = NULL;
        cr_assert_not(game_parse(&bad, specs[i], &error), "%s", specs[i]);
        cr_assert_not_null(error);
        g_error_free(error);
    }
}

Test(gomoku, hash_depends_on_stones_colour_player_and_phase)
{
    struct game game = parse("gomoku:15,opening=swap2");
    union any_position a, b, c;
    game_init(&game, &a.p);
    game_init(&game, &b.p);
    static const char *const one[] = {"H8", "A1", "H9"}, *const two[] = {"H9", "A1", "H8"};
    for (int i = 0; i < 3; i++) {
        game_play(&game, &a.p, NULL, at(&game, one[i]));
        game_play(&game, &b.p, NULL, at(&game, two[i]));
    }
    cr_assert_eq(a.p.hash, b.p.hash); /* the same stones in another order */
    c = a;
    game_play(&game, &a.p, NULL, gomoku_swap(&game));
    game_play(&game, &b.p, NULL, gomoku_stay(&game));
    game_play(&game, &c.p, NULL, gomoku_place_two(&game));
    cr_assert_eq(a.p.stones_hash, b.p.stones_hash);
    cr_assert(a.p.hash != b.p.hash && a.p.hash != c.p.hash && b.p.hash != c.p.hash);

    union any_position black, white;
    draw(&game, &black,
         "X.............. " /* and 14 empty rows */
         "............... ............... ............... ............... ............... "
         "............... ............... ............... ............... ............... "
         "............... ............... ............... ...............",
         GAME_BLACK);
    white = black;
    cr_assert(game_set_up_drawing(&game, &white.p,
                                  "X.............. ............... ............... ............... ............... "
                                  "............... ............... ............... ............... ............... "
                                  "............... ............... ............... ............... ...............",
                                  GAME_WHITE, NULL));
    cr_assert_eq(black.p.stones_hash, white.p.stones_hash);
    cr_assert_neq(black.p.hash, white.p.hash);
}

/* ---- pruning ---- */

static void pruned(const char *spec, const char *diagram, enum game_colour colour, const char *kept)
{
    struct game game = parse(spec);
    union any_position position;
    uint8_t keep[GAME_MAX_MOVES];
    memset(keep, 1, sizeof keep);
    draw(&game, &position, diagram, colour);
    game.ops->forced(&game, &position.p, keep);
    for (int p = 0; p < game.points; p++) {
        char text[GAME_MOVE_TEXT_MAX + 2], padded[64];
        g_snprintf(text, sizeof text, " ");
        game_move_format(&game, (game_move)p, text + 1);
        g_strlcat(text, " ", sizeof text);
        g_snprintf(padded, sizeof padded, " %s ", kept);
        bool want = kept[0] == '*' || strstr(padded, text);
        cr_assert_eq(keep[p], want, "%s: %s", diagram, text);
    }
}

Test(gomoku, forced_keeps_wins_then_blocks)
{
    static const char both[] = "XXXX... ....... ....... ....... ....... ....... .OOOO..";
    pruned("gomoku:7", both, GAME_BLACK, "E7");
    pruned("gomoku:7", both, GAME_WHITE, "A1 F1");
    pruned("gomoku:7", "XXXX... ....... ....... ....... ....... ....... .OOO...", GAME_WHITE, "E7");
    pruned("gomoku:7", "XXX.... ....... ....... ....... ....... ....... .OOO...", GAME_WHITE, "*");
    pruned("gomoku:7", ".XXXXO. ....... ....... ....... ....... ....... .......", GAME_BLACK, "A7"); /* the first */
    pruned("gomoku:7", "....... ....... ....... ....... ....... ....... .OXXXX.", GAME_WHITE, "G1"); /* the last */
    /* standard: six do not win, so they are no threat to block */
    pruned("gomoku:7,rules=standard", "XXXX.X. ....... ....... ....... ....... ....... .OOO...", GAME_WHITE, "*");
    /* caro: the far end blocks it, too; points within the winning length are kept */
    pruned("gomoku:7,rules=caro", "OXXXX.. ....... ....... ....... ....... ....... .OOO...", GAME_WHITE,
           "A7 B7 C7 D7 E7 F7 G7");
    /* renju: black's only answer, E7, is a double-four: nothing is pruned */
    pruned("gomoku:7,rules=renju", "OOOO... ...XX.. ..X.X.. .X..X.. ....... ....... .......", GAME_BLACK, "*");
    pruned("gomoku:7,rules=renju", "OOOO... ...X... ..X.X.. .X..X.. ....... ....... .......", GAME_BLACK, "E7");
}

/* Records on the board: moves, set-up, handicap, what cannot be. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/go/go.h"
#include "games/gomoku/gomoku.h"
#include "games/record/sgf.h"
#include "tests/games/record/sgf_common.h"

/* Random games of every kind are written to files and read back. */
Test(sgf_game, moves_round_trip)
{
    static const char *const specs[] = {
        "go:7", "go:5,rules=aga", "gomoku:9,opening=swap2", "gomoku:15,rules=renju", "gomoku:20", "go:19"};
    struct rng rng;
    rng_seed(&rng, 5);
    for (int round = 0; round < 60; round++) {
        struct game game, read;
        union any_position at, back;
        struct history history, back_history;
        cr_assert(game_parse(&game, specs[round % (int)G_N_ELEMENTS(specs)], NULL));
        history_init(&history, 16);
        history_init(&back_history, 16);
        game_init(&game, &at.p);
        struct sgf *sgf = sgf_new();
        struct sgf_node *node = sgf_add(sgf->top);
        sgf_write_game(node, &game);
        while (!game_over(&at.p)) {
            game_move moves[GAME_MAX_MOVES];
            int count = game.ops->legal_moves(&game, &at.p, &history, moves);
            game_move move = moves[rng_below(&rng, (uint32_t)count)];
            struct sgf_node *child = sgf_add_move(node, &game, &at.p, move);
            cr_assert(sgf_add_move(node, &game, &at.p, move) == child);
            node = child;
            game_play(&game, &at.p, &history, move);
        }
        size_t length;
        char *text = sgf_format(sgf, &length);
        struct sgf *again = sgf_parse(text, length, "test", NULL);
        GError *error = NULL;
        cr_assert(again && sgf_read_game(sgf_root(again), NULL, &read, NULL) && game_equal(&read, &game));
        cr_assert(sgf_replay(sgf_last(sgf_root(again)), &read, &back.p, &back_history, &error), "%s",
                  error ? error->message : "");
        cr_assert(back.p.hash == at.p.hash && back.p.ply == at.p.ply && back.p.outcome == at.p.outcome &&
                  back_history.count == history.count);
        g_free(text);
        sgf_free(sgf);
        sgf_free(again);
        history_clear(&history);
        history_clear(&back_history);
    }
}

/* Replays to the last node of the main line and checks the position's consistency. */
static void replay(const char *text, union any_position *at, struct game *game)
{
    struct sgf *sgf = parse_sgf(text);
    GError *error = NULL;
    cr_assert(sgf_read_game(sgf_root(sgf), NULL, game, &error), "%s", error ? error->message : "");
    cr_assert(sgf_replay(sgf_last(sgf_root(sgf)), game, &at->p, NULL, &error), "%s: %s", text,
              error ? error->message : "");
    cr_assert(!game->ops->check(game, &at->p), "%s: %s", text, game->ops->check(game, &at->p));
    sgf_free(sgf);
}

static int stones_of(const struct game *game, const struct position *position, enum game_colour colour)
{
    int count = 0;
    for (int p = 0; p < game->points; p++)
        count += game->ops->stone(game, position, p) == colour;
    return count;
}

Test(sgf_game, setup_and_handicap)
{
    union any_position at;
    struct game game;
    replay("(;SZ[9]AB[aa:cb][ii]AW[gg]PL[W])", &at, &game);
    cr_assert(stones_of(&game, &at.p, GAME_BLACK) == 7 && at.p.colour == GAME_WHITE && go_handicap_stones(&at.p) == 0);
    replay("(;SZ[9]AB[aa:cb];AE[bb]AW[bb];W[cc])", &at, &game);
    cr_assert(stones_of(&game, &at.p, GAME_BLACK) == 5 && stones_of(&game, &at.p, GAME_WHITE) == 2);
    replay("(;SZ[9]HA[3]AB[cc][gg][cg])", &at, &game);
    cr_assert(go_handicap_stones(&at.p) == 3 && at.p.colour == GAME_WHITE);
    replay("(;SZ[9]HA[2];W[ee])", &at, &game);
    cr_assert(go_handicap_stones(&at.p) == 2 && stones_of(&game, &at.p, GAME_BLACK) == 2);
    replay("(;SZ[9]HA[2];B[ee])", &at, &game);
    cr_assert(go_handicap_stones(&at.p) == 0 && stones_of(&game, &at.p, GAME_BLACK) == 1);
    replay("(;SZ[9]HA[0]AB[aa][bb];W[ee])", &at, &game);
    cr_assert(go_handicap_stones(&at.p) == 0 && at.p.colour == GAME_BLACK);
    /* The same colour twice; moves after two passes; tt, which is a pass only up to 19x19. */
    replay("(;SZ[9];B[aa];B[bb];W[tt];B[];W[cc])", &at, &game);
    cr_assert(stones_of(&game, &at.p, GAME_BLACK) == 2 && stones_of(&game, &at.p, GAME_WHITE) == 1 &&
              !game_over(&at.p) && at.p.colour == GAME_BLACK);
    replay("(;GM[4]SZ[20];B[tt];W[a1])", &at, &game);
    cr_assert(game.ops->stone(&game, &at.p, 399) == GAME_BLACK && game.ops->stone(&game, &at.p, 380) == GAME_WHITE);
    replay("(;GM[4]AB[hh][hi]AW[gg];W[ff];B[hj];W[];B[hk])", &at, &game);
    cr_assert(stones_of(&game, &at.p, GAME_BLACK) == 4 && at.p.colour == GAME_WHITE);
}

/* The stones of a record's last position as a drawing, and all notes; `note` and `drawing` are what is expected. */
static void shows(const char *text, const char *drawing, const char *note)
{
    struct sgf *sgf = parse_sgf(text);
    struct game game;
    union any_position at;
    GError *error = NULL;
    cr_assert(sgf_read_game(sgf_root(sgf), NULL, &game, NULL));
    cr_assert(sgf_replay(sgf_last(sgf_root(sgf)), &game, &at.p, NULL, &error), "%s: %s", text,
              error ? error->message : "");
    cr_expect_null(game.ops->check(&game, &at.p), "%s", text);
    GString *found = g_string_new(NULL);
    for (int p = 0; p < game.points; p++)
        g_string_append_printf(found, "%s%c", p && p % game.width == 0 ? " " : "",
                               ".XO"[game.ops->stone(&game, &at.p, p)]);
    cr_expect_str_eq(found->str, drawing, "%s", text);
    char *notes = sgf_notes_text(sgf, 0, 10);
    cr_expect_str_eq(notes ? notes : "", note, "%s", text);
    g_string_free(found, TRUE);
    g_free(notes);
    sgf_free(sgf);
}

#define EXECUTED(move) "the move " move " is illegal and is executed as SGF defines it"

/* SGF executes every move of Go, whatever the rules say: what follows it is then shown right. */
Test(sgf_game, illegal_moves_of_go_are_executed)
{
    /* on a stone, which it replaces */
    shows("(;SZ[3];B[bb]\n;W[bb];B[aa])", "X.. .O. ...", "line 2, column 1: " EXECUTED("W[bb]"));
    /* on the last liberty of its own chain: suicide of two stones; then the points are free */
    shows("(;SZ[3]RU[Chinese]AB[ca][bb][ab]AW[ba];W[aa];B[cc])", "..X XX. ..X",
          "line 1, column 39: " EXECUTED("W[aa]"));
    shows("(;SZ[3]RU[Tromp-Taylor]AB[ca][bb][ab]AW[ba];W[aa];B[cc])", "..X XX. ..X", ""); /* legal there */
    /* a ko retaken at once */
    shows("(;SZ[4]AB[ba][ab][bc]AW[ca][db][cc]PL[W];W[bb];B[cb];KO[]W[bb])", ".XO. XO.O .XO. ....",
          "line 1, column 53: " EXECUTED("W[bb]"));
    /* It takes stones as well, and both sides' prisoners are counted. */
    union any_position at;
    struct game game;
    replay("(;SZ[3]AB[aa]AW[ba][bb];W[ab];W[ab];B[ab])", &at, &game);
    cr_expect_eq(go_prisoners(&at.p, 1), 1);
    cr_expect_eq(go_prisoners(&at.p, 0), 0);
    replay("(;SZ[3]RU[Chinese]AB[ca][bb][ab]AW[ba];W[aa])", &at, &game);
    cr_expect(go_prisoners(&at.p, 0) == 2 && go_prisoners(&at.p, 1) == 0 && at.p.colour == GAME_BLACK);
    replay("(;SZ[3]AB[ba][ab]AW[ca][bb][ac];W[ac];B[aa];W[aa];B[cc])", &at, &game);
    cr_expect_eq(at.p.colour, GAME_WHITE);
}

/* What cannot be executed is left out; the rest is shown. */
Test(sgf_game, what_cannot_be_executed_is_left_out)
{
    shows("(;SZ[3];B[jj];W[bb])", "... .O. ...",
          "line 1, column 8: B[jj] is not a move on the 3x3 board and is left out");
    shows("(;SZ[3];B[aa];W[zzz];B[bb])", "X.. .X. ...",
          "line 1, column 14: W[zzz] is not a move on the 3x3 board and is left out");
    shows("(;SZ[3]AB[aa][k][cc])", "X.. ... ..X",
          "line 1, column 2: AB[k] is not a point of the 3x3 board and is left out");
    shows("(;SZ[3]AB[aa:zz]AW[bb];B[cc])", "... .O. ..X",
          "line 1, column 2: AB[aa:zz] is not a point of the 3x3 board and is left out");
    shows("(;SZ[3]AB[ba][ab]AW[aa];B[cc])", ".X. X.. ..X",
          "line 1, column 2: set-up stones without a liberty are removed");
    shows("(;GM[4]SZ[5];B[bb];W[bb];B[cc])", "..... .X... ..X.. ..... .....",
          "line 1, column 19: the move W[bb] is illegal and is left out");
    shows("(;GM[4]SZ[5];B[bb];W[zz];B[cc])", "..... .X... ..X.. ..... .....",
          "line 1, column 19: W[zz] is not a move on the 5x5 board and is left out");
    shows("(;GM[2]SZ[4];B[aa])", ".... .OX. .XO. ....", "line 1, column 13: the move B[aa] is illegal and is left out");
}

/* A node whose move the rules do not allow is told from one that is played by them. */
Test(sgf_game, forced_moves_are_not_made)
{
    struct sgf *sgf = parse_sgf("(;SZ[3];B[bb];W[bb];B[zz])");
    struct game game = game_of("go:3");
    union any_position at;
    struct history history;
    game_move made;
    history_init(&history, 4);
    game_init(&game, &at.p);
    struct sgf_node *node = sgf_root(sgf)->first_child;
    cr_assert(sgf_apply(node, &game, &at.p, &history, &made, NULL) && made == 4 && history.count == 1);
    node = node->first_child;
    cr_assert(sgf_apply(node, &game, &at.p, &history, &made, NULL) && made == GAME_NO_MOVE && history.count == 2);
    node = node->first_child;
    cr_assert(sgf_apply(node, &game, &at.p, &history, &made, NULL) && made == GAME_NO_MOVE && history.count == 2);
    history_clear(&history);
    sgf_free(sgf);
}

/* A set-up that the game does not have is refused, by line. */
Test(sgf_game, impossible_set_ups)
{
    struct sgf *sgf = parse_sgf("(;TENGEN[connect4\\:7x6]SZ[7:6]\n;AB[ba])");
    struct game game;
    union any_position at;
    GError *error = NULL;
    cr_assert(sgf_read_game(sgf_root(sgf), NULL, &game, NULL));
    cr_assert(!sgf_replay(sgf_last(sgf_root(sgf)), &game, &at.p, NULL, &error));
    cr_expect(g_str_has_prefix(error->message, "node at line 2, column 1: set-up: "), "%s", error->message);
    g_clear_error(&error);
    sgf_free(sgf);
}

/* A move that violates the file's own superko rule is replayed, because it was played. */
Test(sgf_game, superko_is_the_players_matter)
{
    union any_position at;
    struct game game;
    struct history history;
    struct sgf *sgf = parse_sgf("(;SZ[5]AB[ba][ab][bc]AW[ca][bb][db][cc]PL[B];B[cb];W[];B[];W[bb])");
    history_init(&history, 4);
    cr_assert(sgf_read_game(sgf_root(sgf), NULL, &game, NULL));
    cr_assert(sgf_replay(sgf_last(sgf_root(sgf)), &game, &at.p, &history, NULL));
    cr_assert(game.ops->stone(&game, &at.p, 6) == GAME_WHITE && game.ops->stone(&game, &at.p, 7) == GAME_EMPTY);
    history_clear(&history);
    sgf_free(sgf);
}

/* ---- who moves after a set-up, and what a handicap is ---- */

Test(sgf_game, who_moves_after_a_set_up)
{
    static const struct {
        const char *text;
        enum game_colour colour;
        int handicap;
    } cases[] = {
        {"(;SZ[9]AB[aa])", GAME_BLACK, 0},
        {"(;SZ[9]AB[aa]PL[W])", GAME_WHITE, 0},
        {"(;SZ[9]AB[aa]PL[white])", GAME_WHITE, 0},
        {"(;SZ[9]AB[aa]PL[2])", GAME_WHITE, 0},
        {"(;SZ[9]AW[aa]PL[1])", GAME_BLACK, 0},
        {"(;SZ[9]AW[aa]PL[b])", GAME_BLACK, 0},
        {"(;SZ[9]AW[aa]PL[x])", GAME_BLACK, 0},
        {"(;SZ[9]PL[W])", GAME_WHITE, 0},
        {"(;SZ[9]HA[2])", GAME_WHITE, 2},
        {"(;SZ[9]HA[1])", GAME_BLACK, 0},
        {"(;SZ[9]HA[9])", GAME_WHITE, 9},
        {"(;SZ[9]HA[10])", GAME_BLACK, 0},
        {"(;SZ[9]HA[x])", GAME_BLACK, 0},
        {"(;SZ[9]HA[2]PL[B])", GAME_BLACK, 2},
        {"(;SZ[9]HA[5]AB[aa][bb])", GAME_WHITE, 2},
        {"(;SZ[9]HA[1]AB[aa])", GAME_BLACK, 0},
        {"(;SZ[9]HA[2]AB[aa]AW[bb])", GAME_BLACK, 0},
        {"(;SZ[9]HA[2]AB[aa]AE[bb])", GAME_BLACK, 0},
        {"(;GM[4]HA[2]AB[aa][bb])", GAME_BLACK, 0},
        {"(;SZ[9]HA[400]AB[aa][bb])", GAME_WHITE, 2},
        {"(;SZ[9]HA[401]AB[aa][bb])", GAME_BLACK, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        union any_position at;
        struct game game;
        replay(cases[i].text, &at, &game);
        cr_expect_eq(at.p.colour, cases[i].colour, "%s", cases[i].text);
        cr_expect_eq(game.ops == &go_ops ? go_handicap_stones(&at.p) : 0, cases[i].handicap, "%s", cases[i].text);
    }
}

/* Without PL whoever moves next does, here or in the next node. */
Test(sgf_game, the_next_move_tells_who_moves)
{
    static const struct {
        const char *text;
        enum game_colour first;
        int handicap;
    } cases[] = {
        {"(;SZ[9]AB[aa];W[cc])", GAME_WHITE, 0},          {"(;SZ[9]AB[aa];B[cc])", GAME_BLACK, 0},
        {"(;SZ[9]AB[aa];C[x];W[cc])", GAME_BLACK, 0},     {"(;SZ[9]AB[aa];PB[x]W[cc])", GAME_WHITE, 0},
        {"(;SZ[9]HA[2];W[cc])", GAME_WHITE, 2},           {"(;SZ[9]HA[2];B[cc])", GAME_BLACK, 0},
        {"(;SZ[9]HA[2]AB[gg][ga];B[cc])", GAME_WHITE, 2},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sgf *sgf = parse_sgf(cases[i].text);
        struct game game;
        union any_position at;
        cr_assert(sgf_read_game(sgf_root(sgf), NULL, &game, NULL));
        cr_assert(sgf_replay(sgf_root(sgf), &game, &at.p, NULL, NULL));
        cr_expect(at.p.colour == cases[i].first && go_handicap_stones(&at.p) == cases[i].handicap, "%s", cases[i].text);
        sgf_free(sgf);
    }
    union any_position at;
    struct game game;
    replay("(;SZ[9];B[aa];HA[3]C[x];W[bb])", &at, &game); /* no root */
    cr_expect(go_handicap_stones(&at.p) == 0 && at.p.ply == 2);
}

/* ---- single nodes ---- */

Test(sgf_game, what_a_node_does)
{
    static const struct {
        const char *text;
        enum sgf_step step;
    } cases[] = {{"(;)", SGF_NOTHING},          {"(;C[x])", SGF_NOTHING},      {"(;B[aa])", SGF_MOVE},
                 {"(;W[])", SGF_MOVE},          {"(;CHOICE[swap])", SGF_MOVE}, {"(;AB[aa])", SGF_SETUP},
                 {"(;AW[aa])", SGF_SETUP},      {"(;AE[aa])", SGF_SETUP},      {"(;B[aa]PL[W])", SGF_SETUP},
                 {"(;BL[1]WL[2])", SGF_NOTHING}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sgf *sgf = parse_sgf(cases[i].text);
        cr_expect_eq(sgf_step(sgf_root(sgf)), cases[i].step, "%s", cases[i].text);
        sgf_free(sgf);
    }
}

/* A move is told and pushed; a set-up empties the history; a colour out of turn is played all the same. */
Test(sgf_game, nodes_are_applied_one_by_one)
{
    struct sgf *sgf = parse_sgf("(;SZ[9];B[aa];B[bb];C[x];W[];AB[cc];W[dd]C[x])");
    /* Only a record in memory has two moves in a node; in a file, each would become a node. */
    sgf_set(sgf_last(sgf_root(sgf)), "B", "ee");
    struct game game = game_of("go:9");
    union any_position at;
    struct history history;
    static const struct {
        int made, history;
        enum game_colour colour;
    } wanted[] = {{GAME_NO_MOVE, 0, GAME_BLACK},
                  {0, 1, GAME_WHITE},
                  {10, 2, GAME_WHITE},
                  {GAME_NO_MOVE, 2, GAME_WHITE},
                  {81, 3, GAME_BLACK},
                  {GAME_NO_MOVE, 0, GAME_WHITE},
                  {40, 2, GAME_WHITE}};
    const struct sgf_node *node = sgf_root(sgf);
    history_init(&history, 0);
    game_init(&game, &at.p);
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++, node = node->first_child) {
        game_move made = 7;
        cr_assert(sgf_apply(node, &game, &at.p, &history, &made, NULL), "node %zu", i);
        cr_expect(made == wanted[i].made && history.count == wanted[i].history && at.p.colour == wanted[i].colour,
                  "node %zu: %d, %d, %d", i, made, history.count, at.p.colour);
    }
    cr_expect_null(node);
    cr_expect(sgf_apply(sgf_root(sgf), &game, &at.p, NULL, NULL, NULL));
    history_clear(&history);
    sgf_free(sgf);
}

/* A pass in a game that has none gives the turn away. */
Test(sgf_game, passes_where_there_are_none)
{
    union any_position at;
    struct game game;
    replay("(;GM[4];B[hh];W[];B[hi])", &at, &game);
    cr_expect(stones_of(&game, &at.p, GAME_BLACK) == 2 && at.p.colour == GAME_WHITE);
    replay("(;GM[4];B[tt])", &at, &game);
    cr_expect(stones_of(&game, &at.p, GAME_BLACK) == 0 && at.p.colour == GAME_WHITE);
    replay("(;TENGEN[connect4\\:7x6]SZ[7:6];B[tt];W[gf];B[af])", &at, &game);
}

Test(sgf_game, choices)
{
    struct sgf *sgf = parse_sgf("(;GM[4]TENGEN[gomoku\\:15,opening=swap2];B[aa];W[bb];B[cc];CHOICE[Swap];W[dd])");
    struct game game;
    union any_position at;
    GError *error = NULL;
    cr_assert(sgf_read_game(sgf_root(sgf), NULL, &game, NULL));
    cr_assert(sgf_replay(sgf_last(sgf_root(sgf)), &game, &at.p, NULL, &error), "%s", error->message);
    cr_expect(at.p.black_player == 1 && at.p.phase == GOMOKU_PLAY && at.p.ply == 5);
    sgf_set(sgf_last(sgf_root(sgf))->parent, "CHOICE", "perhaps");
    cr_assert(sgf_replay(sgf_last(sgf_root(sgf)), &game, &at.p, NULL, &error));
    char *notes = sgf_notes_text(sgf, 0, 10);
    cr_expect_str_eq(notes, "line 1, column 58: CHOICE[perhaps] is not a move on the 15x15 board and is left out; "
                            "line 1, column 71: the move W[dd] is illegal and is left out");
    g_free(notes);
    sgf_free(sgf);
}

/* A node that was added has no place to be told. */
Test(sgf_game, notes_of_added_nodes)
{
    struct sgf *sgf = parse_sgf("(;SZ[9])");
    struct game game = game_of("go:9");
    union any_position at;
    struct sgf_node *node = sgf_add(sgf_root(sgf));
    sgf_set(node, "B", "zz");
    sgf_set(node, "AB", "aa");
    sgf_append(node, "AB", "ab");
    sgf_append(node, "AB", "yy");
    cr_assert(sgf_replay(node, &game, &at.p, NULL, NULL));
    char *notes = sgf_notes_text(sgf, 0, 10);
    cr_expect_str_eq(notes,
                     "AB[yy] is not a point of the 9x9 board and is left out; B[zz] is not a move on the 9x9 board "
                     "and is left out");
    g_free(notes);
    sgf_free(sgf);
}

/* ---- writing ---- */

/* A move that is there already is not added again, however its pass is written. */
Test(sgf_game, moves_are_added_once)
{
    struct sgf *sgf = parse_sgf("(;SZ[9];B[aa](;W[tt])(;W[bb])(;B[cc]))");
    struct game game = game_of("go:9"), swap = game_of("gomoku:15,opening=swap2");
    union any_position at;
    struct sgf_node *node = sgf_root(sgf)->first_child, *root = sgf_root(sgf);
    cr_assert(sgf_replay(node, &game, &at.p, NULL, NULL));
    cr_expect_eq(sgf_add_move(node, &game, &at.p, 81), node->first_child);
    cr_expect_eq(sgf_add_move(node, &game, &at.p, 10), node->first_child->next);
    cr_expect_eq(sgf_children(node), 3);
    struct sgf_node *added = sgf_add_move(node, &game, &at.p, 20);
    cr_expect(added == node->last_child && sgf_children(node) == 4 && strcmp(sgf_get(added, "W"), "cc") == 0);
    cr_expect_eq(sgf_add_move(node, &game, &at.p, 20), added);
    cr_expect_null(sgf_get(added, "C"));
    game_play(&game, &at.p, NULL, 20);
    node = sgf_add_move(added, &game, &at.p, 81);
    cr_expect(strcmp(sgf_get(node, "B"), "") == 0 && sgf_add_move(added, &game, &at.p, 81) == node);
    game_init(&swap, &at.p);
    for (game_move move = 0; move < 3; move++)
        game_play(&swap, &at.p, NULL, move);
    node = sgf_add_move(root, &swap, &at.p, gomoku_place_two(&swap));
    cr_expect(strcmp(sgf_get(node, "CHOICE"), "place-two") == 0 && strcmp(sgf_get(node, "C"), "place-two") == 0);
    cr_expect_eq(sgf_add_move(root, &swap, &at.p, gomoku_place_two(&swap)), node);
    sgf_free(sgf);
}

/* Old set-up goes; stones are listed row by row, and who moves is told. */
Test(sgf_game, set_ups_are_written)
{
    struct sgf *sgf = parse_sgf("(;SZ[5]AB[ee]AE[aa]AW[bb]PL[B]C[x])");
    struct game game = game_of("go:5");
    union any_position at;
    cr_assert(game_set_up_drawing(&game, &at.p, "X...O .O... ..X.. ..... X....", GAME_WHITE, NULL));
    sgf_write_setup(sgf_root(sgf), &game, &at.p);
    assert_formats(sgf, "(;SZ[5]PL[W]C[x]AB[aa][cc][ae]AW[ea][bb])\n");
    cr_assert(game_set_up_drawing(&game, &at.p, "..... ..... ..... ..... ....O", GAME_BLACK, NULL));
    sgf_write_setup(sgf_root(sgf), &game, &at.p);
    assert_formats(sgf, "(;SZ[5]PL[B]C[x]AW[ee])\n");
    struct game reversi = game_of("reversi:8");
    uint8_t stones[GAME_MAX_POINTS] = {[0] = GAME_BLACK, [63] = GAME_WHITE};
    game_init(&reversi, &at.p);
    cr_assert(game_set_up(&reversi, &at.p, stones, GAME_BLACK, NULL));
    sgf_write_setup(sgf_root(sgf), &reversi, &at.p);
    assert_formats(sgf, "(;SZ[5]PL[B]C[x]AB[aa]AW[hh])\n");
    sgf_free(sgf);
}

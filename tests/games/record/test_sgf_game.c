/* Records on the board: moves, set-up, handicap, what cannot be. */
#include "games/go/go.h"
#include "games/gomoku/gomoku.h"
#include "tests/games/record/sgf_common.h"

/* Random games of every kind go through a file and come out the same. */
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

/* Replays the last node of the main line; NULL, or what the position lacks. */
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
    /* Twice the same colour; moves after two passes; tt, also where it is a pass only up to 19x19. */
    replay("(;SZ[9];B[aa];B[bb];W[tt];B[];W[cc])", &at, &game);
    cr_assert(stones_of(&game, &at.p, GAME_BLACK) == 2 && stones_of(&game, &at.p, GAME_WHITE) == 1 &&
              !game_over(&at.p) && at.p.colour == GAME_BLACK);
    replay("(;GM[4]SZ[20];B[tt];W[a1])", &at, &game);
    cr_assert(game.ops->stone(&game, &at.p, 399) == GAME_BLACK && game.ops->stone(&game, &at.p, 380) == GAME_WHITE);
    replay("(;GM[4]AB[hh][hi]AW[gg];W[ff];B[hj];W[];B[hk])", &at, &game);
    cr_assert(stones_of(&game, &at.p, GAME_BLACK) == 4 && at.p.colour == GAME_WHITE);
}

Test(sgf_game, moves_that_cannot_be_are_refused_by_line)
{
    static const char *const cases[][2] = {
        {"(;SZ[9];B[aa]\n;W[aa])", "line 2, column 1: W[aa] is not legal"},
        {"(;SZ[9];B[jj])", "B[jj] is no move on a board of 9"},
        {"(;SZ[9];B[zzz])", "B[zzz] is no move"},
        {"(;SZ[9]AB[aa][k])", "AB[k] is no point"},
        {"(;SZ[9]AB[aa:zz])", "AB[aa:zz] is no point"},
        {"(;SZ[9]AB[aa]AW[ba][ab])", "no liberty"},
        {"(;GM[4];B[hh];W[hh])", "not legal"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sgf *sgf = parse_sgf(cases[i][0]);
        struct game game;
        union any_position at;
        GError *error = NULL;
        cr_assert(sgf_read_game(sgf_root(sgf), NULL, &game, NULL));
        cr_assert(!sgf_replay(sgf_last(sgf_root(sgf)), &game, &at.p, NULL, &error), "%s was played", cases[i][0]);
        cr_assert(strstr(error->message, cases[i][1]), "%s: %s", cases[i][0], error->message);
        g_clear_error(&error);
        sgf_free(sgf);
    }
}

/* A ko that the file's own rules forbade to take back is taken all the same: it was played. */
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

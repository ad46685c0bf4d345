/* What the root of a record says of its game, and the same the other way round. */
#include "games/go/go.h"
#include "tests/games/record/sgf_common.h"

static void read_game(const char *text, const char *wanted)
{
    struct sgf *sgf = parse_sgf(text);
    struct game game;
    GError *error = NULL;
    char spec[GAME_SPEC_MAX];
    bool fine = sgf_read_game(sgf_root(sgf), NULL, &game, &error);
    if (!fine)
        cr_assert(strstr(error->message, wanted), "%s: %s", text, error->message);
    else
        cr_assert_str_eq(game_format(&game, spec), wanted);
    g_clear_error(&error);
    sgf_free(sgf);
}

Test(sgf_header, games)
{
    read_game("(;)", "go:19");
    read_game("(;GM[1]SZ[9]KM[6.5]RU[Japanese])", "go:9,komi=6.5,rules=japanese");
    read_game("(;SZ[19:19]RU[chinese]KM[7,5])", "go:19,komi=7.5,rules=chinese");
    read_game("(;RU[Chinese]KM[3.75])", "go:19,komi=7.5,rules=chinese");
    read_game("(;RU[Chinese]KM[375])", "go:19,komi=7.5,rules=chinese");
    read_game("(;KM[-0.5])", "go:19,komi=-0.5");
    read_game("(;KM[]RU[Klingon])", "go:19");
    read_game("(;RU[NZ])", "go:19,rules=chinese,suicide=yes,ko=situational,bonus=none");
    read_game("(;GM[4])", "gomoku:15");
    read_game("(;GM[4]SZ[20]RU[Renju])", "gomoku:20,rules=renju");
    read_game("(;GM[4]SZ[3]TENGEN[gomoku\\:3,line=3])", "gomoku:3,line=3");
    read_game("(;GM[4]SZ[3])", "line is longer");
    read_game("(;GM[3])", "GM[3] is a game that is not played here");
    read_game("(;GM[2])", "reversi:8");
    read_game("(;SZ[9:13])", "no square board");
    read_game("(;SZ[25])", "size of go is 2 to 19");
    read_game("(;SZ[nine])", "no square board");
    read_game("(;KM[seven])", "KM[seven] is no komi");
    read_game("(;KM[1e300])", "no komi");
    read_game("(;KM[nan])", "no komi");
    read_game("(;KM[6.3])", "no komi");
}

Test(sgf_header, games_round_trip)
{
    static const char *const specs[] = {"go:9",
                                        "go:19,komi=-3.5,rules=japanese",
                                        "go:13,rules=aga,suicide=yes,cap=200",
                                        "go:9,komi=0.5,rules=chinese,handicap=4",
                                        "gomoku:15,rules=renju",
                                        "gomoku:7,line=4,opening=swap2",
                                        "gomoku:3,line=3"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game, read;
        union any_position start, replayed;
        char spec[GAME_SPEC_MAX];
        cr_assert(game_parse(&game, specs[i], NULL));
        struct sgf *sgf = sgf_new();
        struct sgf_node *root = sgf_add(sgf->top);
        sgf_write_game(root, &game);
        cr_assert(sgf_read_game(root, NULL, &read, NULL) && sgf_replay(root, &read, &replayed.p, NULL, NULL));
        game_init(&game, &start.p);
        cr_assert(replayed.p.hash == start.p.hash, "%s: another start", specs[i]);
        if (!strstr(specs[i], "handicap"))
            cr_assert_str_eq(game_format(&read, spec), specs[i]);
        else
            cr_assert_eq(go_handicap_stones(&replayed.p), 4);
        sgf_free(sgf);
    }
}

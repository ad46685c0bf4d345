/* Game specs: which are accepted, errors for the others, and the canonical form. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "games/game.h"
#include "tests/games/common.h"

/* ---- specs ---- */

static void expect_refused(const char *spec, const char *word)
{
    struct game game;
    GError *error = NULL;
    memset(&game, 0x55, sizeof game);
    cr_assert(!game_parse(&game, spec, &error), "\"%s\" was accepted", spec);
    cr_assert(error && error->domain == GAME_ERROR && error->code == GAME_ERROR_SPEC);
    cr_expect(strstr(error->message, word), "\"%s\": %s", spec, error->message);
    cr_expect(!strchr(error->message, '\n'), "more than a line: %s", error->message);
    for (size_t i = 0; i < sizeof game; i++)
        cr_assert_eq(((unsigned char *)&game)[i], 0, "the game is not zeroed");
    g_error_free(error);
    cr_expect(!game_parse(&game, spec, NULL)); /* the error may be NULL */
}

Test(spec, options_are_read)
{
    struct game game = parse("go:9");
    cr_expect_eq(game.width, 9);
    cr_expect_eq(game.points, 81);
    cr_expect_eq(game.moves, 82);
    cr_expect_eq(game_option_value(&game, "komi", -1), 14);
    game = parse("go:19,komi=-0.5,rules=japanese");
    cr_expect_eq(game_option_value(&game, "komi", 0), -1);
    cr_expect_eq(game_option_value(&game, "rules", -1), 3);
    cr_expect_eq(game_option_value(&game, "line", 77), 77);
    game = parse("gomoku:3,line=3");
    cr_expect_eq(game_option_value(&game, "line", 0), 3);
    cr_expect_eq(game.points, 9);
}

Test(spec, errors_say_what_is_accepted)
{
    expect_refused("", "go:9");
    expect_refused("chess:8", "gomoku:SIZE");
    expect_refused("go", "go:SIZE");
    expect_refused("go9", "go:9");
    expect_refused("go:", "2 to 19");
    expect_refused("go:9x", "2 to 19");
    expect_refused("go:20", "2 to 19");
    expect_refused("go:-9", "2 to 19");
    expect_refused("go: 9", "2 to 19");
    expect_refused("go:99999999999999999999", "2 to 19");
    expect_refused("gomoku:2", "3 to 20");
    expect_refused("go:9,komi=7.25", "halves");
    expect_refused("go:9,komi=nan", "halves");
    expect_refused("go:9,komi=1e300", "halves");
    expect_refused("go:9,komi=", "halves");
    expect_refused("go:9,komi", "halves");
    expect_refused("go:9,rules=ing", "tromp-taylor|chinese|aga|japanese");
    expect_refused("go:9,handicap=2.5", "0 to 9");
    expect_refused("go:9,colour=red", "komi");
    expect_refused("go:9,=7", "komi");
    expect_refused("go:9,", "komi");
    expect_refused("go:9,komi=7,komi=8", "komi is given twice");
    expect_refused("go:9,komi=7,rules=aga,rules=aga", "rules is given twice");
    expect_refused("go:9,passstones=no,cap=9,passstones=no", "passstones is given twice");
    expect_refused("gomoku:3", "line");
    char *long_spec = g_strnfill(5000, '9');
    expect_refused(long_spec, "fewer than 160");
    g_free(long_spec);
}

Test(spec, random_text_is_refused)
{
    static const char letters[] = "go:9,komi=7.5rules-japnesuicdyh13\xff\t ";
    struct rng rng;
    int accepted = 0;
    rng_seed(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        char spec[40];
        struct game game;
        int length = snprintf(spec, sizeof spec, "%s", i % 3 ? "go:9,rules=aga,komi=7" : "gomoku:15,rules=renju");
        for (int k = 0; k < 1 + i % 4; k++)
            spec[rng_below(&rng, (uint32_t)length)] =
                letters[rng_below(&rng, sizeof letters)]; /* the terminating 0, too */
        if (!game_parse(&game, spec, NULL))
            continue;
        accepted++;
        char text[GAME_SPEC_MAX];
        struct game again = parse(game_format(&game, text));
        cr_assert(game_equal(&game, &again), "%s", text);
    }
    cr_expect(accepted > 100, "only %d were accepted", accepted);
}

Test(spec, the_canonical_spec_leaves_presets_out)
{
    static const char *const pairs[][2] = {{"go:9", "go:9"},
                                           {"go:9,komi=7", "go:9"},
                                           {"go:9,komi=7.0", "go:9"},
                                           {"go:9,rules=aga,komi=6.5", "go:9,komi=6.5,rules=aga"},
                                           {"go:13,suicide=1", "go:13,suicide=yes"},
                                           {"gomoku:15,line=5,rules=freestyle", "gomoku:15"}};
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        char text[GAME_SPEC_MAX];
        struct game game;
        if (strstr(pairs[i][0], "suicide=1")) { /* a choice of three values is not a yes/no option */
            expect_refused(pairs[i][0], "rule|no|yes");
            continue;
        }
        game = parse(pairs[i][0]);
        cr_expect_str_eq(game_format(&game, text), pairs[i][1]);
    }
    struct game a = parse("go:9"), b = parse("go:9,komi=7"), c = parse("go:9,komi=6"), d = parse("go:8");
    cr_expect(game_equal(&a, &b) && !game_equal(&a, &c) && !game_equal(&a, &d));
}

Test(spec, the_longest_spec_fits)
{
    const char *spec = "go:19,komi=-999.5,rules=japanese,suicide=yes,ko=situational,scoring=territory,handicap=9,"
                       "bonus=none,cap=19999,passes=3,last=white,passstones=yes";
    char text[GAME_SPEC_MAX];
    struct game game = parse(spec);
    cr_expect_str_eq(game_format(&game, text), spec);
}

Test(spec, every_game_is_described)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    game_describe_all(out);
    fclose(out);
    for (int i = 0; game_table[i]; i++) {
        cr_expect(strstr(text, game_table[i]->name) && strstr(text, game_table[i]->summary));
        for (int k = 0; game_table[i]->options[k].name; k++)
            cr_expect(strstr(text, game_table[i]->options[k].name) && strstr(text, game_table[i]->options[k].help));
    }
    free(text);
}

/* Choices are not case-sensitive; the canonical spec writes them as the table does. */
Test(spec, choices_in_any_case)
{
    struct game game;
    char spec[GAME_SPEC_MAX];
    GError *error = NULL;
    cr_assert(game_parse(&game, "go:9,rules=Chinese,KO=simple", &error) == false);
    cr_assert(strstr(error->message, "there is no option \"KO\"; "), "%s", error->message);
    g_clear_error(&error);
    cr_assert(game_parse(&game, "go:9,rules=Chinese", NULL));
    cr_assert_str_eq(game_format(&game, spec), "go:9,rules=chinese");
    cr_assert(!game_parse(&game, "go:9,handicpa=2", &error));
    cr_assert(strstr(error->message, "did you mean \"handicap\"?"), "%s", error->message);
    g_clear_error(&error);
}

/* ---- sizes ---- */

static void shape(const char *spec, int width, int height, int moves)
{
    struct game game = parse(spec);
    char text[GAME_SPEC_MAX];
    cr_expect(game.width == width && game.height == height && game.points == width * height && game.moves == moves,
              "%s", spec);
    cr_expect_str_eq(game_format(&game, text), spec);
}

Test(spec, sizes)
{
    shape("go:2", 2, 2, 5);
    shape("go:19", 19, 19, 362);
    shape("gomoku:20", 20, 20, 403);
    shape("connect4:4x7", 4, 7, 28);
    shape("connect4:8x7", 8, 7, 56);
    expect_refused("go:1", "the size of go is 2 to 19, not \"1\"; for example go:9");
    expect_refused("go:9x9", "not \"9x9\"; for example go:9");
    expect_refused("connect4:3x6", "4 to 8, or two of these, WIDTHxHEIGHT, not \"3x6\"; for example connect4:7x6");
    expect_refused("connect4:7x-6", "not \"7x-6\"");
    expect_refused("connect4:7x6,", "there is no option \"\"");
    expect_refused("gomoku:+9", "not \"+9\"");
    struct game square = parse("connect4:6"), wide = parse("connect4:7x6");
    cr_expect(square.symmetries == 2 && wide.symmetries == 2);
    cr_expect(square.pass == GAME_NO_MOVE && parse("reversi:6").pass == 36 && parse("go:9").pass == 81);
}

/* A spec has fewer than 160 characters. */
Test(spec, the_maximum_length_of_a_spec)
{
    for (int length = 158; length <= 161; length++) {
        struct game game;
        GError *error = NULL;
        GString *spec = g_string_new("go:9,komi=7.");
        while ((int)spec->len < length)
            g_string_append_c(spec, '0');
        cr_expect_eq(game_parse(&game, spec->str, &error), length < 160, "%d characters", length);
        cr_expect(length < 160 || strstr(error->message, "fewer than 160"));
        g_clear_error(&error);
        g_string_free(spec, TRUE);
    }
}

/* ---- games derived from others ---- */

static void expect_spec(const struct game *game, const char *wanted)
{
    char text[GAME_SPEC_MAX];
    struct game read = parse(wanted);
    cr_expect_str_eq(game_format(game, text), wanted);
    cr_expect(game_equal(game, &read) && game->max_plies == read.max_plies && game->moves == read.moves);
    cr_expect(memcmp(game->derived, read.derived, sizeof read.derived) == 0 && game->symmetry_points == read.symmetry_points);
}

Test(spec, options_and_sizes_are_changed)
{
    struct game from = parse("go:9,komi=5.5,rules=aga,handicap=4"), game;
    GError *error = NULL;
    char text[GAME_SPEC_MAX];
    cr_assert(game_vary(&game, &from, "komi=6,ko=simple", NULL));
    expect_spec(&game, "go:9,komi=6,rules=aga,ko=simple,handicap=4");
    cr_assert(game_vary(&game, &game, "handicap=0", NULL));
    expect_spec(&game, "go:9,komi=6,rules=aga,ko=simple");
    cr_assert(game_resize(&game, &from, 13, 13, NULL));
    expect_spec(&game, "go:13,komi=5.5,rules=aga");
    cr_assert(!game_vary(&game, &game, "komi=x", &error));
    cr_expect(g_str_has_prefix(error->message, "game \"go:13,komi=x\": komi takes"), "%s", error->message);
    g_clear_error(&error);
    expect_spec(&game, "go:13,komi=5.5,rules=aga");
    cr_assert(!game_resize(&game, &game, 13, 9, &error));
    cr_expect(g_str_has_prefix(error->message, "game \"go:13x9\": the size of go"), "%s", error->message);
    g_clear_error(&error);
    cr_assert(!game_resize(&game, &game, 20, 20, NULL) && !game_resize(&game, &game, 1, 1, NULL));
    cr_assert(game_vary_board(&game, &from, "19", "handicap=9,komi=0", NULL)); /* nine stones need the larger board */
    expect_spec(&game, "go:19,komi=0,rules=aga,handicap=9");
    cr_assert(game_vary_board(&game, &from, "13", "", NULL)); /* handicap belongs to a board */
    expect_spec(&game, "go:13,komi=5.5,rules=aga");
    cr_assert(!game_vary_board(&game, &game, "13", "komi=x", NULL) && !game_vary_board(&game, &game, "x", "", NULL));
    expect_spec(&game, "go:13,komi=5.5,rules=aga");
    game = parse("gomoku:15");
    cr_assert(!game_resize(&game, &game, 3, 3, NULL));
    cr_assert(game_vary_board(&game, &game, "3", "line=3", NULL));
    expect_spec(&game, "gomoku:3,line=3");
    game = parse("connect4:7x6");
    cr_assert(game_resize(&game, &game, 5, 7, NULL));
    cr_expect_str_eq(game_format(&game, text), "connect4:5x7");
    cr_expect(!game_vary(&game, &game, "komi=7", NULL));
}

Test(spec, equality_is_of_game_shape_and_options)
{
    struct game wide = parse("connect4:7x6"), high = parse("connect4:6x7"), other = parse("connect4:7x7");
    struct game six = parse("reversi:6"), gomoku = parse("gomoku:6");
    cr_expect(game_equal(&wide, &wide) && !game_equal(&wide, &high) && !game_equal(&wide, &other));
    cr_expect(!game_equal(&high, &other) && !game_equal(&six, &gomoku));
}

/* Komi is clamped to its range at both ends. */
Test(spec, komi_is_clamped)
{
    struct game game = parse("go:9");
    static const int halves[][2] = {{-2000, -2000}, {-2001, -2000}, {2000, 2000}, {2001, 2000}, {0, 0}, {-1, -1}};
    for (size_t i = 0; i < G_N_ELEMENTS(halves); i++) {
        game_set_komi(&game, halves[i][0]);
        cr_expect(game_komi(&game) == halves[i][1] && game.has_draws == (halves[i][1] % 2 == 0));
    }
}

/* ---- help ---- */

static void has_line(const char *text, const char *start)
{
    char *line = g_strdup_printf("\n%s", start);
    cr_expect(strstr(text, line), "no line begins with \"%s\" in\n%s", start, text);
    g_free(line);
}

Test(spec, help_has_ranges_and_presets)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    fputc('\n', out);
    game_describe_all(out);
    fclose(out);
    has_line(text, "  go:SIZE  ");
    has_line(text, "    komi=-1000 to 1000 in halves (7)  ");
    has_line(text, "    rules=tromp-taylor|chinese|aga|japanese (tromp-taylor)  ");
    has_line(text, "    passes=2 to 4 (2)  ");
    has_line(text, "    line=3 to 20 (5)  ");
    has_line(text, "    opening=free|pro|longpro|swap|swap2 (free)  ");
    cr_expect(strstr(text, "SIZE 2 to 19\n") && strstr(text, "SIZE 3 to 20\n"));
    cr_expect(strstr(text, "SIZE 4 to 8\n") && strstr(text, "SIZE 4 to 8, or WIDTHxHEIGHT\n"));
    free(text);
}

/* The scope of a net's games: shares, ranges, text, and what lies outside. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/scope.h"
#include "tests/games/common.h"

static void add(struct game_scope *scope, const char *spec, int64_t games)
{
    struct game game = parse(spec);
    game_scope_add(scope, &game, games);
}

/* outside: NULL if the game lies within. */
static void expect(const struct game_scope *scope, const char *spec, const char *outside)
{
    struct game game = parse(spec);
    char *found = game_scope_outside(scope, &game);
    cr_expect(g_strcmp0(found, outside) == 0, "%s: %s", spec, found);
    g_free(found);
}

Test(scope, of_one_game)
{
    static const char within[] = "size 9 (100 %); komi 7; rules tromp-taylor (100 %); handicap 0";
    struct game_scope *scope = game_scope_new();
    expect(scope, "go:19", NULL); /* nothing is known */
    add(scope, "go:9", 1000);
    expect(scope, "go:9,cap=100,passes=3", NULL); /* formal */
    const struct {
        const char *spec, *outside;
    } cases[] = {{"go:13", "size 13"},
                 {"go:9,komi=7.5", "komi=7.5"},
                 {"go:19,rules=japanese,komi=6.5", "size 19 and komi=6.5 and rules=japanese"},
                 {"go:9,handicap=2", "handicap=2"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *outside = g_strdup_printf("%s (its games: %s)", cases[i].outside, within);
        expect(scope, cases[i].spec, outside);
        g_free(outside);
    }
    expect(scope, "go:9,suicide=no",
           "suicide=no (its games: size 9 (100 %); komi 7; rules tromp-taylor (100 %); suicide rule (100 %); handicap 0)");
    game_scope_free(scope);
}

/* Of 1,000 games: half a percent makes a choice known, and a percent at either end of a range does not count. */
Test(scope, thresholds)
{
    struct game_scope *scope = game_scope_new();
    add(scope, "go:9,komi=-20", 9);
    add(scope, "go:9,komi=5.5", 100);
    add(scope, "go:9", 777);
    add(scope, "go:9,komi=9,rules=japanese", 4);
    add(scope, "go:13,komi=9,rules=chinese", 5);
    add(scope, "go:9,komi=9", 94);
    add(scope, "go:9,komi=30", 11);
    static const char within[] = "size 9 (100 %), 13 (under 1 %); komi 5.5 to 30; rules tromp-taylor (99 %), chinese (under 1 %); handicap 0";
    static const char *const inside[] = {"go:9", "go:13,rules=chinese", "go:9,komi=5.5", "go:9,komi=8", "go:9,komi=30"};
    for (size_t i = 0; i < G_N_ELEMENTS(inside); i++)
        expect(scope, inside[i], NULL);
    static const char *const outside[][2] = {
        {"go:9,rules=japanese", "rules=japanese"}, {"go:9,komi=5", "komi=5"}, {"go:9,komi=30.5", "komi=30.5"}};
    for (size_t i = 0; i < G_N_ELEMENTS(outside); i++) {
        char *text = g_strdup_printf("%s (its games: %s)", outside[i][1], within);
        expect(scope, outside[i][0], text);
        g_free(text);
    }
    game_scope_free(scope);
}

Test(scope, written_and_read)
{
    struct game_scope *scope = game_scope_new(), *copy = game_scope_new();
    add(scope, "gomoku:15,rules=renju", 3);
    add(scope, "gomoku:20", 4);
    char *text = game_scope_write(scope);
    cr_expect_str_eq(text, "7 rules:renju=3 size:15=3 size:20=4");
    cr_expect(game_scope_read(copy, text));
    cr_expect(game_scope_read(copy, text));
    cr_expect_eq(game_scope_games(copy), 14);
    char *twice = game_scope_write(copy);
    cr_expect_str_eq(twice, "14 rules:renju=6 size:15=6 size:20=8");
    expect(copy, "gomoku:15,rules=renju", NULL);
    expect(copy, "gomoku:15,rules=caro",
           "rules=caro (its games: size 20 (57 %), 15 (43 %); rules freestyle (57 %), renju (43 %); opening free (100 %))");
    g_free(text);
    g_free(twice);
    game_scope_free(copy);
    game_scope_free(scope);
}

Test(scope, texts_that_are_none)
{
    static const char *const texts[] = {"", "x", "-1", "7 size:9", "7 size=9", "7 size:9=", "7 size:9=8", "7 :9=7",
                                        "7 size:=7", "7 size:9=3 size:9=4", "7 size:\033[2J=7", "7 komi:6,5=7", "7 size:9=-1", "7  size:9=7", "99999999999999999999 size:9=7"};
    struct game_scope *scope = game_scope_new();
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        cr_expect_not(game_scope_read(scope, texts[i]), "\"%s\"", texts[i]);
    cr_expect_eq(game_scope_games(scope), 0);
    char *text = game_scope_write(scope);
    cr_expect_str_eq(text, "0");
    g_free(text);
    game_scope_free(scope);
}

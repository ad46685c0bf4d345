/* The games that a run's settings describe: sizes and rule sets with shares, input features, contradictions. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/settings/settings.h"
#include "games/game.h"

static struct settings settings;
static struct game games[SETTINGS_MAX_GAMES];

static void prepare(const char *spec)
{
    struct game game;
    cr_assert(game_parse(&game, spec, NULL));
    settings_presets(&settings, &game);
}

static void set(const char *name, const char *value)
{
    GError *error = NULL;
    cr_assert(settings_set(&settings, name, value, &error), "%s", error ? error->message : "");
}

static int count_games(void)
{
    GError *error = NULL;
    int count = settings_games(&settings, games, &error);
    cr_assert(count > 0, "%s", error->message);
    return count;
}

static void expect_refused(const char *message)
{
    GError *error = NULL;
    cr_expect_eq(settings_games(&settings, games, &error), 0);
    cr_assert_not_null(error, "accepted, instead of: %s", message);
    cr_expect_str_eq(error->message, message);
    g_clear_error(&error);
}

/* 172 = 2 * 81 + 10 plies and 9 sampled ones on 9x9 are 732 = 2 * 361 + 10 and 19 on 19x19; the horizon of 2 + 81 / 16 is
 * 2 + 361 / 16. Half of the preset stays half. */
Test(settings_games, lengths_grow_with_the_board)
{
    struct game large, small;
    prepare("go:9");
    cr_assert(game_parse(&large, "go:19", NULL) && game_parse(&small, "go:5", NULL));
    struct settings_lengths lengths = settings_lengths(&settings, &large);
    cr_expect(lengths.max_plies == 732 && lengths.sample_plies == 19);
    cr_expect_float_eq(settings_horizon(&settings, (struct game_shape){19, 19}), 24.5625, 1e-9);
    lengths = settings_lengths(&settings, &small);
    cr_expect(lengths.max_plies == 172 && lengths.sample_plies == 9);
    cr_expect_float_eq(settings_horizon(&settings, (struct game_shape){5, 5}), 7.0625, 1e-9);
    settings.max_plies = 86;
    settings.sample_plies = 0;
    settings.horizon /= 2;
    lengths = settings_lengths(&settings, &large);
    cr_expect(lengths.max_plies == 366 && lengths.sample_plies == 0);
    cr_expect_float_eq(settings_horizon(&settings, (struct game_shape){19, 19}), 12.28125, 1e-9);
    prepare("gomoku:9"); /* a game that ends when the board is full */
    cr_assert(game_parse(&large, "gomoku:15", NULL));
    cr_expect_eq(settings_lengths(&settings, &large).max_plies, 225);
}

Test(settings_games, shares_of_sizes)
{
    double shares[SETTINGS_MAX_GAMES];
    prepare("go:9");
    set("sizes", "7, 9:2 ,13:1");
    cr_assert_eq(count_games(), 3);
    cr_expect(games[0].width == 7 && games[1].width == 9 && games[2].width == 13);
    settings_game_shares(&settings, games, 3, shares);
    cr_expect(shares[0] == 0.25 && shares[1] == 0.5 && shares[2] == 0.25);
    set("sizes", "7,13,9");
    settings.largest_share = 0.5;
    count_games();
    settings_game_shares(&settings, games, 3, shares);
    cr_expect(shares[0] == 0.25 && shares[1] == 0.5 && shares[2] == 0.25);
    set("sizes", "");
    cr_assert_eq(count_games(), 1);
    settings_game_shares(&settings, games, 1, shares);
    cr_expect_eq(shares[0], 1);
}

Test(settings_games, shares_of_rules)
{
    struct game variants[SETTINGS_MAX_RULES];
    double shares[SETTINGS_MAX_RULES];
    char spec[GAME_SPEC_MAX];
    prepare("go:9");
    set("rules", "aga,japanese:3");
    cr_assert_eq(count_games(), 1);
    cr_assert_eq(settings_rules(&settings, &games[0], variants, shares), 2);
    cr_expect(shares[0] == 0.25 && shares[1] == 0.75);
    cr_expect_str_eq(game_format(&variants[0], spec), "go:9,rules=aga");
    cr_expect_str_eq(game_format(&variants[1], spec), "go:9,rules=japanese,cleanup=yes");
    settings.cleanup = 0;
    settings_rules(&settings, &games[0], variants, shares);
    cr_expect_str_eq(game_format(&variants[1], spec), "go:9,rules=japanese");
    prepare("gomoku:9");
    set("rules", "renju");
    count_games();
    cr_assert_eq(settings_rules(&settings, &games[0], variants, shares), 1);
    cr_expect_str_eq(game_format(&variants[0], spec), "gomoku:9,rules=renju");
    set("rules", "freestyle:3,standard+opening=swap2+line=6");
    count_games();
    cr_assert_eq(settings_rules(&settings, &games[0], variants, shares), 2);
    cr_expect_str_eq(game_format(&variants[1], spec), "gomoku:9,line=6,rules=standard,opening=swap2");
    cr_expect(shares[0] == 0.75 && shares[1] == 0.25);
    set("rules", "");
    cr_assert_eq(settings_rules(&settings, &games[0], variants, shares), 1);
    cr_expect(game_equal(&variants[0], &games[0]) && shares[0] == 1);
}

Test(settings_games, bad_shares)
{
    prepare("go:9");
    set("sizes", "7:0");
    expect_refused("sizes: \"7:0\" is not a valid share; write NAME:SHARE with a positive number");
    set("sizes", "7:1x");
    expect_refused("sizes: \"7:1x\" is not a valid share; write NAME:SHARE with a positive number");
    set("sizes", "7:-1");
    expect_refused("sizes: \"7:-1\" is not a valid share; write NAME:SHARE with a positive number");
    set("sizes", "7:");
    expect_refused("sizes: \"7:\" is not a valid share; write NAME:SHARE with a positive number");
    set("sizes", "7,9,7");
    expect_refused("sizes: 7 is given twice; leave one out");
    set("sizes", "2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20");
    expect_refused("sizes=2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20 has too many entries; at most 18");
    set("sizes", "7:1,9:2");
    settings.largest_share = 0.5;
    expect_refused("sizes=7:1,9:2 gives shares, and so does largest_share=0.5; set largest_share=0, or leave out the "
                   "shares");
}

Test(settings_games, contradictions)
{
    prepare("go:9");
    set("rules", "chinese,baduk");
    GError *error = NULL;
    cr_expect_eq(settings_games(&settings, games, &error), 0);
    cr_assert(error && g_str_has_prefix(error->message, "rules=chinese,baduk: "), "%s", error->message);
    cr_expect(strstr(error->message, "japanese"), "%s lists what there is", error->message);
    g_clear_error(&error);
    set("rules", "");
    settings.komi_fair_share = 0.95;
    expect_refused("komi_fair_share=0.95 and komi_wide_share=0.06 exceed 1; reduce one of them");
    prepare("gomoku:9");
    settings.handicap_share = 0.05;
    expect_refused("handicap_share=0.05: gomoku has no handicap; set it to 0");
    settings.handicap_share = 0;
    settings.komi_fair_share = 0.1;
    expect_refused("komi_fair_share=0.1: gomoku has no komi; set it to 0");
}

/* New runs use the newest features; runs from before the setting the first. */
Test(settings_games, features)
{
    struct game game;
    GError *error = NULL;
    cr_assert(game_parse(&game, "go:9", NULL));
    settings_presets(&settings, &game);
    cr_expect(settings_features(&settings, &game, NULL) == game_features_newest(&game));
    set("features", settings_before("features"));
    cr_expect_str_eq(settings_features(&settings, &game, NULL)->name, "go-v1");
    set("features", "go-v9");
    cr_expect_null(settings_features(&settings, &game, &error));
    cr_assert_not_null(error);
    cr_expect_str_eq(error->message, "features=go-v9: go has go-v2, go-v1");
    g_clear_error(&error);
}

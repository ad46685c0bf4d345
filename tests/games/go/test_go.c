/* Go: options and rule sets, known counts, refusals, superko, hashes. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/go/go.h"
#include "tests/games/common.h"

/* ---- options ---- */

Test(go, rule_sets_are_presets_that_options_override)
{
    struct game game = parse("go:9");
    struct go_rules rules = go_rules(&game);
    cr_expect(rules.suicide && rules.ko == GO_KO_POSITIONAL && rules.scoring == GO_AREA);
    cr_expect(rules.bonus == GO_BONUS_NONE && !rules.white_last && !rules.pass_stones && rules.passes == 2);
    cr_expect_eq(game_option_value(&game, "komi", 0), 14);
    game = parse("go:9,rules=chinese");
    rules = go_rules(&game);
    cr_expect(!rules.suicide && rules.ko == GO_KO_POSITIONAL && rules.bonus == GO_BONUS_N);
    game = parse("go:9,rules=aga");
    rules = go_rules(&game);
    cr_expect(!rules.suicide && rules.ko == GO_KO_SITUATIONAL && rules.bonus == GO_BONUS_N_LESS_ONE);
    cr_expect(rules.white_last && rules.pass_stones);
    game = parse("go:9,rules=japanese");
    rules = go_rules(&game);
    cr_expect(!rules.suicide && rules.ko == GO_KO_SIMPLE && rules.scoring == GO_TERRITORY);
    game = parse("go:9,suicide=yes,ko=situational,rules=japanese,scoring=area,bonus=n,last=white");
    rules = go_rules(&game);
    cr_expect(rules.suicide && rules.ko == GO_KO_SITUATIONAL && rules.scoring == GO_AREA);
    cr_expect(rules.bonus == GO_BONUS_N && rules.white_last);
}

Test(go, draws_only_with_whole_komi)
{
    struct game whole = parse("go:5,komi=-3"), half = parse("go:5,komi=2.5");
    cr_expect(whole.has_draws && !half.has_draws);
    struct game game = parse("go:3,komi=9");
    union any_position position;
    draw(&game, &position, "... .X. ...", GAME_BLACK);
    struct game_result result = game_result(&game, &position.p);
    cr_expect_eq(result.outcome, GAME_DRAWN);
    cr_expect(!result.over && result.margin == 0.0f);
}

Test(go, komi_that_is_even_by_size)
{
    static const int points[] = {
        [2] = 1, [3] = 9, [4] = 2, [5] = 25, [6] = 4, [7] = 9, [8] = 7, [9] = 7, [13] = 7, [19] = 7};
    for (int size = 2; size < (int)G_N_ELEMENTS(points); size++) {
        char spec[16];
        struct game game;
        int halves;
        g_snprintf(spec, sizeof spec, "go:%d", size);
        cr_assert(game_parse(&game, spec, NULL));
        cr_assert(game.ops->komi->even(&game, &halves));
        if (points[size])
            cr_expect_eq(halves, 2 * points[size], "%s: %d half points", spec, halves);
        cr_expect_eq(game.ops->komi->stdev_factor(&game), size <= 7 ? 2 : 1);
    }
    struct game handicap;
    int halves;
    cr_assert(game_parse(&handicap, "go:9,handicap=2", NULL));
    cr_assert_not(handicap.ops->komi->even(&handicap, &halves), "nobody knows");
}

Test(go, komi_is_set)
{
    struct game game, want;
    cr_assert(game_parse(&game, "go:9,rules=chinese", NULL) && game_parse(&want, "go:9,rules=chinese,komi=-6.5", NULL));
    cr_expect_eq(game_komi(&game), 14);
    game_set_komi(&game, -13);
    cr_expect(game_equal(&game, &want) && memcmp(game.derived, want.derived, sizeof game.derived) == 0);
    cr_expect(!game.has_draws, "what depends on komi follows");
    game_set_komi(&game, 999999);
    cr_expect_eq(game_komi(&game), 2000);
    cr_assert(game_parse(&game, "gomoku:9", NULL));
    cr_expect(game.ops->komi == NULL && game_komi(&game) == 0);
}

/* The komi and handicap that a dialogue sets once a handicap is chosen. */
Test(go, a_chosen_handicap_sets_komi)
{
    static const struct {
        const char *spec;
        int chosen, handicap, komi;
    } cases[] = {
        {"go:9", 1, 2, 1},
        {"go:9", 4, 4, 1},
        {"go:9,handicap=2,komi=0.5", 1, 0, 14},
        {"go:9,handicap=2,komi=0.5", 0, 0, 14},
        {"go:9,handicap=2,komi=3", 3, 3, 6},
        {"go:9,komi=3", 0, 0, 6},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game = parse(cases[i].spec);
        const struct game_option *option = game.ops->options;
        int index = 0;
        while (strcmp(option[index].name, "handicap") != 0)
            index++;
        int before = game.option[index];
        game.option[index] = cases[i].chosen;
        option[index].chosen(game.option, before);
        cr_expect(game.option[index] == cases[i].handicap && game_komi(&game) == cases[i].komi,
                  "%s, %d chosen: handicap %d, %d halves", cases[i].spec, cases[i].chosen, game.option[index],
                  game_komi(&game));
    }
}

/* Maximum lengths of games, by the rules and in self-play. */
Test(go, lengths)
{
    static const struct {
        const char *spec;
        int max, learning;
    } cases[] = {{"go:9", 344, 172}, {"go:9,cap=30", 30, 172}, {"go:2", 36, 18}, {"go:19", 1464, 732}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game = parse(cases[i].spec);
        cr_expect(game.max_plies == cases[i].max && game.learning_plies == cases[i].learning, "%s: %d, %d",
                  cases[i].spec, game.max_plies, game.learning_plies);
    }
}

Test(go, errors_say_what_is_accepted)
{
    static const char *const specs[] = {"go:1",
                                        "go:20",
                                        "go:9,komi=0.3",
                                        "go:9,komi=1001",
                                        "go:9,ko=super",
                                        "go:9,handicap=1",
                                        "go:8,handicap=5",
                                        "go:5,handicap=2",
                                        "go:9,passes=1",
                                        "go:9,cap=-1",
                                        "go:9,rules=chinesisch",
                                        "go:9,,",
                                        "go:9,komi",
                                        "go:"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game;
        GError *error = NULL;
        cr_assert(!game_parse(&game, specs[i], &error), "%s was accepted", specs[i]);
        cr_assert(error && strlen(error->message) > 20, "%s", specs[i]);
        cr_expect(game.ops == NULL);
        g_error_free(error);
    }
}

Test(go, a_small_board_takes_little_memory)
{
    struct game small = parse("go:9"), large = parse("go:19");
    cr_expect_leq(small.position_bytes, 1024u);
    cr_expect_leq(large.position_bytes, 3500u);
}

/* ---- known counts (the 4x4 one is acceptance/go_legal_counts) ---- */

static int count_legal(const struct game *game, int arrangements)
{
    int count = 0;
    for (int code = 0; code < arrangements; code++) {
        char drawing[GAME_MAX_POINTS + 1] = {0};
        union any_position position;
        for (int p = 0, rest = code; p < game->points; p++, rest /= 3)
            drawing[p] = ".XO"[rest % 3];
        if (!game_set_up_drawing(game, &position.p, drawing, GAME_BLACK, NULL))
            continue;
        count++;
        cr_assert(!game->ops->check(game, &position.p));
    }
    return count;
}

Test(go, legal_positions_of_2x2_and_3x3)
{
    struct game two = parse("go:2"), three = parse("go:3");
    cr_assert_eq(count_legal(&two, 81), 57);
    cr_assert_eq(count_legal(&three, 19683), 12675);
}

/* ---- refusals ---- */

Test(go, refusals_name_the_rule)
{
    struct game game = parse("go:5,ko=positional,suicide=no");
    union any_position position;
    struct history history;
    history_init(&history, 0);
    draw(&game, &position, ". . . O .\n. X O . O\nX O . O .\n. X O . .\n. . . . .", GAME_BLACK);
    play(&game, &position, &history, "C3");
    const struct game_ops *ops = game.ops;
    cr_expect(g_str_has_prefix(ops->refusal(&game, &position.p, &history, at(&game, "B3")), "Ko: "));
    cr_expect_null(ops->refusal(&game, &position.p, &history, at(&game, "pass")));
    play(&game, &position, &history, "pass");
    cr_expect(g_str_has_prefix(ops->refusal(&game, &position.p, &history, at(&game, "E5")), "Suicide: "));
    play(&game, &position, &history, "A1");
    cr_expect(g_str_has_prefix(ops->refusal(&game, &position.p, &history, at(&game, "B3")), "Superko: "));
    history_clear(&history);
}

/* ---- superko depends on the history passed in, and on nothing else ---- */

Test(go, no_history_means_no_superko)
{
    struct game game = parse("go:5,ko=positional");
    union any_position position;
    struct history history;
    history_init(&history, 0);
    draw(&game, &position, ". . . . .\n. . . . .\n. . . . .\nO O X . .\n. X . X .", GAME_BLACK);
    game_play(&game, &position.p, &history, at(&game, "A1"));
    game_play(&game, &position.p, &history, at(&game, "C1"));
    cr_expect(!game.ops->legal(&game, &position.p, &history, at(&game, "B1")));
    cr_expect(game.ops->legal(&game, &position.p, NULL, at(&game, "B1")));
    history_truncate(&history, 0);
    cr_expect(game.ops->legal(&game, &position.p, &history, at(&game, "B1")));
    history_clear(&history);
}

/* After a playout is undone, superko forbids at the root what it forbade before. */
Test(go, superko_holds_after_every_truncation)
{
    struct game game = parse("go:5,ko=positional");
    union any_position root, below;
    struct history history;
    history_init(&history, 0);
    draw(&game, &root, ". . . . .\n. . . . .\n. . . . .\nO O X . .\n. X . X .", GAME_BLACK);
    game_play(&game, &root.p, &history, at(&game, "A1"));
    game_play(&game, &root.p, &history, at(&game, "C1"));
    int count = history.count;
    for (int playout = 0; playout < 400; playout++) {
        game_copy(&game, &below.p, &root.p);
        for (int i = 0; i < 4; i++)
            game_play(&game, &below.p, &history, at(&game, (const char *[]){"A5", "B5", "C5", "D5"}[i]));
        history_truncate(&history, count);
        cr_assert(!game.ops->legal(&game, &root.p, &history, at(&game, "B1")), "playout %d", playout);
    }
    history_clear(&history);
}

Test(go, ko_and_passes_are_in_the_hash)
{
    struct game game = parse("go:5,ko=simple");
    union any_position a, b;
    draw(&game, &a, ". . . . .\n. X O . .\nX O . O .\n. X O . .\n. . . . .", GAME_BLACK);
    game_play(&game, &a.p, NULL, at(&game, "C3"));
    draw(&game, &b, ". . . . .\n. X O . .\nX . X O .\n. X O . .\n. . . . .", GAME_WHITE);
    cr_expect_eq(a.p.stones_hash, b.p.stones_hash);
    cr_expect_neq(a.p.hash, b.p.hash, "the ko is not in the hash");
    game_play(&game, &a.p, NULL, game.points);
    draw(&game, &b, ". . . . .\n. X O . .\nX . X O .\n. X O . .\n. . . . .", GAME_BLACK);
    cr_expect_neq(a.p.hash, b.p.hash, "the pass is not in the hash");
    game_play(&game, &a.p, NULL, at(&game, "E5"));
    draw(&game, &b, ". . . . X\n. X O . .\nX . X O .\n. X O . .\n. . . . .", GAME_WHITE);
    cr_expect_eq(a.p.hash, b.p.hash, "the same position has two hashes");
}

/* What all games share: specs, symmetries, random numbers, histories, moves as text. */
#include "games/game.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* ---- specs ---- */

static struct game parse(const char *spec)
{
    struct game game;
    GError *error = NULL;
    cr_assert(game_parse(&game, spec, &error), "%s: %s", spec, error ? error->message : "");
    return game;
}

static void refused(const char *spec, const char *word)
{
    struct game game;
    GError *error = NULL;
    memset(&game, 0x55, sizeof game);
    cr_assert(!game_parse(&game, spec, &error), "\"%s\" was taken", spec);
    cr_assert(error && error->domain == GAME_ERROR && error->code == GAME_ERROR_SPEC);
    cr_expect(strstr(error->message, word), "\"%s\": %s", spec, error->message);
    cr_expect(!strchr(error->message, '\n'), "more than a line: %s", error->message);
    for (size_t i = 0; i < sizeof game; i++)
        cr_assert_eq(((unsigned char *)&game)[i], 0, "the game is not zeroed");
    g_error_free(error);
    cr_expect(!game_parse(&game, spec, NULL)); /* nobody has to ask why */
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

Test(spec, refusals_say_what_would_do)
{
    refused("", "go:9");
    refused("chess:8", "gomoku:SIZE");
    refused("go", "go:SIZE");
    refused("go9", "go:9");
    refused("go:", "2 to 19");
    refused("go:9x", "2 to 19");
    refused("go:20", "2 to 19");
    refused("go:-9", "2 to 19");
    refused("go: 9", "2 to 19");
    refused("go:99999999999999999999", "2 to 19");
    refused("gomoku:2", "3 to 20");
    refused("go:9,komi=7.25", "halves");
    refused("go:9,komi=nan", "halves");
    refused("go:9,komi=1e300", "halves");
    refused("go:9,komi=", "halves");
    refused("go:9,komi", "halves");
    refused("go:9,rules=ing", "tromp-taylor|chinese|aga|japanese");
    refused("go:9,handicap=2.5", "0 to 9");
    refused("go:9,colour=red", "komi");
    refused("go:9,=7", "komi");
    refused("go:9,", "komi");
    refused("go:9,komi=7,komi=8", "twice");
    refused("gomoku:3", "line");
    char *long_spec = g_strnfill(5000, '9');
    refused(long_spec, "fewer than 160");
    g_free(long_spec);
}

Test(spec, noise_is_refused_without_harm)
{
    static const char letters[] = "go:9,komi=7.5rules-japnesuicdyh13\xff\t ";
    struct rng rng;
    int taken = 0;
    rng_seed(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        char spec[40];
        struct game game;
        int length = snprintf(spec, sizeof spec, "%s", i % 3 ? "go:9,rules=aga,komi=7" : "gomoku:15,rules=renju");
        for (int k = 0; k < 1 + i % 4; k++)
            spec[rng_below(&rng, (uint32_t)length)] = letters[rng_below(&rng, sizeof letters)]; /* the 0 too */
        if (!game_parse(&game, spec, NULL))
            continue;
        taken++;
        char text[GAME_SPEC_MAX];
        struct game again = parse(game_format(&game, text));
        cr_assert(game_equal(&game, &again), "%s", text);
    }
    cr_expect(taken > 100, "only %d were taken", taken);
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
        if (strstr(pairs[i][0], "suicide=1")) { /* a choice with a third value is no yes/no option */
            refused(pairs[i][0], "rule|no|yes");
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

/* ---- symmetry ---- */

Test(symmetry, each_is_a_bijection)
{
    for (int shape = 0; shape < GAME_MAX_SIZE * GAME_MAX_SIZE; shape++) {
        int width = shape % GAME_MAX_SIZE + 1, height = shape / GAME_MAX_SIZE + 1, points = width * height;
        const uint16_t(*turned)[GAME_MAX_POINTS] = game_symmetry_tables(width, height);
        for (int s = 0; s < (width == height ? 8 : 4); s++) {
            bool hit[GAME_MAX_POINTS] = {false};
            for (int p = 0; p < points; p++) {
                int to = turned[s][p];
                cr_assert(to < points && !hit[to]);
                hit[to] = true;
            }
        }
        cr_assert_eq(game_symmetry_tables(width, height), turned, "computed twice");
    }
}

Test(symmetry, they_are_the_eight_of_the_square)
{
    /* On 3x3, where the points 1 (top middle) and 0 (top left) go tells the eight apart. */
    static const int corner_and_side[8][2] = {{0, 1}, {2, 1}, {6, 7}, {8, 7}, {0, 3}, {6, 3}, {2, 5}, {8, 5}};
    struct game game = parse("go:3");
    cr_assert_eq(game.symmetries, 8);
    for (int s = 0; s < 8; s++) {
        cr_expect_eq(game_symmetry_point(&game, s, 0), corner_and_side[s][0], "symmetry %d: corner", s);
        cr_expect_eq(game_symmetry_point(&game, s, 1), corner_and_side[s][1], "symmetry %d: side", s);
        cr_expect_eq(game_symmetry_point(&game, s, 4), 4);
    }
    game = parse("go:9");
    cr_expect_eq(game_symmetry_move(&game, 1, 81), 81, "a pass has no place to go");
    cr_expect_eq(game_symmetry_move(&game, 1, 0), 8);
}

/* ---- random numbers ---- */

Test(rng, the_sequence_is_fixed)
{
    /* xoshiro256** from the state 1, 2, 3, 4: the reference implementation's first outputs, worked out by hand from
     * rotl(s1 * 5, 7) * 9: 2 * 5 = 10, << 7 = 1280, * 9 = 11520; then s1 becomes 0. */
    struct rng rng = {.s = {1, 2, 3, 4}};
    cr_expect_eq(rng_next(&rng), 11520u);
    cr_expect_eq(rng_next(&rng), 0u);
    cr_expect_eq(rng_next(&rng), 1509978240u);
    struct rng a, b, c;
    rng_seed(&a, 5);
    rng_seed(&b, 5);
    rng_seed(&c, 6);
    int equal = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t x = rng_next(&a);
        cr_assert_eq(x, rng_next(&b));
        equal += x == rng_next(&c);
    }
    cr_expect_eq(equal, 0);
}

static void moments(const char *what, double (*draw)(struct rng *, double), double parameter, double mean,
                    double variance)
{
    enum { N = 200000 };
    struct rng rng;
    double sum = 0.0, squares = 0.0;
    rng_seed(&rng, 42);
    for (int i = 0; i < N; i++) {
        double x = draw(&rng, parameter);
        cr_assert(isfinite(x));
        sum += x;
        squares += (x - mean) * (x - mean);
    }
    cr_expect(fabs(sum / N - mean) < 5.0 * sqrt(variance / N), "%s(%g): mean %g, not %g", what, parameter, sum / N,
              mean);
    cr_expect(fabs(squares / N / variance - 1.0) < 0.05, "%s(%g): variance %g, not %g", what, parameter, squares / N,
              variance);
}

static double draw_uniform(struct rng *rng, double unused)
{
    (void)unused;
    return rng_uniform(rng);
}
static double draw_normal(struct rng *rng, double unused)
{
    (void)unused;
    return rng_normal(rng);
}
static double draw_gumbel(struct rng *rng, double unused)
{
    (void)unused;
    return rng_gumbel(rng);
}
static double draw_below(struct rng *rng, double n)
{
    return rng_below(rng, (uint32_t)n);
}

Test(rng, moments)
{
    moments("uniform", draw_uniform, 0.0, 0.5, 1.0 / 12.0);
    moments("normal", draw_normal, 0.0, 0.0, 1.0);
    moments("gumbel", draw_gumbel, 0.0, 0.57721566490153286, M_PI * M_PI / 6.0);
    for (double shape = 0.1; shape < 12.0; shape *= 3.3)
        moments("gamma", rng_gamma, shape, shape, shape);
    moments("below", draw_below, 81.0, 40.0, (81.0 * 81.0 - 1.0) / 12.0);
}

Test(rng, below_is_even_and_within)
{
    struct rng rng;
    int count[7] = {0};
    rng_seed(&rng, 9);
    for (int i = 0; i < 70000; i++) {
        uint32_t x = rng_below(&rng, 7);
        cr_assert(x < 7);
        count[x]++;
    }
    for (int i = 0; i < 7; i++)
        cr_expect(abs(count[i] - 10000) < 500, "%d came %d times in 70000", i, count[i]);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(rng_below(&rng, 1), 0u);
}

/* ---- histories ---- */

Test(history, grows_copies_truncates)
{
    struct history a, b;
    struct position position = {.colour = GAME_BLACK};
    history_init(&a, 0);
    history_init(&b, 0);
    for (uint64_t i = 0; i < 1000; i++) {
        position.stones_hash = i * i;
        position.colour = (uint8_t)(GAME_BLACK + i % 2);
        history_push(&a, &position);
    }
    history_copy(&b, &a);
    history_truncate(&a, 10);
    cr_expect_eq(a.count, 10);
    cr_expect_eq(b.count, 1000);
    for (uint64_t i = 0; i < 1000; i++)
        cr_assert(b.entries[i].stones_hash == i * i && b.entries[i].colour == GAME_BLACK + (int)(i % 2));
    history_copy(&b, &a);
    cr_expect_eq(b.count, 10);
    history_clear(&a);
    history_clear(&b);
    cr_expect(a.entries == NULL && a.count == 0);
}

static int bits_set(const struct history *history)
{
    int count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(history->seen); i++)
        count += __builtin_popcountll(history->seen[i]);
    return count;
}

/* As a search uses it: back to the root's history after each playout. The filter must say "maybe" to every entry that
 * is left, and must not fill up with those that are gone. */
Test(history, the_filter_keeps_the_entries_and_forgets_the_rest)
{
    enum { ROOT = 100, DEPTH = 40, PLAYOUTS = 60, STALE = 512 };
    struct history history;
    struct position position = {.colour = GAME_BLACK};
    uint64_t next = 0;
    history_init(&history, 0);
    for (; next < ROOT; next++) {
        position.stones_hash = rng_mix(next);
        history_push(&history, &position);
    }
    for (int playout = 0; playout < PLAYOUTS; playout++) {
        for (int depth = 0; depth < DEPTH; depth++) {
            position.stones_hash = rng_mix(next++);
            history_push(&history, &position);
            cr_assert(history_may_have(&history, position.stones_hash));
        }
        history_truncate(&history, ROOT);
        for (uint64_t i = 0; i < ROOT; i++)
            cr_assert(history_may_have(&history, rng_mix(i)), "entry %d is lost after playout %d", (int)i, playout);
        cr_assert_leq(bits_set(&history), ROOT + STALE);
    }
    cr_assert_eq(history.count, ROOT);
    for (uint64_t i = 0; i < ROOT; i++)
        cr_assert_eq(history.entries[i].stones_hash, rng_mix(i));
    history_clear(&history);
}

/* A copy has the filter too: what is in the history is known there, what was never in it mostly is not. */
Test(history, the_filter_is_copied)
{
    struct history from, to;
    struct position position = {.stones_hash = rng_mix(7), .colour = GAME_BLACK};
    int maybe = 0;
    history_init(&from, 0);
    history_init(&to, 0);
    history_push(&from, &position);
    position.stones_hash = rng_mix(8);
    history_push(&to, &position);
    history_copy(&to, &from);
    cr_assert(history_may_have(&to, rng_mix(7)));
    for (uint64_t i = 8; i < 1008; i++)
        maybe += history_may_have(&to, rng_mix(i));
    cr_assert_leq(maybe, 5, "%d of 1000 others may be in a history of one entry", maybe);
    history_clear(&from);
    history_clear(&to);
}

/* ---- moves as text ---- */

Test(text, moves)
{
    struct game game = parse("go:19");
    char text[GAME_MOVE_TEXT_MAX];
    static const struct {
        const char *text;
        int x, y;
    } known[] = {{"A1", 0, 18}, {"A19", 0, 0}, {"T1", 18, 18}, {"T19", 18, 0},
                 {"H8", 7, 11}, {"J8", 8, 11}, {"Q16", 15, 3}};
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        cr_expect_eq(game_move_parse(&game, known[i].text), known[i].y * 19 + known[i].x, "%s", known[i].text);
        cr_expect_str_eq(game_move_format(&game, (game_move)(known[i].y * 19 + known[i].x), text), known[i].text);
    }
    cr_expect_eq(game_move_parse(&game, "q16"), 3 * 19 + 15);
    cr_expect_eq(game_move_parse(&game, "PASS"), 361);
    cr_expect_str_eq(game_move_format(&game, 361, text), "pass");
    cr_expect_str_eq(game_move_format(&game, GAME_NO_MOVE, text), "-");
    static const char *const bad[] = {"",
                                      "A",
                                      "I5",
                                      "A0",
                                      "A20",
                                      "U1",
                                      "AA",
                                      "1A",
                                      "A1x",
                                      "A-1",
                                      "A1 ",
                                      "pas",
                                      "passs",
                                      "A100",
                                      "\xc3\xa4"
                                      "1",
                                      "swap"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        cr_expect_eq(game_move_parse(&game, bad[i]), GAME_NO_MOVE, "\"%s\" was taken", bad[i]);
}

Test(text, the_last_move_is_in_brackets)
{
    struct game game = parse("go:2");
    union any_position position;
    char *text = NULL;
    size_t length;
    game_init(&game, &position.p);
    game_play(&game, &position.p, NULL, 1);
    FILE *out = open_memstream(&text, &length);
    game_print(&game, &position.p, out);
    fclose(out);
    cr_expect_str_eq(text, "    A B\n  2 .(X)2\n  1 . . 1\n    A B\n");
    free(text);
}

Test(result, signs_are_by_player)
{
    struct game_result won0 = {.outcome = GAME_WON_0}, won1 = {.outcome = GAME_WON_1}, drawn = {.outcome = GAME_DRAWN};
    cr_expect(game_result_sign(&won0, 0) == 1 && game_result_sign(&won0, 1) == -1);
    cr_expect(game_result_sign(&won1, 0) == -1 && game_result_sign(&won1, 1) == 1);
    cr_expect(game_result_sign(&drawn, 0) == 0 && game_result_sign(&drawn, 1) == 0);
}

/* The case of a choice does not matter; the canonical spec has it as the table does. */
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

/* Go: options and rule sets, known counts, handicap, komi and bonus, set-up, features, playouts, Benson against search.
 */
#include "games/go/bits.h"
#include "games/go/go.h"
#include "tests/games/go/naive_benson.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static struct game parse(const char *spec)
{
    struct game game;
    GError *error = NULL;
    cr_assert(game_parse(&game, spec, &error), "%s", error ? error->message : spec);
    return game;
}

static void set_up(const struct game *game, union any_position *position, const char *drawing, enum game_colour colour)
{
    GError *error = NULL;
    cr_assert(game_set_up_drawing(game, &position->p, drawing, colour, &error), "%s", error ? error->message : "");
}

static game_move at(const struct game *game, const char *text)
{
    game_move move = game_move_parse(game, text);
    cr_assert_neq(move, GAME_NO_MOVE);
    return move;
}

/* ---- options ---- */

Test(go, rule_sets_preset_what_no_option_gives)
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
    set_up(&game, &position, "... .X. ...", GAME_BLACK);
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
            cr_expect_eq(halves, 2 * points[size], "%s: %d halves", spec, halves);
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
    cr_expect(!game.has_draws, "what hangs on komi follows");
    game_set_komi(&game, 999999);
    cr_expect_eq(game_komi(&game), 2000);
    cr_assert(game_parse(&game, "gomoku:9", NULL));
    cr_expect(game.ops->komi == NULL && game_komi(&game) == 0);
}

Test(go, bad_options_name_the_cure)
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
        cr_assert(!game_parse(&game, specs[i], &error), "%s was taken", specs[i]);
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

/* ---- handicap ---- */

Test(go, fixed_handicap_is_gtps_table)
{
    static const char *const nineteen[] = {"D4 Q16",
                                           "D4 Q16 D16",
                                           "D4 Q16 D16 Q4",
                                           "D4 Q16 D16 Q4 K10",
                                           "D4 Q16 D16 Q4 D10 Q10",
                                           "D4 Q16 D16 Q4 D10 Q10 K10",
                                           "D4 Q16 D16 Q4 D10 Q10 K4 K16",
                                           "D4 Q16 D16 Q4 D10 Q10 K4 K16 K10"};
    struct game game = parse("go:19");
    for (int count = 2; count <= 9; count++) {
        game_move points[9];
        bool given[GAME_MAX_POINTS] = {false};
        cr_assert(go_fixed_handicap(19, count, points));
        for (int i = 0; i < count; i++)
            given[points[i]] = true;
        char **words = g_strsplit(nineteen[count - 2], " ", -1);
        cr_assert_eq((int)g_strv_length(words), count);
        for (int i = 0; words[i]; i++)
            cr_expect(given[at(&game, words[i])], "%d stones: %s is missing", count, words[i]);
        g_strfreev(words);
    }
}

Test(go, fixed_handicap_by_size)
{
    game_move points[9];
    struct game nine = parse("go:9"), thirteen = parse("go:13");
    cr_expect(!go_fixed_handicap(6, 2, points) && !go_fixed_handicap(7, 5, points) &&
              !go_fixed_handicap(12, 5, points));
    cr_expect(!go_fixed_handicap(19, 10, points) && !go_fixed_handicap(19, 1, points));
    cr_assert(go_fixed_handicap(9, 5, points));
    cr_expect(points[0] == at(&nine, "C3") && points[1] == at(&nine, "G7") && points[4] == at(&nine, "E5"));
    cr_assert(go_fixed_handicap(13, 2, points));
    cr_expect(points[0] == at(&thirteen, "D4") && points[1] == at(&thirteen, "K10"));
    cr_assert(go_fixed_handicap(8, 4, points));
}

Test(go, handicap_moves_white_first_and_pays_the_bonus)
{
    static const struct {
        const char *spec;
        float komi;
    } cases[] = {{"go:9,handicap=4,komi=0.5", 0.5f},           {"go:9,handicap=4,komi=0.5,rules=chinese", 4.5f},
                 {"go:9,handicap=4,komi=0.5,rules=aga", 3.5f}, {"go:9,handicap=4,komi=0.5,rules=japanese", 0.5f},
                 {"go:9,komi=0.5,rules=chinese", 0.5f},        {"go:9,komi=0.5,rules=aga", 0.5f}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game = parse(cases[i].spec);
        union any_position position;
        struct game_count score;
        game_init(&game, &position.p);
        bool handicap = strstr(cases[i].spec, "handicap") != NULL;
        cr_expect_eq(position.p.player, handicap);
        cr_expect_eq(position.p.colour, handicap ? GAME_WHITE : GAME_BLACK);
        cr_expect_eq(go_handicap_stones(&position.p), handicap ? 4 : 0);
        go_count(&game, &position.p, NULL, &score, NULL);
        cr_expect(score.komi == cases[i].komi, "%s: komi %g", cases[i].spec, (double)score.komi);
        cr_expect_eq(score.stones[0], handicap ? 4 : 0);
        cr_expect(game_result(&game, &position.p).margin == (handicap ? 81.0f : 0.0f) - cases[i].komi);
    }
}

Test(go, free_handicap)
{
    struct game game = parse("go:9,rules=chinese,komi=0");
    union any_position position;
    game_move good[] = {0, 80, 40}, twice[] = {3, 3}, off[] = {81};
    GError *error = NULL;
    game_init(&game, &position.p);
    cr_assert(!go_place_handicap(&game, &position.p, twice, 2, &error));
    g_clear_error(&error);
    cr_assert(!go_place_handicap(&game, &position.p, off, 1, &error));
    g_clear_error(&error);
    cr_assert_eq(position.p.stones_hash, 0u);
    cr_assert(go_place_handicap(&game, &position.p, good, 3, &error));
    cr_expect_eq(position.p.colour, GAME_WHITE);
    cr_expect(game_result(&game, &position.p).margin == 78.0f);
    cr_expect(!game.ops->check(&game, &position.p));
    cr_assert(!go_place_handicap(&game, &position.p, good, 3, &error));
    g_clear_error(&error);
}

/* ---- set-up ---- */

Test(go, bad_drawings_are_refused)
{
    static const char *const drawings[] = {
        "...\n...\n", "...\n..\n...", "...\n....\n...", "...\n.?.\n...", "XXX\nXXX\nXXX", "OX.\nX..\n...", ""};
    struct game game = parse("go:3");
    for (size_t i = 0; i < G_N_ELEMENTS(drawings); i++) {
        union any_position position;
        GError *error = NULL;
        cr_assert(!game_set_up_drawing(&game, &position.p, drawings[i], GAME_BLACK, &error), "%s", drawings[i]);
        cr_assert(error && strstr(error->message, "row"));
        cr_expect(!game.ops->check(&game, &position.p) && position.p.stones_hash == 0);
        g_error_free(error);
    }
}

/* ---- superko looks into the history it is given and nowhere else ---- */

Test(go, no_history_means_no_superko)
{
    struct game game = parse("go:5,ko=positional");
    union any_position position;
    struct history history;
    history_init(&history, 0);
    set_up(&game, &position, ". . . . .\n. . . . .\n. . . . .\nO O X . .\n. X . X .", GAME_BLACK);
    game_play(&game, &position.p, &history, at(&game, "A1"));
    game_play(&game, &position.p, &history, at(&game, "C1"));
    cr_expect(!game.ops->legal(&game, &position.p, &history, at(&game, "B1")));
    cr_expect(game.ops->legal(&game, &position.p, NULL, at(&game, "B1")));
    history_truncate(&history, 0);
    cr_expect(game.ops->legal(&game, &position.p, &history, at(&game, "B1")));
    history_clear(&history);
}

/* A playout goes down and comes back: what was forbidden at the root by superko is forbidden again. */
Test(go, superko_holds_after_every_truncation)
{
    struct game game = parse("go:5,ko=positional");
    union any_position root, below;
    struct history history;
    history_init(&history, 0);
    set_up(&game, &root, ". . . . .\n. . . . .\n. . . . .\nO O X . .\n. X . X .", GAME_BLACK);
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
    set_up(&game, &a, ". . . . .\n. X O . .\nX O . O .\n. X O . .\n. . . . .", GAME_BLACK);
    game_play(&game, &a.p, NULL, at(&game, "C3"));
    set_up(&game, &b, ". . . . .\n. X O . .\nX . X O .\n. X O . .\n. . . . .", GAME_WHITE);
    cr_expect_eq(a.p.stones_hash, b.p.stones_hash);
    cr_expect_neq(a.p.hash, b.p.hash, "the ko is not in the hash");
    game_play(&game, &a.p, NULL, game.points);
    set_up(&game, &b, ". . . . .\n. X O . .\nX . X O .\n. X O . .\n. . . . .", GAME_BLACK);
    cr_expect_neq(a.p.hash, b.p.hash, "the pass is not in the hash");
    game_play(&game, &a.p, NULL, at(&game, "E5"));
    set_up(&game, &b, ". . . . X\n. X O . .\nX . X O .\n. X O . .\n. . . . .", GAME_WHITE);
    cr_expect_eq(a.p.hash, b.p.hash, "the same position has two hashes");
}

/* ---- check finds damage ---- */

Test(go, check_finds_a_flipped_byte)
{
    struct game game = parse("go:5");
    union any_position good, bad;
    set_up(&game, &good, ". . . . .\n. X O . .\nX O . O .\n. X O . .\n. . . . .", GAME_BLACK);
    cr_assert(!game.ops->check(&game, &good.p));
    int found = 0, tried = 0;
    /* Cells are eight bytes; the last of each is unused. */
    for (uint32_t i = game.position_bytes - 8 * 43; i < game.position_bytes; i++) {
        if (i % 8 == 7)
            continue;
        memcpy(&bad, &good, sizeof bad);
        bad.bytes[i] ^= 1;
        tried++;
        found += game.ops->check(&game, &bad.p) != NULL;
    }
    cr_expect_eq(found, tried, "%d of %d found", found, tried);
    memcpy(&bad, &good, sizeof bad);
    bad.p.hash ^= 4;
    cr_expect(game.ops->check(&game, &bad.p));
}

/* ---- features: one position by hand ---- */

static float plane_sum(const float *planes, int plane, int points)
{
    float sum = 0.0f;
    for (int p = 0; p < points; p++)
        sum += planes[plane * points + p];
    return sum;
}

/* How far the game has come: its plies over twice the points, and how near the length cap is, in boards. */
Test(go, features_near_the_end)
{
    enum { PROGRESS = 10, NEAR_CAP = 11 };
    struct game game = parse("go:5,cap=40");
    const struct game_features *features = game_features_newest(&game);
    union any_position position;
    float planes[GAME_MAX_PLANES * 25], globals[GAME_MAX_GLOBALS];
    static const float wanted[][3] = {{0, 0, 0}, {10, 0.2f, 0}, {15, 0.3f, 0}, {20, 0.4f, 0.2f}, {30, 0.6f, 0.6f}};
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        game_init(&game, &position.p);
        position.p.ply = (uint16_t)wanted[i][0];
        game_encode(&game, features, &position.p, NULL, 0, planes, globals);
        cr_expect_float_eq(globals[PROGRESS], wanted[i][1], 1e-6, "ply %d: %g", position.p.ply, globals[PROGRESS]);
        cr_expect_float_eq(globals[NEAR_CAP], wanted[i][2], 1e-6, "ply %d: %g", position.p.ply, globals[NEAR_CAP]);
    }
}

Test(go, features_by_hand)
{
    struct game game = parse("go:5,ko=simple,suicide=no,komi=7");
    const struct game_features *features = game_features_newest(&game);
    union any_position position;
    struct history history;
    float planes[GAME_MAX_PLANES * 25], globals[GAME_MAX_GLOBALS];
    history_init(&history, 0);
    set_up(&game, &position, ". . . . .\n. X O . .\nX O . O .\n. X O . .\n. . . . .", GAME_BLACK);
    game_play(&game, &position.p, &history, at(&game, "C3")); /* takes B3; white to move, ko at B3 */
    cr_assert_str_eq(features->name, "go-v1");
    game_encode(&game, features, &position.p, &history, 0, planes, globals);
    /* White has C4, C2, D3; black B4, A3, B2, C3. White: C4 has C5, D4; C2 likewise C1, D2; D3 has D4, E3, D2. */
    cr_expect(plane_sum(planes, 0, 25) == 3.0f && plane_sum(planes, 1, 25) == 4.0f);
    cr_expect(plane_sum(planes, 2, 25) == 0.0f && plane_sum(planes, 3, 25) == 2.0f && plane_sum(planes, 4, 25) == 1.0f);
    /* Black: C3 one liberty (B3); B4 three (A4, B5, B3), B2 three, A3 three. */
    cr_expect(plane_sum(planes, 5, 25) == 1.0f && planes[5 * 25 + at(&game, "C3")] == 1.0f);
    cr_expect(plane_sum(planes, 6, 25) == 0.0f && plane_sum(planes, 7, 25) == 3.0f);
    /* 18 empty points, of which B3 is the ko. */
    cr_expect(plane_sum(planes, 8, 25) == 17.0f && plane_sum(planes, 9, 25) == 1.0f);
    cr_expect(planes[9 * 25 + at(&game, "B3")] == 1.0f);
    /* Where white's stone would have one liberty: nowhere; two: the other corners; A1, A5, E1, E5; and A4, A2, B5, B1,
     * each beside one black stone at the edge: A4 has A5 (B4, A3 black), so one. */
    cr_expect(planes[10 * 25 + at(&game, "A4")] == 1.0f && planes[10 * 25 + at(&game, "A2")] == 1.0f);
    cr_expect(plane_sum(planes, 10, 25) == 2.0f);
    cr_expect(planes[11 * 25 + at(&game, "A1")] == 1.0f && planes[11 * 25 + at(&game, "B5")] == 1.0f);
    cr_expect(planes[12 * 25 + at(&game, "C3")] == 1.0f && plane_sum(planes, 12, 25) == 1.0f);
    for (int i = 13; i < 19; i++) /* older moves; nothing is pass-alive */
        cr_expect(plane_sum(planes, i, 25) == 0.0f);
    cr_expect(plane_sum(planes, 19, 25) == 25.0f && features->planes == 20);
    cr_expect(fabsf(globals[0] - 7.0f / 15.0f) < 1e-6f); /* white moves: komi is for it */
    cr_expect(globals[1] == 0.0f);                       /* 25 points and komi 7: a draw can be */
    cr_expect(globals[2] == 0.0f && globals[3] == 1.0f && globals[4] == 0.0f && globals[5] == 0.0f);
    cr_expect(globals[7] == 0.0f && globals[8] == 0.0f && globals[9] == 1.0f && globals[13] == 1.0f);
    history_clear(&history);
}

Test(go, features_see_captures_in_the_liberties_after)
{
    struct game game = parse("go:5,suicide=no");
    const struct game_features *features = game_features_newest(&game);
    union any_position position;
    float planes[GAME_MAX_PLANES * 25], globals[GAME_MAX_GLOBALS];
    /* Black A1 takes A2 and B1: the stone then has two liberties. */
    set_up(&game, &position, ". . . . .\n. . . . .\nX . . . .\nO X . . .\n. O X . .", GAME_BLACK);
    game_encode(&game, features, &position.p, NULL, 0, planes, globals);
    cr_expect(planes[11 * 25 + at(&game, "A1")] == 1.0f && planes[10 * 25 + at(&game, "A1")] == 0.0f);
    /* The same for white: A1 would be suicide, so it is not legal. */
    set_up(&game, &position, ". . . . .\n. . . . .\nX . . . .\nO X . . .\n. O X . .", GAME_WHITE);
    game_encode(&game, features, &position.p, NULL, 0, planes, globals);
    cr_expect(planes[9 * 25 + at(&game, "A1")] == 1.0f && planes[8 * 25 + at(&game, "A1")] == 0.0f);
}

/* ---- playouts against slow ones made of legal and play, with eyes found by looking at all nine points ---- */

static bool slow_eye(const struct game *game, const struct position *position, int point)
{
    int size = game->width, x = point % size, y = point / size, enemies = 0, outside = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            bool on = x + dx >= 0 && x + dx < size && y + dy >= 0 && y + dy < size;
            int there = on ? (int)game->ops->stone(game, position, point + dy * size + dx) : -1;
            if ((dx == 0) != (dy == 0) && on && there != position->colour)
                return false;
            if (dx && dy) {
                outside |= !on;
                enemies += there == game_other(position->colour);
            }
        }
    return enemies + outside < 2;
}

static float slow_playout(const struct game *game, struct position *position, struct rng *rng, int *moves)
{
    int passes = 0;
    for (*moves = 0; passes < 2 && *moves < 3 * game->points && !game_over(position); ++*moves) {
        game_move all[GAME_MAX_MOVES], fit[GAME_MAX_MOVES];
        int count = game->ops->legal_moves(game, position, NULL, all), fits = 0;
        for (int i = 0; i < count - 1; i++)
            if (!slow_eye(game, position, all[i]))
                fit[fits++] = all[i];
        passes = fits ? 0 : passes + 1;
        game_play(game, position, NULL, fits ? fit[rng_below(rng, (uint32_t)fits)] : game->points);
    }
    return game_result(game, position).margin;
}

struct moments {
    double sum, squares;
};
static void add(struct moments *moments, double x)
{
    moments->sum += x;
    moments->squares += x * x;
}
static void same_mean(const char *what, const struct moments *a, const struct moments *b, int n)
{
    double mean_a = a->sum / n, mean_b = b->sum / n;
    double error = sqrt((a->squares / n - mean_a * mean_a + b->squares / n - mean_b * mean_b) / n);
    cr_expect(fabs(mean_a - mean_b) < 4.5 * error, "%s: %.3f against %.3f, standard error %.3f", what, mean_a, mean_b,
              error);
}

Test(go, playouts_are_distributed_as_slow_ones)
{
    enum { PLAYOUTS = 1500 };
    static const char *const specs[] = {"go:4,suicide=no,cap=2000", "go:5,suicide=no,cap=2000",
                                        "go:9,suicide=no,cap=2000"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = parse(specs[i]);
        struct moments margin[2] = {{0, 0}, {0, 0}}, length[2] = {{0, 0}, {0, 0}};
        struct rng rng;
        rng_seed(&rng, 11);
        for (int k = 0; k < PLAYOUTS; k++) {
            union any_position position;
            struct game_result result;
            int moves;
            game_init(&game, &position.p);
            add(&length[0], game.ops->playout(&game, &position.p, &rng, &result));
            add(&margin[0], (double)result.margin);
            game_init(&game, &position.p);
            add(&margin[1], (double)slow_playout(&game, &position.p, &rng, &moves));
            add(&length[1], moves);
        }
        same_mean(specs[i], &margin[0], &margin[1], PLAYOUTS);
        same_mean(specs[i], &length[0], &length[1], PLAYOUTS);
    }
}

/* ---- Benson on sets of bits against Benson as it is written down, late in random games ---- */

static int compare_benson(const struct game *game, const struct position *position, int *alive)
{
    unsigned char stone[GAME_MAX_POINTS];
    bool black[GAME_MAX_POINTS], white[GAME_MAX_POINTS];
    int8_t owner[GAME_MAX_POINTS];
    int wrong = 0;
    for (int p = 0; p < game->points; p++)
        stone[p] = (unsigned char)game->ops->stone(game, position, p);
    naive_pass_alive(game->width, stone, GAME_BLACK, go_rules(game).suicide, black);
    naive_pass_alive(game->width, stone, GAME_WHITE, go_rules(game).suicide, white);
    go_pass_alive(game, position, owner);
    for (int p = 0; p < game->points; p++) {
        wrong += owner[p] != black[p] - white[p];
        *alive += owner[p] != 0;
    }
    return wrong;
}

static void benson_against_naive(int size, bool suicide, struct rng *rng)
{
    char spec[60];
    int wrong = 0, alive = 0, compared = 0;
    g_snprintf(spec, sizeof spec, "go:%d,ko=simple,suicide=%s,cap=3000", size, suicide ? "yes" : "no");
    struct game game = parse(spec);
    for (int playing = 0; playing < (size < 10 ? 12 : 2); playing++) {
        union any_position position;
        game_init(&game, &position.p);
        for (int ply = 0; ply < 3 * game.points && !game_over(&position.p); ply++) {
            game_move all[GAME_MAX_MOVES], fit[GAME_MAX_MOVES];
            int count = game.ops->legal_moves(&game, &position.p, NULL, all), fits = 0;
            for (int i = 0; i < count - 1; i++)
                if (!slow_eye(&game, &position.p, all[i]) || rng_below(rng, 30) == 0)
                    fit[fits++] = all[i];
            game_play(&game, &position.p, NULL, fits ? fit[rng_below(rng, (uint32_t)fits)] : game.points);
            if (ply < game.points / 2 || (size > 9 && ply % 16))
                continue;
            compared++;
            wrong += compare_benson(&game, &position.p, &alive);
        }
    }
    cr_expect_eq(wrong, 0, "%s: %d points wrong", spec, wrong);
    cr_expect(compared > 10 && alive > 10, "%s: %d positions, %d points alive", spec, compared, alive);
}

Test(go, benson_agrees_with_a_plain_one)
{
    struct rng rng;
    rng_seed(&rng, 77);
    for (int size = 4; size <= 19; size++)
        for (int suicide = 0; suicide < 2; suicide++)
            benson_against_naive(size, suicide, &rng);
}

/* ---- Benson against a search of everything the opponent can do while the owner passes ---- */

/* Whether some sequence of the attacker's moves takes the stone of the other colour on `target`. seen: 3^points. */
static bool can_take(const struct game *game, const struct position *position, int attacker, int target, uint8_t *seen)
{
    int code = 0;
    for (int p = 0; p < game->points; p++)
        code = code * 3 + (int)game->ops->stone(game, position, p);
    if (game->ops->stone(game, position, target) != (enum game_colour)game_other(attacker))
        return true;
    if (seen[code])
        return false;
    seen[code] = 1;
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, moves);
    for (int i = 0; i < count - 1; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        game_play(game, &next.p, NULL, moves[i]);
        game_play(game, &next.p, NULL, game->points); /* the owner passes */
        if (can_take(game, &next.p, attacker, target, seen))
            return true;
    }
    return false;
}

static void benson_against_search(const char *spec, int arrangements, bool exact)
{
    struct game game = parse(spec);
    uint8_t *seen = malloc((size_t)arrangements);
    int proved = 0, wrong = 0;
    for (int code = 0; code < arrangements; code++) {
        char drawing[GAME_MAX_POINTS + 1] = {0};
        int8_t owner[GAME_MAX_POINTS];
        union any_position position;
        for (int p = 0, rest = code; p < game.points; p++, rest /= 3)
            drawing[p] = ".XO"[rest % 3];
        if (!game_set_up_drawing(&game, &position.p, drawing, GAME_WHITE, NULL))
            continue;
        go_pass_alive(&game, &position.p, owner);
        for (int p = 0; p < game.points; p++) {
            if (drawing[p] != 'X' || (owner[p] <= 0 && !exact))
                continue;
            memset(seen, 0, (size_t)arrangements);
            bool taken = can_take(&game, &position.p, GAME_WHITE, p, seen);
            proved += owner[p] > 0;
            wrong += taken == (owner[p] > 0);
        }
    }
    free(seen);
    cr_expect_eq(wrong, 0, "%s: %d chains wrong", spec, wrong);
    cr_expect_gt(proved, 100, "%s: only %d stones proved", spec, proved);
}

/* Without suicide Benson's theorem is exact for chains; with it ours is a proof, but finds fewer. */
/* Whoever asks goes through as many words as its board's class has, which may be more than the board fills. */
GO_BITS_INLINE void expect_whole_words(int n, const struct game *game, const struct position *position)
{
    struct go_bits_board board;
    struct go_bits alive[2];
    go_bits_read(n, go_position(position)->cells, go_tables(game)->cells, &board);
    memset(alive, 0xff, sizeof alive);
    go_benson(game, go_position(position), &board, alive);
    cr_expect(!go_bits_any(n, &alive[0]) && !go_bits_any(n, &alive[1]), "nothing is alive on an empty %dx%d board",
              game->width, game->height);
}

Test(go, benson_fills_every_word_in_use)
{
    for (int size = 2; size <= 19; size++) {
        char spec[16];
        union any_position position;
        g_snprintf(spec, sizeof spec, "go:%d", size);
        struct game game = parse(spec);
        game_init(&game, &position.p);
        GO_BITS_DISPATCH(go_tables(&game)->cells, expect_whole_words, &game, &position.p);
    }
}

Test(go, benson_is_exact_on_3x3)
{
    benson_against_search("go:3,ko=simple,suicide=no,passes=4,cap=20000", 19683, true);
}
Test(go, benson_is_sound_with_suicide)
{
    benson_against_search("go:3,ko=simple,suicide=yes,passes=4,cap=20000", 19683, false);
}

/* ---- what a search leaves out ---- */

/* A stone of the opponent's in a pass-alive area counts for the opponent until it is taken off: its captor may go
 * there, and nobody else; where nothing is to be captured nobody may. */
Test(go, captures_in_an_own_area_are_not_pruned)
{
    struct game game = parse("go:6");
    union any_position position;
    const char *drawing = ".X.X.. XXXXXX ..XO.X ..XXXX XXXXXX .X.X.X";
    for (enum game_colour colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
        uint8_t keep[GAME_MAX_MOVES];
        memset(keep, 1, sizeof keep);
        set_up(&game, &position, drawing, colour);
        game.ops->prune(&game, &position.p, keep);
        cr_expect_eq(keep[at(&game, "E4")], colour == GAME_BLACK);
        cr_expect(!keep[at(&game, "A4")] && !keep[at(&game, "E6")] && keep[at(&game, "pass")]);
    }
}

/* Whether white, moving alone, can come to own (by Benson) a point that was black's. */
static bool can_live(const struct game *game, const struct position *position, const int8_t *black, uint8_t *seen)
{
    int8_t owner[GAME_MAX_POINTS];
    int code = 0;
    for (int p = 0; p < game->points; p++)
        code = code * 3 + (int)game->ops->stone(game, position, p);
    if (seen[code])
        return false;
    seen[code] = 1;
    go_pass_alive(game, position, owner);
    for (int p = 0; p < game->points; p++)
        if (owner[p] < 0 && black[p] > 0)
            return true;
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, moves);
    for (int i = 0; i < count - 1; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        game_play(game, &next.p, NULL, moves[i]);
        game_play(game, &next.p, NULL, game->points);
        if (can_live(game, &next.p, black, seen))
            return true;
    }
    return false;
}

/* Nothing of white's comes to live in a region that is black's, on boards of three by three, suicide or not. */
static void regions_hold(const char *spec)
{
    enum { ARRANGEMENTS = 19683 };
    static uint8_t seen[ARRANGEMENTS];
    struct game game = parse(spec);
    int regions = 0, lost = 0;
    for (int code = 0; code < ARRANGEMENTS; code++) {
        char drawing[10] = {0};
        int8_t owner[GAME_MAX_POINTS];
        union any_position position;
        bool claimed = false;
        for (int p = 0, rest = code; p < 9; p++, rest /= 3)
            drawing[p] = ".XO"[rest % 3];
        if (!game_set_up_drawing(&game, &position.p, drawing, GAME_WHITE, NULL))
            continue;
        go_pass_alive(&game, &position.p, owner);
        for (int p = 0; p < 9; p++)
            claimed |= owner[p] > 0 && drawing[p] != 'X';
        if (!claimed)
            continue;
        memset(seen, 0, sizeof seen);
        regions++;
        lost += can_live(&game, &position.p, owner, seen);
    }
    cr_expect_eq(lost, 0, "%s: white lives in %d of %d", spec, lost, regions);
    cr_expect_gt(regions, 50, "%s: only %d", spec, regions);
}

Test(go, pass_alive_regions_hold)
{
    regions_hold("go:3,ko=simple,suicide=no,passes=4,cap=20000");
    regions_hold("go:3,ko=simple,suicide=yes,passes=4,cap=20000");
}

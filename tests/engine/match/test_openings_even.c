/* Balanced openings: which a net selects, and the cache that keeps them. */
#include <criterion/criterion.h>
#include <math.h>

#include "agents/net_path.h"
#include "engine/ladder/ladder_internal.h"
#include "engine/match/game.h"
#include "engine/match/openings.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/delete_folder.h"

static struct game game;
static char *folder;

static void set_up(void)
{
    folder = g_dir_make_tmp("tengen-openings-XXXXXX", NULL);
    g_setenv("XDG_CACHE_HOME", folder, TRUE);
    g_setenv("TENGEN_DATA", TESTS_DIR "/../net/weights", TRUE);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(openings_even, .init = set_up, .fini = tear_down);

/* Whether two openings have the same moves. */
static bool same(const struct match_opening *a, const struct match_opening *b)
{
    return a->count == b->count && memcmp(a->moves, b->moves, sizeof *a->moves * (size_t)a->count) == 0;
}

static struct evaluator *open_net(void)
{
    struct evaluator *evaluator;
    struct evaluator_config config = {
        .kind = EVALUATOR_NET, .backend = NET_BACKEND_FAST, .dtype = NET_F32, .symmetry = EVALUATOR_SYMMETRY_ALL};
    cr_assert_eq(net_path_load(&config.net, "default", &game, NULL), 0);
    cr_assert_eq(evaluator_create(&evaluator, &game, &config, NULL), 0);
    net_unref(config.net);
    return evaluator;
}

static double imbalance(struct evaluator *evaluator, const struct match_opening *opening)
{
    union any_position at;
    struct history history;
    struct eval eval;
    game_init(&game, &at.p);
    history_init(&history, MATCH_MAX_OPENING);
    for (int i = 0; i < opening->count; i++)
        game_play(&game, &at.p, &history, opening->moves[i]);
    const struct eval_query query = {.position = &at.p, .history = &history, .want = EVAL_VALUE};
    evaluator_evaluate(evaluator, 1, &query, &eval);
    history_clear(&history);
    return fabs((double)eval_value(&eval));
}

static void select_even(int plies, double value, uint64_t seed, struct match_opening *openings, int count)
{
    GError *error = NULL;
    bool fine = match_even_openings(&game, "default", plies, value, seed, openings, count, &error);
    cr_assert(fine, "%s", error ? error->message : "");
}

/* No opening is balanced within 0: the most balanced of all candidates are returned in order, no two of them symmetric.
 * */
Test(openings_even, the_most_balanced_where_none_is_balanced_enough)
{
    struct match_opening openings[6], any[6];
    uint64_t seen[6];
    cr_assert(game_parse(&game, "go:5", NULL));
    select_even(3, 0, 3, openings, 6);
    select_even(3, 1, 3, any, 6);
    struct evaluator *evaluator = open_net();
    double last = 0, mean = 0;
    for (int i = 0; i < 6; i++) {
        double found = imbalance(evaluator, &openings[i]);
        const struct match_game as_game = {.plies = 3, .moves = openings[i].moves};
        cr_assert(openings[i].count == 3 && found >= last, "opening %d: %g after %g", i, found, last);
        last = found;
        seen[i] = match_game_hash_symmetric(&game, &as_game);
        for (int j = 0; j < i; j++)
            cr_assert_neq(seen[i], seen[j]);
        mean += imbalance(evaluator, &any[i]) / 6;
    }
    cr_assert_lt(last, mean / 2, "the least balanced of those selected: %g; mean of all: %g", last, mean);
    evaluator_free(evaluator);
}

/* Openings that are balanced enough are returned in order of discovery: a larger set begins with the smaller one. */
Test(openings_even, balanced_ones_in_the_order_of_discovery)
{
    struct match_opening few[4], more[8];
    cr_assert(game_parse(&game, "go:5", NULL));
    select_even(4, 0.3, 5, few, 4);
    select_even(4, 0.3, 5, more, 8);
    struct evaluator *evaluator = open_net();
    for (int i = 0; i < 8; i++)
        cr_assert_leq(imbalance(evaluator, &more[i]), 0.3);
    for (int i = 0; i < 4; i++)
        cr_assert(same(&few[i], &more[i]));
    evaluator_free(evaluator);
}

/* If fewer openings exist than requested, they repeat in turn; if all are decided, they are empty. */
Test(openings_even, few_openings_exist)
{
    struct match_opening openings[8];
    cr_assert(game_parse(&game, "go:2", NULL));
    select_even(1, 1, 5, openings, 8); /* the four points are one but for symmetry */
    for (int i = 0; i < 8; i++)
        cr_assert(openings[i].count == 1 && same(&openings[i], &openings[0]));
}

/* The one file in the cache. */
static char *cache_file(int files)
{
    char *folder_of = g_build_filename(folder, "tengen", NULL), *path = NULL;
    GDir *open = g_dir_open(folder_of, 0, NULL);
    int count = 0;
    for (const char *name; open && (name = g_dir_read_name(open)); count++) {
        cr_assert(g_str_has_prefix(name, "openings-") && g_str_has_suffix(name, ".txt") && strlen(name) == 9 + 32 + 4);
        g_free(path);
        path = g_build_filename(folder_of, name, NULL);
    }
    cr_assert_eq(count, files, "%d files", count);
    g_dir_close(open);
    g_free(folder_of);
    return path;
}

/* The selection is read from the cache, whatever it contains, unless the number of openings differs. */
Test(openings_even, cache)
{
    struct match_opening first[2], found[2];
    cr_assert(game_parse(&game, "go:5", NULL));
    select_even(2, 0.5, 3, first, 2);
    char *path = cache_file(1), *text;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    GString *expected = g_string_new("# Openings selected by tengen match; this file may be deleted.\n");
    for (int i = 0; i < 2; i++) {
        char a[GAME_MOVE_TEXT_MAX], b[GAME_MOVE_TEXT_MAX];
        g_string_append_printf(expected, "%s %s\n", game_move_format(&game, first[i].moves[0], a),
                               game_move_format(&game, first[i].moves[1], b));
    }
    cr_assert_str_eq(text, expected->str);
    cr_assert(g_file_set_contents(path, "A1 B1\nC1 D1\n", -1, NULL));
    select_even(2, 0.5, 3, found, 2);
    cr_assert(found[0].moves[0] == 20 && found[1].moves[1] == 23);
    static const char *const bad[] = {"A1 B1\n", "A1 B1\nC1 D1\nE1 E2\n", "A1 A1\nC1 D1\n"};
    for (int i = 0; i < 3; i++) {
        cr_assert(g_file_set_contents(path, bad[i], -1, NULL));
        select_even(2, 0.5, 3, found, 2);
        cr_assert(same(&found[0], &first[0]) && same(&found[1], &first[1]), "%s", bad[i]);
    }
    g_free(cache_file(1));
    select_even(2, 0.5, 4, found, 2); /* each of these has a file of its own */
    select_even(2, 0.6, 3, found, 2);
    select_even(3, 0.5, 3, found, 2);
    select_even(2, 0.5, 3, found, 1);
    cr_assert(game_parse(&game, "go:5,komi=0.5", NULL));
    select_even(2, 0.5, 3, found, 2);
    g_free(cache_file(6));
    g_string_free(expected, TRUE);
    g_free(text);
    g_free(path);
}

/* A ladder's pair begins where the checkpoint gives both sides a chance, another pair elsewhere; half of the
 * random openings of Gomoku are all but won. */
Test(openings_even, a_pair_of_the_ladder)
{
    enum { PAIRS = 12 };
    struct match_opening openings[PAIRS], random;
    uint64_t seen[PAIRS];
    GError *error = NULL;
    int lopsided = 0;
    cr_assert(game_parse(&game, "gomoku:15", NULL));
    struct evaluator *evaluator = open_net();
    for (int64_t pair = 0; pair < PAIRS; pair++) {
        cr_assert(ladder_draw_opening(&game, "default", pair, &openings[pair], &error));
        cr_expect_lt(imbalance(evaluator, &openings[pair]), 0.4 + 1e-5);
        seen[pair] = match_openings_hash(&game, &openings[pair], 1);
        for (int64_t other = 0; other < pair; other++)
            cr_expect_neq(seen[pair], seen[other]);
        match_random_openings(&game, openings[pair].count, (uint64_t)pair, &random, 1);
        lopsided += imbalance(evaluator, &random) > 0.4;
    }
    cr_expect_gt(lopsided, PAIRS / 3, "%d", lopsided);
    cr_assert_not(ladder_draw_opening(&game, "absent", 0, &openings[0], &error));
    g_clear_error(&error);
    evaluator_free(evaluator);
}

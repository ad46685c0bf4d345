/* The ladder: who plays whom, games, and ratings, with expected values by hand. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "engine/ladder/ladder.h"
#include "engine/match/statistics/rating.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/delete_folder.h"

static struct game game;
static struct ladder ladder;
static GArray *games, *generations;

static void set_up(void)
{
    GError *error = NULL;
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    cr_assert(ladder_init(&ladder, &game, "rollout:20; random", "", 4, &error), "%s", error ? error->message : "");
    games = g_array_new(FALSE, FALSE, sizeof(struct store_rung_game));
    generations = g_array_new(FALSE, FALSE, sizeof(uint32_t));
}

static void tear_down(void)
{
    g_array_unref(games);
    g_array_unref(generations);
}

TestSuite(ladder, .init = set_up, .fini = tear_down);

static void add(uint32_t generation, const char *rung, double points, int count)
{
    for (int i = 0; i < count; i++) {
        struct store_rung_game one = {.pair = games->len / 2, .generation = generation, .points = points, .plies = 9};
        g_strlcpy(one.rung, rung, sizeof one.rung);
        g_array_append_val(games, one);
    }
}

static void keep(uint32_t generation)
{
    g_array_append_val(generations, generation);
}

Test(ladder, rungs_are_agents_of_the_game)
{
    GError *error = NULL;
    struct ladder other;
    cr_assert(ladder.count == 2 && strcmp(ladder.rungs[0], "rollout:20") == 0 &&
              strcmp(ladder.rungs[1], "random") == 0);
    cr_assert_not(ladder_init(&other, &game, "random;nobody", "", 4, &error));
    cr_assert(g_str_has_prefix(error->message, "rungs: "), "%s", error->message);
    g_clear_error(&error);
    cr_assert_not(
        ladder_init(&other, &game, "random;random;random;random;random;random;random;random;random", "", 4, &error));
    cr_assert(strstr(error->message, "at most 8"), "%s", error->message);
    g_clear_error(&error);
    cr_assert(ladder_init(&other, &game, "", "", 4, NULL) && other.count >= 3);
    cr_assert_str_eq(other.rungs[0], "rollout:1000");
}

/* A run that starts from a net is measured against it first, and so at 0. One that starts from nothing has no such rung. */
Test(ladder, the_start_is_a_rung)
{
    GError *error = NULL;
    struct ladder other;
    cr_assert(ladder_init(&other, &game, "", "a.safetensors", 4, NULL) && other.count >= 2);
    cr_assert_str_eq(other.rungs[0], "start");
    cr_assert_str_eq(other.rungs[other.count - 1], "rollout:1000");
    keep(3);
    cr_assert_str_eq(ladder_next(&other, games, generations).rung, "start");
    add(3, "start", 1, 3);
    add(3, "start", 0, 1);
    add(3, "random", 1, 4);
    GArray *ratings = ladder_rate(games);
    const struct ladder_rating *first = &g_array_index(ratings, struct ladder_rating, 0);
    cr_expect(strcmp(first->name, "start") == 0 && first->rating.elo == 0);
    g_array_unref(ratings);
    cr_assert(ladder_init(&other, &game, "random; start", "default", 4, NULL) && other.count == 2);
    cr_assert_not(ladder_init(&other, &game, "random; start", "", 4, &error));
    cr_assert(strstr(error->message, "starts from random weights"), "%s", error->message);
    g_clear_error(&error);
}

/* A checkpoint plays until it has LADDER_GAMES, then the newest does; a checkpoint whose file is gone plays no more. */
Test(ladder, whose_turn_it_is)
{
    keep(3);
    keep(7);
    cr_assert_eq(ladder_next(&ladder, games, generations).generation, 7);
    add(3, "random", 0, 1);
    add(3, "random", 1, LADDER_GAMES - 2);
    cr_assert_eq(ladder_next(&ladder, games, generations).generation, 3);
    add(3, "random", 1, 1);
    cr_assert_eq(ladder_next(&ladder, games, generations).generation, 7);
    add(5, "random", 1, 2);
    cr_assert_eq(ladder_next(&ladder, games, generations).generation, 7, "5 is not on disk");
}

/* One that loses or wins all of its first games gives way sooner. */
Test(ladder, hopeless_checkpoints_give_way)
{
    for (int points = 0; points < 2; points++) {
        tear_down();
        set_up();
        keep(0);
        keep(4);
        add(0, "random", points, LADDER_ONE_SIDED - 1);
        cr_assert_eq(ladder_next(&ladder, games, generations).generation, 0);
        add(0, "random", points, 1);
        cr_assert_eq(ladder_next(&ladder, games, generations).generation, 4);
    }
}

/* A rung that failed is played no more; with all of them failed there is none. */
Test(ladder, failed_rungs_are_left_out)
{
    keep(1);
    cr_assert(ladder_set_failed(&ladder, "rollout:20"));
    cr_assert_str_eq(ladder_next(&ladder, games, generations).rung, "random");
    cr_assert(ladder_set_failed(&ladder, "generation:1"));
    cr_assert_not(ladder_set_failed(&ladder, "random"));
}

/* The rungs take turns at first; one that always loses is left for one that does not. */
Test(ladder, opponents_of_equal_strength_are_preferred)
{
    keep(1);
    cr_assert_str_eq(ladder_next(&ladder, games, generations).rung, "rollout:20");
    add(1, "rollout:20", 1, 1);
    add(1, "rollout:20", 0, 1);
    cr_assert_str_eq(ladder_next(&ladder, games, generations).rung, "random");
    add(1, "random", 1, 4);
    /* rollout:20: a score of 1/2 in two games, 0.25 / 10; random: 4.5 of 5, 0.09 / 12. */
    cr_assert_str_eq(ladder_next(&ladder, games, generations).rung, "rollout:20");
}

/* A new checkpoint does not try again what those before it have always beaten, even after all of its other games. */
Test(ladder, beaten_rungs_are_not_tried_again)
{
    keep(1);
    keep(2);
    add(1, "random", 1, 12);
    add(1, "rollout:20", 1, 6);
    add(1, "rollout:20", 0, 6);
    for (int i = 0; i < LADDER_GAMES / 2; i++) {
        const struct ladder_meeting meeting = ladder_next(&ladder, games, generations);
        cr_assert(meeting.generation == 2 && strcmp(meeting.rung, "random") != 0, "pair %d: %s", i, meeting.rung);
        add(2, meeting.rung, 1, 1);
        add(2, meeting.rung, 0, 1);
    }
    cr_assert_eq(games->len, 24 + LADDER_GAMES);
}

/* A net that beats all fixed rungs is compared with the one before it. */
Test(ladder, earlier_checkpoints_connect_what_has_outgrown_the_rungs)
{
    keep(1);
    keep(2);
    add(1, "rollout:20", 1, LADDER_GAMES / 2);
    add(1, "random", 1, LADDER_GAMES / 2);
    const struct ladder_meeting meeting = ladder_next(&ladder, games, generations);
    cr_assert_eq(meeting.generation, 2);
    cr_assert_str_eq(meeting.rung, "generation:1");
}

static const struct ladder_rating *find(const GArray *ratings, const char *name, uint32_t generation)
{
    for (guint i = 0; i < ratings->len; i++) {
        const struct ladder_rating *r = &g_array_index(ratings, struct ladder_rating, i);
        if (strcmp(r->name, name) == 0 && r->generation == generation)
            return r;
    }
    return NULL;
}

/* Three of four points are 400 log10(3) = 190.85 Elo more. Generation 2 has them against generation 1, which has them against the
 * rung at 0. */
Test(ladder, ratings_by_hand)
{
    add(1, "rollout:20", 1, 30);
    add(1, "rollout:20", 0, 10);
    add(2, "generation:1", 1, 30);
    add(2, "generation:1", 0, 10);
    GArray *ratings = ladder_rate(games);
    cr_assert_eq(ratings->len, 3);
    cr_assert_str_eq(g_array_index(ratings, struct ladder_rating, 0).name, "rollout:20");
    cr_assert_eq(g_array_index(ratings, struct ladder_rating, 2).generation, 2);
    const struct ladder_rating *rung = find(ratings, "rollout:20", 0), *one = find(ratings, "", 1),
                               *two = find(ratings, "", 2);
    cr_assert(rung && one && two);
    cr_expect(rung->rating.elo == 0 && rung->games == 40 && rung->score == 0.25);
    cr_expect_float_eq(one->rating.elo, 190.85, 0.1);
    cr_expect_float_eq(two->rating.elo, 381.7, 0.2);
    cr_expect(one->games == 80 && two->games == 40 && fabs(one->score - 0.5) < 1e-9);
    cr_expect(two->rating.low < two->rating.elo && two->rating.high > two->rating.elo);
    g_array_unref(ratings);
}

/* A score of 3/4 is 190.85 Elo above one of 1/2, by hand; checkpoints are weighted by games, whatever order they were played in. */
Test(ladder, gain_of_later_checkpoints)
{
    cr_expect_not(ladder_gain_of(games).known);
    add(9, "random", 1, 90);
    add(9, "random", 0, 30);
    cr_expect_not(ladder_gain_of(games).known, "one checkpoint");
    add(2, "random", 0.5, 6);
    cr_expect_not(ladder_gain_of(games).known, "few games of the earlier one");
    add(2, "random", 1, 57);
    add(2, "random", 0, 57);
    struct ladder_gain gain = ladder_gain_of(games);
    cr_assert(gain.known && gain.first == 2 && gain.middle == 9 && gain.last == 9);
    cr_expect_float_eq(gain.elo, 190.85, 0.5, "%g", gain.elo);
    cr_expect(gain.low > 0 && gain.low < gain.elo - 50 && gain.high > gain.elo + 50, "%g to %g", gain.low, gain.high);
    add(12, "random", 1, 40);
    add(12, "random", 0, 40);
    add(3, "random", 1, 20);
    add(3, "random", 0, 20);
    gain = ladder_gain_of(games);
    cr_assert(gain.known && gain.first == 2 && gain.middle == 9 && gain.last == 12);
    cr_expect_float_eq(gain.elo, 190.85 * 120 / 200, 0.5, "%g", gain.elo);
    cr_expect(gain.low < gain.elo && gain.high > gain.elo);
}

/* The newest checkpoint is played with, unless an earlier one that is on disk is stronger than the newest measured one, beyond chance
 * and by enough games; then the strongest of them. */
Test(ladder, the_best_checkpoint)
{
    for (uint32_t g = 1; g <= 5; g++)
        keep(g);
    cr_expect_eq(ladder_best(games, generations), 5, "nothing was measured");
    add(1, "random", 1, 6);
    add(1, "random", 0, 6);
    add(2, "random", 1, 20);
    add(2, "random", 0, 4);
    add(3, "random", 1, 30);
    add(3, "random", 0, 2);
    cr_expect_eq(ladder_best(games, generations), 5, "the newest measured one, 3, is the strongest");
    add(4, "random", 0, 6);
    cr_expect_eq(ladder_best(games, generations), 5, "6 games of 4 are too few");
    add(4, "random", 0, 16);
    add(4, "random", 1, 2);
    cr_expect_eq(ladder_best(games, generations), 3);
    generations = g_array_remove_index(generations, 2);
    cr_expect_eq(ladder_best(games, generations), 2, "3 is not on disk: %u", ladder_best(games, generations));
    add(5, "random", 1, 20);
    add(5, "random", 0, 2);
    cr_expect_eq(ladder_best(games, generations), 5, "the newest measured one is not worse than 3 beyond chance");
}

static void add_pairs(uint32_t generation, double first, double second, int pairs)
{
    for (int i = 0; i < pairs; i++) {
        add(generation, "random", first, 1);
        add(generation, "random", second, 1);
    }
}

/* Four pairs of games that were each won once say no more than eight games can, though their scores do not vary: 8 games of one half
 * against 200 of 0.65 have a standard error of 173.7 / sqrt(8 * 0.25) = 123 Elo at least, and the difference is 108. */
Test(ladder, few_pairs_that_are_alike)
{
    for (uint32_t g = 1; g <= 2; g++)
        keep(g);
    add_pairs(1, 1, 1, 42);
    add_pairs(1, 1, 0, 46);
    add_pairs(1, 0, 0, 12);
    add_pairs(2, 1, 0, 4);
    cr_expect_eq(ladder_best(games, generations), 2);
    const struct ladder_gain gain = ladder_gain_of(games);
    cr_assert(gain.known && gain.first == 1 && gain.middle == 2);
    cr_expect_float_eq(gain.elo, -107.5, 0.5, "%g", gain.elo);
    cr_expect(gain.low < gain.elo - 1.96 * 120 && gain.high > 0, "%g to %g", gain.low, gain.high);
    add_pairs(2, 0, 0, 20);
    cr_expect_eq(ladder_best(games, generations), 1, "4 of 48 games are beyond chance");
}

Test(ladder, no_games_no_ratings)
{
    GArray *ratings = ladder_rate(games);
    cr_assert_eq(ratings->len, 0);
    g_array_unref(ratings);
}

static char *write_net(const char *folder, const char *name, uint64_t seed)
{
    struct net *net;
    char *path = g_build_filename(folder, name, NULL);
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8", seed, NULL), 0);
    cr_assert_eq(net_save(net, path, "test", NULL), 0);
    net_unref(net);
    return path;
}

/* A pair is one opening with both colours, the same again for the same number; a stop ends it. */
Test(ladder, pairs_are_played)
{
    char *folder = g_dir_make_tmp("tengen-ladder-XXXXXX", NULL);
    char *net = write_net(folder, "a.safetensors", 1), *other = write_net(folder, "b.safetensors", 2);
    struct ladder_table table;
    struct store_rung_game pair[2], again[2];
    GError *error = NULL;
    const struct ladder_meeting rung = {7, "random"}, checkpoint = {7, "generation:3"};
    ladder_table_init(&table);
    cr_assert_eq(ladder_play(&ladder, &table, &rung, net, NULL, 5, pair, &error), 2, "%s", error ? error->message : "");
    cr_assert_eq(ladder_play(&ladder, &table, &rung, net, NULL, 5, again, &error), 2);
    for (int i = 0; i < 2; i++) {
        cr_assert(pair[i].pair == 5 && pair[i].generation == 7 && pair[i].first == (i == 0) && pair[i].plies >= 5);
        cr_assert_str_eq(pair[i].rung, "random");
        cr_assert(again[i].points == pair[i].points && again[i].plies == pair[i].plies);
    }
    cr_assert_eq(ladder_play(&ladder, &table, &checkpoint, net, other, 6, pair, &error), 2);
    cr_assert_str_eq(pair[1].rung, "generation:3");
    cr_assert_eq(ladder_play(&ladder, &table, &rung, "/absent", NULL, 5, pair, &error), 0);
    cr_assert_not_null(error);
    g_clear_error(&error);
    ladder_table_stop(&table);
    cr_assert_eq(ladder_play(&ladder, &table, &rung, net, NULL, 5, pair, &error), 0);
    cr_assert_null(error);
    ladder_table_clear(&table);
    g_free(net);
    g_free(other);
    delete_folder(folder);
    g_free(folder);
}

/* ---- the store ---- */

Test(ladder, games_are_kept)
{
    char *folder = g_dir_make_tmp("tengen-ladder-XXXXXX", NULL), *run = g_build_filename(folder, "run", NULL);
    struct store *store;
    cr_assert_eq(store_open(&store, run, STORE_CREATE, NULL), 0);
    GArray *none = store_rung_games(store);
    cr_assert_eq(none->len, 0);
    add(4, "random", 0.5, 1);
    add(5, "generation:4", 1, 1);
    cr_assert(store_add_rung_games(store, (const struct store_rung_game *)games->data, 2, NULL));
    store_close(store);
    cr_assert_eq(store_open(&store, run, STORE_READ, NULL), 0);
    GArray *kept = store_rung_games(store);
    cr_assert_eq(kept->len, 2);
    const struct store_rung_game *second = &g_array_index(kept, struct store_rung_game, 1);
    cr_assert(second->generation == 5 && second->points == 1 && second->plies == 9);
    cr_assert_str_eq(second->rung, "generation:4");
    g_array_unref(none);
    g_array_unref(kept);
    store_close(store);
    g_free(run);
    delete_folder(folder);
    g_free(folder);
}

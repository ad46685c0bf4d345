#include "tests/engine/report/made_run.h"

#include <criterion/criterion.h>
#include <math.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "tests/delete_folder.h"

static struct game game;

static void create(struct made_run *made)
{
    struct settings settings;
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.game, "gomoku:3,line=3", sizeof settings.game);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    made->parent = g_dir_make_tmp("tengen-report-XXXXXX", NULL);
    made->folder = g_build_filename(made->parent, "a<b>&\"c", NULL);
    cr_assert_eq(store_open(&made->store, made->folder, STORE_CREATE, NULL), 0);
    cr_assert(store_save_settings(made->store, &settings, NULL));
}

static void reopen(struct made_run *made)
{
    store_close(made->store);
    cr_assert_eq(store_open(&made->store, made->folder, STORE_READ, NULL), 0);
}

/* The net gives the mover a share of `raw` of winning, the search 0.75, and the policy a surprise of 0.5; the first ply is random. */
static struct record *play(uint64_t number, const game_move *moves, int count, float raw)
{
    const float wdl[3] = {0.75f, 0, 0.25f}, raw_wdl[3] = {raw, 0, 1 - raw};
    float policy[GAME_MAX_MOVES] = {0};
    union any_position at;
    struct record *record = record_new(&game, number, 1);
    game_init(&game, &at.p);
    for (int i = 0; i < count; i++) {
        policy[moves[i]] = 1;
        record_add(record, &at.p, moves[i], policy, i ? wdl : NULL, i ? raw_wdl : NULL,
                   i ? RECORD_SEARCHED | RECORD_TRAIN : 0);
        policy[moves[i]] = 0;
        if (i)
            record_set_surprise(record, 0.5f);
        game_play(&game, &at.p, NULL, moves[i]);
    }
    record_finish(record, &at.p);
    return record;
}

/* Corner first, and the same turned by a quarter: one opening. Then games that the second player wins from the centre's side. */
static void add_games(struct store *store)
{
    static const game_move first[] = {0, 3, 1, 4, 2}, turned[] = {2, 1, 5, 4, 8}, second[] = {1, 0, 2, 3, 4, 6};
    for (int i = 0; i < 30; i++) {
        struct record *record = i % 3 == 2   ? play((uint64_t)i, second, 6, 0.5f)
                                : i % 3 == 1 ? play((uint64_t)i, turned, 5, i == 28 ? 0.0f : 0.5f)
                                             : play((uint64_t)i, first, 5, 0.5f);
        cr_assert(store_add_games(store, &record, 1, NULL));
        record_unref(record);
    }
}

static void add_checkpoint(struct made_run *made, uint32_t generation, double seconds, int64_t games)
{
    const struct store_checkpoint checkpoint = {.generation = generation,
                                                .steps = 10 * generation,
                                                .samples = 80 * generation,
                                                .games = games,
                                                .rows = 4 * games,
                                                .seconds = seconds,
                                                .rate_scale = 1,
                                                .bytes = 1};
    char *names[2] = {store_state_name(generation), store_generation_name(generation)};
    for (int i = 0; i < 2; i++) {
        char *path = store_net_path(made->store, names[i]);
        cr_assert(g_file_set_contents(path, "x", 1, NULL));
        g_free(path);
        g_free(names[i]);
    }
    cr_assert(store_add_checkpoint(made->store, &checkpoint, NULL, 0, NULL));
}

void made_run_create(struct made_run *made)
{
    /* The second session begins at the checkpoint of 210 s, which the first one wrote at its end. */
    static const struct store_metric metrics[] = {
        {.seconds = 100,
         .games = 10,
         .positions = 50,
         .steps = 10,
         .loss = 4,
         .policy_loss = 2,
         .value_loss = 0.9,
         .unseen_policy_loss = NAN,
         .unseen_value_loss = NAN,
         .diversity = -1,
         .games_per_s = 0.1},
        {.seconds = 200,
         .games = 20,
         .positions = 100,
         .steps = 20,
         .loss = 3,
         .policy_loss = 1.5,
         .value_loss = 0.8,
         .unseen_policy_loss = 1.75,
         .unseen_value_loss = 0.95,
         .diversity = 0.5,
         .games_per_s = 0.1},
        {.seconds = 100,
         .games = 30,
         .positions = 150,
         .steps = 30,
         .loss = 2,
         .policy_loss = 1,
         .value_loss = 0.7,
         .unseen_policy_loss = 1.25,
         .unseen_value_loss = 0.9,
         .diversity = 0.25,
         .games_per_s = 0.1},
    };
    static const struct store_rung_game rungs[] = {
        {0, 1, "random", true, 1, 5, 2.5},         {0, 1, "random", false, 0, 5, 2.5},
        {1, 2, "gtp:</script><b>", true, 1, 5, 1}, {1, 2, "gtp:</script><b>", false, 0, 5, 1},
        {2, 2, "random", true, 1, 5, 1},           {2, 2, "random", false, 0.5, 5, 1},
    };
    create(made);
    add_games(made->store);
    add_checkpoint(made, 0, 0, 0);
    add_checkpoint(made, 1, 100, 10);
    add_checkpoint(made, 2, 210, 20);
    for (size_t i = 0; i < G_N_ELEMENTS(metrics); i++)
        cr_assert(store_add_metric(made->store, &metrics[i], NULL));
    cr_assert(store_add_rung_games(made->store, rungs, G_N_ELEMENTS(rungs), NULL));
    cr_assert(store_add_spent(made->store, &(struct store_spent){500, 400, 300}, NULL));
    reopen(made);
}

void made_run_create_empty(struct made_run *made)
{
    create(made);
    reopen(made);
}

void made_run_remove(struct made_run *made)
{
    store_close(made->store);
    delete_folder(made->parent);
    g_free(made->parent);
    g_free(made->folder);
}

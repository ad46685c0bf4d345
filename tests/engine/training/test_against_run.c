/* A run against a fixed opponent in threads: it plays it, the opponent grows stronger, and a resumed run goes on with that. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "state.h"

enum { FIRST = 1, MOST = 4 };

static struct game game;
static struct settings settings;
static char folder[] = "/tmp/tengen-against-XXXXXX";

static void set_up(void)
{
    struct net *opponent;
    cr_assert(mkdtemp(folder) && game_parse(&game, "reversi:4", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    settings.visits = 8;
    settings.ladder_share = 0;
    settings.batch = 8;
    settings.first_rows = 20;
    g_snprintf(settings.against, sizeof settings.against, "%s/opponent.safetensors", folder);
    settings.against_share = 0.75;
    settings.against_visits = FIRST;
    settings.against_visits_final = MOST;
    cr_assert_eq(evaluator_net_fresh(&opponent, &game, "conv:8 res:8", 2, NULL), 0);
    cr_assert_eq(net_save(opponent, settings.against, "test", NULL), 0);
    net_unref(opponent);
}
TestSuite(against_run, .init = set_up);

/* Trains for some seconds; returns what was printed. */
static char *train(struct store *store, double seconds)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    const struct training_options options = {.seconds = seconds, .dtype = NET_F32, .report_seconds = 0.2, .out = out};
    cr_assert_eq(train_run(store, &settings, &game, 1, &options), TRAINING_TIME);
    fclose(out);
    return text;
}

Test(against_run, opponent_grows_stronger_and_stays_so)
{
    struct store *store = open_run_in(folder, "run", &settings);
    struct settings stored = settings;
    GPtrArray *records;
    bool found;
    int against = 0;
    char *text = NULL;
    for (int i = 0; i < 10 && stored.against_visits == FIRST; i++) { /* 50 games of 30 to 100 in a second */
        free(text);
        text = train(store, 2);
        cr_assert(store_load_settings(store, &stored, &found, NULL) && found);
    }
    cr_assert(stored.against_visits == 2 * FIRST || stored.against_visits == MOST, "%d", (int)stored.against_visits);
    cr_expect(strstr(text, "\"opponent_visits\":2,") || strstr(text, "\"opponent_visits\":4,"), "%s", text);
    free(text);
    cr_assert(store_load_games(store, &game, 1, 1000000, &records, NULL));
    for (guint i = 0; i < records->len; i++)
        against += record_opponent(records->pdata[i]) >= 0;
    cr_expect(against > (int)records->len / 2 && against < (int)records->len, "%d of %u", against, records->len);
    g_ptr_array_unref(records);

    settings = stored;
    settings.against_visits_final = settings.against_visits;
    text = train(store, 0.5);
    cr_expect_null(strstr(text, "\"opponent_visits\":1,"), "%s", text);
    free(text);
    store_close(store);
}

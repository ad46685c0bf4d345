/* Judging new games takes the trainer at most a twentieth of its time, however slow it is. learner_judge is made so slow that a trainer
 * that judges every game does nothing else. */
#include <criterion/criterion.h>
#include <time.h>

#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "net/net.h"
#include "tests/delete_folder.h"
#include "tests/engine/training/state.h"

static struct {
    bool slow;
    int count;
    double spent, longest; /* seconds */
} judged;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

struct learner;
struct net_losses;
struct record;
bool __real_learner_judge(struct learner *learner, const struct record *record, struct net_losses *losses);
bool __wrap_learner_judge(struct learner *learner, const struct record *record, struct net_losses *losses)
{
    const double began = now();
    const bool good = __real_learner_judge(learner, record, losses);
    if (!judged.slow)
        return good;
    g_usleep(10000);
    const double spent = now() - began;
    judged.count++;
    judged.spent += spent;
    judged.longest = MAX(judged.longest, spent);
    return good;
}

/* In a run of its own; returns how long it took. */
static double train(double seconds, int64_t *games)
{
    struct game game;
    struct settings settings;
    struct store_counts counts;
    char *folder = g_dir_make_tmp("tengen-judged-XXXXXX", NULL);
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:4", sizeof settings.net);
    settings.visits = 2;
    settings.batch = 16;
    struct store *store = open_run_in(folder, "run", &settings);
    const double began = now();
    train_run(store, &settings, &game, 1, &(struct training_options){.threads = 2, .seconds = seconds});
    const double passed = now() - began;
    cr_assert(store_count(store, &counts, NULL));
    *games = counts.games;
    store_close(store);
    delete_folder(folder);
    g_free(folder);
    return passed;
}

Test(judged_share, is_a_twentieth_of_the_trainers_time, .timeout = 60)
{
    int64_t games;
    judged.slow = true;
    const double seconds = train(3, &games);
    /* The last one may have begun at the very end. */
    cr_assert_leq(judged.spent - judged.longest, 0.05 * seconds, "%.2f of %.2f s, %d of %d games", judged.spent,
                  seconds, judged.count, (int)games);
    cr_assert_gt(judged.count, 1, "no game is judged after the first");
    cr_assert_gt(games, 2 * judged.count, "%d of %d games were judged: too few to tell", judged.count, (int)games);
}

/* A lab on several ranks, which are threads of this process: the same nets and ratings as of one process, also after it was
 * stopped; a rank that sees another folder is refused. */
#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "engine/cluster/host.h"
#include "engine/cluster/message.h"
#include "engine/cluster/worker.h"
#include "engine/lab/lab.h"
#include "engine/lab/plan.h"
#include "engine/lab/ranks/ranks.h"
#include "engine/lab/results.h"
#include "engine/match/ranks/ranks.h"
#include "tests/delete_folder.h"
#include "tests/engine/cluster/local_job.h"
#include "tests/engine/cluster/peer.h"
#include "tests/engine/cluster/rank_crew.h"

static const char file[] =
    "game: gomoku:3,line=3\nseeds: [1, 2]\nbudget: {steps: 20}\nslices: 2\n"
    "settings: {net: 'conv:8', batch: 16, visits: 4, first_rows: 20, deterministic: 1, round_games: 4}\n"
    "arms: [{name: a, rate: 0.01}, {name: b, rate: 0.02}]\n"
    "compare: {games: 4, visits: 4, anchors: ['rollout:5']}\n";

static char *folder;
static struct lab_plan plan;
static struct rank_crew crew;

static void set_up(void)
{
    GError *error = NULL;
    folder = g_dir_make_tmp("tengen-lab-ranks-XXXXXX", NULL);
    char *path = g_build_filename(folder, "lab.yaml", NULL);
    cr_assert(g_file_set_contents(path, file, -1, NULL));
    cr_assert(lab_plan_read(&plan, path, &error) && lab_plan_settle(&plan, &error), "%s", error ? error->message : "");
    g_free(path);
}

static void tear_down(void)
{
    lab_plan_clear(&plan);
    delete_folder(folder);
    g_free(folder);
}

TestSuite(lab_ranks, .init = set_up, .fini = tear_down, .timeout = 120);

static void work(struct cluster_worker *worker, const char *name, struct message_reader *fields)
{
    (strcmp(name, LAB_WORK) == 0 ? lab_rank_train : match_rank_play)(worker, fields, 1);
}

static void begin(void)
{
    rank_crew_begin(&crew, &(struct cluster_host_config){.arguments = "lab"}, work);
}

static void end(void)
{
    rank_crew_end(&crew, 0, 0);
}

static enum lab_end run(const char *name, struct cluster_host *cluster, struct lab_results *results)
{
    struct lab lab;
    GError *error = NULL;
    char *path = g_build_filename(folder, name, NULL);
    cr_assert(lab_open(&lab, &plan, path, &error), "%s", error ? error->message : "");
    lab.cluster = cluster;
    lab_results_init(results, &plan);
    const enum lab_end end = lab_run(&lab, results, &error);
    cr_assert_neq(end, LAB_FAILED, "%s", error ? error->message : "");
    lab_close(&lab);
    g_free(path);
    return end;
}

/* What a step is made of and the ratings are the same; speed and processor time are not. */
static void assert_same(const struct lab_results *one, const struct lab_results *many)
{
    static const enum lab_metric metrics[] = {LAB_STEPS, LAB_SAMPLES, LAB_GAMES, LAB_ROWS, LAB_LOSS, LAB_ELO_VISITS};
    for (int arm = 0; arm < plan.arm_count; arm++)
        for (int seed = 0; seed < plan.seed_count; seed++)
            for (size_t i = 0; i < G_N_ELEMENTS(metrics); i++) {
                const double a = one->values[arm][seed][metrics[i]].value,
                             b = many->values[arm][seed][metrics[i]].value;
                cr_assert(isfinite(a) && a == b, "arm %d, seed %d: %s is %g, not %g", arm, seed,
                          lab_metrics[metrics[i]].key, b, a);
            }
}

Test(lab_ranks, the_same_nets_and_ratings_as_of_one_process)
{
    struct lab_results one, many;
    cr_assert_eq(run("one", NULL, &one), LAB_FINISHED);
    begin();
    local_job_lose(crew.job, 1, 0, MESSAGE_GAME, 1);
    local_job_repeat(crew.job, 2, 0, MESSAGE_GAME, 3);
    cr_assert_eq(run("many", crew.host, &many), LAB_FINISHED);
    cr_assert(many.finished);
    assert_same(&one, &many);
    cr_assert_gt(rank_crew_games(&crew), 0, "rank 0 did everything");
    end();
    char *mark = g_build_filename(folder, "many", "ranks", NULL);
    cr_assert(!g_file_test(mark, G_FILE_TEST_EXISTS));
    g_free(mark);
    lab_results_clear(&one);
    lab_results_clear(&many);
}

static int attempt;

/* Later each time, so that the lab comes to its end on a slow machine, too. */
static void *stop_soon(void *user)
{
    g_usleep(50000ul * (gulong)(1 + attempt));
    cluster_worker_stop(user);
    return NULL;
}

Test(lab_ranks, stopped_by_a_rank_and_continued)
{
    struct lab_results one, many;
    pthread_t thread;
    enum lab_end how = LAB_STOPPED;
    cr_assert_eq(run("one", NULL, &one), LAB_FINISHED);
    for (attempt = 0; how == LAB_STOPPED; attempt++) {
        begin();
        cr_assert_eq(pthread_create(&thread, NULL, stop_soon, crew.workers[1 + attempt % 2]), 0);
        how = run("many", crew.host, &many);
        pthread_join(thread, NULL);
        end();
        if (how == LAB_STOPPED)
            lab_results_clear(&many);
        cr_assert_lt(attempt, 60);
    }
    assert_same(&one, &many);
    lab_results_clear(&one);
    lab_results_clear(&many);
}

Test(lab_ranks, a_rank_that_sees_another_folder_is_refused)
{
    struct local_job *job = local_job_new(2);
    struct rank_crew_member *member = g_new(struct rank_crew_member, 1);
    pthread_t thread;
    *member = (struct rank_crew_member){.work = work};
    member->worker =
        cluster_worker_open(local_job_rank(job, 1), &(struct cluster_worker_config){.arguments = "lab"}, NULL);
    cr_assert_eq(pthread_create(&thread, NULL, rank_crew_run_member, member), 0);
    GByteArray *message = message_new(MESSAGE_WELCOME);
    char *here = g_get_current_dir(), *path = lab_mark_path(folder);
    cr_assert(g_file_set_contents(path, "theirs", -1, NULL));
    const char *const texts[] = {LAB_WORK, here, "lab.yaml", file, folder, "ours"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        message_put_text(message, texts[i]);
    message_put_u64(message, 0);
    peer_send(local_job_rank(job, 0), 1, message_finish(message));
    GBytes *answer = peer_expect(local_job_rank(job, 0), MESSAGE_FAILED);
    cr_assert_not_null(answer);
    struct message_reader reader = peer_read(answer);
    char *text = message_take_text(&reader);
    cr_assert(strstr(text, "does not see the folder"), "%s", text);
    GByteArray *last = message_new(MESSAGE_END);
    message_put_u64(last, 2);
    peer_send(local_job_rank(job, 0), 1, message_finish(last));
    pthread_join(thread, NULL);
    local_job_free(job);
    g_bytes_unref(answer);
    g_free(text);
    g_free(here);
    g_free(path);
}

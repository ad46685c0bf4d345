/* The other ranks: train the slices that rank 0 hands out. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/worker.h"
#include "engine/lab/lab.h"
#include "engine/lab/ledger.h"
#include "engine/lab/plan.h"
#include "engine/lab/ranks/ranks.h"

#define LOOK_S 0.2 /* between two looks at whether rank 0 wants no more */

struct rank {
    struct cluster_worker *worker;
    struct lab_plan plan;
    struct lab lab;
    FILE *out;
    pthread_t watcher;
    atomic_bool stop, over; /* no more training; nothing to watch */
};

/* ---- what rank 0 says ---- */

/* The same file must lie in the same place. */
static bool check_folder(const char *folder, const char *mark, GError **error)
{
    char *path = lab_mark_path(folder), *seen = NULL;
    const bool same = g_file_get_contents(path, &seen, NULL, NULL) && strcmp(seen, mark) == 0;
    if (!same)
        g_set_error(error, LAB_ERROR, LAB_ERROR_PLACE,
                    "does not see the folder %s of rank 0; give an --out on a file system that all ranks share",
                    folder);
    g_free(seen);
    g_free(path);
    return same;
}

static bool enter(const char *place, GError **error)
{
    if (chdir(place) == 0)
        return true;
    g_set_error(error, LAB_ERROR, LAB_ERROR_PLACE,
                "cannot enter %s, where rank 0 was started; start the job in a folder that all ranks share", place);
    return false;
}

static bool prepare(struct rank *rank, struct message_reader *fields, GError **error)
{
    size_t length;
    char *place = message_take_text(fields), *file = message_take_text(fields);
    const char *text = message_take_bytes(fields, &length);
    char *folder = message_take_text(fields), *mark = message_take_text(fields);
    const int64_t before = (int64_t)message_take_u64(fields);
    bool good = fields->good;
    if (!good)
        g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "a damaged message from rank 0");
    good = good && enter(place, error) && check_folder(folder, mark, error) &&
           lab_plan_parse(&rank->plan, text, length, file, error) && lab_plan_settle(&rank->plan, error) &&
           lab_join(&rank->lab, &rank->plan, folder, before, error);
    g_free(place);
    g_free(file);
    g_free(folder);
    g_free(mark);
    return good;
}

/* ---- training ---- */

static void *watch(void *user)
{
    struct rank *rank = user;
    while (!atomic_load(&rank->over))
        if (cluster_worker_is_finishing(rank->worker, LOOK_S)) {
            atomic_store(&rank->stop, true);
            break;
        }
    return NULL;
}

/* False, after rank 0 has been told, if it failed or was stopped. */
static bool train_one(struct rank *rank, uint64_t number, struct message_reader *fields)
{
    struct ledger_progress progress;
    int64_t slice;
    int seed, arm;
    GError *error = NULL;
    lab_take_progress(fields, &progress);
    lab_order(&rank->plan, (int64_t)number, &slice, &seed, &arm);
    const enum lab_end end = slice < rank->plan.keys.slices && fields->good
                                 ? lab_train_slice(&rank->lab, arm, seed, slice, &progress, rank->out, &error)
                                 : LAB_FAILED;
    if (end == LAB_FAILED) {
        cluster_worker_fail(
            rank->worker,
            error ? error : g_error_new_literal(CLUSTER_ERROR, CLUSTER_ERROR_LOST, "a damaged message from rank 0"));
        return false;
    }
    if (end == LAB_STOPPED && !atomic_load(&rank->stop)) /* training took the signal */
        cluster_worker_stop(rank->worker);
    GByteArray *result = g_byte_array_new();
    lab_put_progress(result, &progress);
    cluster_worker_hand_in(rank->worker, number, 0, g_byte_array_free_to_bytes(result));
    return end == LAB_FINISHED;
}

static void train_all(struct rank *rank)
{
    struct message_reader fields;
    uint64_t number;
    bool good = true;
    const bool watching = pthread_create(&rank->watcher, NULL, watch, rank) == 0;
    rank->lab.stop_training = &rank->stop;
    for (GBytes *next; good && (next = cluster_worker_next(rank->worker, &number, &fields));) {
        good = train_one(rank, number, &fields);
        g_bytes_unref(next);
    }
    atomic_store(&rank->over, true);
    if (watching)
        pthread_join(rank->watcher, NULL);
}

void lab_rank_train(struct cluster_worker *worker, struct message_reader *fields, int threads)
{
    struct rank rank = {.worker = worker};
    GError *error = NULL;
    if (prepare(&rank, fields, &error) && (rank.out = fopen("/dev/null", "w"))) {
        rank.lab.threads = threads > 0 ? threads : cluster_threads((int)g_get_num_processors());
        train_all(&rank);
        fclose(rank.out);
    } else
        cluster_worker_fail(worker,
                            error ? error : g_error_new_literal(LAB_ERROR, LAB_ERROR_PLACE, "cannot open /dev/null"));
    cluster_worker_finish(worker);
    lab_close(&rank.lab);
    lab_plan_clear(&rank.plan);
}

/* Two self-play workers with an ops table of their own: a queue in memory, without training. Nets and games are passed
 * as bytes, as they would be between machines. Nets are swapped, and the workers are ended, during games. A plain
 * program, because Criterion does not start under ThreadSanitizer.
 *
 * The queue records all calls; when the workers have ended, every game is unpacked and compared with these. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/selfplay/selfplay.h"
#include "engine/selfplay/worker.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

enum { NETS = 3, WORKERS = 2, GAMES = 200, GAMES_A_NET = 6, PLIES = 24 };

/* The calls of the table for a game. */
struct noted {
    struct game game;
    int plies;
    uint32_t generation[PLIES]; /* of the worker's net at each move */
    bool searched[PLIES];
    GBytes *packed; /* NULL: not handed in */
};

struct queue {
    GBytes *nets[NETS]; /* constant */
    pthread_mutex_t lock;
    /* guarded by lock */
    uint32_t generation;
    bool stopping;
    int handed_in;
    uint64_t next, evaluations;
    struct noted games[GAMES];
};

struct member {
    struct queue *queue;
    pthread_t thread;
    const struct selfplay_config *config;
    /* used by the worker's thread only */
    uint32_t generation;
    struct noted *noted; /* the game in play; NULL between games */
    int searches;        /* in it */
    bool ended;          /* before_move or next_game has returned the end */
};

static void check(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "thread_workers: %s\n", what);
    exit(1);
}

static struct net *unpack_net(const struct queue *queue, uint32_t generation)
{
    struct net *net;
    GError *error = NULL;
    gsize size;
    const void *data = g_bytes_get_data(queue->nets[generation], &size);
    int result = net_read_bytes(&net, data, size, "the queue", &error);
    check(result == 0, error ? error->message : "a net cannot be unpacked");
    return net;
}

/* ---- the table ---- */

static bool next_game(void *user, struct selfplay_assignment *next, GError **error)
{
    (void)error;
    struct member *member = user;
    struct queue *queue = member->queue;
    check(!member->ended && !member->noted, "a game was requested during another one or after the end");
    pthread_mutex_lock(&queue->lock);
    member->ended = queue->stopping;
    if (!member->ended) {
        check(queue->next < GAMES, "the workers do not end");
        member->noted = &queue->games[queue->next];
        member->searches = 0;
        next->number = queue->next++;
        next->seed = rng_mix(next->number);
    }
    pthread_mutex_unlock(&queue->lock);
    return !member->ended;
}

static bool take_net(void *user, const struct selfplay_net *in_use, struct selfplay_net *newest, GError **error)
{
    (void)error;
    struct member *member = user;
    struct queue *queue = member->queue;
    check(!member->ended, "a net was requested after the end");
    check(!in_use->net || in_use->generation == member->generation, "the worker uses another net than it was given");
    pthread_mutex_lock(&queue->lock);
    uint32_t generation = queue->generation;
    pthread_mutex_unlock(&queue->lock);
    if (!in_use->net || in_use->generation != generation) {
        member->generation = generation;
        *newest = (struct selfplay_net){unpack_net(queue, generation), generation};
    }
    return true;
}

static void hand_in(void *user, struct record *record, uint64_t evaluations)
{
    struct member *member = user;
    struct queue *queue = member->queue;
    check(!member->ended && member->noted, "a game that was not in play was handed in");
    pthread_mutex_lock(&queue->lock);
    check(member->noted == &queue->games[record->number], "another game than the one given");
    member->noted->packed = record_pack(record);
    member->noted = NULL;
    queue->handed_in++;
    queue->evaluations += evaluations;
    pthread_mutex_unlock(&queue->lock);
    record_unref(record);
}

/* New nets, and the end, both arrive after the third search of a game. */
static bool before_move(void *user)
{
    struct member *member = user;
    struct queue *queue = member->queue;
    pthread_mutex_lock(&queue->lock);
    if (member->searches++ == 3 && queue->handed_in >= GAMES_A_NET * ((int)queue->generation + 1)) {
        if (queue->generation + 1 < NETS)
            queue->generation++;
        else
            queue->stopping = true;
    }
    member->ended = queue->stopping;
    pthread_mutex_unlock(&queue->lock);
    return !member->ended;
}

static void began(void *user, const struct game *game, uint64_t number, uint32_t generation)
{
    struct member *member = user;
    check(member->noted == &member->queue->games[number] && generation == member->generation, "another game began");
    member->noted->game = *game;
}

static void moved(void *user, game_move move, float value_player_0)
{
    (void)move;
    struct member *member = user;
    struct noted *noted = member->noted;
    check(noted->plies < PLIES, "a game continues beyond max_plies");
    noted->searched[noted->plies] = !isnan(value_player_0);
    noted->generation[noted->plies++] = member->generation;
}

static const struct selfplay_worker_ops queue_ops = {
    .next_game = next_game,
    .take_net = take_net,
    .hand_in = hand_in,
    .before_move = before_move,
    .began = began,
    .moved = moved,
};

static void *run_worker(void *user)
{
    struct member *member = user;
    GError *error = NULL;
    int result = selfplay_worker_run(&queue_ops, member, member->config, &error);
    check(result == 0, error ? error->message : "a worker failed without an error");
    check(member->ended, "a worker ended by itself");
    return NULL;
}

/* ---- checks at the end ---- */

/* Whether the net's output in the position is the one stored in the record (in 16 bits). */
static bool is_answer(struct evaluator *evaluator, const struct eval_query *query, const struct record_ply *ply)
{
    static struct eval eval;
    evaluator_evaluate(evaluator, 1, query, &eval);
    return fabsf(eval.wdl[0] - ply->raw_wdl[0]) < 5e-5f && fabsf(eval.wdl[2] - ply->raw_wdl[2]) < 5e-5f;
}

/* Checks that every search used the newest net. Returns how often the net changed. */
static int check_nets(const struct queue *queue, const struct record *record, const struct noted *noted,
                      const struct selfplay_config *config)
{
    struct evaluator *evaluators[NETS];
    for (uint32_t i = 0; i < NETS; i++) {
        struct net *net = unpack_net(queue, i);
        const struct evaluator_config evaluator = {.kind = EVALUATOR_NET,
                                                   .net = net,
                                                   .backend = config->backend,
                                                   .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                                   .seed = (uint64_t)config->settings->seed};
        check(evaluator_create(&evaluators[i], &record->game, &evaluator, NULL) == 0, "no evaluator");
        net_unref(net);
    }
    union any_position position;
    struct history history;
    int changes = 0;
    game_init(&record->game, &position.p);
    history_init(&history, PLIES);
    for (int i = 0; i < record->ply_count; i++) {
        const struct record_ply *ply = &record->plies[i];
        const struct eval_query query = {.position = &position.p, .history = &history, .want = EVAL_VALUE};
        check(noted->searched[i] == ((ply->flags & RECORD_SEARCHED) != 0),
              "the observed moves differ from those handed in");
        for (uint32_t net = 0; net < NETS && noted->searched[i]; net++)
            check(is_answer(evaluators[net], &query, ply) == (net == noted->generation[i]), "the wrong net was used");
        changes += i > 0 && noted->generation[i] != noted->generation[i - 1];
        game_play(&record->game, &position.p, &history, ply->move);
    }
    history_clear(&history);
    for (int i = 0; i < NETS; i++)
        evaluator_free(evaluators[i]);
    return changes;
}

static void check_games(const struct queue *queue, const struct selfplay_config *config)
{
    int changes = 0, of_size[2] = {0}, strayed = 0, abandoned = 0;
    for (uint64_t i = 0; i < queue->next; i++) {
        const struct noted *noted = &queue->games[i];
        struct record *record;
        GError *error = NULL;
        gsize size;
        if (!noted->packed) {
            abandoned++;
            continue;
        }
        const void *data = g_bytes_get_data(noted->packed, &size);
        int result = record_unpack(&record, NULL, data, size, &error);
        check(result == 0, error ? error->message : "a game cannot be unpacked");
        check(record->number == i && record->ply_count == noted->plies, "the wrong record");
        check(game_equal(&record->game, &noted->game), "a record has another game than the one that was played");
        check(noted->generation[0] == record->generation, "a record has another generation than its first move");
        int which = record->game.width != config->games[0].width;
        of_size[which]++;
        strayed += game_komi(&record->game) != game_komi(&config->games[which]);
        changes += check_nets(queue, record, noted, config);
        record_unref(record);
    }
    check(abandoned >= 1 && abandoned <= WORKERS, "not exactly the games in progress at the end were abandoned");
    check(changes >= 1, "no net was swapped during a game");
    check(of_size[0] > 0 && of_size[1] > 0 && strayed > 0, "size and komi do not vary");
    check(queue->evaluations > (uint64_t)queue->handed_in, "evaluations were not counted");
    printf("%d games, %d swaps during one, %d abandoned\n", queue->handed_in, changes, abandoned);
}

int main(void)
{
    static struct queue queue;
    static struct settings settings;
    struct game games[2];
    struct member members[WORKERS];
    check(game_parse(&games[0], "go:5,komi=3", NULL) && game_parse(&games[1], "go:4,komi=2", NULL), "no game");
    settings_presets(&settings, &games[0]);
    settings.visits = 4;
    settings.opening_plies = 2;
    settings.max_plies = PLIES;
    const struct selfplay_config config = {
        .games = games, .game_count = 2, .settings = &settings, .backend = NET_BACKEND_PLAIN, .cache_bytes = 1 << 16};
    for (int i = 0; i < NETS; i++) {
        struct net *net;
        check(evaluator_net_fresh(&net, &games[0], "conv:8", (uint64_t)i, NULL) == 0, "no net");
        queue.nets[i] = net_write_bytes(net, NULL);
        net_unref(net);
    }
    pthread_mutex_init(&queue.lock, NULL);
    for (int i = 0; i < WORKERS; i++) {
        members[i] = (struct member){.queue = &queue, .config = &config};
        check(pthread_create(&members[i].thread, NULL, run_worker, &members[i]) == 0, "no thread");
    }
    for (int i = 0; i < WORKERS; i++)
        pthread_join(members[i].thread, NULL);
    check_games(&queue, &config);
    for (uint64_t i = 0; i < queue.next; i++)
        g_bytes_unref(queue.games[i].packed);
    for (int i = 0; i < NETS; i++)
        g_bytes_unref(queue.nets[i]);
    pthread_mutex_destroy(&queue.lock);
    return 0;
}

#include "engine/viewer/watch/run_elo.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h> /* IWYU pragma: keep */
#include <unistd.h>

#include "agents/agent.h"
#include "engine/match/game.h"
#include "engine/match/openings.h"
#include "games/game.h"

/* MAX_DISTANCE: between the indices of two rated checkpoints that play each other. */
enum { ENOUGH_GAMES = 80, OPENING_PLIES = 4, MAX_DISTANCE = 2 };

struct rated {
    uint32_t generation;
    char *path;
};

/* The number of games between two generations, of which a is the older. */
struct meeting {
    uint32_t a, b;
    int games;
};

/* The result of a game. Both games of an opening have the same `pair`. */
struct result {
    uint32_t a, b;
    double points; /* of a */
    int pair;
};

struct run_elo {
    struct game game;
    void (*wake)(void *);
    void *user;
    pthread_t thread;
    atomic_int tid;
    atomic_bool stop;

    pthread_mutex_t lock; /* guards the following members */
    pthread_cond_t changed;
    struct rated rated[RUN_ELO_MAX];
    int count;
    GArray *meetings; /* of struct meeting */
    GArray *results;  /* of struct result */
    int pairs;
};

static struct meeting *find_meeting(struct run_elo *elo, uint32_t a, uint32_t b)
{
    for (guint i = 0; i < elo->meetings->len; i++) {
        struct meeting *meeting = &g_array_index(elo->meetings, struct meeting, i);
        if (meeting->a == a && meeting->b == b)
            return meeting;
    }
    struct meeting fresh = {.a = a, .b = b};
    g_array_append_val(elo->meetings, fresh);
    return &g_array_index(elo->meetings, struct meeting, elo->meetings->len - 1);
}

/* Chooses the two checkpoints with the fewest games between them; paths are copied. Returns false if all have played
 * enough. Call with the lock held. */
static bool next_pair(struct run_elo *elo, struct rated *a, struct rated *b)
{
    int fewest = ENOUGH_GAMES;
    bool found = false;
    for (int i = 0; i < elo->count; i++)
        for (int j = i + 1; j <= i + MAX_DISTANCE && j < elo->count; j++) {
            int games = find_meeting(elo, elo->rated[i].generation, elo->rated[j].generation)->games;
            if (games >= fewest)
                continue;
            fewest = games;
            found = true;
            *a = elo->rated[i];
            *b = elo->rated[j];
        }
    if (found) {
        a->path = g_strdup(a->path);
        b->path = g_strdup(b->path);
    }
    return found;
}

static struct agent *open_agent(struct run_elo *elo, const char *path)
{
    struct agent *agent = NULL;
    const struct agent_config config = {.seed = 1, .threads = 1};
    char *spec = g_strdup_printf("policy:%s,temperature=0.5", path);
    agent_open(&agent, spec, &elo->game, &config, NULL);
    g_free(spec);
    return agent;
}

/* Plays one opening twice with colours swapped. */
static void play_pair(struct run_elo *elo, const struct rated *a, const struct rated *b, uint64_t seed)
{
    struct agent *agents[2] = {open_agent(elo, a->path), open_agent(elo, b->path)};
    struct match_opening opening = {0};
    struct result results[2];
    int played = 0;
    match_random_openings(&elo->game, MIN(elo->game.width, elo->game.height) >= 7 ? OPENING_PLIES : 1, seed, &opening,
                          1);
    for (int side = 0; agents[0] && agents[1] && side < 2 && !atomic_load(&elo->stop); side++) {
        struct agent *const seated[2] = {agents[side], agents[1 - side]};
        struct match_game game;
        match_play_game(&elo->game, seated, NULL, &opening, NULL, &elo->stop, seed + (uint64_t)side, &game);
        if (game.end == MATCH_RULES) {
            int winner = game.outcome == GAME_WON_0 ? side : game.outcome == GAME_WON_1 ? 1 - side : -1;
            results[played++] =
                (struct result){.a = a->generation, .b = b->generation, .points = winner < 0 ? 0.5 : winner == 0};
        }
        match_game_clear(&game);
    }
    agent_close(agents[0]);
    agent_close(agents[1]);
    pthread_mutex_lock(&elo->lock);
    struct meeting *meeting = find_meeting(elo, a->generation, b->generation);
    for (int i = 0; i < played; i++) {
        results[i].pair = elo->pairs;
        g_array_append_val(elo->results, results[i]);
    }
    elo->pairs++;
    /* A network that cannot be loaded is not scheduled again. */
    meeting->games += agents[0] && agents[1] ? played : ENOUGH_GAMES;
    pthread_mutex_unlock(&elo->lock);
}

static void *run(void *user)
{
    struct run_elo *elo = user;
    struct rated a, b;
    uint64_t seed = 1;
    const struct sched_param none = {0};
    atomic_store(&elo->tid, (int)syscall(SYS_gettid));
    sched_setscheduler(0, SCHED_IDLE, &none);
    pthread_mutex_lock(&elo->lock);
    while (!atomic_load(&elo->stop)) {
        if (!next_pair(elo, &a, &b)) {
            pthread_cond_wait(&elo->changed, &elo->lock);
            continue;
        }
        pthread_mutex_unlock(&elo->lock);
        play_pair(elo, &a, &b, seed += 2);
        g_free(a.path);
        g_free(b.path);
        if (!atomic_load(&elo->stop))
            elo->wake(elo->user);
        pthread_mutex_lock(&elo->lock);
    }
    pthread_mutex_unlock(&elo->lock);
    return NULL;
}

struct run_elo *run_elo_start(const struct game *game, void (*wake)(void *user), void *user)
{
    struct run_elo *elo = g_new0(struct run_elo, 1);
    elo->game = *game;
    elo->wake = wake;
    elo->user = user;
    elo->meetings = g_array_new(FALSE, FALSE, sizeof(struct meeting));
    elo->results = g_array_new(FALSE, FALSE, sizeof(struct result));
    pthread_mutex_init(&elo->lock, NULL);
    pthread_cond_init(&elo->changed, NULL);
    if (pthread_create(&elo->thread, NULL, run, elo) != 0)
        g_error("the system refuses a thread; free memory or raise its limit of processes");
    return elo;
}

static void clear_rated(struct run_elo *elo)
{
    for (int i = 0; i < elo->count; i++)
        g_free(elo->rated[i].path);
    elo->count = 0;
}

void run_elo_set(struct run_elo *elo, const uint32_t *generations, char *const *paths, int count)
{
    pthread_mutex_lock(&elo->lock);
    clear_rated(elo);
    int chosen = MIN(count, RUN_ELO_MAX);
    for (int i = 0; i < chosen; i++) {
        /* Evenly spaced, including the first and the last. */
        int at = chosen > 1 ? (int)((int64_t)i * (count - 1) / (chosen - 1)) : 0;
        elo->rated[elo->count++] = (struct rated){generations[at], g_strdup(paths[at])};
    }
    pthread_cond_signal(&elo->changed);
    pthread_mutex_unlock(&elo->lock);
}

static int index_of(const struct run_elo *elo, uint32_t generation)
{
    for (int i = 0; i < elo->count; i++)
        if (elo->rated[i].generation == generation)
            return i;
    return -1;
}

int run_elo_read(struct run_elo *elo, struct run_elo_point *points, int *games)
{
    const struct rating_anchor oldest = {0, 0};
    pthread_mutex_lock(&elo->lock);
    struct rating_game *played = g_new(struct rating_game, elo->results->len + 1);
    int count = 0, players = elo->count;
    for (guint i = 0; i < elo->results->len; i++) {
        const struct result *result = &g_array_index(elo->results, struct result, i);
        int a = index_of(elo, result->a), b = index_of(elo, result->b);
        if (a >= 0 && b >= 0)
            played[count++] = (struct rating_game){a, b, result->points, result->pair};
    }
    for (int i = 0; i < players; i++)
        points[i] = (struct run_elo_point){.generation = elo->rated[i].generation};
    if (games)
        *games = (int)elo->results->len;
    pthread_mutex_unlock(&elo->lock);
    if (count && players) {
        const struct rating_config config = {
            .players = players, .games = played, .count = count, .anchors = &oldest, .anchor_count = 1};
        struct rating_table table;
        rating_fit(&config, &table);
        for (int i = 0; i < players; i++)
            points[i].rating = table.ratings[i];
        rating_table_clear(&table);
    }
    g_free(played);
    return players;
}

void run_elo_stop(struct run_elo *elo)
{
    if (!elo)
        return;
    const struct sched_param none = {0};
    atomic_store(&elo->stop, true);
    pthread_mutex_lock(&elo->lock);
    pthread_cond_signal(&elo->changed);
    pthread_mutex_unlock(&elo->lock);
    if (atomic_load(&elo->tid)) /* so that it ends soon even if all cores are busy */
        sched_setscheduler(atomic_load(&elo->tid), SCHED_OTHER, &none);
    pthread_join(elo->thread, NULL);
    clear_rated(elo);
    g_array_unref(elo->meetings);
    g_array_unref(elo->results);
    pthread_mutex_destroy(&elo->lock);
    pthread_cond_destroy(&elo->changed);
    g_free(elo);
}

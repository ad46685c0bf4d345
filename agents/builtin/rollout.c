/* Plain Monte Carlo tree search with one random playout per leaf: the reference opponent for measuring strength. Every
 * constant is set here rather than taken from the search's defaults, so that the player stays the same when those
 * change. */
#include <pthread.h>
#include <stddef.h>

#include "agents/agent.h"
#include "agents/builtin/player.h"
#include "agents/option.h"
#include "games/game.h"
#include "games/option.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"

struct settings {
    int64_t playouts, threads;
    double cpuct, fpu;
    int threats;
};

static const struct option_row options[] = {
    {"threads", OPTION_WHOLE, offsetof(struct settings, threads), 1, AGENT_MAX_THREADS,
     .help = "search threads, sharing one tree (1)"},
    {"cpuct", OPTION_REAL, offsetof(struct settings, cpuct), 0.01, 100,
     .help = "exploration constant, for experiments; the reference opponent uses the default"},
    {"fpu", OPTION_REAL, offsetof(struct settings, fpu), -2, 2,
     .help = "first-play urgency: reduction from the parent's value, for experiments"},
    {"threats", OPTION_INT, offsetof(struct settings, threats), 0, MCTS_MAX_THREATS,
     .help = "search for wins by threats, for experiments: 0 none; in Gomoku 1 fours, 2 at the root also threes, but "
             "not in caro (0)"},
    {.name = NULL},
};

/* Swept in round robins with alternating colours, Elo relative to the mean of each pool:
 *   go:7,komi=9, 300 playouts, 120 games each: cpuct 0.5 -22, 1 +42, 2 +35, 4 +55, 8 -27, 16 -82 (+-54)
 *   gomoku:9, 1000 playouts, 168 games each: cpuct 1 -33, 2 -22, 4 +59, 8 -52; with fpu -0.3 2 +44, 4 +29; with fpu 0.3
 *   2 -33, 4 +7 (+-47)
 *   go:9, 500 playouts, 56 games each: cpuct 1 +6, 2 -22, 4 +39, 8 -96; with fpu -0.3 2 +6, 4 +79; 0.3 -5, -5 (+-82)
 * So 4 is the best, or not significantly worse, in all three. Frozen: results against this player must stay
 * comparable. */
static const struct settings frozen = {.threads = 1, .cpuct = 4.0, .fpu = 0.0};

struct rollout {
    struct settings settings;
    struct player *player;
    pthread_mutex_t lock; /* guards the player's place, which a new game fills anew, against `stop` */
};

static bool read_settings(const char *argument, struct settings *settings, GError **error)
{
    static const struct option_row playouts[] = {
        {"playouts", OPTION_WHOLE, offsetof(struct settings, playouts), 1, 1e9, .help = "playouts per move"},
        {.name = NULL},
    };
    *settings = frozen;
    char *first = g_strdup_printf("playouts=%.*s", (int)strcspn(argument, ","), argument);
    bool fine = agent_options_parse("rollout", first, playouts, settings, error) &&
                agent_options_parse_after("rollout", argument, options, settings, error);
    g_free(first);
    return fine;
}

/* In place of the one before, which is closed. */
static void put_player(struct rollout *own, struct player *player)
{
    struct player *old = own->player;
    pthread_mutex_lock(&own->lock);
    own->player = player;
    pthread_mutex_unlock(&own->lock);
    player_close(old);
}

/* The playouts of an evaluator share one random stream, so each game gets new evaluators: the same seed gives the same
 * game, regardless of earlier games. */
static bool make_player(struct agent *agent, GError **error)
{
    struct rollout *own = agent->own;
    const struct settings *s = &own->settings;
    size_t memory = (size_t)256 << 20;
    if (agent->memory_bytes > 0)
        memory = MIN(memory, (size_t)agent->memory_bytes);
    put_player(own, NULL); /* before the new one takes its memory */
    const struct player_config config = {.search = {.selection = MCTS_PUCT,
                                                    .cpuct = (float)s->cpuct,
                                                    .cpuct_base = 1,
                                                    .fpu_reduction = (float)s->fpu,
                                                    .root_fpu_reduction = (float)s->fpu,
                                                    .policy_temperature = 1,
                                                    .prove = s->threats > 0,
                                                    .threats = s->threats,
                                                    .threads = (int)s->threads,
                                                    .memory_bytes = memory},
                                         .visits = s->playouts};
    struct evaluator *evaluators[AGENT_MAX_THREADS];
    const struct evaluator_config leaf = {.kind = EVALUATOR_ROLLOUT, .playouts = 1, .seed = rng_next(&agent->rng)};
    agent->unattended = true;
    agent_sync_search_game(agent);
    if (evaluator_create(&evaluators[0], &agent->search_game, &leaf, error) != 0)
        return false;
    for (int i = 1; i < s->threads; i++)
        evaluators[i] = evaluator_clone(evaluators[0]);
    struct player *player = NULL;
    bool made = player_create(&player, agent, &config, evaluators, error) == 0;
    put_player(own, player);
    return made;
}

static bool open_rollout(struct agent *agent, const char *argument, GError **error)
{
    struct rollout *own = agent->own = g_new0(struct rollout, 1);
    pthread_mutex_init(&own->lock, NULL);
    return read_settings(argument, &own->settings, error) && make_player(agent, error);
}

static bool new_game(struct agent *agent, GError **error)
{
    struct rollout *own = agent->own;
    if (!make_player(agent, error))
        return false;
    player_new_game(own->player, agent);
    return true;
}

static bool moved(struct agent *agent, game_move move, GError **error)
{
    (void)error;
    player_moved(((struct rollout *)agent->own)->player, move);
    return true;
}

static bool choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error)
{
    (void)error;
    player_analyse(((struct rollout *)agent->own)->player, agent, clock, NULL, choice);
    return true;
}

static bool analyse(struct agent *agent, const struct agent_clock *clock, const struct agent_analysis *analysis,
                    struct agent_choice *choice, GError **error)
{
    (void)error;
    player_analyse(((struct rollout *)agent->own)->player, agent, clock, analysis, choice);
    return true;
}

static void stop(struct agent *agent)
{
    struct rollout *own = agent->own;
    pthread_mutex_lock(&own->lock);
    if (own->player)
        player_stop(own->player);
    pthread_mutex_unlock(&own->lock);
}

static void release(struct agent *agent)
{
    struct rollout *own = agent->own;
    if (!own)
        return;
    player_close(own->player);
    pthread_mutex_destroy(&own->lock);
    g_free(own);
}

const struct agent_ops agent_rollout_ops = {
    .name = "rollout",
    .usage = "rollout:PLAYOUTS",
    .summary = "Monte Carlo tree search with PLAYOUTS random playouts per move",
    .options = options,
    .open = open_rollout,
    .new_game = new_game,
    .moved = moved,
    .choose = choose,
    .analyse = analyse,
    .stop = stop,
    .close = release,
};

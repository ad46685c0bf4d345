#include "engine/ladder/ladder.h"
#include "engine/ladder/ladder_internal.h"

#include <stdlib.h>
#include <string.h>

#include "agents/agent.h"
#include "agents/net_path.h"
#include "engine/match/game.h"
#include "engine/match/openings.h"
#include "games/game.h"

static const char generation_prefix[] = "generation:";

/* ---- rungs ---- */

/* Whether it can play; a net of the run is not asked. */
static bool check_rung(const struct ladder *ladder, const char *spec, const char *from, GError **error)
{
    struct agent *agent;
    const struct agent_config config = {.seed = 1, .threads = 1};
    if (strcmp(spec, LADDER_START) == 0) {
        if (!from[0])
            g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                                "rungs: " LADDER_START
                                " is the net from which a run starts, and this one starts from random weights");
        return from[0] != 0;
    }
    if (agent_open(&agent, spec, ladder->game, &config, error) != 0) {
        g_prefix_error(error, "rungs: ");
        return false;
    }
    agent_close(agent);
    return true;
}

static bool add_rung(struct ladder *ladder, const char *spec, const char *from, GError **error)
{
    if (ladder->count == LADDER_MAX_RUNGS || strlen(spec) >= STORE_RUNG_MAX) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "rungs: at most %d agents of at most %d characters",
                    LADDER_MAX_RUNGS, STORE_RUNG_MAX - 1);
        return false;
    }
    if (!check_rung(ladder, spec, from, error))
        return false;
    g_strlcpy(ladder->rungs[ladder->count++], spec, STORE_RUNG_MAX);
    return true;
}

static bool add_default(struct ladder *ladder, GError **error)
{
    char *path = net_path_find("default", ladder->game->ops->name, NULL);
    char *spec = g_strdup_printf("net:default,visits=%d", ladder->visits);
    const bool good = !path || add_rung(ladder, spec, "", error);
    g_free(path);
    g_free(spec);
    return good;
}

/* The order matters: who plays first has 0 Elo. */
static bool add_presets(struct ladder *ladder, const char *from, GError **error)
{
    if (from[0])
        return add_rung(ladder, LADDER_START, from, error) &&
               (strcmp(from, "default") == 0 || add_default(ladder, error)) &&
               add_rung(ladder, "rollout:1000", from, error);
    return add_rung(ladder, "rollout:1000", from, error) && add_rung(ladder, "random", from, error) &&
           add_rung(ladder, "rollout:100", from, error) && add_default(ladder, error);
}

bool ladder_init(struct ladder *ladder, const struct game *game, const char *rungs, const char *from, int visits,
                 GError **error)
{
    *ladder = (struct ladder){.game = game, .visits = visits};
    if (!rungs[0])
        return add_presets(ladder, from, error);
    char **specs = g_strsplit(rungs, ";", -1);
    bool good = true;
    for (int i = 0; good && specs[i]; i++)
        good = add_rung(ladder, g_strstrip(specs[i]), from, error);
    g_strfreev(specs);
    return good;
}

bool ladder_rung_generation(const char *rung, uint32_t *generation)
{
    if (!g_str_has_prefix(rung, generation_prefix))
        return false;
    *generation = (uint32_t)strtoul(rung + strlen(generation_prefix), NULL, 10);
    return true;
}

bool ladder_set_failed(struct ladder *ladder, const char *rung)
{
    bool left = false;
    for (int i = 0; i < ladder->count; i++) {
        ladder->failed[i] |= strcmp(ladder->rungs[i], rung) == 0;
        left |= !ladder->failed[i];
    }
    return left;
}

/* ---- schedule ---- */

static const struct store_rung_game *game_at(const GArray *games, guint i)
{
    return &g_array_index(games, struct store_rung_game, i);
}

static bool has_its_games(const GArray *games, uint32_t generation)
{
    int count = 0;
    double points = 0;
    for (guint i = 0; i < games->len; i++)
        if (game_at(games, i)->generation == generation) {
            count++;
            points += game_at(games, i)->points;
        }
    bool one_sided = points <= 0 || points >= count;
    return count >= (one_sided ? LADDER_ONE_SIDED : LADDER_GAMES);
}

bool ladder_is_on_disk(const GArray *generations, uint32_t generation)
{
    for (guint i = 0; i < generations->len; i++)
        if (g_array_index(generations, uint32_t, i) == generation)
            return true;
    return false;
}

/* The checkpoint whose turn it is: the one that is being measured, until it has its games, then the newest. */
static uint32_t choose_generation(const GArray *games, const GArray *generations)
{
    uint32_t newest = g_array_index(generations, uint32_t, generations->len - 1);
    if (games->len == 0)
        return newest;
    uint32_t current = game_at(games, games->len - 1)->generation;
    return ladder_is_on_disk(generations, current) && !has_its_games(games, current) ? current : newest;
}

/* The mean score of the last RECENT games against a rung, whichever checkpoints played them: their strength changes slowly. One more
 * game, with a score of one half, is added to them. *own: all games of this generation against the rung. */
static double recent_score(const GArray *games, uint32_t generation, const char *rung, int *own)
{
    enum { RECENT = 12 };
    double points = 0.5;
    int count = 0;
    *own = 0;
    for (guint i = games->len; i-- > 0;) {
        const struct store_rung_game *game = game_at(games, i);
        if (strcmp(game->rung, rung) != 0)
            continue;
        if (count < RECENT) {
            points += game->points;
            count++;
        }
        *own += game->generation == generation;
    }
    return points / (count + 1);
}

/* How much one more pair against a rung would be worth: less with each game played, and little where the outcome is all but certain: so
 * a rung that is always beaten gets few games, however many the others have had. */
static double worth(const GArray *games, uint32_t generation, const char *rung)
{
    enum { ENOUGH = 8 }; /* own games that halve the worth of another pair */
    int own;
    const double score = recent_score(games, generation, rung, &own);
    return score * (1 - score) / (own + ENOUGH);
}

static void consider(const GArray *games, struct ladder_meeting *meeting, const char *rung, double *most)
{
    double value = worth(games, meeting->generation, rung);
    if (value <= *most)
        return;
    *most = value;
    g_strlcpy(meeting->rung, rung, STORE_RUNG_MAX);
}

/* The last generation below `generation` that has played; false if there is none. */
static bool find_before(const GArray *games, uint32_t generation, uint32_t *before)
{
    bool found = false;
    for (guint i = 0; i < games->len; i++) {
        uint32_t played = game_at(games, i)->generation;
        if (played < generation && (!found || played > *before)) {
            *before = played;
            found = true;
        }
    }
    return found;
}

struct ladder_meeting ladder_next(const struct ladder *ladder, const GArray *games, const GArray *generations)
{
    struct ladder_meeting meeting = {.generation = choose_generation(games, generations)};
    uint32_t rung = meeting.generation;
    double most = 0;
    for (int i = 0; i < ladder->count; i++)
        if (!ladder->failed[i])
            consider(games, &meeting, ladder->rungs[i], &most);
    /* Earlier checkpoints that have been measured and are still on disk: the last two. */
    for (int found = 0; found < 2 && find_before(games, rung, &rung);) {
        char name[STORE_RUNG_MAX];
        if (!ladder_is_on_disk(generations, rung))
            continue;
        g_snprintf(name, sizeof name, "%s%u", generation_prefix, rung);
        consider(games, &meeting, name, &most);
        found++;
    }
    return meeting;
}

/* ---- playing ---- */

void ladder_table_init(struct ladder_table *table)
{
    *table = (struct ladder_table){.agents = {NULL}};
    pthread_mutex_init(&table->lock, NULL);
}

void ladder_table_clear(struct ladder_table *table)
{
    pthread_mutex_destroy(&table->lock);
}

void ladder_table_stop(struct ladder_table *table)
{
    atomic_store(&table->stop, true);
    pthread_mutex_lock(&table->lock);
    for (int i = 0; i < 2; i++)
        if (table->agents[i])
            agent_stop(table->agents[i]);
    pthread_mutex_unlock(&table->lock);
}

static void seat(struct ladder_table *table, struct agent *a, struct agent *b)
{
    pthread_mutex_lock(&table->lock);
    table->agents[0] = a;
    table->agents[1] = b;
    pthread_mutex_unlock(&table->lock);
}

static struct agent *open_net(const struct ladder *ladder, const char *path, GError **error)
{
    struct agent *agent = NULL;
    const struct agent_config config = {.seed = 1, .threads = 1};
    char *spec = g_strdup_printf("net:%s,visits=%d", path, ladder->visits);
    agent_open(&agent, spec, ladder->game, &config, error);
    g_free(spec);
    return agent;
}

static struct agent *open_rung(const struct ladder *ladder, const char *rung, const char *net, GError **error)
{
    struct agent *agent = NULL;
    const struct agent_config config = {.seed = 2, .threads = 1};
    if (net)
        return open_net(ladder, net, error);
    agent_open(&agent, rung, ladder->game, &config, error);
    return agent;
}

bool ladder_draw_opening(const struct game *game, const char *net, int64_t pair, struct match_opening *opening,
                         GError **error)
{
    const double even = 0.4; /* of -1 to 1: won by the first player in 30 to 70 % of the games */
    return match_find_even_openings(game, net, match_default_opening_plies(game), even, (uint64_t)pair, opening, 1,
                                    error);
}

static bool fill(const struct match_game *played, const struct ladder_meeting *meeting, int side, int64_t pair,
                 struct store_rung_game *game, GError **error)
{
    if (played->end == MATCH_FORFEIT)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_DIED, "%s: %s", meeting->rung, played->reason);
    if (played->end == MATCH_STOPPED || played->end == MATCH_FORFEIT)
        return false;
    bool won = played->outcome == (side == 0 ? GAME_WON_0 : GAME_WON_1);
    *game = (struct store_rung_game){.pair = pair,
                                     .generation = meeting->generation,
                                     .first = side == 0,
                                     .points = played->outcome == GAME_DRAWN ? 0.5 : won,
                                     .plies = played->plies,
                                     .seconds = played->seconds};
    g_strlcpy(game->rung, meeting->rung, STORE_RUNG_MAX);
    return true;
}

int ladder_play(const struct ladder *ladder, struct ladder_table *table, const struct ladder_meeting *meeting,
                const char *net, const char *rung_net, int64_t pair, struct store_rung_game games[2], GError **error)
{
    struct match_opening opening;
    struct agent *own = open_net(ladder, net, error);
    struct agent *other = own ? open_rung(ladder, meeting->rung, rung_net, error) : NULL;
    int count = 0;
    bool good = own && other && ladder_draw_opening(ladder->game, net, pair, &opening, error);
    for (int side = 0; good && side < 2 && !atomic_load(&table->stop); side++) {
        struct agent *const seated[2] = {side ? other : own, side ? own : other};
        struct match_game played;
        seat(table, own, other);
        match_play_game(ladder->game, seated, NULL, &opening, NULL, &table->stop, 2 * (uint64_t)pair + (uint64_t)side,
                        &played);
        seat(table, NULL, NULL);
        good = fill(&played, meeting, side, pair, &games[count], error);
        count += good;
        match_game_clear(&played);
    }
    agent_close(own);
    agent_close(other);
    return count;
}

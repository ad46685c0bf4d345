/* The base of every agent: the table, specs, and the position and history by which an agent tracks a game. */
#include "agents/agent.h"

#include <math.h>
#include <string.h>

#include "agents/option.h"

extern const struct agent_ops agent_random_ops, agent_rollout_ops, agent_net_ops, agent_policy_ops, agent_perfect_ops,
    agent_gtp_ops, agent_gomocup_ops;

const struct agent_ops *const agent_table[] = {
    &agent_random_ops,  &agent_rollout_ops, &agent_net_ops,     &agent_policy_ops,
    &agent_perfect_ops, &agent_gtp_ops,     &agent_gomocup_ops, NULL};

G_DEFINE_QUARK(tengen - agent - error, agent_error)

static const struct agent_ops *find_ops(const char *spec, const char **argument, GError **error)
{
    size_t length = strcspn(spec, ":");
    for (int i = 0; agent_table[i]; i++)
        if (strlen(agent_table[i]->name) == length && strncmp(agent_table[i]->name, spec, length) == 0) {
            *argument = spec[length] ? spec + length + 1 : "";
            return agent_table[i];
        }
    GString *usages = g_string_new(NULL);
    for (int i = 0; agent_table[i]; i++)
        g_string_append_printf(usages, "%s%s", i ? ", " : "", agent_table[i]->usage);
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "unknown agent \"%.*s\"; expected one of %s", (int)length, spec,
                usages->str);
    g_string_free(usages, TRUE);
    return NULL;
}

void agent_sync_search_game(struct agent *agent)
{
    agent->search_game = agent->unattended ? game_unattended(agent->game) : *agent->game;
}

/* Makes the current position the start of the moves that the agent tracks. */
static void mark_start(struct agent *agent)
{
    agent_sync_search_game(agent);
    game_copy(agent->game, agent->start, agent->position);
    agent->start_plies = agent->history.count;
    g_array_set_size(agent->moves, 0);
}

static void start_position(struct agent *agent, uint64_t seed)
{
    game_init(agent->game, agent->position);
    history_truncate(&agent->history, 0);
    mark_start(agent);
    rng_seed(&agent->rng, seed);
    agent->seed = seed;
}

int agent_share_of_threads(unsigned processors, int searches)
{
    return (int)CLAMP(processors / (unsigned)searches, 1, AGENT_MAX_THREADS);
}

int agent_open(struct agent **out, const char *spec, const struct game *game, const struct agent_config *config,
               GError **error)
{
    *out = NULL;
    const char *argument;
    const struct agent_ops *ops = find_ops(spec, &argument, error);
    if (!ops)
        return -1;
    struct agent *agent = g_new0(struct agent, 1);
    agent->ops = ops;
    agent->game = game;
    agent->spec = g_strdup(spec);
    agent->threads = CLAMP(config->threads, 1, AGENT_MAX_THREADS);
    agent->memory_bytes = config->memory_bytes;
    agent->reply_ms = config->reply_ms > 0 ? config->reply_ms : AGENT_REPLY_MS;
    agent->limits = config->limits;
    agent->memory = g_strdup(config->memory);
    agent->position = g_malloc0(sizeof(union any_position));
    agent->start = g_malloc0(sizeof(union any_position));
    agent->moves = g_array_new(FALSE, FALSE, sizeof(game_move));
    history_init(&agent->history, game->max_plies);
    start_position(agent, config->seed);
    if (!ops->open(agent, argument, error)) {
        agent_close(agent);
        return -1;
    }
    *out = agent;
    return 0;
}

void agent_close(struct agent *agent)
{
    if (!agent)
        return;
    if (agent->ops->close)
        agent->ops->close(agent);
    history_clear(&agent->history);
    g_array_free(agent->moves, TRUE);
    g_free(agent->start);
    g_free(agent->position);
    g_free(agent->spec);
    g_free(agent->scope);
    g_free(agent->memory);
    g_free(agent->memory_problem);
    g_free(agent);
}

void agent_describe_all(FILE *out)
{
    for (int i = 0; agent_table[i]; i++) {
        fprintf(out, "  %s  %s\n", agent_table[i]->usage, agent_table[i]->summary);
        if (agent_table[i]->options)
            agent_options_describe(agent_table[i]->options, out);
    }
}

bool agent_takes_clock(const struct agent *agent, const struct agent_clock *control, GError **error)
{
    return !agent->ops->takes_clock || agent->ops->takes_clock(agent, control, error);
}

bool agent_new_game(struct agent *agent, uint64_t seed, GError **error)
{
    start_position(agent, seed);
    return !agent->ops->new_game || agent->ops->new_game(agent, error);
}

bool agent_set_position(struct agent *agent, const struct position *position, const struct history *history,
                        GError **error)
{
    game_copy(agent->game, agent->position, position);
    if (history)
        history_copy(&agent->history, history);
    else
        history_truncate(&agent->history, 0);
    mark_start(agent);
    return !agent->ops->new_game || agent->ops->new_game(agent, error);
}

bool agent_moved(struct agent *agent, game_move move, GError **error)
{
    game_play(agent->game, agent->position, &agent->history, move);
    g_array_append_val(agent->moves, move);
    return !agent->ops->moved || agent->ops->moved(agent, move, error);
}

bool agent_choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error)
{
    static const struct agent_clock no_clock;
    *choice = (struct agent_choice){.action = AGENT_PLAYS, .move = GAME_NO_MOVE, .value = NAN};
    int64_t start = g_get_monotonic_time();
    agent_sync_search_game(agent);
    agent->recalled = 0;
    bool fine = agent->ops->choose(agent, clock ? clock : &no_clock, choice, error);
    choice->time_ms = (g_get_monotonic_time() - start) / 1000;
    return fine;
}

double agent_chance(float value)
{
    return isfinite(value) ? CLAMP(0.5 + 0.5 * (double)value, 0.0, 1.0) : 0.5;
}

int agent_report_count(const struct agent_report *report, int64_t min, int64_t max)
{
    int count = 0;
    while (count < report->count && (report->candidates[count].visits > 0 || count < min || count == 0) &&
           (!max || count < max))
        count++;
    return count;
}

/* Reports the choice of an agent without a search as its only candidate. */
static void report_choice(const struct agent_choice *choice, const struct agent_analysis *analysis)
{
    float value = isnan(choice->value) ? 0 : choice->value;
    const struct agent_candidate candidate = {.move = choice->move,
                                              .visits = MAX(choice->visits, 1),
                                              .prior = 1,
                                              .value = value,
                                              .lcb = value,
                                              .length = 1,
                                              .line = {choice->move}};
    const struct agent_report report = {.visits = candidate.visits,
                                        .time_ms = choice->time_ms,
                                        .value = value,
                                        .raw_value = value,
                                        .count = choice->action == AGENT_PLAYS,
                                        .candidates = &candidate};
    if (analysis->report)
        analysis->report(&report, analysis->data);
}

bool agent_analyse(struct agent *agent, const struct agent_clock *clock, const struct agent_analysis *analysis,
                   struct agent_choice *choice, GError **error)
{
    static const struct agent_clock no_clock;
    struct agent_choice ignored;
    if (!agent->ops->analyse) {
        choice = choice ? choice : &ignored;
        if (!agent_choose(agent, clock, choice, error))
            return false;
        report_choice(choice, analysis);
        return true;
    }
    int64_t start = g_get_monotonic_time();
    if (choice)
        *choice = (struct agent_choice){.action = AGENT_PLAYS, .move = GAME_NO_MOVE, .value = NAN};
    agent_sync_search_game(agent);
    agent->recalled = 0;
    bool fine = agent->ops->analyse(agent, clock ? clock : &no_clock, analysis, choice, error);
    if (choice)
        choice->time_ms = (g_get_monotonic_time() - start) / 1000;
    return fine;
}

bool agent_score(struct agent *agent, struct game_result *result, GError **error)
{
    if (agent->ops->score)
        return agent->ops->score(agent, result, error);
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s cannot score a position; use gtp:COMMAND LINE as referee",
                agent->ops->name);
    return false;
}

bool agent_finished(struct agent *agent, enum game_outcome outcome, const atomic_bool *stop, GError **error)
{
    return !agent->ops->finished || agent->ops->finished(agent, outcome, stop, error);
}

bool agent_study(struct agent *agent, const atomic_bool *stop, GError **error)
{
    return !agent->ops->study || agent->ops->study(agent, stop, error);
}

void agent_stop(struct agent *agent)
{
    if (agent->ops->stop)
        agent->ops->stop(agent);
}

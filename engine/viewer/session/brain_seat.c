#include "agents/agent.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/brain_internal.h"
#include "engine/viewer/session/strength.h"
#include "games/game.h"

/* ---- lines ---- */

void brain_line_copy(struct brain_line *to, const struct brain_line *from)
{
    *to = *from;
    to->moves = g_memdup2(from->moves, sizeof *from->moves * (size_t)from->count);
}

void brain_line_clear(struct brain_line *line)
{
    g_free(line->moves);
    line->moves = NULL;
}

/* ---- seats ---- */

void brain_close_seat(struct seat *seat)
{
    agent_close(seat->agent);
    *seat = (struct seat){0};
}

static bool matches(const struct seat *seat, const struct job *job, const char *spec)
{
    return seat->agent && strcmp(seat->agent->spec, spec) == 0 && game_equal(&seat->game, &job->line.game);
}

struct seat *brain_find_seat(struct brain *brain, const struct job *job)
{
    for (int i = 0; i < 2; i++)
        if (matches(&brain->seats[i], job, job->spec))
            return &brain->seats[i];
    for (int i = 0; i < 2; i++)
        if (!brain->seats[i].agent)
            return &brain->seats[i];
    struct seat *seat = &brain->seats[brain->seats[0].agent->moves->len > brain->seats[1].agent->moves->len];
    brain_close_seat(seat);
    return seat;
}

bool brain_replay(const struct brain_line *line, struct position *position, struct history *history)
{
    history_init(history, line->count + 1);
    game_copy(&line->game, position, &line->start.p);
    for (int i = 0; i < line->count; i++)
        game_play(&line->game, position, history, line->moves[i]);
    return !game_over(position);
}

bool brain_ready_agent(struct brain *brain, struct seat *seat, const struct job *job, const char *spec,
                       const char *memory, GError **error)
{
    const struct agent_config config = {
        .seed = job->seed, .threads = brain->config.threads, .memory = *memory ? memory : NULL};
    const struct brain_line *line = &job->line;
    if (!seat->agent) {
        seat->game = line->game; /* the agent borrows it, so it must have a stable address */
        if (agent_open(&seat->agent, spec, &seat->game, &config, error) < 0)
            return false;
        char *caution = agent_caution_once(seat->agent, &brain->cautions);
        if (caution)
            brain_publish_caution(brain, caution);
        g_free(caution);
    }
    return agent_follow(seat->agent, line->from_start ? NULL : &line->start.p, line->moves, line->count, job->seed,
                        error);
}

bool brain_ready_analyst(struct brain *brain, const struct job *job, const char *net, GError **error)
{
    struct seat *seat = &brain->analyst;
    bool any = strcmp(net, "default") == 0;
    char *spec = any ? g_strdup(strength_analyst(&job->line.game)) : g_strconcat("net:", net, NULL);
    if (!matches(seat, job, spec))
        brain_close_seat(seat);
    bool ok = brain_ready_agent(brain, seat, job, spec, "", error);
    if (!ok)
        brain_close_seat(seat);
    g_free(spec);
    return ok;
}

#include "engine/viewer/session/brain_internal.h"

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

static bool same_start(const struct brain_line *a, const struct brain_line *b)
{
    return game_equal(&a->game, &b->game) && a->from_start == b->from_start &&
           (a->from_start || memcmp(&a->start, &b->start, a->game.position_bytes) == 0);
}

/* ---- seats: agents, and what they were told ---- */

void brain_close_seat(struct seat *seat)
{
    agent_close(seat->agent);
    brain_line_clear(&seat->line);
    *seat = (struct seat){0};
}

static bool fits(const struct seat *seat, const struct job *job, const char *spec)
{
    return seat->agent && strcmp(seat->agent->spec, spec) == 0 && game_equal(&seat->line.game, &job->line.game);
}

struct seat *brain_find_seat(struct brain *brain, const struct job *job)
{
    for (int i = 0; i < 2; i++)
        if (fits(&brain->seats[i], job, job->spec))
            return &brain->seats[i];
    for (int i = 0; i < 2; i++)
        if (!brain->seats[i].agent)
            return &brain->seats[i];
    struct seat *seat = &brain->seats[brain->seats[0].line.count > brain->seats[1].line.count];
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

/* Begins the agent's game anew, in the line's first position. */
static bool restart(struct seat *seat, const struct job *job, GError **error)
{
    struct brain_line line = job->line;
    brain_line_clear(&seat->line);
    line.moves = NULL;
    line.count = 0;
    seat->line = line;
    if (!agent_new_game(seat->agent, job->seed, error))
        return false;
    if (line.from_start)
        return true;
    struct history none;
    history_init(&none, 1);
    bool fine = agent_set_position(seat->agent, &line.start.p, &none, error);
    history_clear(&none);
    return fine;
}

/* Tells the agent what was played since; anew when moves were taken back. */
static bool catch_up(struct seat *seat, const struct job *job, GError **error)
{
    const struct brain_line *told = &seat->line, *wanted = &job->line;
    bool on = same_start(told, wanted) && told->count > 0 && told->count <= wanted->count &&
              memcmp(told->moves, wanted->moves, sizeof *told->moves * (size_t)told->count) == 0;
    if (!on && !restart(seat, job, error))
        return false;
    for (int i = seat->line.count; i < wanted->count; i++)
        if (!agent_moved(seat->agent, wanted->moves[i], error))
            return false;
    brain_line_clear(&seat->line);
    brain_line_copy(&seat->line, wanted);
    return true;
}

bool brain_ready_agent(struct brain *brain, struct seat *seat, const struct job *job, const char *spec, GError **error)
{
    const struct agent_config config = {.seed = job->seed, .threads = brain->config.threads};
    if (seat->agent)
        return catch_up(seat, job, error);
    seat->line.game = job->line.game; /* the agent borrows it, so it has to lie where it stays */
    return agent_open(&seat->agent, spec, &seat->line.game, &config, error) == 0 && catch_up(seat, job, error);
}

bool brain_ready_analyst(struct brain *brain, const struct job *job, const char *net, GError **error)
{
    struct seat *seat = &brain->analyst;
    char *spec = g_strconcat("net:", net, NULL);
    if (!fits(seat, job, spec))
        brain_close_seat(seat);
    bool fine = brain_ready_agent(brain, seat, job, spec, error);
    if (!fine)
        brain_close_seat(seat);
    g_free(spec);
    return fine;
}

#include <math.h>

#include "agents/agent.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/brain_internal.h"
#include "games/game.h"

enum {
    REPORT_MS = 120,    /* interval between reports of an analysis */
    SETTLE_VISITS = 96, /* of the search for ownership before a pass is answered */
    SETTLE_MS = 3000,
    PASS_TRIES = 20 /* attempts to get another move from an agent that passes too early */
};

/* ---- analysis ---- */

struct listener {
    struct brain *brain;
    uint32_t ticket;
    bool publishes;
};

/* Called in any thread of the search, one call at a time, while the brain's thread waits for the search. */
static void on_report(const struct agent_report *report, void *data)
{
    const struct listener *listener = data;
    struct analysis *found = &listener->brain->scratch;
    int64_t ms = MAX(report->time_ms, 1);
    if (found->first_visits < 0)
        found->first_visits = report->visits, found->first_ms = ms;
    *found = (struct analysis){.ticket = listener->ticket,
                               .first_visits = found->first_visits,
                               .first_ms = found->first_ms,
                               .visits = report->visits,
                               .win = (float)agent_chance(report->value),
                               .draw = report->draw,
                               .lead = report->score};
    if (ms > found->first_ms)
        found->visits_per_s = 1e3 * (double)(report->visits - found->first_visits) / (double)(ms - found->first_ms);
    for (int i = 0; i < report->count; i++)
        found->prior[report->candidates[i].move] = report->candidates[i].prior;
    found->count = agent_report_count(report, 0, BRAIN_CANDIDATES);
    if (found->count)
        memcpy(found->candidates, report->candidates, sizeof *found->candidates * (size_t)found->count);
    found->has_map = report->map != NULL;
    if (report->map)
        memcpy(found->map, report->map, sizeof *found->map * listener->brain->points);
    if (listener->publishes)
        brain_publish_found(listener->brain);
}

/* Maps of winning lines are not useful before the game is over. */
static bool shows_map(const struct game *game)
{
    return game->ops->traits.map == GAME_MAP_OWNER;
}

/* Searches the job's position with the analyst; the result is in brain->scratch. visits and time_ms: 0 for no limit. */
static bool search(struct brain *brain, const struct job *job, int64_t visits, int64_t time_ms, bool publishes,
                   GError **error)
{
    struct listener listener = {brain, job->ticket, publishes};
    const struct agent_clock clock = {.visits = visits, .move_ms = time_ms};
    const struct agent_analysis analysis = {.interval_ms = publishes ? REPORT_MS : 0,
                                            .map = shows_map(&job->line.game),
                                            .stop = &brain->stop,
                                            .report = on_report,
                                            .data = &listener};
    brain->points = job->line.game.points;
    brain->scratch = (struct analysis){.first_visits = -1};
    return agent_analyse(brain->analyst.agent, &clock, &analysis, NULL, error);
}

static bool is_over(const struct brain_line *line)
{
    union any_position at;
    struct history history;
    bool going = brain_replay(line, &at.p, &history);
    history_clear(&history);
    return !going;
}

void brain_do_analyse(struct brain *brain, const struct job *job)
{
    GError *error = NULL;
    if (is_over(&job->line))
        return;
    if (!brain_ready_analyst(brain, job, job->spec, &error) || !search(brain, job, job->visits, 0, true, &error)) {
        brain_publish_failure(brain, job->ticket, error);
        return;
    }
    brain->scratch.final = true;
    brain_publish_found(brain);
}

/* ---- answering a pass ---- */

/* How many points have no clear owner yet. */
struct openness {
    bool known;
    int open;        /* number of points without a clear owner */
    game_move point; /* the least clear one */
};

/* Whether neither side can gain by playing on. The map of owners does not tell: it expects the player to move to make use of it. */
static bool is_finished(const struct job *job)
{
    union any_position at;
    struct history history;
    uint8_t dead[GAME_MAX_POINTS];
    const bool finished = brain_replay(&job->line, &at.p, &history) &&
                          job->line.game.ops->counting->finished(&job->line.game, &at.p, dead);
    history_clear(&history);
    return finished;
}

static struct openness assess_board(struct brain *brain, const struct job *job)
{
    const struct analysis *found = &brain->scratch;
    struct openness board = {.point = GAME_NO_MOVE};
    if (!brain_ready_analyst(brain, job, "default", NULL) ||
        !search(brain, job, SETTLE_VISITS, SETTLE_MS, false, NULL) || !found->has_map)
        return board;
    float smallest = 0.7f; /* below this ownership, a point is open */
    board.known = true;
    for (int p = 0; p < job->line.game.points; p++) {
        board.open += fabsf(found->map[p]) < 0.7f;
        if (fabsf(found->map[p]) < smallest) {
            smallest = fabsf(found->map[p]);
            board.point = (game_move)p;
        }
    }
    return board;
}

/* Whether more is open than the shared liberties of a few sekis. Passing would then look absurd to a human, even if it
 * won by the rules. */
static bool is_wide_open(const struct openness *board, const struct game *game)
{
    return board->known && board->open > MAX(3, game->points / 8);
}

/* Sets BRAIN_BEHIND if the agent would lose were the board scored as it stands. */
static void explain_refusal(const struct job *job, struct brain_event *event)
{
    union any_position at;
    struct history history;
    if (brain_replay(&job->line, &at.p, &history)) {
        struct game_result result = game_result(&job->line.game, &at.p);
        if (game_result_sign(&result, at.p.player) < 0 && event->refusal == BRAIN_NO_REFUSAL) {
            event->refusal = BRAIN_BEHIND;
            event->behind = fabsf(result.margin);
        }
    }
    history_clear(&history);
}

/* ---- choosing ---- */

static void set_choosing(struct brain *brain, struct agent *agent)
{
    pthread_mutex_lock(&brain->lock);
    brain->choosing = agent;
    pthread_mutex_unlock(&brain->lock);
}

/* Has the agent choose a move. wide_open: it should not pass. An agent that searches is restricted to other moves; one
 * that samples its policy ignores the restriction and is asked again. */
static bool ask_agent(struct brain *brain, const struct job *job, struct seat *seat, game_move pass, bool wide_open,
                      struct agent_choice *choice, GError **error)
{
    struct listener listener = {brain, job->ticket, true};
    uint8_t allowed[GAME_MAX_MOVES];
    memset(allowed, 1, sizeof allowed);
    if (pass != GAME_NO_MOVE)
        allowed[pass] = 0;
    const struct agent_analysis analysis = {.interval_ms = REPORT_MS,
                                            .map = shows_map(&job->line.game),
                                            .allowed = wide_open ? allowed : NULL,
                                            .stop = &brain->stop,
                                            .report = job->listens ? on_report : NULL,
                                            .data = &listener};
    brain->points = job->line.game.points;
    brain->scratch = (struct analysis){.first_visits = -1};
    set_choosing(brain, seat->agent);
    bool ok = true;
    int tries = 0;
    do
        ok = agent_analyse(seat->agent, &job->clock, &analysis, choice, error);
    while (ok && wide_open && choice->move == pass && ++tries < PASS_TRIES && !atomic_load(&brain->stop));
    set_choosing(brain, NULL);
    return ok;
}

void brain_do_choose(struct brain *brain, const struct job *job)
{
    GError *error = NULL;
    struct brain_event event = {.kind = BRAIN_CHOSE, .ticket = job->ticket};
    const game_move pass = job->line.game.pass;
    /* Counted games end by passes, after which unsettled points count for neither player. */
    bool counted = job->line.game.ops->counting != NULL;
    bool ours = counted && strncmp(job->spec, "gtp:", 4) != 0 && strncmp(job->spec, "gomocup:", 8) != 0;
    bool answers_pass = counted && job->line.count > 0 && job->line.moves[job->line.count - 1] == pass;
    struct openness board = {0};
    if (ours && answers_pass)
        board = assess_board(brain, job);
    if (board.known && board.open == 0 && is_finished(job)) {
        event.choice = (struct agent_choice){.action = AGENT_PLAYS, .move = pass, .value = NAN};
        brain_publish(brain, &event);
        return;
    }
    struct seat *seat = brain_find_seat(brain, job);
    bool ok = brain_ready_agent(brain, seat, job, job->spec, job->memory, &error) &&
              ask_agent(brain, job, seat, pass, is_wide_open(&board, &job->line.game), &event.choice, &error);
    /* A weak policy may pass early in the game, not in reply to a pass: check whether the board is still open. */
    if (ok && ours && !answers_pass && event.choice.move == pass) {
        board = assess_board(brain, job);
        if (is_wide_open(&board, &job->line.game))
            ok = ask_agent(brain, job, seat, pass, true, &event.choice, &error);
    }
    if (!ok) {
        brain_close_seat(seat); /* the next job reopens the agent */
        brain_publish_failure(brain, job->ticket, error);
        return;
    }
    if (answers_pass && event.choice.move != pass) {
        if (board.known && board.open > 0) {
            event.refusal = BRAIN_UNSETTLED;
            event.unsettled = board.point;
        }
        explain_refusal(job, &event);
    }
    event.recalled = seat->agent->recalled;
    brain_publish(brain, &event);
}

void brain_do_ponder(struct brain *brain, const struct job *job)
{
    if (strncmp(job->spec, "net:", 4) != 0 && strncmp(job->spec, "rollout:", 8) != 0)
        return;
    GError *error = NULL;
    struct seat *seat = brain_find_seat(brain, job);
    const struct agent_analysis analysis = {.stop = &brain->stop};
    if (!brain_ready_agent(brain, seat, job, job->spec, job->memory, &error) ||
        !agent_analyse(seat->agent, NULL, &analysis, NULL, &error)) {
        brain_close_seat(seat);
        brain_publish_failure(brain, job->ticket, error);
    }
}

/* Takes up what was stopped. */
static void study_on(struct brain *brain, const struct job *job)
{
    GError *error = NULL;
    for (int i = 0; i < 2; i++)
        if (brain->seats[i].agent && !agent_study(brain->seats[i].agent, &brain->stop, &error)) {
            brain_publish_failure(brain, job->ticket, error);
            return;
        }
}

void brain_do_study(struct brain *brain, const struct job *job)
{
    GError *error = NULL;
    if (job->outcome == GAME_ONGOING) {
        study_on(brain, job);
        return;
    }
    for (int i = 0; i < 2; i++) {
        struct seat *seat = &brain->seats[i];
        if (!seat->agent || !game_equal(&seat->game, &job->line.game))
            continue;
        if (!brain_ready_agent(brain, seat, job, seat->agent->spec, job->memory, NULL)) {
            brain_close_seat(seat);
        } else if (!agent_finished(seat->agent, job->outcome, &brain->stop, &error)) {
            brain_publish_failure(brain, job->ticket, error);
            return;
        }
    }
    const struct brain_event event = {.kind = BRAIN_STUDIED, .ticket = job->ticket};
    brain_publish(brain, &event);
}

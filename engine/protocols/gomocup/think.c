/* The agent: opened by what INFO says, asked for moves within the manager's limits, and left pondering. */
#include <math.h>

#include "engine/protocols/gomocup/session.h"

/* Time between our answer and the manager's clock, and what is kept back of a whole game's. */
enum { TURN_MARGIN_MS = 40, MATCH_MARGIN_MS = 150 };
/* What the program itself takes of the manager's memory limit: code, libraries, network. */
enum { OWN_MEMORY_BYTES = 110 << 20, LEAST_MEMORY_BYTES = 16 << 20 };

bool gomocup_open_agent(struct gomocup *g, GError **error)
{
    const struct agent_config config = {.seed = g->config.seed,
                                        .threads = (int)CLAMP(g->thread_count, 1, 256),
                                        .memory_bytes = MAX(g->memory_bytes - OWN_MEMORY_BYTES, LEAST_MEMORY_BYTES)};
    agent_close(g->agent);
    g->agent = NULL;
    g->agent_game = g->game;
    g->agent_follows = false;
    g->stale = false;
    return agent_open(&g->agent, g->agent_spec, &g->agent_game, &config, error) == 0;
}

static bool open_agent(struct gomocup *g)
{
    GError *error = NULL;
    if (gomocup_open_agent(g, &error))
        return true;
    gomocup_say(g, "ERROR %s", error->message);
    g_clear_error(&error);
    return false;
}

static bool bring_up(struct gomocup *g)
{
    GError *error = NULL;
    if (agent_take_up(g->agent, &g->at.p, &g->history, rng_mix(g->config.seed + g->games), &error)) {
        g->agent_follows = true;
        return true;
    }
    gomocup_say(g, "ERROR %s", error->message);
    g_clear_error(&error);
    return false;
}

void gomocup_prepare(struct gomocup *g)
{
    GError *error = NULL;
    if (gomocup_refresh(g) && !gomocup_open_agent(g, &error))
        g_clear_error(&error);
}

struct agent *gomocup_agent(struct gomocup *g)
{
    if (g->stale && !gomocup_refresh(g))
        return NULL;
    if ((!g->agent || g->stale || !game_equal(&g->agent_game, &g->game)) && !open_agent(g))
        return NULL;
    return g->agent_follows || bring_up(g) ? g->agent : NULL;
}

struct agent_clock gomocup_clock(const struct gomocup *g)
{
    struct agent_clock clock = {.visits = g->nodes > 0 ? g->nodes : 0};
    int64_t gone = (g_get_monotonic_time() - g->begin_us) / 1000;
    int64_t left = g->left_ms;
    if (left == GOMOCUP_UNLIMITED && g->match_ms > 0) /* not told yet: all of it */
        left = g->match_ms;
    if (g->turn_ms != GOMOCUP_UNLIMITED)
        clock.move_ms = MAX(g->turn_ms - gone - TURN_MARGIN_MS, 1);
    if (left != GOMOCUP_UNLIMITED && g->match_ms != 0)
        clock.main_ms = MAX(left - gone - MATCH_MARGIN_MS, 1);
    return clock;
}

/* Whatever the agent says, a manager wants a point: the first legal one when there is no sense in it. */
static game_move sound_move(const struct gomocup *g, const struct agent_choice *choice)
{
    game_move moves[GAME_MAX_MOVES];
    if (choice->move < g->game.points && g->game.ops->legal(&g->game, &g->at.p, &g->history, choice->move))
        return choice->move;
    return g->game.ops->legal_moves(&g->game, &g->at.p, &g->history, moves) ? moves[0] : GAME_NO_MOVE;
}

/* ---- what Yixin's boards are told of a search ---- */

struct telling {
    struct gomocup *g;
    int lines;
};

static int evaluation(float value)
{
    double chance = CLAMP(agent_chance(value), 0.0001, 0.9999);
    return (int)lrint(200 * log(chance / (1 - chance)));
}

static char *line_text(const struct gomocup *g, const struct agent_candidate *candidate)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < candidate->length && candidate->line[i] < g->game.points; i++)
        g_string_append_printf(text, "%s%d,%d", i ? " " : "", candidate->line[i] % g->game.width,
                               candidate->line[i] / g->game.width);
    return g_string_free(text, FALSE);
}

static void tell_detail(struct gomocup *g, const struct agent_report *report, int index)
{
    const struct agent_candidate *c = &report->candidates[index];
    char *line = line_text(g, c);
    gomocup_say(g, "INFO PV %d", index);
    gomocup_say(g, "INFO NUMPV %d", report->count);
    gomocup_say(g, "INFO DEPTH %d", c->length);
    gomocup_say(g, "INFO SELDEPTH %d", c->length);
    gomocup_say(g, "INFO NODES %" G_GINT64_FORMAT, c->visits);
    gomocup_say(g, "INFO TOTALNODES %" G_GINT64_FORMAT, report->visits);
    gomocup_say(g, "INFO TOTALTIME %" G_GINT64_FORMAT, report->time_ms);
    gomocup_say(g, "INFO SPEED %" G_GINT64_FORMAT, report->visits * 1000 / MAX(report->time_ms, 1));
    gomocup_say(g, "INFO EVAL %d", evaluation(c->value));
    gomocup_say(g, "INFO WINRATE %.4f", agent_chance(c->value));
    gomocup_say(g, "INFO BESTLINE %s", line);
    gomocup_say(g, "INFO PV DONE");
    g_free(line);
}

static void tell(const struct agent_report *report, void *data)
{
    const struct telling *telling = data;
    struct gomocup *g = telling->g;
    for (int i = 0; i < report->count && i < MAX(telling->lines, 1); i++) {
        const struct agent_candidate *c = &report->candidates[i];
        if (g->detail > 0) {
            tell_detail(g, report, i);
            continue;
        }
        char *line = line_text(g, c);
        gomocup_say(g,
                    "MESSAGE (%d) %.1f %% | visits %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " | %" G_GINT64_FORMAT
                    " ms | %s",
                    i + 1, 100 * agent_chance(c->value), c->visits, report->visits, report->time_ms, line);
        g_free(line);
    }
}

/* Thinks about the present position; false when ERROR was sent. */
static bool think(struct gomocup *g, const struct telling *telling, game_move *move)
{
    struct agent_choice choice;
    GError *error = NULL;
    if (game_over(&g->at.p)) {
        gomocup_say(g, "ERROR the game is over");
        return false;
    }
    struct agent *agent = gomocup_agent(g);
    if (!agent)
        return false;
    const struct agent_clock clock = gomocup_clock(g);
    const struct agent_analysis analysis = {.interval_ms = telling->lines > 0 ? 500 : 0,
                                            .candidates = MAX(telling->lines, 1),
                                            .stop = line_input_interrupt(g->input),
                                            .report = telling->lines > 0 || g->detail > 0 ? tell : NULL,
                                            .data = (void *)telling};
    if (!agent_analyse(agent, &clock, &analysis, &choice, &error)) {
        gomocup_say(g, "ERROR %s", error->message);
        g_clear_error(&error);
        agent_close(g->agent);
        g->agent = NULL;
        return false;
    }
    *move = sound_move(g, &choice);
    if (*move == GAME_NO_MOVE)
        gomocup_say(g, "ERROR there is no move left");
    return *move != GAME_NO_MOVE;
}

/* On the opponent's time, until anything comes. What is found stays in the agent's tree. */
static void ponder(struct gomocup *g)
{
    const struct agent_analysis analysis = {.stop = line_input_stop(g->input)};
    GError *error = NULL;
    if (g->ponder <= 0 || game_over(&g->at.p) || !g->agent_follows)
        return;
    if (!agent_analyse(g->agent, NULL, &analysis, NULL, &error)) {
        g_clear_error(&error);
        agent_close(g->agent);
        g->agent = NULL;
    }
}

void gomocup_answer(struct gomocup *g)
{
    const struct telling quiet = {.g = g};
    game_move move;
    if (!think(g, &quiet, &move))
        return;
    gomocup_put(g, move);
    gomocup_say(g, "%d,%d", move % g->game.width, move / g->game.width);
    ponder(g);
}

void gomocup_show_best(struct gomocup *g, int lines)
{
    const struct telling telling = {.g = g, .lines = lines};
    game_move move;
    if (think(g, &telling, &move))
        gomocup_say(g, "%d,%d", move % g->game.width, move / g->game.width);
}

static void keep_value(const struct agent_report *report, void *data)
{
    *(float *)data = report->value;
}

bool gomocup_judge(struct gomocup *g, int64_t ms, float *value, game_move *best)
{
    const struct agent_clock clock = {.move_ms = MAX(ms, 1)};
    const struct agent_analysis analysis = {
        .candidates = 1, .stop = line_input_interrupt(g->input), .report = keep_value, .data = value};
    struct agent_choice choice;
    GError *error = NULL;
    struct agent *agent = gomocup_agent(g);
    *value = 0;
    if (!agent)
        return false;
    if (!agent_analyse(agent, &clock, &analysis, &choice, &error)) {
        gomocup_say(g, "ERROR %s", error->message);
        g_clear_error(&error);
        return false;
    }
    *best = sound_move(g, &choice);
    return true;
}

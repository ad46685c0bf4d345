/* The agent: opening it with the settings from INFO, searching within the manager's limits, and pondering. */
#include <math.h>

#include "agents/agent.h"
#include "engine/protocols/common/line_input.h"
#include "engine/protocols/gomocup/gomocup.h"
#include "engine/protocols/gomocup/session.h"
#include "games/game.h"

/* Reserve for the delay until the manager stops the clock, per move and per game. */
enum { TURN_MARGIN_MS = 40, MATCH_MARGIN_MS = 150 };
/* The part of the memory limit that code, libraries and network take, and the minimum left for the agent. */
enum { OWN_MEMORY_BYTES = 110 << 20, MIN_MEMORY_BYTES = 16 << 20 };

bool gomocup_open_agent(struct gomocup *g, GError **error)
{
    struct agent_config config = {.seed = g->config.seed,
                                  .threads = (int)CLAMP(g->thread_count, 1, AGENT_MAX_THREADS),
                                  .memory_bytes = MAX(g->memory_bytes - OWN_MEMORY_BYTES, MIN_MEMORY_BYTES)};
    GError *why = NULL;
    agent_close(g->agent);
    g->agent = NULL;
    g->agent_game = g->game;
    g->agent_follows = false;
    g->stale = false;
    while (agent_open(&g->agent, g->agent_spec, &g->agent_game, &config, &why) != 0) {
        /* The system may grant less than the protocol does, for instance by a limited address space. */
        if (!g_error_matches(why, AGENT_ERROR, AGENT_ERROR_MEMORY) || config.memory_bytes <= MIN_MEMORY_BYTES) {
            g_propagate_error(error, why);
            return false;
        }
        g_clear_error(&why);
        config.memory_bytes = MAX(config.memory_bytes / 2, MIN_MEMORY_BYTES);
    }
    char *caution = agent_caution(g->agent);
    if (caution && !g->cautioned)
        fprintf(stderr, "tengen gomocup: %s\n", caution);
    g->cautioned |= caution != NULL;
    g_free(caution);
    return true;
}

static bool open_agent(struct gomocup *g)
{
    GError *error = NULL;
    if (gomocup_open_agent(g, &error))
        return true;
    gomocup_send(g, "ERROR %s", error->message);
    g_clear_error(&error);
    return false;
}

static bool sync_agent(struct gomocup *g)
{
    GError *error = NULL;
    if (agent_start_from(g->agent, &g->at.p, &g->history, rng_mix(g->config.seed + g->games), &error)) {
        g->agent_follows = true;
        return true;
    }
    gomocup_send(g, "ERROR %s", error->message);
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
    return g->agent_follows || sync_agent(g) ? g->agent : NULL;
}

int64_t gomocup_turn_ms(const struct gomocup *g)
{
    return g->turn_ms == 0 && g->match_ms > 0 ? GOMOCUP_UNLIMITED : g->turn_ms;
}

struct agent_clock gomocup_clock(const struct gomocup *g)
{
    struct agent_clock clock = {.visits = g->nodes > 0 ? g->nodes : 0};
    int64_t elapsed = (g_get_monotonic_time() - g->begin_us) / 1000;
    int64_t left = g->left_ms, turn_ms = gomocup_turn_ms(g);
    if (left == GOMOCUP_UNLIMITED && g->match_ms > 0) /* time_left not sent yet */
        left = g->match_ms;
    if (turn_ms != GOMOCUP_UNLIMITED)
        clock.move_ms = MAX(turn_ms - elapsed - TURN_MARGIN_MS, 1);
    if (left != GOMOCUP_UNLIMITED && g->match_ms != 0) {
        clock.main_ms = MAX(left - elapsed - MATCH_MARGIN_MS, 1);
        clock.increment_ms = MAX(g->increment_ms, 0);
    }
    return clock;
}

bool gomocup_is_blocked(const struct gomocup *g, game_move point)
{
    return point < g->game.points && g->blocked[point / g->game.width][point % g->game.width];
}

/* Fills `allowed` (by move) with whether YXBLOCK leaves the move, and returns the first legal one that it leaves. */
static game_move list_allowed(const struct gomocup *g, uint8_t *allowed)
{
    game_move moves[GAME_MAX_MOVES], first = GAME_NO_MOVE;
    int count = g->game.ops->legal_moves(&g->game, &g->at.p, &g->history, moves);
    for (game_move move = 0; move < g->game.moves; move++)
        allowed[move] = !gomocup_is_blocked(g, move);
    for (int i = 0; i < count && first == GAME_NO_MOVE; i++)
        if (allowed[moves[i]])
            first = moves[i];
    return first;
}

/* The agent's move, or this legal one if it resigned or chose no point: the protocol has no resignation. */
static game_move playable_move(const struct gomocup *g, const struct agent_choice *choice, game_move otherwise)
{
    bool fine = choice->move < g->game.points && !gomocup_is_blocked(g, choice->move) &&
                g->game.ops->legal(&g->game, &g->at.p, &g->history, choice->move);
    return fine ? choice->move : otherwise;
}

/* ---- search reports in Yixin's format ---- */

struct reporting {
    struct gomocup *g;
    int lines; /* number of variations; 0: report only if the manager set show_detail */
};

/* Yixin's scale: log odds of the win rate times 200. */
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

static void send_detail(struct gomocup *g, const struct agent_report *report, int index)
{
    const struct agent_candidate *c = &report->candidates[index];
    char *line = line_text(g, c);
    gomocup_send(g, "INFO PV %d", index);
    gomocup_send(g, "INFO NUMPV %d", report->count);
    gomocup_send(g, "INFO DEPTH %d", c->length);
    gomocup_send(g, "INFO SELDEPTH %d", c->length);
    gomocup_send(g, "INFO NODES %" G_GINT64_FORMAT, c->visits);
    gomocup_send(g, "INFO TOTALNODES %" G_GINT64_FORMAT, report->visits);
    gomocup_send(g, "INFO TOTALTIME %" G_GINT64_FORMAT, report->time_ms);
    gomocup_send(g, "INFO SPEED %" G_GINT64_FORMAT, report->visits * 1000 / MAX(report->time_ms, 1));
    gomocup_send(g, "INFO EVAL %d", evaluation(c->value));
    gomocup_send(g, "INFO WINRATE %.4f", agent_chance(c->value));
    gomocup_send(g, "INFO BESTLINE %s", line);
    gomocup_send(g, "INFO PV DONE");
    g_free(line);
}

static void send_report(const struct agent_report *report, void *data)
{
    const struct reporting *reporting = data;
    struct gomocup *g = reporting->g;
    for (int i = 0; i < report->count && i < MAX(reporting->lines, 1); i++) {
        const struct agent_candidate *c = &report->candidates[i];
        if (g->detail > 0) {
            send_detail(g, report, i);
            continue;
        }
        char *line = line_text(g, c);
        gomocup_send(g,
                     "MESSAGE (%d) %.1f %% | visits %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " | %" G_GINT64_FORMAT
                     " ms | %s",
                     i + 1, 100 * agent_chance(c->value), c->visits, report->visits, report->time_ms, line);
        g_free(line);
    }
}

/* Searches the current position. Returns false if it failed and ERROR was sent, or if the command was cancelled. */
static bool think(struct gomocup *g, const struct reporting *reporting, game_move *move)
{
    struct agent_choice choice;
    uint8_t allowed[GAME_MAX_MOVES];
    GError *error = NULL;
    const game_move first = game_over(&g->at.p) ? GAME_NO_MOVE : list_allowed(g, allowed);
    if (first == GAME_NO_MOVE) {
        gomocup_send(g, game_over(&g->at.p) ? "ERROR the game is over" : "ERROR no legal move that is not blocked");
        return false;
    }
    struct agent *agent = gomocup_agent(g);
    if (!agent)
        return false;
    const struct agent_clock clock = gomocup_clock(g);
    const struct agent_analysis analysis = {.interval_ms = reporting->lines > 0 ? 500 : 0,
                                            .candidates = MAX(reporting->lines, 1),
                                            .allowed = allowed,
                                            .stop = line_input_interrupt(g->input),
                                            .report = reporting->lines > 0 || g->detail > 0 ? send_report : NULL,
                                            .data = (void *)reporting};
    if (!agent_analyse(agent, &clock, &analysis, &choice, &error)) {
        gomocup_send(g, "ERROR %s", error->message);
        g_clear_error(&error);
        agent_close(g->agent);
        g->agent = NULL;
        return false;
    }
    *move = playable_move(g, &choice, first);
    return !line_input_cancelled(g->input);
}

/* Searches on the opponent's time until there is input. The agent keeps the tree. */
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
    const struct reporting quiet = {.g = g};
    game_move move;
    if (!think(g, &quiet, &move))
        return;
    g->own = (enum game_colour)g->at.p.colour;
    gomocup_place(g, move, g->own);
    gomocup_send(g, "%d,%d", move % g->game.width, move / g->game.width);
    ponder(g);
}

void gomocup_show_best(struct gomocup *g, int lines)
{
    const struct reporting reporting = {.g = g, .lines = lines};
    game_move move;
    if (think(g, &reporting, &move))
        gomocup_send(g, "%d,%d", move % g->game.width, move / g->game.width);
}

static void take_value(const struct agent_report *report, void *data)
{
    *(float *)data = report->value;
}

bool gomocup_evaluate(struct gomocup *g, int64_t ms, float *value, game_move *best)
{
    const struct agent_clock clock = {.move_ms = MAX(ms, 1)};
    const struct agent_analysis analysis = {
        .candidates = 1, .stop = line_input_interrupt(g->input), .report = take_value, .data = value};
    struct agent_choice choice;
    GError *error = NULL;
    struct agent *agent = gomocup_agent(g);
    *value = 0;
    if (!agent)
        return false;
    if (!agent_analyse(agent, &clock, &analysis, &choice, &error)) {
        gomocup_send(g, "ERROR %s", error->message);
        g_clear_error(&error);
        return false;
    }
    *best = playable_move(g, &choice, GAME_NO_MOVE);
    return !line_input_cancelled(g->input);
}

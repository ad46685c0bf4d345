/* Commands of Yixin and Rapfi. */
#include "agents/agent.h"
#include "engine/protocols/gomocup/session.h"
#include "games/game.h"
#include "games/gomoku/gomoku.h"

/* Like BOARD, but without starting a search. */
static void yx_board(struct gomocup *g, const char *rest)
{
    gomocup_read_board(g, rest, false);
}

/* Nothing to do: the line itself has already interrupted the search. */
static void yx_stop(struct gomocup *g, const char *rest)
{
    (void)g, (void)rest;
}

/* Answers FORBID, two digits each for x and y of every forbidden point, and a full stop. Only black has such points. */
static void yx_show_forbid(struct gomocup *g, const char *rest)
{
    (void)rest;
    GString *out = g_string_new("FORBID ");
    if (g->stale && !gomocup_agent(g))
        return;
    for (int p = 0; p < g->game.points && g->at.p.colour == GAME_BLACK && !game_over(&g->at.p); p++)
        if (gomoku_forbidden_kind(&g->game, &g->at.p, p) != GOMOKU_ALLOWED)
            g_string_append_printf(out, "%02d%02d", p % g->game.width, p / g->game.width);
    gomocup_send(g, "%s.", out->str);
    g_string_free(out, TRUE);
}

static void yx_n_best(struct gomocup *g, const char *rest)
{
    char *end;
    gint64 lines = g_ascii_strtoll(rest, &end, 10);
    if (end == rest || *end || lines < 1 || lines > GAME_MAX_POINTS)
        gomocup_send(g, "ERROR YXNBEST requires a number of variations, 1 to %d", GAME_MAX_POINTS);
    else
        gomocup_show_best(g, (int)lines);
}

/* The points of a list, up to DONE, are not to be played, or again. */
static void block(struct gomocup *g, const char *rest, bool blocked)
{
    int(*values)[3] = g_malloc0(sizeof *values * GAME_MAX_POINTS);
    int count = gomocup_read_list(g, rest, false, values, GAME_MAX_POINTS);
    for (int i = 0; i < count; i++)
        g->blocked[values[i][1]][values[i][0]] = blocked;
    g_free(values);
}

static void yx_block(struct gomocup *g, const char *rest)
{
    block(g, rest, true);
}
static void yx_block_undo(struct gomocup *g, const char *rest)
{
    block(g, rest, false);
}
static void yx_block_reset(struct gomocup *g, const char *rest)
{
    (void)rest;
    memset(g->blocked, 0, sizeof g->blocked);
}

static void yx_swap_1(struct gomocup *g, const char *rest)
{
    (void)rest;
    gomocup_swap_step(g, 1);
}
static void yx_swap_2(struct gomocup *g, const char *rest)
{
    (void)rest;
    gomocup_swap_step(g, 2);
}
static void yx_swap_3(struct gomocup *g, const char *rest)
{
    (void)rest;
    gomocup_swap_step(g, 3);
}

static void yx_hash_clear(struct gomocup *g, const char *rest)
{
    (void)rest;
    g->agent_follows = false; /* the agent drops its tree when the position is set again */
}

static void yx_show_info(struct gomocup *g, const char *rest)
{
    (void)rest;
    gomocup_send(g, "MESSAGE INFO MAX_THREAD_NUM %u", (unsigned)agent_share_of_threads(g_get_num_processors(), 1));
    gomocup_send(g, "MESSAGE INFO MAX_HASH_SIZE 22");
}

const struct gomocup_command gomocup_yixin_commands[] = {
    {"YXBOARD", true, yx_board},
    {"YXSTOP", false, yx_stop},
    {"STOP", false, yx_stop},
    {"YXSHOWFORBID", true, yx_show_forbid},
    {"YXNBEST", true, yx_n_best},
    {"YXHASHCLEAR", false, yx_hash_clear},
    {"YXBLOCK", true, yx_block},
    {"YXBLOCKUNDO", true, yx_block_undo},
    {"YXBLOCKRESET", false, yx_block_reset},
    {"YXSWAP2STEP1", true, yx_swap_1},
    {"YXSWAP2STEP2", true, yx_swap_2},
    {"YXSWAP2STEP3", true, yx_swap_3},
    {"YXSHOWINFO", false, yx_show_info},
    {NULL, false, NULL},
};

/* The session: parses lines into commands and runs them; the basic commands of the protocol. */
#include "agents/agent.h"
#include "engine/protocols/common/line_input.h"
#include "engine/protocols/common/protocol.h"
#include "engine/protocols/gomocup/gomocup.h"
#include "engine/protocols/gomocup/session.h"
#include "games/game.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>

static const struct gomocup_command *const tables[] = {
    gomocup_commands, gomocup_info_commands, gomocup_board_commands, gomocup_swap_commands, gomocup_yixin_commands,
};

void gomocup_send(struct gomocup *g, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *text = g_strdup_vprintf(format, list), *line = g_strconcat(text, "\r\n", NULL);
    va_end(list);
    g->broken = g->broken || !protocol_write(g->out, line, strlen(line));
    g_free(line);
    g_free(text);
}

static bool read_number(const char **at, int *value)
{
    char *end;
    gint64 number = g_ascii_strtoll(*at, &end, 10);
    if (end == *at || number < 0 || number > GAME_MAX_SIZE)
        return false;
    *value = (int)number;
    *at = end;
    return true;
}

bool gomocup_read_point(const struct gomocup *g, const char *text, game_move *point)
{
    int x, y;
    if (!read_number(&text, &x) || *text++ != ',' || !read_number(&text, &y) || *text)
        return false;
    if (x >= g->game.width || y >= g->game.width)
        return false;
    *point = (game_move)(y * g->game.width + x);
    return true;
}

/* ---- commands ---- */

/* "START size", or "START width height" as Yixin's board sends it. */
static void start(struct gomocup *g, const char *rest)
{
    char *end, *last;
    gint64 size = g_ascii_strtoll(rest, &end, 10), height = g_ascii_strtoll(end, &last, 10);
    if (last != end && *end == ' ' && height == size)
        end = last;
    if (*end || end == rest || size < 5 || size > GAME_MAX_SIZE)
        gomocup_send(g, "ERROR unsupported board size \"%.20s\"; expected 5 to %d", rest, GAME_MAX_SIZE);
    else if (gomocup_new_board(g, (int)size))
        gomocup_send(g, "OK");
}

static void rect_start(struct gomocup *g, const char *rest)
{
    const char *at = rest;
    int width, height;
    if (!read_number(&at, &width) || *at++ != ',' || !read_number(&at, &height) || *at)
        gomocup_send(g, "ERROR invalid size; expected RECTSTART width,height");
    else if (width != height)
        gomocup_send(g, "ERROR only square boards are supported");
    else
        start(g, strchr(rest, ',') + 1);
}

static void restart(struct gomocup *g, const char *rest)
{
    (void)rest;
    if (gomocup_new_board(g, g->game.width))
        gomocup_send(g, "OK");
}

static void begin(struct gomocup *g, const char *rest)
{
    (void)rest;
    if (g->at.p.stones_hash)
        gomocup_send(g, "ERROR the board is not empty; send RESTART or BOARD");
    else
        gomocup_answer(g);
}

/* Whose stone comes next when the program's colour is not known: that of the player to move, black on an empty board. */
static enum game_colour next_colour(const struct gomocup *g)
{
    return g->at.p.stones_hash ? (enum game_colour)g->at.p.colour : GAME_BLACK;
}

/* The opponent's move, whoever is to move by the stones on the board: they may have been set up or taken back in any
 * order. */
static void turn(struct gomocup *g, const char *rest)
{
    game_move point;
    if (g->own == GAME_EMPTY || !g->at.p.stones_hash)
        g->own = (enum game_colour)game_other(next_colour(g));
    if (!gomocup_read_point(g, rest, &point))
        gomocup_send(g, "ERROR invalid point \"%.20s\" on a board of size %d", rest, g->game.width);
    else if (!gomocup_place(g, point, (enum game_colour)game_other(g->own)))
        gomocup_send(g, "ERROR %s is occupied, or the game is over", rest);
    else
        gomocup_answer(g);
}

/* Plays a move for the program, usually one that it suggested before. */
static void play(struct gomocup *g, const char *rest)
{
    game_move point;
    if (g->own == GAME_EMPTY || !g->at.p.stones_hash)
        g->own = next_colour(g);
    if (!gomocup_read_point(g, rest, &point) || !gomocup_place(g, point, g->own))
        gomocup_send(g, "ERROR %.20s cannot be played", rest);
    else
        gomocup_send(g, "%s", rest);
}

static void take_back(struct gomocup *g, const char *rest)
{
    game_move point;
    if (gomocup_read_point(g, rest, &point) && gomocup_remove(g, point))
        gomocup_send(g, "OK");
    else
        gomocup_send(g, "ERROR there is no stone on %.20s", rest);
}

static void about(struct gomocup *g, const char *rest)
{
    (void)rest;
    gomocup_send(g, "name=\"Tengen\", version=\"%s\", author=\"the Tengen authors\", country=\"-\"", TENGEN_VERSION);
}

static void end(struct gomocup *g, const char *rest)
{
    (void)rest;
    g->quit = true;
}

const struct gomocup_command gomocup_commands[] = {
    {"START", false, start},       {"RECTSTART", false, rect_start},
    {"RESTART", true, restart},    {"BEGIN", true, begin},
    {"TURN", true, turn},          {"PLAY", true, play},
    {"TAKEBACK", true, take_back}, {"ABOUT", false, about},
    {"END", false, end},           {NULL, false, NULL},
};

/* ---- the loop ---- */

static const struct gomocup_command *find_command(const char *name)
{
    for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
        for (const struct gomocup_command *command = tables[t]; command->name; command++)
            if (g_ascii_strcasecmp(command->name, name) == 0)
                return command;
    return NULL;
}

static void run_line(struct gomocup *g, char *line)
{
    g_strstrip(line);
    if (!*line)
        return;
    size_t length = strcspn(line, " ");
    char *name = g_strndup(line, length), *rest = g_strstrip(line + length);
    const struct gomocup_command *command = find_command(name);
    g->begin_us = g_get_monotonic_time();
    if (!command)
        gomocup_send(g, "UNKNOWN command \"%.40s\"", name);
    else if (command->needs_board && !g->started)
        gomocup_send(g, "ERROR no board; send START first");
    else
        command->run(g, rest);
    g_free(name);
}

int gomocup_serve(struct gomocup *g, int in, int out)
{
    signal(SIGPIPE, SIG_IGN);
    g->out = out;
    g->quit = g->broken = false;
    static const char *const interrupts[] = {"YXSTOP", "STOP", "END", NULL}, *const cancels[] = {"RESTART", NULL};
    const struct line_input_config config = {.in = in, .out = out, .interrupts = interrupts, .cancels = cancels};
    g->input = line_input_start(&config);
    char *line;
    bool too_long;
    while (!g->quit && !g->broken && (line = line_input_next(g->input, &too_long))) {
        if (too_long)
            gomocup_send(g, "ERROR line too long");
        else
            run_line(g, line);
        g_free(line);
    }
    line_input_close(g->input);
    g->input = NULL;
    return g->broken ? -1 : 0;
}

int gomocup_create(struct gomocup **out, const struct gomocup_config *config, GError **error)
{
    *out = NULL;
    struct gomocup *g = g_new0(struct gomocup, 1);
    g->config = *config;
    g->config.agent = g->agent_spec = g_strdup(config->agent);
    g->turn_ms = g->match_ms = g->left_ms = GOMOCUP_UNLIMITED;
    g->thread_count = config->threads;
    g->memory_bytes = GOMOCUP_MEMORY;
    history_init(&g->history, 512);
    if (!game_parse(&g->game, "gomoku:15", error) || !gomocup_open_agent(g, error)) {
        gomocup_close(g);
        return -1;
    }
    *out = g;
    return 0;
}

void gomocup_close(struct gomocup *g)
{
    if (!g)
        return;
    agent_close(g->agent);
    history_clear(&g->history);
    g_free(g->agent_spec);
    g_free(g);
}

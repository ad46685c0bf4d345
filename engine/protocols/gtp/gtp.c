/* The session: parses lines into commands, runs them and sends the responses. */
#include "agents/agent.h"
#include "engine/protocols/common/line_input.h"
#include "engine/protocols/common/protocol.h"
#include "engine/protocols/gtp/gtp.h"
#include "engine/protocols/gtp/session.h"
#include "games/game.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>

static const struct gtp_command *const tables[] = {
    gtp_admin_commands, gtp_board_commands, gtp_setup_commands,       gtp_play_commands,
    gtp_time_commands,  gtp_score_commands, gtp_analysis_commands,    gtp_evaluation_commands,
    gtp_rules_commands, gtp_gogui_commands, gtp_gogui_board_commands, /* last: not for Go */
};

/* The gogui-rules commands are not offered for Go, which GoGui implements itself: if they are, it adopts the program's
 * board size on connecting and discards the game in its window. */
static size_t table_count(const struct gtp *gtp)
{
    return G_N_ELEMENTS(tables) - gtp_plays_go(gtp);
}

const struct gtp_command *gtp_find_command(const struct gtp *gtp, const char *name)
{
    for (size_t t = 0; t < table_count(gtp); t++)
        for (const struct gtp_command *command = tables[t]; command->name; command++)
            if (strcmp(command->name, name) == 0)
                return command;
    return NULL;
}

void gtp_list_commands(const struct gtp *gtp, GString *out)
{
    for (size_t t = 0; t < table_count(gtp); t++)
        for (const struct gtp_command *command = tables[t]; command->name; command++)
            g_string_append_printf(out, "%s%s", out->len ? "\n" : "", command->name);
}

/* ---- responses ---- */

static void write_all(struct gtp *gtp, const GString *text)
{
    gtp->broken = gtp->broken || !protocol_write(gtp->out, text->str, text->len);
}

/* Removes empty lines, since an empty line ends a response. */
static void append_lines(GString *to, const char *text)
{
    for (; *text; text++)
        if (*text != '\n' || (to->len && to->str[to->len - 1] != '\n'))
            g_string_append_c(to, *text);
}

static void answer(struct gtp_call *call, bool ok)
{
    GString *text = g_string_new(NULL);
    if (!call->begun)
        g_string_printf(text, "%c%s ", ok ? '=' : '?', call->id);
    append_lines(text, call->out->str);
    while (text->len && text->str[text->len - 1] == '\n')
        g_string_truncate(text, text->len - 1);
    g_string_append(text, call->begun && !text->len ? "\n" : "\n\n");
    write_all(call->gtp, text);
    g_string_free(text, TRUE);
}

void gtp_stream(struct gtp_call *call)
{
    GString *text = g_string_new(NULL);
    if (!call->begun)
        g_string_printf(text, "=%s\n", call->id);
    call->begun = true;
    append_lines(text, call->out->str);
    write_all(call->gtp, text);
    g_string_truncate(call->out, 0);
    g_string_free(text, TRUE);
}

bool gtp_fail(struct gtp_call *call, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_string_vprintf(call->out, format, list);
    va_end(list);
    return false;
}

bool gtp_fail_error(struct gtp_call *call, const char *what, GError *error)
{
    gtp_fail(call, "%s%s%s", what, *what ? ": " : "", error ? error->message : "failed");
    g_clear_error(&error);
    return false;
}

/* ---- arguments ---- */

bool gtp_read_colour(struct gtp_call *call, int index, enum game_colour *colour)
{
    return (index < call->count && protocol_is_colour(call->args[index], colour)) || gtp_fail(call, "syntax error");
}

bool gtp_read_int(struct gtp_call *call, int index, int64_t min, int64_t max, int64_t *value)
{
    if (index < call->count && g_ascii_string_to_signed(call->args[index], 10, min, max, value, NULL))
        return true;
    return gtp_fail(call, "syntax error");
}

bool gtp_read_move(struct gtp_call *call, int index, game_move *move)
{
    *move = index < call->count ? game_move_parse(&call->gtp->game, call->args[index]) : GAME_NO_MOVE;
    return *move != GAME_NO_MOVE || gtp_fail(call, "syntax error");
}

/* ---- commands ---- */

static void run_command(struct gtp *gtp, const char *id, char **words, const char *rest)
{
    struct gtp_call call = {.gtp = gtp, .id = id, .rest = rest, .out = g_string_new(NULL)};
    const struct gtp_command *command = words[0] ? gtp_find_command(gtp, words[0]) : NULL;
    bool ok = false;
    if (!command) {
        gtp_fail(&call, "unknown command");
    } else {
        call.args = words + 1;
        call.count = (int)g_strv_length(call.args);
        ok = call.count >= command->min_args && (command->max_args < 0 || call.count <= command->max_args)
                 ? command->run(&call)
                 : gtp_fail(&call, "syntax error");
    }
    answer(&call, ok);
    g_string_free(call.out, TRUE);
}

/* Splits a line at spaces, dropping its comment. Freed by g_strfreev. */
static char **split(char *line)
{
    line[strcspn(line, "#")] = '\0';
    char **words = g_strsplit(line, " ", -1);
    int kept = 0;
    for (int i = 0; words[i]; i++)
        if (*words[i])
            words[kept++] = words[i];
        else
            g_free(words[i]);
    words[kept] = NULL;
    return words;
}

/* The rest of a line after this many words. */
static const char *after_words(char *line, int words)
{
    const char *at = g_strstrip(line);
    while (words-- > 0) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    return at;
}

static void run_line(struct gtp *gtp, char *line, bool too_long)
{
    char **words = split(line);
    bool numbered = words[0] && strspn(words[0], "0123456789") == strlen(words[0]) && strlen(words[0]) <= 10;
    const char *id = numbered ? words[0] : "";
    if (too_long) {
        struct gtp_call call = {.gtp = gtp, .id = id, .out = g_string_new(NULL)};
        answer(&call, gtp_fail(&call, "line too long"));
        g_string_free(call.out, TRUE);
    } else if (words[0]) {
        run_command(gtp, id, words + numbered, after_words(line, numbered + 1));
    }
    g_strfreev(words);
}

int gtp_serve(struct gtp *gtp, int in, int out)
{
    signal(SIGPIPE, SIG_IGN);
    gtp->out = out;
    gtp->began_us = g_get_monotonic_time();
    gtp->quit = gtp->broken = false;
    static const char *const interrupts[] = {"# interrupt", NULL}; /* sent by GoGui */
    const struct line_input_config config = {.in = in, .out = out, .interrupts = interrupts};
    gtp->input = line_input_start(&config);
    char *line;
    bool too_long;
    while (!gtp->quit && !gtp->broken && (line = line_input_next(gtp->input, &too_long))) {
        run_line(gtp, line, too_long);
        g_free(line);
    }
    line_input_close(gtp->input);
    gtp->input = NULL;
    return gtp->broken ? -1 : 0;
}

int gtp_create(struct gtp **out, const struct gtp_config *config, GError **error)
{
    *out = NULL;
    struct gtp *gtp = g_new0(struct gtp, 1);
    struct game game;
    gtp->config = *config;
    gtp->config.agent = gtp->agent_spec = g_strdup(config->agent);
    gtp->moves = g_array_new(FALSE, FALSE, sizeof(struct protocol_move));
    history_init(&gtp->history, 1024);
    if (!game_parse(&game, config->game, error) || !gtp_set_game(gtp, &game, false, error)) {
        gtp_close(gtp);
        return -1;
    }
    *out = gtp;
    return 0;
}

void gtp_close(struct gtp *gtp)
{
    if (!gtp)
        return;
    gtp_end_game(gtp);
    agent_close(gtp->agent);
    history_clear(&gtp->history);
    g_array_free(gtp->moves, TRUE);
    g_free(gtp->agent_spec);
    g_clear_pointer(&gtp->cautions, g_hash_table_unref);
    g_free(gtp);
}

/* Line input and output. */
#include <string.h>

#include "agents/agent.h"
#include "agents/external/gomocup_client.h"
#include "agents/external/process.h"
#include "games/game.h"

enum { COMMAND_MS = 20000 };

bool gomocup_client_send(struct gomocup_client *own, const char *lines, GError **error)
{
    return process_send(own->process, lines, g_get_monotonic_time() + COMMAND_MS * 1000, error) == 0;
}

static bool starts(const char *line, const char *word)
{
    size_t length = strlen(word);
    return g_ascii_strncasecmp(line, word, length) == 0 && !g_ascii_isalnum(line[length]);
}

/* Lines that a program may send at any time and that need no reply. */
static bool is_chatter(const char *line)
{
    static const char *const words[] = {"MESSAGE", "DEBUG", "INFO", "SUGGEST"};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (starts(line, words[i]))
            return true;
    return !*line;
}

static bool is_number(const char *word)
{
    return *word && !word[strspn(word, "0123456789")];
}

/* An error about a key or value of INFO, which expects no reply. Rapfi sends it if INFO arrives before it has finished
 * its last move: it drops the command name and interprets the rest as commands, so that a number is an unknown command,
 * too. Any other number is the end of an error about something else ("unsupported size 9"). */
static bool is_about_info(const char *line)
{
    static const char *const keys[] = {"INFO",       "timeout_turn", "timeout_match",  "time_left",
                                       "max_memory", "game_type",    "time_increment", "rule"};
    static const char *const fillers[] = {"ERROR", "UNKNOWN", "COMMAND", NULL};
    char **words = g_strsplit_set(line, " \t:.,;\"'=()[]", -1);
    bool about = false, number = false, other = false;
    for (int i = 0; words[i]; i++) {
        bool filler = !*words[i];
        for (int k = 0; fillers[k]; k++)
            filler |= g_ascii_strcasecmp(words[i], fillers[k]) == 0;
        for (size_t k = 0; k < G_N_ELEMENTS(keys); k++)
            about |= g_ascii_strcasecmp(words[i], keys[k]) == 0;
        number |= is_number(words[i]);
        other |= !filler && !is_number(words[i]);
    }
    g_strfreev(words);
    return about || (number && !other);
}

const char *gomocup_client_read(struct gomocup_client *own, const char *to, int64_t timeout_ms,
                                bool (*wanted)(const char *line), GError **error)
{
    int64_t deadline = g_get_monotonic_time() + timeout_ms * 1000;
    g_clear_pointer(&own->last_line, g_free);
    for (;;) {
        const char *line = process_read_line(own->process, deadline, error);
        if (!line) {
            if (own->last_line)
                g_prefix_error(error, "at %s, last output \"%.60s\": ", to, process_printable(own->last_line));
            else
                g_prefix_error(error, "at %s: ", to);
            return NULL;
        }
        if (wanted(line))
            return line;
        if ((starts(line, "ERROR") || starts(line, "UNKNOWN")) && !is_about_info(line)) {
            process_refuse(error, AGENT_ERROR_PROTOCOL, "at %s: it replied \"%.100s\"", to, line);
            return NULL;
        }
        if (is_chatter(line))
            continue;
        g_free(own->last_line);
        own->last_line = g_strndup(line, 100);
    }
}

/* Parses "x,y" at *at and advances *at past it and any blanks. */
static bool take_point(const char **at, int *x, int *y)
{
    char *end;
    if (!g_ascii_isdigit(**at))
        return false;
    guint64 column = g_ascii_strtoull(*at, &end, 10);
    if (*end++ != ',' || !g_ascii_isdigit(*end))
        return false;
    guint64 row = g_ascii_strtoull(end, &end, 10);
    *x = (int)MIN(column, 1000);
    *y = (int)MIN(row, 1000);
    *at = end + strspn(end, " \t");
    return true;
}

int gomocup_client_count_points(const char *line)
{
    int x, y, count = 0;
    while (*line && take_point(&line, &x, &y))
        count++;
    return *line ? 0 : count;
}

game_move gomocup_client_point(const struct game *game, const char **line)
{
    int x, y;
    if (!take_point(line, &x, &y) || x >= game->width || y >= game->width)
        return GAME_NO_MOVE;
    return (game_move)(y * game->width + x);
}

void gomocup_client_append_stones(const struct agent *agent, GString *lines, bool owners)
{
    const struct gomocup_client *own = agent->own;
    for (guint i = 0; i < own->stones->len; i++) {
        const struct gomocup_stone *stone = &g_array_index(own->stones, struct gomocup_stone, i);
        g_string_append_printf(lines, "%d,%d", stone->point % agent->game->width, stone->point / agent->game->width);
        if (owners)
            g_string_append_printf(lines, ",%d", stone->colour == agent->position->colour ? 1 : 2);
        g_string_append(lines, "\r\n");
    }
    g_string_append(lines, "DONE\r\n");
}

/* GTP commands and replies. */
#include <string.h>

#include "agents/agent.h"
#include "agents/external/gtp_client.h"
#include "agents/external/process.h"

/* Reads the lines of a reply up to the empty line and joins them, without status and id. */
static bool read_reply(struct gtp_client *gtp, const char *command, uint32_t id, int64_t deadline, bool *accepted,
                       GError **error)
{
    g_string_truncate(gtp->reply, 0);
    const char *line;
    do { /* some programs send extra empty lines */
        if (!(line = process_read_line(gtp->process, deadline, error))) {
            g_prefix_error(error, "at \"%s\": ", command);
            return false;
        }
    } while (!*line);
    char *rest = NULL;
    bool framed = line[0] == '=' || line[0] == '?';
    guint64 got = framed ? g_ascii_strtoull(line + 1, &rest, 10) : 0;
    if (!framed || rest == line + 1 || got != id)
        return process_refuse(error, AGENT_ERROR_PROTOCOL,
                              "at \"%s\": \"%.60s\" is not a GTP reply (expected =%u or ?%u)", command, line, id, id);
    *accepted = line[0] == '=';
    g_string_assign(gtp->reply, rest);
    for (;;) {
        if (!(line = process_read_line(gtp->process, deadline, error))) {
            g_prefix_error(error, "at \"%s\", within a reply: ", command);
            return false;
        }
        if (!*line)
            break;
        g_string_append_c(gtp->reply, '\n');
        g_string_append(gtp->reply, line);
    }
    g_strstrip(gtp->reply->str);
    gtp->reply->len = strlen(gtp->reply->str);
    return true;
}

bool gtp_client_ask(struct gtp_client *gtp, const char *command, int64_t timeout_ms, bool *accepted, GError **error)
{
    bool fine = false;
    uint32_t id = ++gtp->next_id;
    int64_t deadline = g_get_monotonic_time() + timeout_ms * 1000;
    char *line = g_strdup_printf("%u %s\n", id, command);
    int sent = process_send(gtp->process, line, deadline, error);
    g_free(line);
    if (sent < 0) {
        g_prefix_error(error, "at \"%s\": ", command);
        return false;
    }
    if (!read_reply(gtp, command, id, deadline, &fine, error))
        return false;
    if (accepted)
        *accepted = fine;
    else if (!fine)
        return process_refuse(error, AGENT_ERROR_PROTOCOL, "refused \"%s\": %.80s", command, gtp->reply->str);
    return true;
}

bool gtp_client_supports(const struct gtp_client *gtp, const char *command)
{
    return g_hash_table_contains(gtp->commands, command);
}

bool gtp_client_greet(struct gtp_client *gtp, int64_t timeout_ms, GError **error)
{
    static const char *const needed[] = {"boardsize", "clear_board", "komi", "play", "genmove"};
    if (!gtp_client_ask(gtp, "name", timeout_ms, NULL, error))
        return false;
    gtp->name = g_strdup(gtp->reply->str);
    if (!gtp_client_ask(gtp, "version", GTP_COMMAND_MS, NULL, error))
        return false;
    gtp->version = g_strdup(gtp->reply->str);
    if (!gtp_client_ask(gtp, "list_commands", GTP_COMMAND_MS, NULL, error))
        return false;
    char **names = g_strsplit_set(gtp->reply->str, "\n \t", -1);
    for (int i = 0; names[i]; i++)
        g_hash_table_add(gtp->commands, g_strdup(names[i]));
    g_strfreev(names);
    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
        if (!gtp_client_supports(gtp, needed[i]))
            return process_refuse(error, AGENT_ERROR_PROTOCOL, "%s does not support the GTP command %s", gtp->name,
                                  needed[i]);
    return true;
}

/* Administrative commands. */
#include "engine/protocols/gtp/session.h"

#include <string.h>

enum { LIZZIE_STARTUP_MS = 300 };

static bool protocol_version(struct gtp_call *call)
{
    g_string_append(call->out, "2");
    return true;
}

static bool name(struct gtp_call *call)
{
    g_string_append(call->out, "Tengen");
    return true;
}

/* Works around a race in Lizzie, whose first lines are "1 name" and "2 version": if the second is answered before its
 * main thread has assigned the engine to a variable, its reader thread dies silently and Lizzie hangs. */
static void wait_for_lizzie(const struct gtp *gtp)
{
    int64_t left = gtp->began_us + LIZZIE_STARTUP_MS * 1000 - g_get_monotonic_time();
    if (left > 0)
        g_usleep((gulong)left);
}

/* Lizzie requires version 0.15 or later and compares the parts as integers, so the minor version is multiplied by 100:
 * 0.1 becomes 0.100. */
static bool version(struct gtp_call *call)
{
    if (strcmp(call->id, "2") == 0)
        wait_for_lizzie(call->gtp);
    char **parts = g_strsplit(TENGEN_VERSION, ".", -1);
    g_string_append_printf(call->out, "%s.%d", parts[0], parts[1] ? atoi(parts[1]) * 100 : 0);
    g_strfreev(parts);
    return true;
}

static bool known_command(struct gtp_call *call)
{
    g_string_append(call->out, gtp_find_command(call->gtp, call->args[0]) ? "true" : "false");
    return true;
}

static bool list_commands(struct gtp_call *call)
{
    gtp_list_commands(call->gtp, call->out);
    return true;
}

static bool quit(struct gtp_call *call)
{
    call->gtp->quit = true;
    return true;
}

/* Nothing to do: any input has already stopped a running analysis. */
static bool stop(struct gtp_call *call)
{
    (void)call;
    return true;
}

const struct gtp_command gtp_admin_commands[] = {
    {"protocol_version", 0, 0, protocol_version},
    {"name", 0, 0, name},
    {"version", 0, 0, version},
    {"known_command", 1, 1, known_command},
    {"list_commands", 0, 0, list_commands},
    {"help", 0, 0, list_commands},
    {"quit", 0, 0, quit},
    {"stop", 0, 0, stop},
    {NULL, 0, 0, NULL},
};

/* Talks to a GTP server. */
#ifndef TENGEN_TESTS_GTP_WIRE_H
#define TENGEN_TESTS_GTP_WIRE_H

#include <criterion/criterion.h>

#include "engine/protocols/gtp/gtp.h"
#include "tests/engine/protocols/protocol.h"

static int serve_gtp(void *server, int in, int out)
{
    return gtp_serve(server, in, out);
}

static inline struct gtp *open_gtp(struct wire *wire, const char *agent, const char *game)
{
    struct gtp *gtp;
    GError *error = NULL;
    const struct gtp_config config = {.agent = agent, .game = game, .seed = 1, .threads = 1};
    cr_assert(gtp_create(&gtp, &config, &error) == 0, "%s", error ? error->message : "");
    wire_open(wire, serve_gtp, gtp);
    return gtp;
}

static inline void close_gtp(struct wire *wire, struct gtp *gtp)
{
    wire_close(wire);
    gtp_close(gtp);
}

/* The reply to a line, freed by the caller. */
static inline char *answer(struct wire *wire, const char *command)
{
    char *line = g_strconcat(command, "\n", NULL);
    wire_send(wire, line);
    g_free(line);
    return wire_read(wire, "\n\n");
}

/* Sends a line and compares the reply with a pattern. */
static inline void ask(struct wire *wire, const char *command, const char *pattern)
{
    char *got = answer(wire, command);
    cr_assert(g_pattern_match_simple(pattern, got), "the reply to \"%s\" is \"%s\", not \"%s\"", command, got, pattern);
    g_free(got);
}

#endif

/* Talks to a Gomocup server. */
#ifndef TENGEN_TESTS_GOMOCUP_WIRE_H
#define TENGEN_TESTS_GOMOCUP_WIRE_H

#include <criterion/criterion.h>

#include "engine/protocols/gomocup/gomocup.h"
#include "tests/engine/protocols/protocol.h"

static int serve_gomocup(void *server, int in, int out)
{
    return gomocup_serve(server, in, out);
}

static inline struct gomocup *open_brain(struct wire *wire, const char *agent)
{
    struct gomocup *brain;
    GError *error = NULL;
    const struct gomocup_config config = {.agent = agent, .seed = 1, .threads = 1};
    cr_assert(gomocup_create(&brain, &config, &error) == 0, "%s", error ? error->message : "");
    wire_open(wire, serve_gomocup, brain);
    return brain;
}

static inline void close_brain(struct wire *wire, struct gomocup *brain)
{
    wire_close(wire);
    gomocup_close(brain);
    cr_assert_eq(wire->status, 0);
}

/* Sends lines and compares the reply to the last of them with a pattern. */
static inline void ask(struct wire *wire, const char *lines, const char *pattern)
{
    wire_send(wire, lines);
    char *got = wire_read(wire, "\r\n");
    cr_assert(g_pattern_match_simple(pattern, got), "the reply to %s is \"%s\", not \"%s\"", lines, got, pattern);
    g_free(got);
}

#endif

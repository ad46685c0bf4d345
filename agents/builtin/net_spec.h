/* What the players with a network have in common: the options of the net, and the evaluator made from them. */
#ifndef TENGEN_AGENTS_BUILTIN_NET_SPEC_H
#define TENGEN_AGENTS_BUILTIN_NET_SPEC_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "games/option.h"
#include "net/net.h"

struct agent;
struct evaluator;
struct remember;

/* The values of the options of `net` and `policy`, of which each uses its own. */
struct net_spec {
    int64_t visits, time_ms, threads, memory_mb, cache_mb;
    int selection, considered, backend, dtype, symmetry, noise, threats, hold, steps;
    double settle, temperature, resign, cpuct, fpu, c_scale, score, stdev, bias, uncertainty, rationality;
    char *memory_file; /* NULL: not given */
    char *like;        /* file of a memory by likeness; NULL: none */
    char *opponent;    /* net of a known opponent; NULL: none */
};

extern const char *const net_spec_symmetries[], *const net_spec_backends[];

#define NET_SPEC_OF(member) offsetof(struct net_spec, member)
/* clang-format off */
/* The rows of the net's own options. */
#define NET_SPEC_OPTIONS                                                                                               \
    {"symmetry", OPTION_CHOICE, NET_SPEC_OF(symmetry), 0, 0, net_spec_symmetries,                                      \
     .help = "board symmetries of the net's input: a random one, the average of all, none (random)"},                  \
        {"backend", OPTION_CHOICE, NET_SPEC_OF(backend), 0, 0, net_spec_backends, .help = "inference backend (fast)"}, \
        {"dtype", OPTION_CHOICE, NET_SPEC_OF(dtype), 0, 0, net_dtype_names,                                            \
         .help = "inference precision (auto: the fastest on this machine)"},                                           \
        {"steps", OPTION_INT, NET_SPEC_OF(steps), 1, NET_STEPS_MAX,                                                    \
         .help = "of a net with a loop: how often it is repeated, at most (as often as the net says)"},                \
    {                                                                                                                  \
        "settle", OPTION_REAL, NET_SPEC_OF(settle), 0, 1,                                                              \
            .help = "of a net with a loop: stop once a step changes the answer by less, as a total variation of "      \
                    "policy and outcome; 0: never (0)"                                                                 \
    }
/* clang-format on */

/* Reads "NET,options" into a spec that has its presets. Returns NET, to be freed by the caller, or NULL with the error set. */
char *net_spec_read(const struct agent *agent, const char *argument, const struct option_row *options,
                    struct net_spec *spec, GError **error);
/* Creates an evaluator for the net, with a cache unless cache_mb is 0; NULL with the error set. remember: set to the
 * memory on top, or NULL; the agent has none if `remember` is NULL. */
struct evaluator *net_spec_evaluator(struct agent *agent, const char *name, const struct net_spec *spec,
                                     struct remember **remember, GError **error);

#endif

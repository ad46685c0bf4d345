/* The part of tengen robust that judges a net in known traps. */
#ifndef TENGEN_ENGINE_COMMANDS_ROBUST_TRAPS_H
#define TENGEN_ENGINE_COMMANDS_ROBUST_TRAPS_H

#include <stdbool.h>
#include <stdint.h>

struct robust_traps {
    const char *net;  /* as in agent specs */
    const char *game; /* a spec; NULL: three usual boards of Go */
    int visits;
    int64_t seed; /* negative: from the clock */
    bool json;
};
/* Judges, and prints the table to stdout. Returns an enum command_status. */
int robust_traps_run(const struct robust_traps *traps);

#endif

#include "engine/torture/faults.h"

#include <math.h>
#include <signal.h>
#include <string.h>

#include "games/game.h"

const struct fault_kind fault_kinds[] = {
    {"kill", "SIGKILL at a random moment", .signal = SIGKILL, .ends = FAULT_END_KILLED},
    {"terminate", "SIGTERM: the process is told to end", .signal = SIGTERM, .ends = FAULT_END_CLEAN},
    {"hangup", "SIGHUP: its terminal is closed", .signal = SIGHUP, .ends = FAULT_END_CLEAN},
    {"interrupt", "SIGINT: Ctrl-C", .signal = SIGINT, .ends = FAULT_END_CLEAN},
    {"suspend", "SIGSTOP, and after a while SIGCONT", .signal = SIGSTOP, .ends = FAULT_END_CLEAN},
    {"eio", "writing, flushing, renaming or creating files fails: input/output error", .preload = "eio", .calls = 800,
     .failures = 4, .ends = FAULT_END_CLEAN | FAULT_END_ERROR},
    {"full", "writing or creating files fails: no space left on device", .preload = "full", .calls = 800, .failures = 4,
     .run_goes_on = true, .ends = FAULT_END_CLEAN | FAULT_END_ERROR},
    {"short", "fewer bytes are written than were given", .preload = "short", .calls = 800, .failures = 20,
     .ends = FAULT_END_CLEAN},
    {"torn", "half of a write, and SIGKILL", .preload = "torn", .calls = 800, .failures = 1, .ends = FAULT_END_KILLED},
    {"power", "a power cut: SIGKILL, and what was not flushed to the disk is lost in part", .preload = "power",
     .calls = 1500, .failures = 1, .ends = FAULT_END_KILLED},
    {"memory", "an allocation fails", .preload = "memory", .calls = 300000, .failures = 3,
     .ends = FAULT_END_CLEAN | FAULT_END_ERROR},
    {"clock", "the wall clock jumps by up to a year", .preload = "clock", .calls = 200, .failures = 1,
     .ends = FAULT_END_CLEAN},
    {"damage", "the newest checkpoint's state, or its net, is damaged on the disk", .signal = SIGTERM, .between = true,
     .ends = FAULT_END_CLEAN},
    {"power-lie", "a power cut on a disk that flushes nothing, which has to be found out", .preload = "power-lie",
     .calls = 1500, .failures = 1, .hidden = true, .ends = FAULT_END_KILLED},
    {.name = NULL},
};

static bool add_kind(uint64_t *kinds, const char *name, GError **error)
{
    GString *known = g_string_new(NULL);
    for (int i = 0; fault_kinds[i].name; i++) {
        if (strcmp(fault_kinds[i].name, name) == 0) {
            *kinds |= (uint64_t)1 << i;
            g_string_free(known, TRUE);
            return true;
        }
        g_string_append_printf(known, "%s%s", i ? ", " : "", fault_kinds[i].name);
    }
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "--only: there is no kind of fault \"%s\"; there are %s", name,
                known->str);
    g_string_free(known, TRUE);
    return false;
}

uint64_t fault_kinds_parse(const char *list, GError **error)
{
    uint64_t kinds = 0;
    bool good = true;
    for (int i = 0; !list && fault_kinds[i].name; i++)
        kinds |= (uint64_t)!fault_kinds[i].hidden << i;
    char **names = g_strsplit(list ? list : "", ",", -1);
    for (int i = 0; good && list && (names[i] || i == 0); i++)
        good = add_kind(&kinds, names[i] ? names[i] : "", error);
    g_strfreev(names);
    return good ? kinds : 0;
}

void fault_draw(struct fault *fault, uint64_t seed, int64_t number, uint64_t kinds)
{
    enum { KINDS = G_N_ELEMENTS(fault_kinds) - 1 };
    int chosen[KINDS], count = 0;
    struct rng rng;
    for (int i = 0; i < KINDS; i++)
        if (kinds >> i & 1)
            chosen[count++] = i;
    rng_seed(&rng, rng_mix(seed) + (uint64_t)number);
    const struct fault_kind *kind = &fault_kinds[chosen[rng_below(&rng, (uint32_t)count)]];
    *fault = (struct fault){.number = number, .kind = kind, .seconds = 0.02 + 1.2 * rng_uniform(&rng)};
    fault->call = kind->calls > 0 ? (int64_t)exp(rng_uniform(&rng) * log(kind->calls)) : 0;
    fault->failures = kind->failures > 0 ? 1 + (int)rng_below(&rng, (uint32_t)kind->failures) : 0;
    fault->random = (uint64_t)(rng_uniform(&rng) * 0x1p52);
}

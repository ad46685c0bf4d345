/* An earlier run of `tengen bench --json`, to hold this one against. */
#ifndef TENGEN_ENGINE_BENCH_AGAINST_H
#define TENGEN_ENGINE_BENCH_AGAINST_H

#include "engine/bench/bench.h"

struct bench_against;
/* Reads FILE, one object a line as --json prints them; lines that are no figure are refused by number. */
int bench_against_open(struct bench_against **out, const char *path, GError **error);
void bench_against_close(struct bench_against *against); /* NULL is fine */
/* The earlier value of the same figure (part, name, game, net, dtype, batch, threads, unit all equal), 0 when there is
 * none. Counts it, and whether it is slower now by more than `percent` (0: none is too slow). */
double bench_against_value(struct bench_against *against, const char *game_spec, const struct bench_figure *figure,
                           double percent);
/* How many figures were found in the file, and how many of them were too slow. */
int bench_against_found(const struct bench_against *against);
int bench_against_slower(const struct bench_against *against);

#endif

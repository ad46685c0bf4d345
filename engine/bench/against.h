/* The output of an earlier `tengen bench --json`, as a baseline. */
#ifndef TENGEN_ENGINE_BENCH_AGAINST_H
#define TENGEN_ENGINE_BENCH_AGAINST_H

#include <glib.h>

struct bench_figure;

struct bench_against;
/* Reads FILE, one object per line as --json prints them; errors name the first invalid line. */
int bench_against_open(struct bench_against **out, const char *path, GError **error);
void bench_against_close(struct bench_against *against); /* NULL is allowed */
/* The baseline value of the same figure (equal part, name, game, net, dtype, batch, threads and unit), or 0. Counts it,
 * and whether it is now slower by more than `percent` (0: never). */
double bench_against_value(struct bench_against *against, const char *game_spec, const struct bench_figure *figure,
                           double percent);
/* Number of figures found in the file, and of those that were too slow. */
int bench_against_found(const struct bench_against *against);
int bench_against_slower(const struct bench_against *against);

#endif

/* The training rows of a run for other programs, as .npz: what a batch of training is made of, without symmetries and
 * without relabelled komi. docs/exchange.md has the schema. */
#ifndef TENGEN_ENGINE_EXCHANGE_ROWS_H
#define TENGEN_ENGINE_EXCHANGE_ROWS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct store;

struct rows_summary {
    int64_t rows, games;
};

/* Writes the newest games of each board shape of the run that together have at least `rows` rows (INT64_MAX: all), the newest
 * game first and the plies of a game in their order. A run without rows is an error. False with the error set. */
bool rows_write_npz(struct store *store, const char *path, int64_t rows, struct rows_summary *summary, GError **error);

#endif

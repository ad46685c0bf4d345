/* The state of a lab between two commands: FOLDER/lab.db (SQLite), with the file's contents, what has been trained, and what
 * was measured. The trained nets are in runs of their own, the games of the comparison in the journals of matches. A change
 * exists once the function that makes it has returned. Functions that return false have set the error. For one thread; a process holds
 * it exclusively. */
#ifndef TENGEN_ENGINE_LAB_LEDGER_H
#define TENGEN_ENGINE_LAB_LEDGER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct ledger;
/* Creates the folder and the file if they do not exist. Returns 0, or -1 with the error set and *out NULL. */
int ledger_open(struct ledger **out, const char *folder, GError **error);
void ledger_close(struct ledger *ledger); /* NULL is fine */

/* Keeps names[i] = values[i] if the ledger is new, and compares them otherwise: the error lists each that differs, with both
 * values. `growing` is a name whose value, a number, may be larger than before, which is then kept. */
bool ledger_check(struct ledger *ledger, const GPtrArray *names, const GPtrArray *values, const char *growing,
                  GError **error);
/* A number that is kept when it is first asked for: returns the kept one, else `first`, which is kept. Negative with the
 * error set on failure; first: 0 or more. */
int64_t ledger_number(struct ledger *ledger, const char *name, int64_t first, GError **error);

/* The training of an arm with a seed. */
struct ledger_progress {
    int64_t slices;           /* completed */
    double seconds;           /* of processor time */
    double seconds_at_stored; /* those that its run's newest checkpoint had counted when this was kept */
};
/* All zero if there is none. */
bool ledger_progress(struct ledger *ledger, const char *arm, int64_t seed, struct ledger_progress *progress,
                     GError **error);
bool ledger_keep_progress(struct ledger *ledger, const char *arm, int64_t seed, const struct ledger_progress *progress,
                          GError **error);

/* The measures of an arm with a seed, by name; NAN is kept as NULL. *found: whether there are any. */
bool ledger_measures(struct ledger *ledger, const char *arm, int64_t seed, const char *const *names, double *values,
                     int count, bool *found, GError **error);
/* In one transaction. */
bool ledger_keep_measures(struct ledger *ledger, const char *arm, int64_t seed, const char *const *names,
                          const double *values, int count, GError **error);

#endif

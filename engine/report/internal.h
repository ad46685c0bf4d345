/* The parts of report_read_all. */
#ifndef TENGEN_ENGINE_REPORT_INTERNAL_H
#define TENGEN_ENGINE_REPORT_INTERNAL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct record;
struct report;
struct store;
struct store_checkpoint;

/* Struct lineage_run, of the runs before this one, by the net of its newest checkpoint; empty if that is not there. */
GArray *report_read_before(struct store *store, const struct store_checkpoint *at);

/* Fills progress, whose seconds become those of all sessions, total_hours, and the hours of the checkpoints. */
void report_read_progress(struct store *store, struct report *report);
/* Fills shapes, periods and hours. Needs report_read_progress. */
void report_read_periods(struct store *store, struct report *report);
/* The period of a game, -1 if there is none. first: the lowest number held, end: one past the highest. */
int report_period_of(const struct report *report, uint64_t number, uint64_t first, uint64_t end);
/* The lowest game number held, and one past the highest; both 0 if there are none. */
void report_number_range(struct store *store, uint64_t *first, uint64_t *end);
/* Fills what only the games themselves tell. Needs periods. */
void report_look(struct store *store, struct report *report);
/* Fills fit. Needs ratings. */
void report_fit(struct report *report);

/* ---- openings.c ---- */

struct opening_book;
struct opening_book *opening_book_new(void);
/* Counts a game, unless it began elsewhere than on the empty board. */
void opening_book_add(struct opening_book *book, const struct record *record);
/* Appends the most frequent lines of the boards with most games to report->openings, and frees the book. */
void opening_book_finish(struct opening_book *book, struct report *report);

/* ---- picks.c ---- */

enum { PICKS_EACH = 2, PICKS_SURPRISES = 5 };
/* Considers a game for each kind of pick; recent: it is one of the newest, of which the best games are chosen. */
void report_pick_consider(struct report *report, struct record *record, bool recent);

/* Win, draw and loss as expected score, 0..1. */
static inline double wdl_score(const float wdl[3])
{
    return (double)wdl[0] + (double)wdl[1] / 2;
}

#endif

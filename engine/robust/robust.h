/* Where a net breaks: its strength in many cells, each of which changes one thing in a main cell, such as the size of the
 * board. In each cell the net plays the same anchors, agents that have learned nothing, and what it lost against the
 * main cell is what the change cost it.
 *
 *   cells --one after another--> a match with its own journal in FOLDER/CELL --> figures --> FOLDER/report.txt, .csv
 *
 * The cells' matches have the same seed, so that cells with the same board begin with the same openings. */
#ifndef TENGEN_ENGINE_ROBUST_ROBUST_H
#define TENGEN_ENGINE_ROBUST_ROBUST_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/match/count.h"
#include "engine/match/statistics/rating.h"
#include "engine/robust/cells.h"

struct robust_config {
    const char *net; /* as in agent specs */
    int visits;
    const char *const *anchors; /* [NAME=]SPEC */
    int anchor_count;           /* at least 1 */
    int games;                  /* of each cell; a multiple of twice the number of anchors */
    int threads;
    int64_t seed; /* -1: that of the main cell's journal if there is one, else from the clock */
    const char *folder;
    const struct robust_cells *cells;
    const atomic_bool *stop; /* may be NULL */
    /* Like those of a match, with the cell that is being played; may be NULL. */
    void (*progress)(int cell, const struct match_report *report, void *data);
    void (*flush_progress)(void *data);
    void *data;
};

/* One cell. */
struct robust_result {
    char *refusal;            /* why the net or an anchor cannot play here, or not any more; NULL: they can */
    struct match_score score; /* of the net; no games: not played yet */
    struct rating elo, lost;  /* see figures.h; not known without games, and `lost` in the main cell */
    bool one_sided;           /* the net won or lost all games against an anchor: see rating.h, has_maximum */
    int faults;               /* games that an anchor lost by a crash, an illegal move or the like */
    int withdrawn;            /* players that were withdrawn after too many of those */
    int repeated;             /* games that repeat an earlier one, and are left out of the Elo */
    bool finished;
    double seconds;
};

struct robust_report {
    const struct robust_config *config;
    int64_t seed; /* negative: not known yet, because the main cell was not set up */
    struct robust_result result[ROBUST_MAX_CELLS];
    bool finished; /* every cell is, or cannot be played */
};

enum robust_status {
    ROBUST_OK,      /* finished or stopped */
    ROBUST_REFUSED, /* bad input: settings that differ from the folder's, a net that cannot play in the main cell */
    ROBUST_FAILED,  /* the machine: a journal or report cannot be written */
};
/* Plays the missing games of all cells, or until *stop; the report's files are brought up to date after each cell. Sets
 * the error unless it returns ROBUST_OK; the report is filled in either case. Free it with robust_report_clear. */
enum robust_status robust_run(const struct robust_config *config, struct robust_report *report, GError **error);
void robust_report_clear(struct robust_report *report);

#endif

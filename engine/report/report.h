/* What `tengen report` knows of a run: read from its store, and written as JSON, CSV or a page; engine/commands/report.c prints the
 * text.
 *
 *   read.c      report_read: settings, totals, checkpoints, ladder   json.c, csv.c   everything, for programs
 *   timeline.c  hours, and the games by period                       html*.c         the page, for people
 *   before.c    the runs before this one
 *   look.c      what only the games themselves tell: predictions,
 *               openings.c, picks.c                                   fit.c           Elo against hours
 *
 * Hours are hours of training over all sessions as the run's reports have them, including work that a crash undid; the checkpoints' own
 * times do not include it. */
#ifndef TENGEN_ENGINE_REPORT_REPORT_H
#define TENGEN_ENGINE_REPORT_REPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/ladder/ladder.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/judge/quality.h"
#include "engine/training/judge/verdict.h"
#include "games/game.h"

struct record;

/* Statistics of the newest games held, at most 1,000, of all board sizes. */
struct last_games {
    int64_t games, first_won, second_won, drawn, distinct; /* numbers of games; distinct: different sequences of moves */
    double plies;                                          /* mean */
};

/* Komi of the same games on one board size, in points; all 0 without games. */
struct komi {
    int64_t games;
    double sum, squares, min, max; /* squares: the sum of the squares */
};

/* A checkpoint, whether its net is still on disk, and when it was written (seconds since 1970). */
struct report_checkpoint {
    struct store_checkpoint at;
    double hours;
    bool has_net;
    int64_t added;
};

/* Of a checkpoint that the ladder rated, or of a forecast: Elo with its 95 % interval after so many hours of training. */
struct report_rating {
    uint32_t generation;
    double hours, elo, low, high;
};

/* The games of one board size in one period of the run. */
struct report_period {
    int64_t games, plies;
    double first_points; /* sum of the first player's points */
};

/* How well the nets predicted the games of one period before learning from them: sums over the plies that were examined. */
struct report_foresight {
    int64_t games, plies, policies;
    double value_loss,
        policy_loss; /* -ln of the result's probability; divergence of the search's policy from the net's, nats */
};

enum { REPORT_PERIODS = 40, REPORT_LINE = 4 };

struct report_shape {
    struct game_shape shape;
    int64_t games;
    struct report_period periods[REPORT_PERIODS];
};

/* A line of moves from the empty board, turned and mirrored to its first form. Lines are in depth-first order: a line's continuations
 * follow it. */
struct report_opening {
    struct game game;
    int length; /* 1 to REPORT_LINE */
    game_move moves[REPORT_LINE];
    int64_t games, of;   /* games with this line, of all that were counted on this board */
    int64_t searched;    /* of them, those whose last move was chosen by a search, not at random */
    double first_points; /* of the first player in these games */
};

/* Games worth looking at. */
enum report_pick_kind {
    REPORT_LONGEST,  /* figure: plies */
    REPORT_CLOSEST,  /* figure: points of margin; without points the mean distance of the value from 0 */
    REPORT_TURNED,   /* figure: the highest expected score of the side that lost */
    REPORT_SURPRISE, /* figure: the value after the search less the net's own, for the mover, at `ply` */
    REPORT_PICKS
};
struct report_pick {
    enum report_pick_kind kind;
    struct record *record; /* a reference */
    int ply;               /* of the moment to show: moves played before it */
    double figure;
};

/* Elo as a straight line over the logarithm of hours, by weighted least squares. */
struct report_fit {
    int points;
    bool known;                          /* enough points over enough time: see fit.c */
    double first, last;                  /* hours of the first and the last point */
    double slope, slope_low, slope_high; /* Elo for each doubling of the hours, 95 % */
    struct report_rating ahead[2];       /* the line at twice and four times the hours so far */
};

struct report {
    char *name; /* of the run's folder, without the path */
    struct settings settings;
    struct store_counts counts;
    struct store_checkpoint at;
    double processor_seconds; /* 0: unknown */
    double self_play_share;   /* of them in self-play, 0..1; negative: unknown */
    bool trained;
    struct last_games last;
    struct komi komi[GAME_MAX_SIZE + 1]; /* by the shorter side; empty if the game has no komi */
    GArray *metrics;                     /* struct store_metric, only those with losses, in order */
    GArray *ladder;                      /* uint32_t */
    GArray *strength;                    /* struct ladder_rating; empty if nothing was measured */
    struct verdict verdict;
    struct ladder_gain gain; /* of strength, which the verdict weighs */
    struct quality quality;  /* of the newest games */
    uint32_t best;           /* generation of best.safetensors */
    bool held;               /* newer checkpoints measured weaker */
    GPtrArray *events;       /* char *, as store_events has them */
    GArray *before; /* struct lineage_run, of the runs that the first net came through, as the newest net has them */
    int64_t ladder_games;
    double ladder_seconds; /* that the ladder's games took */

    /* The rest is read by report_read_all only. */
    double total_hours;
    GArray *progress;    /* struct store_metric, all of them; seconds: of training, over all sessions */
    GArray *checkpoints; /* struct report_checkpoint, in order */
    GArray *ratings;     /* struct report_rating of the checkpoints whose rating is known */
    int64_t first_day, last_day;  /* of the games held, seconds since 1970; 0: none */
    GArray *shapes;               /* struct report_shape, the board with most games first */
    int periods;                  /* at most REPORT_PERIODS; 0: no games */
    double hours[REPORT_PERIODS]; /* at the middle of each */
    struct report_foresight foresight[REPORT_PERIODS];
    int64_t looked, unreadable; /* games looked into; games that could not be read */
    int64_t newest;             /* of these, how many of the newest ones the following are about */
    GArray *openings;           /* struct report_opening */
    GArray *picks;              /* struct report_pick, by kind, the best of each first */
    struct report_fit fit;
};

/* What the text needs: settings, totals, losses and ratings. *report must be zeroed. False with the error set if the store cannot be
 * read; to be cleared either way. Partly reads without the store's lock: no other thread may use the store meanwhile. */
bool report_read(struct store *store, struct report *report, GError **error);
/* All of it, in the same way: reads some thousands of games, which takes seconds. */
bool report_read_all(struct store *store, struct report *report, GError **error);
void report_clear(struct report *report); /* zeroes it; a zeroed one is fine */

/* The functions below only read a report. */
double report_komi_mean(const struct komi *komi);
double report_komi_stdev(const struct komi *komi);
/* "longest", "closest", "turned", "surprise" */
const char *report_pick_name(enum report_pick_kind kind);

struct cJSON;
/* One object: settings, totals, verdict, and every figure above. After report_read_all. Freed with cJSON_Delete. */
struct cJSON *report_json(const struct report *report);
/* The same as a table with the columns part, row, name, value: part is the member of the object ("run" for single figures), row counts
 * the entries of a list from 1, and name is the path of the figure within it. */
void report_print_csv(const struct report *report, FILE *out);
/* The same as a page for people, in English and Chinese, which needs no other file and no network. */
void report_print_html(const struct report *report, FILE *out);

#endif

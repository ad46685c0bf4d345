/* Match results: the table on a terminal, and the report as text, JSON, CSV and HTML. */
#ifndef TENGEN_ENGINE_MATCH_REPORT_REPORT_H
#define TENGEN_ENGINE_MATCH_REPORT_REPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/statistics/rating.h"

struct agent_clock;
struct game;
struct match_setup;

/* A match's figures, computed once for all report formats. */
struct match_table {
    const struct match_setup *setup;
    const struct match_report *report;
    int n;
    struct match_score *cross; /* [n][n] */
    struct match_score total[MATCH_MAX_PLAYERS];
    struct rating_table ratings;
    int repeated;                    /* repeats of earlier games, excluded from the ratings by default */
    int standing[MATCH_MAX_PLAYERS]; /* best first: in the schedule's order, else by Elo */
};
void match_table_make(struct match_table *table, const struct match_setup *setup, const struct match_report *report);
void match_table_clear(struct match_table *table);

const char *match_table_name(const struct match_table *table, int player);
double match_mean_score(const struct match_score *score); /* NAN without games */

/* One row of a table: the name padded to `width` columns, games, wins, draws, losses, and the mean score with Wilson's
 * interval; no line end. */
void match_print_score(FILE *out, const char *name, int width, const struct match_score *score);
/* To a whole number, but never to "-0". */
double match_rounded(double value);
/* Quoted, for CSV; NULL is empty. */
void match_print_csv_field(FILE *out, const char *text);
/* Writes a file of a report atomically: a reader never sees a partial one. */
bool match_report_write_file(const char *folder, const char *name, const char *text, size_t length, GError **error);

void match_print_text(const struct match_table *table, FILE *out);
/* One JSON object per line; the format of the last one is stable, for scripts. */
void match_print_json_lines(const struct match_table *table, FILE *out);
/* The same as one document: the last line's members, then "pairs", "sprt" and the summary's. */
void match_print_json(const struct match_table *table, FILE *out);
/* A few lines of progress for a terminal; returns their number. */
int match_print_live(const struct match_table *table, FILE *out);
/* One line per game, with a header. */
void match_print_csv(const struct match_table *table, FILE *out);
/* A self-contained page: standings, crosstable, rating plot, and a board to replay the journal's games (the first few
 * thousand). */
bool match_print_html(const struct match_table *table, FILE *out, GError **error);

/* Writes report.txt, report.json (a document), report.jsonl (lines), games.csv and report.html into the journal's folder, and the missing games into
 * games/. */
bool match_report_write(const struct match_table *table, bool psq, GError **error);
/* FOLDER/game-0001.sgf for game number 0, or .psq. */
bool match_game_save(const struct match_setup *setup, const char *folder, bool psq, int number, const int players[2],
                     const struct match_game *game, GError **error);
/* The game as SGF, freed by the caller; names[i] is player i's. clock: initial, per side; round: for RO. */
char *match_game_sgf(const struct game *game, const char *const names[2], const struct match_game *played,
                     const struct agent_clock *clock, int round);
/* A game of Gomoku in Piskvork's format; freed by the caller. */
char *match_game_psq(const struct game *game, const char *const names[2], const struct match_game *played);

#endif

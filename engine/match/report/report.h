/* What a match came to: the table on a terminal, and the report as text, JSON, CSV and one HTML page. */
#ifndef TENGEN_ENGINE_MATCH_REPORT_REPORT_H
#define TENGEN_ENGINE_MATCH_REPORT_REPORT_H

#include <cjson/cJSON.h>

#include "engine/match/setup.h"

/* A match's figures, worked out once for all forms of the report. */
struct match_table {
    const struct match_setup *setup;
    const struct match_report *report;
    int n;
    struct match_score *cross; /* [n][n] */
    struct match_score total[MATCH_MAX_PLAYERS];
    struct rating_table ratings;
    int repeated;                    /* games that were played before, left out of the ratings unless asked for */
    int standing[MATCH_MAX_PLAYERS]; /* best first: by the schedule's own order, else by Elo */
};
void match_table_make(struct match_table *table, const struct match_setup *setup, const struct match_report *report);
void match_table_clear(struct match_table *table);

const char *match_table_name(const struct match_table *table, int player);
double match_mean_score(const struct match_score *score); /* NAN without games */

void match_print_text(const struct match_table *table, FILE *out);
/* JSON objects, one a line; the last has the form that is promised to scripts. */
void match_print_json(const struct match_table *table, FILE *out);
/* A few lines for a terminal while the match goes on; returns their number. */
int match_print_live(const struct match_table *table, FILE *out);
/* One line a game, with a heading. */
void match_print_csv(const struct match_table *table, FILE *out);
/* A page that needs nothing else: standing, crosstable, rating plot, and every game on a board (of the first few
 * thousand) as the journal has them. */
bool match_print_html(const struct match_table *table, FILE *out, GError **error);

/* Writes report.txt, report.json, games.csv and report.html into the journal's folder, and into games/ each game that
 * is not there yet. */
bool match_report_write(const struct match_table *table, bool psq, GError **error);
/* FOLDER/game-0001.sgf for game number 0, or .psq. */
bool match_game_save(const struct match_setup *setup, const char *folder, bool psq, int number, const int players[2],
                     const struct match_game *game, GError **error);
/* The game as SGF, to be freed by the caller; names[i] is player i's. clock: of each side at the start; round: what RO
 * says. */
char *match_game_sgf(const struct game *game, const char *const names[2], const struct match_game *played,
                     const struct agent_clock *clock, int round);
/* A game of Gomoku as Piskvork keeps it; freed by the caller. */
char *match_game_psq(const struct game *game, const char *const names[2], const struct match_game *played);

#endif

/* The table of a robustness measurement, in several formats. */
#ifndef TENGEN_ENGINE_ROBUST_REPORT_H
#define TENGEN_ENGINE_ROBUST_REPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

struct robust_cells;
struct robust_report;

/* The table, for people. */
void robust_print_text(const struct robust_report *report, FILE *out);
/* One line per cell, with a header. */
void robust_print_csv(const struct robust_report *report, FILE *out);
/* One JSON object per line: the cells, then a summary. */
void robust_print_json(const struct robust_report *report, FILE *out);
/* report.txt and report.csv in the folder of the configuration. */
bool robust_report_write(const struct robust_report *report, GError **error);

/* The cells alone, before any is played: name, game and opening plies. */
void robust_print_cells(const struct robust_cells *cells, FILE *out);
void robust_print_cells_json(const struct robust_cells *cells, FILE *out);

#endif

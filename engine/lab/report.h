/* The report of a lab, in four forms: a table for people, the same as a page, and two for scripts. */
#ifndef TENGEN_ENGINE_LAB_REPORT_H
#define TENGEN_ENGINE_LAB_REPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

struct lab_effect;
struct lab_results;
struct lab_summary;
struct lab_value;

void lab_print_text(const struct lab_results *results, FILE *out);
/* One line per arm and seed ("seed"), then for each arm one with the means over the seeds ("mean") and one with its differences from the
 * baseline and their intervals ("difference"); for a lab of factors, instead of differences, one line per factor with its effects
 * ("effect"). An empty field: unknown. */
void lab_print_csv(const struct lab_results *results, FILE *out);
/* One JSON object on one line; null: unknown. */
void lab_print_json(const struct lab_results *results, FILE *out);
/* A page that needs no other file. */
void lab_print_html(const struct lab_results *results, FILE *out);

/* Writes report.txt, report.csv, report.json and report.html into the folder. */
bool lab_report_write(const struct lab_results *results, const char *folder, GError **error);

/* ---- shared by the forms ---- */

/* The interval of a number in `buffer`, which is returned: "-12 (-40..16)"; without an interval "-12"; "-" if unknown. */
enum { LAB_TEXT_MAX = 64 };
char *lab_format_value(const struct lab_value *value, int decimals, char buffer[LAB_TEXT_MAX]);
char *lab_format_effect(const struct lab_effect *effect, int decimals, char buffer[LAB_TEXT_MAX]);
char *lab_format_difference(const struct lab_summary *summary, int decimals, char buffer[LAB_TEXT_MAX]);
/* Sentences about how to read the intervals, for this number of seeds and this kind; freed by the caller. */
char *lab_explain(const struct lab_results *results);
/* "go:5, whole loop, 60 s of processor time for each of 2 arms and 3 seeds"; freed by the caller. */
char *lab_title(const struct lab_results *results);

#endif

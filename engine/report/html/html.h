/* The parts of the page of a run. Every text is there in English and in Chinese, of which the page shows one. The page is well-formed
 * XML. */
#ifndef TENGEN_ENGINE_REPORT_HTML_HTML_H
#define TENGEN_ENGINE_REPORT_HTML_HTML_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

struct quality;
struct report;

/* ---- text ---- */

/* A text in both languages, with the same arguments; escaped. */
void html_say(FILE *out, const char *en, const char *zh, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/* The same within an element: html_say_in(out, "h2", ...). */
void html_say_in(FILE *out, const char *element, const char *en, const char *zh, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));
/* Two texts without arguments; escaped. */
void html_pair(FILE *out, const char *en, const char *zh);
/* The start of a section, with its title. */
void html_section(FILE *out, const char *en, const char *zh);
/* A cell of a table, escaped. */
void html_cell(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The text with the user's home folder as "~", so that a page that is passed on does not reveal it; freed by the caller. */
char *html_private(const char *text);
/* The name of a game in Chinese; that of its traits if there is none. */
const char *html_game_zh(const char *name, const char *title);

/* ---- charts ---- */

struct html_point {
    double x, y, low, high; /* NAN: no interval */
};
struct html_curve {
    const char *en, *zh;
    GArray *points; /* struct html_point, by x; the chart frees it */
    bool dots;
};
enum { HTML_CURVES = 6 };
struct html_chart {
    const char *en, *zh;           /* title */
    const char *x_en, *x_zh;       /* of the x axis */
    const char *note_en, *note_zh; /* below; NULL: none */
    double x_max;
    bool percent;  /* y is from 0 to 1, printed in per cent */
    bool diagonal; /* x is in per cent, too: a line where it is y */
    int count;
    struct html_curve curves[HTML_CURVES];
};
GArray *html_points(void);
/* Left out if x or y is not finite, or absurdly large. */
void html_add_point(GArray *points, double x, double y, double low, double high);
/* Adds a curve to a chart, without points, which it returns. */
GArray *html_add_curve(struct html_chart *chart, const char *en, const char *zh);
/* Whether a run is so short that its time is shown in minutes instead of hours. */
bool html_in_minutes(const struct report *report);
/* The unit of training time on a chart's x axis: x = scale * hours. */
struct html_unit {
    double scale, max; /* max: of a chart's x */
    const char *en, *zh;
};
struct html_unit html_unit_of(const struct report *report);
/* A chart over that time, without curves. */
struct html_chart html_chart_of(const struct html_unit *unit, const char *en, const char *zh);
/* Prints nothing if no curve has a point; returns whether it printed. */
bool html_print_chart(FILE *out, struct html_chart *chart);

/* ---- parts of sections ---- */

/* The chart of predicted and actual scores, and what there is to say about the values' and the policy's quality. */
void html_calibration(FILE *out, const struct quality *quality);
void html_quality_text(FILE *out, const struct quality *quality);

/* ---- sections, of a report that report_read_all has read ---- */

/* Name, subject, verdict and the most important totals, above the first section. */
void html_head(FILE *out, const struct report *report);
/* "Strength": Elo of the checkpoints over time, the fixed opponents, the forecast. */
void html_strength(FILE *out, const struct report *report);
/* "Before this run": the runs that the first net came through; nothing if there are none. */
void html_lineage(FILE *out, const struct report *report);
/* "Learning": losses over time, quality of the values and the policy. */
void html_learning(FILE *out, const struct report *report);
/* "Self-play": length of games, first player's score, distinct openings, over time. */
void html_self_play(FILE *out, const struct report *report);
/* "Openings": the most frequent lines. */
void html_openings(FILE *out, const struct report *report);
/* "Games": those worth looking at, to step through. */
void html_picks(FILE *out, const struct report *report);
/* "Speed, and where the time went": shares of the processor time, games and evaluations over time. */
void html_speed(FILE *out, const struct report *report);
/* "Checkpoints": a table. */
void html_checkpoints(FILE *out, const struct report *report);
/* "Settings and machine". */
void html_settings(FILE *out, const struct report *report);
/* What the script shows: the boards, lines and games of html_openings and html_picks. */
void html_data(FILE *out, const struct report *report);

extern const char html_style[], html_script[];

#endif

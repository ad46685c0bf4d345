/* What the formats of the report share. */
#ifndef TENGEN_ENGINE_ROBUST_REPORT_INTERNAL_H
#define TENGEN_ENGINE_ROBUST_REPORT_INTERNAL_H

struct robust_report;
struct robust_result;

struct robust_totals {
    int games, played, refused; /* games; cells with games; cells that cannot be played */
    double seconds;
    int most; /* the cell that lost most; -1: none lost anything */
};
struct robust_totals robust_count(const struct robust_report *report);

/* Score, Elo and Elo lost, each with the ends of its interval; NAN where unknown. */
enum { ROBUST_FIGURES = 9 };
extern const char *const robust_figure_names[ROBUST_FIGURES];
void robust_figures(const struct robust_result *result, double figures[ROBUST_FIGURES]);

#endif

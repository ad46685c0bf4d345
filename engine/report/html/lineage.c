/* The section about the runs that the first net came through. */
#include <string.h>

#include "engine/ladder/ladder.h"
#include "engine/page/page.h"
#include "engine/report/html/html.h"
#include "engine/report/report.h"
#include "engine/store/store.h"
#include "engine/training/provenance/lineage.h"

static const struct lineage_run *run_at(const struct report *report, guint i)
{
    return &g_array_index(report->before, struct lineage_run, i);
}

static void print_count(FILE *out, int64_t count)
{
    if (count == 0) /* unknown, or those of another run */
        html_cell(out, "%s", "");
    else if (count >= 1000000)
        html_cell(out, "%.2f M", (double)count / 1e6);
    else
        html_cell(out, "%" G_GINT64_FORMAT, count);
}

static void print_run(FILE *out, const char *name, int64_t games, int64_t rows, int64_t steps, double processor_seconds)
{
    fputs("<tr><td class=\"l\">", out);
    page_print_escaped(out, name);
    fputs("</td>", out);
    print_count(out, games);
    print_count(out, rows);
    print_count(out, steps);
    if (processor_seconds > 0)
        html_cell(out, "%.2f", processor_seconds / 3600);
    else
        html_cell(out, "%s", "");
    fputs("</tr>\n", out);
}

static void print_table(FILE *out, const struct report *report)
{
    int64_t games = report->counts.games, rows = report->counts.rows, steps = report->at.steps;
    double spent = report->processor_seconds;
    fputs("<div class=\"wide\"><table><tr>", out);
    html_say_in(out, "th class=\"l\"", "run", "训练");
    html_say_in(out, "th", "games", "对局");
    html_say_in(out, "th", "training rows", "训练样本");
    html_say_in(out, "th", "steps", "训练步");
    html_say_in(out, "th", "core-hours", "核·小时");
    fputs("</tr>\n", out);
    for (guint i = 0; i < report->before->len; i++) {
        const struct lineage_run *r = run_at(report, i);
        print_run(out, r->name, r->games, r->rows, r->steps, r->processor_seconds);
        games += r->games;
        rows += r->rows;
        steps += r->steps;
        spent += r->processor_seconds;
    }
    print_run(out, report->name, report->counts.games, report->counts.rows, report->at.steps,
              report->processor_seconds);
    print_run(out, "Σ", games, rows, steps, spent);
    fputs("</table></div>\n", out);
}

/* This run's, or else that of the newest run before it that was rated. */
static const char *anchor_of(const struct report *report)
{
    if (report->strength->len > 0)
        return g_array_index(report->strength, struct ladder_rating, 0).name;
    for (guint i = report->before->len; i > 0; i--)
        if (run_at(report, i - 1)->count > 0)
            return run_at(report, i - 1)->anchor;
    return "";
}

/* Whether the runs that are shown are rated against the nets that they started from, so that each begins where the one before it
 * ended. */
static bool is_chain(const struct report *report)
{
    return strcmp(anchor_of(report), LADDER_START) == 0;
}

/* Adds the ratings of an earlier run, if they are comparable with this run's. *level: the Elo at which that run began; in a chain,
 * replaced by the Elo at which it ended. core_hours: of the runs before it; returns them with its own added. */
static double add_run(struct html_chart *chart, const struct report *report, const struct lineage_run *run,
                      double core_hours, double *level)
{
    const double scale = run->seconds > 0 ? run->processor_seconds / run->seconds / 3600 : 0, began = *level;
    const bool comparable = run->count > 0 && g_strcmp0(run->anchor, anchor_of(report)) == 0;
    if (comparable && chart->count < HTML_CURVES - 1) {
        GArray *points = html_add_curve(chart, run->name, run->name);
        chart->curves[chart->count - 1].dots = true;
        for (int i = 0; i < run->count; i++) {
            const struct lineage_point *p = &run->points[i];
            html_add_point(points, core_hours + scale * p->seconds, began + p->elo, began + p->low, began + p->high);
        }
        *level += is_chain(report) ? run->points[run->count - 1].elo : 0;
    }
    return core_hours + run->processor_seconds / 3600;
}

static void print_chart(FILE *out, const struct report *report)
{
    struct html_chart chart = {
        .en = "Elo over all runs, with 95 % intervals",
        .zh = "历次训练的 Elo 及 95 % 区间",
        .x_en = "core-hours of all runs together",
        .x_zh = "历次训练累计（核·小时）",
        .note_en = "Each run rates its own pool, in which the first opponent, the same in all of "
                   "them, has 0 Elo: the curves need not meet.",
        .note_zh = "每次训练在自己的池中评分，第一个对手（各次相同）的 Elo 定为 0，因此曲线未必相接。"};
    double spent = 0, level = 0;
    if (is_chain(report)) {
        chart.note_en = "Each run is rated against the net that it started from and begins at the Elo at which the one "
                        "before it ended; the intervals "
                        "are those within each run. Runs that were rated otherwise are left out.";
        chart.note_zh = "每次训练以其起始网络为基准评分，并从前一次训练结束时的 Elo "
                        "开始；区间为各次训练内部的区间。以其他方式评分的训练未画出。";
    }
    for (guint i = 0; i < report->before->len; i++)
        spent = add_run(&chart, report, run_at(report, i), spent, &level);
    GArray *points = html_add_curve(&chart, report->name, report->name);
    const double scale = report->total_hours > 0 ? report->processor_seconds / 3600 / report->total_hours : 0;
    chart.curves[chart.count - 1].dots = true;
    for (guint i = 0; i < report->ratings->len; i++) {
        const struct report_rating *r = &g_array_index(report->ratings, struct report_rating, i);
        html_add_point(points, spent + scale * r->hours, level + r->elo, level + r->low, level + r->high);
    }
    chart.x_max = spent + report->processor_seconds / 3600;
    html_print_chart(out, &chart);
}

void html_lineage(FILE *out, const struct report *report)
{
    if (report->before->len == 0)
        return;
    html_section(out, "Before this run", "此前的训练");
    html_say_in(out, "p",
                "This run started from a net that earlier runs had trained; its file records what was spent on it. "
                "Everything else on "
                "this page is about this run alone.",
                "本次训练的起始网络来自另一次训练，其文件记录了此前的投入。本页其余内容只涉及本次训练。");
    fputs("<div class=\"charts two\">", out);
    print_chart(out, report);
    print_table(out, report);
    fputs("</div>\n", out);
}

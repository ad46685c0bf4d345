/* The section of strength: the checkpoints' ratings over the time of training, the fixed opponents, and a forecast. */
#include <math.h>

#include "engine/ladder/ladder.h"
#include "engine/match/statistics/rating.h"
#include "engine/page/page.h"
#include "engine/report/html/html.h"
#include "engine/report/report.h"

static void print_forecast(FILE *out, const struct report_fit *fit)
{
    html_say_in(out, "h3", "What more hours would bring", "再训练更久会怎样");
    if (!fit->known) {
        html_say_in(out, "p",
                    "Not known yet: a forecast needs at least 5 measured checkpoints, the last after at least 4 times "
                    "the hours of "
                    "the first, and the net at the start does not count; there are %d.",
                    "尚无法预测：至少需要 5 个测过强度的检查点，且最后一个的训练时间至少是第一个的 4 "
                    "倍，起始网络不计；目前有 %d 个。",
                    fit->points);
        return;
    }
    html_say_in(out, "p",
                "Each doubling of the hours so far brought %.0f Elo (95 %%: %.0f to %.0f), by a straight line over the "
                "logarithm of hours through %d "
                "checkpoints.",
                "到目前为止，训练时间每翻一倍，Elo 变化 %.0f（95 %%：%.0f 至 %.0f）；由 %d "
                "个检查点对训练时间的对数作直线拟合得出。",
                fit->slope, fit->slope_low, fit->slope_high, fit->points);
    fputs("<ul>", out);
    for (int i = 0; i < 2; i++) {
        const struct report_rating *r = &fit->ahead[i];
        html_say_in(out, "li", "after %.3g hours: %.0f Elo (95 %%: %.0f to %.0f)",
                    "%.3g 小时后：Elo %.0f（95 %%：%.0f 至 %.0f）", r->hours, r->elo, r->low, r->high);
    }
    fputs("</ul>", out);
    html_say_in(out, "p class=\"w\"",
                "The interval is that of the line, if the trend holds; learning may also level off or speed up.",
                "该区间是直线本身的区间，前提是趋势不变；学习也可能趋于平缓或加快。");
}

static void print_rungs(FILE *out, const struct report *report)
{
    fputs("<div class=\"wide\"><table><tr>", out);
    html_say_in(out, "th class=\"l\"", "fixed opponent", "固定对手");
    html_say_in(out, "th", "games", "对局");
    fputs("<th>Elo</th><th>95 %</th></tr>\n", out);
    for (guint i = 0; i < report->strength->len; i++) {
        const struct ladder_rating *r = &g_array_index(report->strength, struct ladder_rating, i);
        if (!r->name[0])
            continue;
        char *name = html_private(r->name);
        fputs("<tr><td class=\"l\">", out);
        page_print_escaped(out, name);
        fputs("</td>", out);
        html_cell(out, "%d", r->games);
        if (i == 0)
            fputs("<td>0</td><td></td>", out);
        else if (r->rating.known)
            fprintf(out, "<td>%.0f</td><td>%.0f..%.0f</td>", r->rating.elo, r->rating.low, r->rating.high);
        else
            fputs("<td></td><td></td>", out);
        fputs("</tr>\n", out);
        g_free(name);
    }
    fputs("</table></div>\n", out);
}

static void add_trend(GArray *points, const struct report_fit *fit, const struct html_unit *unit)
{
    enum { PARTS = 40 };
    const struct report_rating *ahead = &fit->ahead[0];
    for (int i = 0; i <= PARTS; i++) {
        double hours = fit->first * pow(fit->last / fit->first, (double)i / PARTS);
        html_add_point(points, unit->scale * hours, ahead->elo + fit->slope * log2(hours / ahead->hours), NAN, NAN);
    }
}

void html_strength(FILE *out, const struct report *report)
{
    struct html_unit unit = html_unit_of(report);
    struct html_chart chart =
        html_chart_of(&unit, "Elo of the checkpoints, with 95 % intervals", "各检查点的 Elo 及 95 % 区间");
    GArray *points = html_add_curve(&chart, "Elo", "Elo");
    html_section(out, "Strength", "棋力");
    chart.curves[0].dots = true;
    for (guint i = 0; i < report->ratings->len; i++) {
        const struct report_rating *r = &g_array_index(report->ratings, struct report_rating, i);
        html_add_point(points, unit.scale * r->hours, r->elo, r->low, r->high);
    }
    if (report->fit.known)
        add_trend(html_add_curve(&chart, "trend", "趋势"), &report->fit, &unit);
    fputs("<div class=\"charts two\">", out);
    if (!html_print_chart(out, &chart))
        html_say_in(out, "p",
                    "Nothing was measured: the run has played no games against fixed opponents that connect a "
                    "checkpoint to them.",
                    "尚未测量棋力：没有能把检查点与固定对手联系起来的对局。");
    fputs("<div>", out);
    if (report->strength->len > 0) {
        html_say_in(
            out, "p class=\"w\"",
            "The run measures itself by games against fixed opponents and earlier checkpoints; all are rated in one "
            "pool, in which the "
            "first opponent has 0 Elo.",
            "训练过程中，检查点与固定对手及更早的检查点对局；所有棋手在同一个池中评分，第一个对手的 Elo 定为 0。");
        print_rungs(out, report);
    }
    print_forecast(out, &report->fit);
    fputs("</div></div>\n", out);
}

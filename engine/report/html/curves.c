/* The sections of curves over the time of training: learning, self-play, speed. That of strength: strength.c. */
#include <math.h>

#include "engine/report/html/html.h"
#include "engine/report/report.h"
#include "engine/store/store.h"
#include "engine/training/progress.h"
#include "games/traits.h"

/* Long runs have thousands of reports: so many points make a curve. */
enum { MAX_POINTS = 120, MAX_SHAPES = 4, LEAST_GAMES = 50 /* in a point */ };

/* ---- learning ---- */

static double policy_loss(const struct store_metric *m)
{
    return m->policy_loss;
}
static double value_loss(const struct store_metric *m)
{
    return m->value_loss;
}
static double unseen_policy_loss(const struct store_metric *m)
{
    return m->unseen_policy_loss;
}
static double unseen_value_loss(const struct store_metric *m)
{
    return m->unseen_value_loss;
}
static double total_loss(const struct store_metric *m)
{
    return m->loss;
}
static double diversity(const struct store_metric *m)
{
    return m->diversity >= 0 ? m->diversity : NAN;
}
static double games_per_hour(const struct store_metric *m)
{
    return 3600 * m->games_per_s;
}
static double evals(const struct store_metric *m)
{
    return m->evals_per_s;
}

/* What a figure is a mean over, since the report before. */
typedef double progress_weight(const struct store_metric *m, const struct store_metric *before);

static double steps_between(const struct store_metric *m, const struct store_metric *before)
{
    return (double)(m->steps - (before ? before->steps : 0));
}
static double games_between(const struct store_metric *m, const struct store_metric *before)
{
    return (double)(m->games - (before ? before->games : 0));
}
static double reports_between(const struct store_metric *m, const struct store_metric *before)
{
    (void)m;
    (void)before;
    return 1;
}

struct progress_mean {
    double x, y, weight;
    guint reports;
};

static void end_mean(GArray *points, struct progress_mean *mean)
{
    if (mean->weight > 0)
        html_add_point(points, mean->x / mean->weight, mean->y / mean->weight, NAN, NAN);
    *mean = (struct progress_mean){0};
}

/* Adds means, each over enough reports that at most MAX_POINTS points remain, and over enough steps or games: a report of a few
 * steps, as where other programs took the processor, says little. losses: only reports that have them. */
static void add_progress(GArray *points, const struct report *report, const struct html_unit *unit,
                         double (*figure)(const struct store_metric *), progress_weight *weight, bool losses)
{
    const guint together = report->progress->len / MAX_POINTS + 1, count = report->progress->len;
    struct progress_mean mean = {0};
    double enough = 0;
    for (guint i = 0; i < count; i++) {
        const struct store_metric *m = &g_array_index(report->progress, struct store_metric, i);
        enough += fmax(0, weight(m, i ? m - 1 : NULL)) / (4 * MIN(count, MAX_POINTS));
    }
    for (guint i = 0; i < count; i++) {
        const struct store_metric *m = &g_array_index(report->progress, struct store_metric, i);
        const double value = figure(m), own = weight(m, i ? m - 1 : NULL);
        if (isfinite(value) && own > 0 && (!losses || m->loss > 0)) {
            mean.x += own * unit->scale * m->seconds / 3600;
            mean.y += own * value;
            mean.weight += own;
            mean.reports++;
        }
        if (mean.reports >= together && mean.weight >= enough)
            end_mean(points, &mean);
    }
    if (mean.weight >= enough || points->len == 0)
        end_mean(points, &mean);
}

/* Means over periods until they have enough games. */
static void add_foresight(GArray *value, GArray *policy, const struct report *report, const struct html_unit *unit)
{
    struct report_foresight sum = {0};
    double hours = 0;
    for (int i = 0; i < report->periods; i++) {
        const struct report_foresight *f = &report->foresight[i];
        hours += report->hours[i] * (double)f->games;
        sum = (struct report_foresight){sum.games + f->games, sum.plies + f->plies, sum.policies + f->policies,
                                        sum.value_loss + f->value_loss, sum.policy_loss + f->policy_loss};
        if (sum.games < LEAST_GAMES)
            continue;
        double x = unit->scale * hours / (double)sum.games;
        html_add_point(value, x, sum.value_loss / (double)sum.plies, NAN, NAN);
        html_add_point(policy, x, sum.policy_loss / (double)sum.policies, NAN, NAN);
        sum = (struct report_foresight){0};
        hours = 0;
    }
}

static void print_losses(FILE *out, const struct report *report, const struct html_unit *unit)
{
    struct html_chart total = html_chart_of(unit, "Total loss", "全部目标的总损失");
    struct html_chart policy = html_chart_of(unit, "Policy loss", "策略损失");
    struct html_chart value = html_chart_of(unit, "Value loss", "价值损失");
    struct html_chart gain =
        html_chart_of(unit, "How much the search improves on the policy, nats", "搜索对策略的改进（nat）");
    GArray *judged = html_points();
    add_progress(html_add_curve(&total, "", ""), report, unit, total_loss, steps_between, true);
    add_progress(html_add_curve(&policy, "in training", "训练中"), report, unit, policy_loss, steps_between, true);
    add_progress(html_add_curve(&policy, "on new games", "新对局"), report, unit, unseen_policy_loss, games_between,
                 true);
    add_progress(html_add_curve(&value, "in training", "训练中"), report, unit, value_loss, steps_between, true);
    GArray *unseen = html_add_curve(&value, "on new games", "新对局");
    add_progress(unseen, report, unit, unseen_value_loss, games_between, true);
    add_foresight(judged, html_add_curve(&gain, "", ""), report, unit);
    if (unseen->len == 0) /* a run of an older program: its games tell */
        g_array_append_vals(unseen, judged->data, judged->len);
    g_array_unref(judged);
    value.note_en = "New games: before anything was learned from them. Where this rises while the loss in training "
                    "falls, the net may be memorising results.";
    value.note_zh = "新对局：在学习该局之前所作的判断。若它上升而训练损失下降，网络可能在死记结果。";
    gain.note_en = "The divergence of the search's policy from the net's own, in new games: what there is left to "
                   "learn at these visits.";
    gain.note_zh = "新对局中，搜索所得策略与网络自身策略的散度：在这样的搜索量下还可学到多少。";
    html_print_chart(out, &total);
    html_print_chart(out, &policy);
    html_print_chart(out, &value);
    html_print_chart(out, &gain);
}

void html_learning(FILE *out, const struct report *report)
{
    struct html_unit unit = html_unit_of(report);
    html_section(out, "Learning", "学习");
    if (report->metrics->len == 0)
        html_say_in(out, "p", "No losses were reported yet.", "尚无损失记录。");
    fputs("<div class=\"charts\">", out);
    print_losses(out, report, &unit);
    html_calibration(out, &report->quality);
    fputs("</div>\n", out);
    html_quality_text(out, &report->quality);
}

/* ---- self-play ---- */

/* Means over periods until they have enough games. */
static void add_periods(GArray *plies, GArray *score, const struct report *report, const struct report_shape *shape,
                        const struct html_unit *unit)
{
    struct report_period sum = {0};
    double hours = 0;
    for (int i = 0; i < report->periods; i++) {
        const struct report_period *p = &shape->periods[i];
        hours += report->hours[i] * (double)p->games;
        sum = (struct report_period){sum.games + p->games, sum.plies + p->plies, sum.first_points + p->first_points};
        if (sum.games < LEAST_GAMES)
            continue;
        double games = (double)sum.games, x = unit->scale * hours / games;
        html_add_point(plies, x, (double)sum.plies / games, NAN, NAN);
        html_add_point(score, x, sum.first_points / games, NAN, NAN);
        sum = (struct report_period){0};
        hours = 0;
    }
}

void html_self_play(FILE *out, const struct report *report)
{
    struct html_unit unit = html_unit_of(report);
    struct html_chart length = html_chart_of(&unit, "Plies per game", "每局手数");
    struct html_chart first = html_chart_of(&unit, "First player's score, %", "先手得分，%");
    struct html_chart openings =
        html_chart_of(&unit, "Distinct openings among recent games, %", "近期对局中不同开局的比例，%");
    char names[MAX_SHAPES][32];
    html_section(out, "Self-play", "自我对弈");
    if (report->periods == 0)
        html_say_in(out, "p", "The run holds no games.", "此训练没有保存任何对局。");
    for (guint k = 0; k < MIN(report->shapes->len, MAX_SHAPES); k++) {
        const struct report_shape *s = &g_array_index(report->shapes, struct report_shape, k);
        g_snprintf(names[k], sizeof names[k], "%d×%d", s->shape.width, s->shape.height);
        GArray *plies = html_add_curve(&length, names[k], names[k]),
               *score = html_add_curve(&first, names[k], names[k]);
        add_periods(plies, score, report, s, &unit);
    }
    first.percent = openings.percent = true;
    openings.note_en = "Below 20 % self-play lacks variety.";
    openings.note_zh = "低于 20 % 表示自我对弈缺乏变化。";
    add_progress(html_add_curve(&openings, "", ""), report, &unit, diversity, reports_between, false);
    fputs("<div class=\"charts\">", out);
    html_print_chart(out, &length);
    html_print_chart(out, &first);
    html_print_chart(out, &openings);
    fputs("</div>\n", out);
}

/* ---- speed ---- */

static void print_time(FILE *out, const struct report *report)
{
    char duration[32];
    double core = report->processor_seconds, ladder = report->ladder_seconds;
    fputs("<ul>", out);
    progress_duration(3600 * report->total_hours, duration);
    html_say_in(out, "li", "training: %s", "训练：%s", duration);
    if (core > 0) {
        const double measuring = fmin(1, ladder / core), play = report->self_play_share;
        html_say_in(out, "li", "processor time of all threads: %.2f core-hours", "所有线程的处理器时间：%.2f 核·小时",
                    core / 3600);
        html_say_in(out, "li", "of this, games that measure strength: %.1f %% (%d games)",
                    "其中用于测量棋力的对局：%.1f %%（%d 局）", 100 * measuring, (int)report->ladder_games);
        if (play >= 0)
            html_say_in(out, "li", "self-play: %.1f %%; learning, and reading and writing games: %.1f %%",
                        "自我对弈：%.1f %%；学习及读写棋谱：%.1f %%", 100 * play, 100 * fmax(0, 1 - play - measuring));
        else
            html_say_in(out, "li", "self-play and learning: %.1f %%, whose shares this run did not record",
                        "自我对弈与学习：%.1f %%（本次训练未记录两者各占多少）", 100 - 100 * measuring);
    } else {
        html_say_in(out, "li", "games that measure strength took %.0f s (%d games)",
                    "用于测量棋力的对局耗时 %.0f 秒（%d 局）", ladder, (int)report->ladder_games);
    }
    fputs("</ul>\n", out);
}

void html_speed(FILE *out, const struct report *report)
{
    struct html_unit unit = html_unit_of(report);
    struct html_chart games = html_chart_of(&unit, "Self-play games per hour", "每小时自我对弈局数");
    struct html_chart evaluations = html_chart_of(&unit, "Positions evaluated per second", "每秒评估的局面数");
    html_section(out, "Speed, and where the time went", "速度与时间去向");
    add_progress(html_add_curve(&games, "", ""), report, &unit, games_per_hour, reports_between, false);
    add_progress(html_add_curve(&evaluations, "", ""), report, &unit, evals, reports_between, false);
    print_time(out, report);
    fputs("<div class=\"charts\">", out);
    html_print_chart(out, &games);
    html_print_chart(out, &evaluations);
    fputs("</div>\n", out);
}

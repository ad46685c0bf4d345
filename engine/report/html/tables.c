/* The sections of figures and tables: head, checkpoints, settings. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "engine/ladder/ladder.h"
#include "engine/page/page.h"
#include "engine/report/html/html.h"
#include "engine/report/report.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/judge/verdict.h"
#include "engine/training/progress.h"
#include "games/game.h"

/* ---- head ---- */

struct wording {
    const char *name, *name_zh, *meaning, *meaning_zh;
};
static const struct wording wordings[VERDICTS] = {
    [VERDICT_EARLY] = {"Too early to tell", "为时尚早", "There are too few reports to judge.",
                       "记录太少，尚无法判断。"},
    [VERDICT_LEARNING] = {"Learning", "正在学习",
                          "Later nets are stronger, or a loss fell over the later half of the run, beyond chance.",
                          "后来的网络更强，或后半程的损失有所下降，且超出偶然。"},
    [VERDICT_SLOW] = {"Learning slowly", "学习缓慢",
                      "A loss still falls beyond its noise, but by less than one per cent of its value.",
                      "损失仍在下降且超出噪声，但幅度不足百分之一。"},
    [VERDICT_STALLED] = {"Stalled", "停滞",
                         "Neither loss fell over the later half, and no gain of strength is known. Losses also stand "
                         "still where the targets get harder.",
                         "后半程两项损失都没有下降，也未见棋力提高。目标变难时损失也会不动。"},
    [VERDICT_OVERFITTED] = {"Overfitted", "过拟合",
                            "The net memorises games: raise the window, or lower samples per row or the rate.",
                            "网络在死记棋局：请加大窗口，或减少每行样本数、降低学习率。"},
    [VERDICT_COLLAPSED] =
        {"Collapsed", "崩溃",
         "Later nets are weaker, or the games are all alike, or a loss has risen again by much of its "
         "fall. An earlier checkpoint may be better.",
         "后来的网络更弱，或对局千篇一律，或损失失去了大半进展。更早的检查点可能更好。"},
    [VERDICT_BROKEN] = {"Broken", "损坏", "The net's outputs are useless: start again with a lower rate.",
                        "网络算不出有用的结果：请降低学习率重新开始。"},
};

static void print_evidence(FILE *out, const struct verdict *v)
{
    const double *f = v->figures;
    switch (v->reason) {
    case VERDICT_BY_COUNT:
        html_say(out, "%.0f of the %.0f reports with losses that a verdict needs.",
                 "作出判断需要 %2$.0f 份含损失的记录，现有 %1$.0f 份。", f[0], f[1]);
        break;
    case VERDICT_BY_STEPS:
        html_say(out, "%.0f of the %.0f training steps that a verdict needs.",
                 "作出判断需要 %2$.0f 个训练步，现有 %1$.0f 个。", f[0], f[1]);
        break;
    case VERDICT_BY_TREND:
        html_say(out, "Policy loss %.3f → %.3f, value loss %.3f → %.3f over the later half.",
                 "后半程策略损失 %.3f → %.3f，价值损失 %.3f → %.3f。", f[0], f[1], f[2], f[3]);
        break;
    case VERDICT_BY_LOSS:
        html_pair(out, v->of_value ? "Value loss:" : "Policy loss:", v->of_value ? "价值损失：" : "策略损失：");
        html_say(out, " %.3f at first, %.3f at best, %.3f at last.", "起初 %.3f，最好 %.3f，最后 %.3f。", f[0], f[1],
                 f[2]);
        break;
    case VERDICT_BY_UNIFORM:
        html_say(out, "The policy loss stays at %.3f, that of a uniform policy over %.0f moves.",
                 "策略损失停在 %.3f，与在 %.0f 种着法上均匀选择相同。", f[0], f[1]);
        break;
    case VERDICT_BY_GUESS:
        html_say(out,
                 v->of_value ? "The value loss is %.3f, worse than the %.3f of random guessing."
                             : "The policy loss is %.3f, worse than the %.3f of random guessing.",
                 v->of_value ? "价值损失为 %.3f，比随机猜测的 %.3f 更差。"
                             : "策略损失为 %.3f，比随机猜测的 %.3f 更差。",
                 f[0], f[1]);
        break;
    case VERDICT_BY_NAN:
        html_pair(out,
                  v->of_value ? "The value loss is not a finite number." : "The policy loss is not a finite number.",
                  v->of_value ? "价值损失不是有限的数。" : "策略损失不是有限的数。");
        break;
    case VERDICT_BY_OPENINGS:
        html_say(out, "Only %.0f %% of the latest openings are distinct.", "最近的开局中只有 %.0f %% 互不相同。",
                 100 * f[0]);
        break;
    case VERDICT_BY_HEART:
        html_say(out, "Value loss %.3f on rows that were trained on, %.3f on new games.",
                 "价值损失：训练过的数据 %.3f，新对局 %.3f。", f[0], f[1]);
        break;
    }
}

static void print_gain(FILE *out, const struct ladder_gain *gain)
{
    if (!gain->known)
        return;
    fputs(" ", out);
    char en[32], zh[32];
    bool one = gain->middle == gain->last;
    g_snprintf(en, sizeof en, one ? "Generation %u is" : "Generations %u to %u are", gain->middle, gain->last);
    g_snprintf(zh, sizeof zh, one ? "第 %u 代" : "第 %u 至 %u 代", gain->middle, gain->last);
    html_pair(out, en, zh);
    html_say(out, " %+.0f Elo (95 %%: %+.0f to %+.0f) compared with earlier ones.",
             "与之前各代相差 %+.0f Elo（95 %%：%+.0f 至 %+.0f）。", gain->elo, gain->low, gain->high);
}

static void print_tile(FILE *out, const char *value, const char *en, const char *zh)
{
    fputs("<div class=\"tile\"><b>", out);
    page_print_escaped(out, value);
    fputs("</b>", out);
    html_pair(out, en, zh);
    fputs("</div>", out);
}

static void print_number(FILE *out, double value, const char *en, const char *zh)
{
    char text[64];
    if (value >= 1e6)
        g_snprintf(text, sizeof text, "%.2f M", value / 1e6);
    else if (value >= 1e3)
        g_snprintf(text, sizeof text, "%.0f,%03.0f", floor(value / 1e3), fmod(value, 1e3));
    else
        g_snprintf(text, sizeof text, "%.0f", value);
    print_tile(out, text, en, zh);
}

static void print_tiles(FILE *out, const struct report *report)
{
    char text[96], duration[32];
    fputs("<div class=\"tiles\">", out);
    if (report->total_hours > 0)
        print_tile(out, progress_duration(3600 * report->total_hours, duration), "of training", "训练时间");
    if (report->processor_seconds > 0) {
        g_snprintf(text, sizeof text, "%.3g", report->processor_seconds / 3600);
        print_tile(out, text, "core-hours", "核·小时");
    }
    print_number(out, (double)report->counts.games, "games", "对局");
    print_number(out, (double)report->counts.plies, "positions", "局面");
    print_number(out, (double)report->at.generation, "generations of nets", "代网络");
    if (report->ratings->len > 0) {
        const struct report_rating *r = &g_array_index(report->ratings, struct report_rating, report->ratings->len - 1);
        char en[128], zh[128];
        g_snprintf(text, sizeof text, "%.0f", r->elo);
        g_snprintf(en, sizeof en, "Elo of the newest net measured (95 %%: %.0f to %.0f)", r->low, r->high);
        g_snprintf(zh, sizeof zh, "最新测得的网络的 Elo（95 %%：%.0f 至 %.0f）", r->low, r->high);
        print_tile(out, text, en, zh);
    }
    fputs("</div>\n", out);
}

static void print_day(char text[32], int64_t seconds)
{
    time_t at = (time_t)seconds;
    struct tm local;
    text[0] = '\0';
    if (localtime_r(&at, &local))
        strftime(text, 32, "%Y-%m-%d", &local);
}

static void print_subject(FILE *out, const struct report *report)
{
    struct game game;
    GString *shapes = g_string_new(NULL);
    char shape[GAME_SHAPE_TEXT_MAX], from[32], to[32];
    for (guint i = 0; i < report->shapes->len; i++) {
        const struct game_shape *s = &g_array_index(report->shapes, struct report_shape, i).shape;
        g_string_append_printf(shapes, "%s%d×%d", i ? ", " : "", s->width, s->height);
    }
    print_day(from, report->first_day);
    print_day(to, report->last_day);
    fputs("<p class=\"sub\">", out);
    if (game_parse(&game, report->settings.game, NULL)) {
        const char *title = game.ops->traits.title;
        char en[128], zh[128];
        if (shapes->len == 0)
            g_string_assign(shapes, game_shape_format(&(struct game_shape){game.width, game.height}, shape));
        g_snprintf(en, sizeof en, "%s on %s, learned by self-play", title, shapes->str);
        g_snprintf(zh, sizeof zh, "通过自我对弈学习的%s（%s）", html_game_zh(game.ops->name, title), shapes->str);
        html_pair(out, en, zh);
    }
    if (report->first_day)
        fprintf(out, " · %s%s%s", from, g_strcmp0(from, to) ? " – " : "", g_strcmp0(from, to) ? to : "");
    fputs("</p>\n", out);
    g_string_free(shapes, TRUE);
}

void html_head(FILE *out, const struct report *report)
{
    const struct wording *w = &wordings[report->verdict.kind];
    fputs("<h1>", out);
    page_print_escaped(out, report->name);
    fputs("</h1>", out);
    print_subject(out, report);
    fprintf(out, "<div class=\"verdict v%d\"><strong>", (int)report->verdict.kind);
    html_pair(out, w->name, w->name_zh);
    fputs("</strong> ", out);
    html_pair(out, w->meaning, w->meaning_zh);
    fputs(" ", out);
    print_evidence(out, &report->verdict);
    if (report->verdict.low_rate && report->verdict.kind == VERDICT_STALLED)
        html_pair(out, " The rate is too low to learn anything.", "学习率太低，什么也学不到。");
    print_gain(out, &report->gain);
    fputs("</div>\n", out);
    print_tiles(out, report);
    if (report->held)
        html_say_in(out, "p", "Newer checkpoints measured weaker than generation %u, which stays the best net.",
                    "较新的检查点测得的棋力不如第 %u 代，后者仍为最佳网络。", report->best);
    if (report->unreadable > 0)
        html_say_in(out, "p class=\"w\"", "%" G_GINT64_FORMAT " games could not be read and are left out.",
                    "%" G_GINT64_FORMAT " 局无法读取，未计入。", report->unreadable);
}

/* ---- checkpoints ---- */

/* Of long runs: besides those that were measured or are on disk. */
enum { MOST_ROWS = 100 };

static const struct report_rating *rating_of(const struct report *report, uint32_t generation)
{
    for (guint i = 0; i < report->ratings->len; i++) {
        const struct report_rating *r = &g_array_index(report->ratings, struct report_rating, i);
        if (r->generation == generation)
            return r;
    }
    return NULL;
}

static void print_checkpoint(FILE *out, const struct report *report, const struct report_checkpoint *c)
{
    const struct report_rating *r = rating_of(report, c->at.generation);
    fputs("<tr>", out);
    html_cell(out, "%u", c->at.generation);
    html_cell(out, "%.2f", html_in_minutes(report) ? 60 * c->hours : c->hours);
    html_cell(out, "%" G_GINT64_FORMAT, c->at.games);
    html_cell(out, "%" G_GINT64_FORMAT, c->at.rows);
    html_cell(out, "%" G_GINT64_FORMAT, c->at.steps);
    html_cell(out, "%" G_GINT64_FORMAT, c->at.samples);
    html_cell(out, "%g", c->at.rate_scale);
    if (r)
        fprintf(out, "<td>%.0f</td><td>%.0f..%.0f</td>", r->elo, r->low, r->high);
    else
        fputs("<td></td><td></td>", out);
    fputs(c->has_net ? "<td>✓</td></tr>\n" : "<td></td></tr>\n", out);
}

void html_checkpoints(FILE *out, const struct report *report)
{
    static const char *const heads[][2] = {
        {"generation", "代"}, {"hours", "小时"},      {"games", "对局"}, {"rows", "训练行"}, {"steps", "步数"},
        {"samples", "样本"},  {"rate ×", "学习率 ×"}, {"Elo", "Elo"},    {"95 %", "95 %"},   {"on disk", "在磁盘上"}};
    html_section(out, "Checkpoints", "检查点");
    if (report->checkpoints->len == 0) {
        html_say_in(out, "p", "There are none yet.", "尚无检查点。");
        return;
    }
    fputs("<div class=\"wide tall\"><table><tr>", out);
    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++) {
        bool minutes = i == 1 && html_in_minutes(report);
        fputs("<th>", out);
        html_pair(out, minutes ? "minutes" : heads[i][0], minutes ? "分钟" : heads[i][1]);
        fputs("</th>", out);
    }
    fputs("</tr>\n", out);
    guint count = report->checkpoints->len, shown = 0, step = (count - 1) / MOST_ROWS + 1;
    for (guint i = count; i-- > 0;) {
        const struct report_checkpoint *c = &g_array_index(report->checkpoints, struct report_checkpoint, i);
        if (i % step && i + 1 < count && !c->has_net && !rating_of(report, c->at.generation))
            continue;
        print_checkpoint(out, report, c);
        shown++;
    }
    fputs("</table></div>\n", out);
    if (shown < count)
        html_say_in(out, "p class=\"w\"", "%u of %u; tengen report --csv has all.",
                    "共 %2$u 个，显示 %1$u 个；tengen report --csv 给出全部。", shown, count);
}

/* ---- settings ---- */

struct printing {
    FILE *out;
    const struct settings *settings;
};

static void print_setting(const char *name, bool fixed, const char *help, void *user)
{
    (void)fixed, (void)help;
    const struct printing *printing = user;
    char *value = settings_get(printing->settings, name), *shown = html_private(value), *end;
    double fraction = g_ascii_strtod(value, &end);
    if (strchr(value, '.') && !*end) { /* kept with all digits */
        g_free(shown);
        shown = g_strdup_printf("%.10g", fraction);
    }
    fputs("<div><code>", printing->out);
    page_print_escaped(printing->out, name);
    fputs("</code> ", printing->out);
    page_print_escaped(printing->out, *shown ? shown : "–");
    fputs("</div>\n", printing->out);
    g_free(value);
    g_free(shown);
}

/* The processor's name where Linux tells it; freed by the caller. */
static char *processor_name(void)
{
    char *text = NULL, *name = NULL;
    if (g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL)) {
        char *line = strstr(text, "model name"), *colon = line ? strchr(line, ':') : NULL;
        if (colon)
            name = g_strstrip(g_strndup(colon + 1, strcspn(colon + 1, "\n")));
    }
    g_free(text);
    return name ? name : g_strdup("?");
}

void html_settings(FILE *out, const struct report *report)
{
    char *processor = processor_name();
    html_section(out, "Settings and machine", "设置与机器");
    html_say_in(out, "p", "Net: %s. Written by Tengen %s on a machine with %u cores (%s).",
                "网络：%s。由 Tengen %s 写成，机器有 %u 个核（%s）。", report->settings.net, TENGEN_VERSION,
                g_get_num_processors(), processor);
    if (report->processor_seconds > 0 && report->total_hours > 0)
        html_say_in(out, "p", "On average the run used %.1f cores.", "训练平均使用 %.1f 个核。",
                    report->processor_seconds / 3600 / report->total_hours);
    html_say_in(out, "p class=\"w\"", "tengen train --help explains the settings.",
                "tengen train --help 说明各项设置。");
    fputs("<div class=\"settings\">", out);
    settings_each(print_setting, &(struct printing){out, &report->settings});
    fputs("</div>\n", out);
    g_free(processor);
}

/* How good the values and the policy of a run's newest games are. */
#include <math.h>

#include "engine/report/html/html.h"
#include "engine/training/judge/quality.h"
#include "engine/training/judge/truth.h"

void html_calibration(FILE *out, const struct quality *quality)
{
    struct html_chart chart = {.en = "The mover's score: predicted and actual, %",
                               .zh = "行棋方得分：预测与实际，%",
                               .x_en = "predicted, %",
                               .x_zh = "预测，%",
                               .x_max = 100,
                               .percent = true,
                               .diagonal = true,
                               .note_en = "On the dashed line predictions are perfectly calibrated. Positions of the "
                                          "newest games.",
                               .note_zh = "点落在虚线上表示预测名副其实。取自最新对局中的局面。"};
    const struct quality_calibration *of[2] = {&quality->raw, &quality->searched};
    GArray *points[2];
    points[0] = html_add_curve(&chart, "net alone", "仅网络");
    points[1] = html_add_curve(&chart, "after search", "搜索之后");
    chart.curves[0].dots = chart.curves[1].dots = true;
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < QUALITY_BINS; i++)
            html_add_point(points[k], 100 * of[k]->predicted[i], of[k]->actual[i], NAN, NAN);
    html_print_chart(out, &chart);
}

static void print_truth(FILE *out, const struct truth_tally *t)
{
    const double known = (double)truth_known(t);
    if (known > 0)
        html_say_in(
            out, "p class=\"w\"",
            "Positions whose value is certain: %.0f searched to the end, %.0f won by threats, %.0f finished. There the "
            "predictions are off by %.1f points of 100 and name the right result in %.1f %%, after the search %.1f and "
            "%.1f %%.",
            "结果确定的局面：穷举 %.0f，连续威胁取胜 %.0f，已终局 %.0f。在这些局面上预测误差 %.1f（满分 100），"
            "判断正确 %.1f %%；搜索之后为 %.1f 和 %.1f %%。",
            (double)t->positions[TRUTH_EXACT], (double)t->positions[TRUTH_THREATS],
            (double)t->positions[TRUTH_FINISHED], 100 * t->raw_error / known, 100 * (double)t->raw_right / known,
            100 * t->searched_error / known, 100 * (double)t->searched_right / known);
}

void html_quality_text(FILE *out, const struct quality *quality)
{
    if (quality->games > 0)
        html_say_in(
            out, "p class=\"w\"",
            "Mean error of the predictions: %.1f points of 100, after the search %.1f. Entropy of the policy after "
            "the search: %.2f nats.",
            "预测的平均误差（满分 100）：%.1f，搜索之后 %.1f。搜索之后策略的熵：%.2f nat。", 100 * quality->raw.error,
            100 * quality->searched.error, quality->entropy);
    print_truth(out, &quality->truth);
}

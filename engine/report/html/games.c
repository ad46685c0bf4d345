/* The sections with boards: openings, and games to step through. */
#include <cjson/cJSON.h>
#include <math.h>

#include "engine/page/page.h"
#include "engine/report/html/html.h"
#include "engine/report/report.h"
#include "engine/store/record.h"
#include "games/game.h"

static const struct report_opening *opening_at(const struct report *report, guint i)
{
    return &g_array_index(report->openings, struct report_opening, i);
}

static const struct report_pick *pick_at(const struct report *report, guint i)
{
    return &g_array_index(report->picks, struct report_pick, i);
}

/* ---- openings ---- */

static void print_opening(FILE *out, const struct report *report, guint i)
{
    const struct report_opening *o = opening_at(report, i);
    char move[GAME_MOVE_TEXT_MAX];
    double games = (double)o->games;
    bool random = 2 * o->searched < o->games;
    fprintf(out, "<div class=\"node d%d\"><div class=\"mini\" data-line=\"%u\"></div><div><b>", o->length, i);
    page_print_escaped(out, game_move_format(&o->game, o->moves[o->length - 1], move));
    fprintf(out, "</b>%s %.1f %%<br/>", random ? " <i>?</i>" : "", 100 * games / (double)o->of);
    html_say(out, "first %.0f %% of %.0f", "先手 %.0f %%（%.0f）", 100 * o->first_points / games, games);
    fputs("</div></div>\n", out);
}

/* A card for each first move, in it a strip for each line that goes on from there. */
static guint print_cards(FILE *out, const struct report *report, guint i)
{
    const struct game *game = &opening_at(report, i)->game;
    bool card = false, strip = false;
    fputs("<div class=\"cards\">\n", out);
    for (; i < report->openings->len; i++) {
        const struct report_opening *o = opening_at(report, i);
        if (o->game.width != game->width || o->game.height != game->height)
            break;
        if (o->length <= 2 && strip)
            fputs("</div>\n", out);
        if (o->length == 1) {
            fputs(card ? "</div>\n<div class=\"card\">" : "<div class=\"card\">", out);
            card = true;
        }
        if (o->length == 2)
            fputs("<div class=\"strip\">", out);
        strip = o->length >= 2;
        print_opening(out, report, i);
    }
    fputs(strip ? "</div>" : "", out);
    fputs("</div></div>\n", out);
    return i;
}

void html_openings(FILE *out, const struct report *report)
{
    html_section(out, "Openings", "开局");
    if (report->openings->len == 0) {
        html_say_in(out, "p", "Too few games began on the empty board.", "从空棋盘开始的对局太少。");
        return;
    }
    html_say_in(out, "p class=\"w\"",
                "The most frequent lines of the newest %" G_GINT64_FORMAT
                " games: their share of the games, and the first player's score in how many. Turned and mirrored lines "
                "are one. A question mark: mostly drawn at random, which self-play does in the opening to see more of "
                "the game.",
                "最新 %" G_GINT64_FORMAT " 局中最常见的着法序列：占对局的比例、先手得分，括号内为局数。旋转和镜像视为同"
                "一。问号：该着多为随机选取，自我对弈在开局这样做，"
                "以便见到更多变化。",
                report->newest);
    for (guint i = 0; i < report->openings->len;) {
        const struct report_opening *o = opening_at(report, i);
        fprintf(out, "<details%s><summary>%d×%d</summary>\n", i == 0 ? " open=\"open\"" : "", o->game.width,
                o->game.height);
        i = print_cards(out, report, i);
        fputs("</details>\n", out);
    }
}

/* ---- games ---- */

/* The first player's expected score in per cent. */
static double first_score(const struct record_ply *ply, const float wdl[3])
{
    double score = (double)wdl[0] + (double)wdl[1] / 2;
    return 100 * (ply->player ? 1 - score : score);
}

static void describe(const struct report_pick *pick, char en[160], char zh[160])
{
    const struct record *r = pick->record;
    double figure = pick->figure, net = 0, search = 0;
    if (pick->kind == REPORT_SURPRISE) {
        net = first_score(&r->plies[pick->ply], r->plies[pick->ply].raw_wdl);
        search = first_score(&r->plies[pick->ply], r->plies[pick->ply].wdl);
    }
    switch (pick->kind) {
    case REPORT_LONGEST:
        g_snprintf(en, 160, "Long: %.0f plies", figure);
        g_snprintf(zh, 160, "长局：%.0f 手", figure);
        break;
    case REPORT_CLOSEST:
        if (r->game.has_score && figure == 0) {
            g_strlcpy(en, "Close: a draw", 160);
            g_strlcpy(zh, "接近：和棋", 160);
            break;
        }
        g_snprintf(en, 160,
                   r->game.has_score ? "Close: decided by %g points" : "Close: value %.2f from even on average",
                   figure);
        g_snprintf(zh, 160, r->game.has_score ? "接近：分差 %g" : "接近：平均偏离均势 %.2f", figure);
        break;
    case REPORT_TURNED:
        g_snprintf(en, 160, "Reversal: the losing side had been at %.0f %%", 100 * figure);
        g_snprintf(zh, 160, "逆转：负方曾达 %.0f %%", 100 * figure);
        break;
    default:
        g_snprintf(en, 160, "Surprise at move %d: net alone %.0f %%, after search %.0f %%", pick->ply + 1, net, search);
        g_snprintf(zh, 160, "意外（第 %d 手）：仅网络 %.0f %%，搜索之后 %.0f %%", pick->ply + 1, net, search);
    }
}

static void print_picks(FILE *out, const struct report *report)
{
    static const char *const won[] = {"", "first player won", "second player won", "drawn"};
    static const char *const won_zh[] = {"", "先手胜", "后手胜", "和棋"};
    fputs("<div id=\"both\"><div id=\"list\">\n", out);
    for (guint i = 0; i < report->picks->len; i++) {
        const struct report_pick *pick = pick_at(report, i);
        const struct record *r = pick->record;
        char en[160], zh[160], spec[GAME_SPEC_MAX];
        describe(pick, en, zh);
        fprintf(out, "<button class=\"pick\" data-pick=\"%u\"><b>", i);
        html_pair(out, en, zh);
        fputs("</b><br/><span class=\"w\">", out);
        page_print_escaped(out, game_format(&r->game, spec));
        fputs(" · ", out);
        html_pair(out, won[r->result.outcome], won_zh[r->result.outcome]);
        fputs(" · ", out);
        html_say(out, "game %" G_GUINT64_FORMAT ", generation %u", "第 %" G_GUINT64_FORMAT " 局，第 %u 代", r->number,
                 r->generation);
        fputs("</span></button>\n", out);
    }
    fputs("</div>", out);
}

void html_picks(FILE *out, const struct report *report)
{
    html_section(out, "Games", "棋局");
    if (report->picks->len == 0) {
        html_say_in(out, "p", "There are none to show.", "没有可展示的对局。");
        return;
    }
    html_say_in(out, "p class=\"w\"",
                "The longest, closest and most turned of the newest games, and the positions at which the search "
                "changed the net's mind most. Choose one; "
                "step with the buttons, the arrow keys or a click on the curve.",
                "最新对局中最长、最接近和逆转最大的，以及搜索最大程度改变网络判断的局面。选择一局；用按钮、方向键或点击"
                "曲线前进后退。");
    print_picks(out, report);
    fputs("<div id=\"view\"><div id=\"board\"></div><div id=\"info\"></div><p>"
          "<button data-step=\"-1000\">|&lt;</button> <button data-step=\"-1\">&lt;</button> <button "
          "data-step=\"1\">&gt;</button> "
          "<button data-step=\"1000\">&gt;|</button></p><div id=\"graph\"></div><p class=\"w\"><span class=\"key c0\">",
          out);
    html_pair(out, "after search", "搜索之后");
    fputs("</span> <span class=\"key c1\">", out);
    html_pair(out, "net alone", "仅网络");
    fputs("</span> ", out);
    html_pair(out, "First player's expected score; up favours the first.", "先手的期望得分；越高越有利于先手。");
    fputs("</p></div></div>\n", out);
}

/* ---- data of the script ---- */

/* The board, its stones after the line, and the last point. */
static cJSON *line_data(const struct report_opening *o)
{
    union any_position at;
    uint8_t stones[GAME_MAX_POINTS] = {0};
    cJSON *object = cJSON_CreateObject();
    int last = -1;
    page_add_board(object, &o->game);
    game_init(&o->game, &at.p);
    for (int i = 0; i < o->length; i++) {
        if (!game_try(&o->game, &at.p, NULL, o->moves[i]))
            break;
        if (o->moves[i] < o->game.points)
            last = o->moves[i];
    }
    cJSON_AddItemToObject(object, "stones", page_list_changes(&o->game, &at.p, stones));
    cJSON_AddNumberToObject(object, "last", last);
    return object;
}

/* In whole per cent; null without a search. */
static cJSON *score_data(const struct record_ply *ply, const float wdl[3])
{
    double score = first_score(ply, wdl);
    return ply->flags & RECORD_SEARCHED && isfinite(score) ? cJSON_CreateNumber(round(score)) : cJSON_CreateNull();
}

static cJSON *pick_data(const struct report_pick *pick)
{
    const struct record *r = pick->record;
    const struct game *game = &r->game;
    union any_position at;
    uint8_t stones[GAME_MAX_POINTS] = {0};
    char text[GAME_MOVE_TEXT_MAX];
    cJSON *object = cJSON_CreateObject();
    page_add_board(object, game);
    cJSON *moves = cJSON_AddArrayToObject(object, "m"), *names = cJSON_AddArrayToObject(object, "n");
    cJSON *changes = cJSON_AddArrayToObject(object, "c"), *search = cJSON_AddArrayToObject(object, "v");
    cJSON *net = cJSON_AddArrayToObject(object, "r");
    game_init(game, &at.p);
    cJSON_Delete(page_list_changes(game, &at.p, stones));
    for (int i = 0; i < r->ply_count; i++) {
        const struct record_ply *ply = &r->plies[i];
        cJSON_AddItemToArray(moves, cJSON_CreateNumber(ply->move < game->points ? ply->move : -1));
        cJSON_AddItemToArray(names, cJSON_CreateString(game_move_format(game, ply->move, text)));
        game_play(game, &at.p, NULL, ply->move);
        cJSON_AddItemToArray(changes, page_list_changes(game, &at.p, stones));
        cJSON_AddItemToArray(search, score_data(ply, ply->wdl));
        cJSON_AddItemToArray(net, score_data(ply, ply->raw_wdl));
    }
    cJSON_AddNumberToObject(
        object, "at", pick->kind == REPORT_SURPRISE || pick->kind == REPORT_TURNED ? pick->ply + 1 : r->ply_count);
    return object;
}

void html_data(FILE *out, const struct report *report)
{
    cJSON *data = cJSON_CreateObject();
    cJSON *lines = cJSON_AddArrayToObject(data, "lines"), *picks = cJSON_AddArrayToObject(data, "picks");
    for (guint i = 0; i < report->openings->len; i++)
        cJSON_AddItemToArray(lines, line_data(opening_at(report, i)));
    for (guint i = 0; i < report->picks->len; i++)
        cJSON_AddItemToArray(picks, pick_data(pick_at(report, i)));
    page_print_data(out, data);
    cJSON_Delete(data);
}

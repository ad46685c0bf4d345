/* The table of traps, as text and as JSON. */
#include <cjson/cJSON.h>

#include "agents/external/process.h"
#include "engine/match/report/json.h"
#include "engine/robust/traps/judge.h"
#include "engine/robust/traps/traps.h"
#include "games/game.h"

static const char *const players[TRAPS_PLAYERS] = {[TRAPS_POLICY] = "policy", [TRAPS_SEARCH] = "search"};

static const struct traps_row *row_at(const struct traps_report *report, guint i)
{
    return &g_array_index(report->rows, struct traps_row, i);
}

static void add_row(struct traps_row *sum, const struct traps_row *row)
{
    sum->positions += row->positions;
    sum->asking += row->asking;
    sum->outside += row->outside;
    for (int i = 0; i < TRAPS_PLAYERS; i++) {
        sum->moves[i] += row->moves[i];
        sum->values[i] += row->values[i];
    }
}

/* ---- text ---- */

static void print_share(FILE *out, int right, int of)
{
    if (of)
        fprintf(out, "  %6.1f %%", 100.0 * right / of);
    else
        fprintf(out, "  %8s", "");
}

/* size and board: 0 for a sum over all. */
static void print_row(FILE *out, const char *name, int size, int board, const struct traps_row *row)
{
    fprintf(out, "%-8s", name);
    if (size >= 0)
        fprintf(out, "%5d", size);
    else
        fprintf(out, "%5s", "all");
    if (board)
        fprintf(out, "%7d", board);
    else
        fprintf(out, "%7s", "all");
    fprintf(out, "%11d%9d%8d", row->positions, row->outside, row->asking);
    for (int i = 0; i < TRAPS_PLAYERS; i++)
        print_share(out, row->moves[i], row->asking);
    for (int i = 0; i < TRAPS_PLAYERS; i++)
        print_share(out, row->values[i], row->positions);
    fputc('\n', out);
}

static void print_heading(const struct traps_report *report, FILE *out)
{
    char *line = g_strdup_printf("%s with %d visits, and its policy alone; seed %" G_GUINT64_FORMAT,
                                 report->config->net, report->config->visits, report->config->seed);
    line = process_printable(line);
    fprintf(out, "%s\n", line);
    g_free(line);
    fprintf(out, "%-8s%5s%7s%11s%9s%8s%20s%20s\n", "", "", "", "", "", "", "right moves", "right winners");
    fprintf(out, "%-8s%5s%7s%11s%9s%8s", "kind", "size", "board", "positions", "outside", "asking");
    for (int i = 0; i < 2 * TRAPS_PLAYERS; i++)
        fprintf(out, "  %8s", players[i % TRAPS_PLAYERS]);
    fputc('\n', out);
}

static void print_legend(FILE *out)
{
    fputs("\nsize:", out);
    for (int kind = 0; kind < TRAP_KINDS; kind++)
        fprintf(out, "%s %s %s", kind ? ";" : "", trap_kind_texts[kind].name, trap_kind_texts[kind].size);
    fputs("\noutside: positions on boards that the net was not trained on. asking: those in which only some moves keep "
          "a win\n",
          out);
}

void traps_print_text(const struct traps_report *report, FILE *out)
{
    struct traps_row all = {.positions = 0}, kinds[TRAP_KINDS] = {{.positions = 0}}, sides[2] = {{.positions = 0}};
    print_heading(report, out);
    for (guint i = 0; i < report->rows->len; i++) {
        const struct traps_row *row = row_at(report, i);
        print_row(out, trap_kind_texts[row->kind].name, row->size, row->board, row);
        add_row(&kinds[row->kind], row);
        add_row(&all, row);
        add_row(&sides[row->outside > 0], row);
    }
    fputc('\n', out);
    for (int kind = 0; kind < TRAP_KINDS; kind++)
        if (kinds[kind].positions)
            print_row(out, trap_kind_texts[kind].name, -1, 0, &kinds[kind]);
    print_row(out, "all", -1, 0, &all);
    if (all.outside && all.outside < all.positions) {
        print_row(out, "inside", -1, 0, &sides[0]);
        print_row(out, "outside", -1, 0, &sides[1]);
    }
    print_legend(out);
    fprintf(out, "%s in %.0f s\n", report->finished ? "finished" : "stopped", report->seconds);
}

/* ---- JSON ---- */

static void add_figures(cJSON *line, const struct traps_row *row)
{
    cJSON_AddNumberToObject(line, "positions", row->positions);
    cJSON_AddNumberToObject(line, "outside", row->outside);
    cJSON_AddNumberToObject(line, "asking", row->asking);
    for (int i = 0; i < TRAPS_PLAYERS; i++) {
        char *moves = g_strdup_printf("%s_moves", players[i]), *values = g_strdup_printf("%s_winners", players[i]);
        cJSON_AddNumberToObject(line, moves, row->moves[i]);
        cJSON_AddNumberToObject(line, values, row->values[i]);
        g_free(moves);
        g_free(values);
    }
}

void traps_print_json(const struct traps_report *report, FILE *out)
{
    struct traps_row all = {.positions = 0};
    for (guint i = 0; i < report->rows->len; i++) {
        const struct traps_row *row = row_at(report, i);
        cJSON *line = cJSON_CreateObject();
        cJSON_AddStringToObject(line, "trap", trap_kind_texts[row->kind].name);
        cJSON_AddNumberToObject(line, "size", row->size);
        cJSON_AddNumberToObject(line, "board", row->board);
        add_figures(line, row);
        match_json_print(out, line);
        add_row(&all, row);
    }
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "net", report->config->net);
    cJSON_AddNumberToObject(line, "visits", report->config->visits);
    cJSON_AddNumberToObject(line, "seed", (double)report->config->seed);
    add_figures(line, &all);
    cJSON_AddNumberToObject(line, "seconds", report->seconds);
    cJSON_AddBoolToObject(line, "finished", report->finished);
    match_json_print(out, line);
}

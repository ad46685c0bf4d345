/* A match as CSV, one line per game. */
#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/report/report.h"

void match_print_csv_field(FILE *out, const char *text)
{
    putc('"', out);
    for (; text && *text; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

void match_print_csv(const struct match_table *table, FILE *out)
{
    fputs("game,round,pair,opening,first,second,result,ended,loser,margin,plies,seconds,reason\n", out);
    static const char *const results[] = {"", "1-0", "0-1", "1/2-1/2"};
    for (int i = 0; i < table->report->count; i++) {
        const struct match_record *r = &table->report->records[i];
        if (!r->done)
            continue;
        bool lost = match_is_fault(r->end) || r->end == MATCH_RESIGNED;
        fprintf(out, "%d,%d,%d,%d,", i + 1, r->round + 1, r->pair + 1, r->opening + 1);
        match_print_csv_field(out, match_table_name(table, r->side[0]));
        putc(',', out);
        match_print_csv_field(out, match_table_name(table, r->side[1]));
        fprintf(out, ",%s,%s,", results[r->outcome], match_end_names[r->end]);
        if (lost)
            match_print_csv_field(out, match_table_name(table, r->side[r->loser]));
        fprintf(out, ",%g,%d,%.3f,", (double)r->margin, r->plies, r->seconds);
        match_print_csv_field(out, r->reason);
        putc('\n', out);
    }
}

/* What only the games themselves tell: how well nets foresaw results, openings, games worth looking at. Reads the newest
 * games, and some from all of the run. */
#include <math.h>
#include <sqlite3.h>

#include "engine/report/internal.h"
#include "engine/report/report.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "games/game.h"

enum { NEWEST = 2000, SPREAD = 2000 /* games from all of the run */, RECENT = 200 /* of which the best are chosen */ };

static void add_foresight(struct report_foresight *foresight, const struct record *record)
{
    foresight->games++;
    for (int i = record->copied; i < record->ply_count; i++) {
        const struct record_ply *ply = &record->plies[i];
        float result[3];
        if (!(ply->flags & RECORD_SEARCHED))
            continue;
        record_outcome(record, i, result);
        for (int k = 0; k < 3; k++)
            if (result[k] > 0 && isfinite(ply->raw_wdl[k])) {
                foresight->plies++;
                foresight->value_loss -= log(fmax((double)ply->raw_wdl[k], 1e-4)); /* one absurd value counts no more than this */
            }
        if ((ply->flags & RECORD_TRAIN) && ply->surprise > 0) {
            foresight->policies++;
            foresight->policy_loss += (double)ply->surprise;
        }
    }
}

static struct record *read_record(sqlite3_stmt *row)
{
    struct game game;
    struct record *record = NULL;
    if (game_parse(&game, (const char *)sqlite3_column_text(row, 1), NULL) &&
        record_unpack(&record, &game, sqlite3_column_blob(row, 2), (size_t)sqlite3_column_bytes(row, 2), NULL) != 0)
        record = NULL;
    return record;
}

struct looking {
    struct report *report;
    struct opening_book *book;
    uint64_t first, end;
};

static void look_at(const struct looking *looking, struct record *record, uint64_t number)
{
    struct report *report = looking->report;
    int period = report_period_of(report, number, looking->first, looking->end);
    report->looked++;
    if (period >= 0)
        add_foresight(&report->foresight[period], record);
    if (number + NEWEST < looking->end)
        return;
    report->newest++;
    opening_book_add(looking->book, record);
    report_pick_consider(report, record, number + RECENT >= looking->end);
}

void report_look(struct store *store, struct report *report)
{
    struct looking looking = {.report = report, .book = opening_book_new()};
    sqlite3_stmt *s = NULL;
    report->openings = g_array_new(FALSE, FALSE, sizeof(struct report_opening));
    report->picks = g_array_new(FALSE, FALSE, sizeof(struct report_pick));
    report_number_range(store, &looking.first, &looking.end);
    char *sql =
        g_strdup_printf("SELECT number, spec, data FROM games WHERE spec IS NOT NULL AND (number >= %" G_GINT64_FORMAT
                        " OR number %% %" G_GINT64_FORMAT " = 0) ORDER BY number",
                        (int64_t)looking.end - NEWEST, (int64_t)(looking.end - looking.first) / SPREAD + 1);
    store_lock(store);
    if (sqlite3_prepare_v2(store_database(store), sql, -1, &s, NULL) == SQLITE_OK)
        while (sqlite3_step(s) == SQLITE_ROW) {
            struct record *record = read_record(s);
            if (record)
                look_at(&looking, record, (uint64_t)sqlite3_column_int64(s, 0));
            else
                report->unreadable++;
            record_unref(record);
        }
    sqlite3_finalize(s);
    store_unlock(store);
    g_free(sql);
    opening_book_finish(looking.book, report);
}

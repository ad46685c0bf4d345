/* Games worth looking at: long, close and turned ones of the newest, and the moments at which a search changed the net's mind most. */
#include <math.h>

#include "engine/report/internal.h"
#include "engine/report/report.h"
#include "engine/store/record.h"
#include "games/game.h"

const char *report_pick_name(enum report_pick_kind kind)
{
    static const char *const names[REPORT_PICKS] = {"longest", "closest", "turned", "surprise"};
    return names[kind];
}

/* Less is better for the closest, more for the others. */
static bool is_better(const struct report_pick *a, const struct report_pick *b)
{
    if (a->kind == REPORT_CLOSEST)
        return a->figure < b->figure || (a->figure == b->figure && a->record->ply_count > b->record->ply_count);
    /* Of several that are as good the newest. Surprises are compared in per cent: many are as great as can be. */
    if (a->kind == REPORT_SURPRISE)
        return round(100 * fabs(a->figure)) >= round(100 * fabs(b->figure));
    return a->figure >= b->figure;
}

/* Inserts the pick among those of its kind if it is one of the best. */
static void offer(struct report *report, struct report_pick pick)
{
    int most = pick.kind == REPORT_SURPRISE ? PICKS_SURPRISES : PICKS_EACH, same = 0;
    guint place = 0, i = 0;
    bool placed = false;
    if (!isfinite(pick.figure))
        return;
    for (; i < report->picks->len; i++) {
        const struct report_pick *other = &g_array_index(report->picks, struct report_pick, i);
        if (other->kind > pick.kind)
            break;
        if (other->kind < pick.kind)
            continue;
        same++;
        if (!placed && is_better(&pick, other)) {
            place = i;
            placed = true;
        }
    }
    if (!placed)
        place = i;
    if (!placed && same >= most)
        return;
    record_ref(pick.record);
    g_array_insert_val(report->picks, place, pick);
    if (same < most)
        return;
    guint last = place; /* one too many: the last of its kind goes */
    while (last + 1 < report->picks->len &&
           g_array_index(report->picks, struct report_pick, last + 1).kind == pick.kind)
        last++;
    record_unref(g_array_index(report->picks, struct report_pick, last).record);
    g_array_remove_index(report->picks, last);
}

static bool is_searched(const struct record *record, int ply)
{
    return ply >= record->copied && (record->plies[ply].flags & RECORD_SEARCHED);
}

/* How far the values were from even on average; NAN for a game with few of them. */
static double mean_distance(const struct record *record)
{
    enum { LEAST = 8 };
    double sum = 0;
    int count = 0;
    for (int i = 0; i < record->ply_count; i++)
        if (is_searched(record, i)) {
            sum += fabs(record_value(record->plies[i].wdl));
            count++;
        }
    return count >= LEAST ? sum / count : NAN;
}

/* The ply at which the side that lost had its best prospects, and these. */
static struct report_pick find_turn(struct record *record)
{
    struct report_pick pick = {REPORT_TURNED, record, 0, NAN};
    if (record->result.outcome == GAME_DRAWN)
        return pick;
    int winner = record->result.outcome == GAME_WON_0 ? 0 : 1;
    for (int i = 0; i < record->ply_count; i++) {
        if (!is_searched(record, i))
            continue;
        double score = wdl_score(record->plies[i].wdl), losers = record->plies[i].player == winner ? 1 - score : score;
        if (!(losers <= pick.figure)) {
            pick.figure = losers;
            pick.ply = i;
        }
    }
    return pick;
}

static struct report_pick find_surprise(struct record *record)
{
    struct report_pick pick = {REPORT_SURPRISE, record, 0, NAN};
    for (int i = 0; i < record->ply_count; i++) {
        if (!is_searched(record, i))
            continue;
        double change = record_value(record->plies[i].wdl) - record_value(record->plies[i].raw_wdl);
        if (!(fabs(change) <= fabs(pick.figure))) {
            pick.figure = change;
            pick.ply = i;
        }
    }
    return pick;
}

void report_pick_consider(struct report *report, struct record *record, bool recent)
{
    offer(report, find_surprise(record));
    if (!recent)
        return;
    int plies = record->ply_count;
    double close = record->game.has_score ? fabs((double)record->result.margin) : mean_distance(record);
    offer(report, (struct report_pick){REPORT_LONGEST, record, plies, plies});
    offer(report, (struct report_pick){REPORT_CLOSEST, record, plies, close});
    offer(report, find_turn(record));
}

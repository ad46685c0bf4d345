#include "engine/match/count.h"

#include "games/game.h"

void match_report_clear(struct match_report *report)
{
    for (int i = 0; i < report->count; i++)
        g_free(report->records[i].reason);
    g_free(report->records);
    *report = (struct match_report){0};
}

static void add(struct match_score *score, const struct match_record *record, int me)
{
    int sign = record->outcome == GAME_DRAWN ? 0 : (record->outcome == GAME_WON_1) == me ? 1 : -1;
    score->games++;
    score->wins += sign > 0;
    score->draws += sign == 0;
    score->losses += sign < 0;
    score->forfeits += match_is_fault(record->end) && record->loser == me;
    score->first_games += me == 0;
    score->first_points2 += me == 0 ? sign + 1 : 0;
}

struct match_score *match_report_cross(const struct match_report *report)
{
    int n = report->player_count;
    struct match_score *table = g_new0(struct match_score, n * n);
    for (int i = 0; i < report->count; i++) {
        const struct match_record *r = &report->records[i];
        for (int me = 0; me < 2 && r->done; me++)
            add(&table[r->side[me] * n + r->side[1 - me]], r, me);
    }
    return table;
}

int match_report_distinct(const struct match_report *report, bool symmetric)
{
    GHashTable *seen = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (int i = 0; i < report->count; i++) {
        struct match_record *r = &report->records[i];
        if (r->done)
            g_hash_table_add(seen, symmetric ? &r->symmetric : &r->hash);
    }
    int distinct = (int)g_hash_table_size(seen);
    g_hash_table_destroy(seen);
    return distinct;
}

bool *match_report_repeated(const struct match_report *report, int *count)
{
    GHashTable *seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    bool *repeated = g_new0(bool, MAX(report->count, 1));
    *count = 0;
    for (int i = 0; i < report->count; i++) {
        const struct match_record *r = &report->records[i];
        /* A game cut short by a fault is never a repeat: its continuation is unknown. */
        if (!r->done || match_is_fault(r->end))
            continue;
        uint64_t key = rng_mix(r->hash ^ rng_mix((uint64_t)r->side[0] * MATCH_MAX_PLAYERS + (uint64_t)r->side[1]));
        repeated[i] = !g_hash_table_add(seen, g_memdup2(&key, sizeof key));
        *count += repeated[i];
    }
    g_hash_table_destroy(seen);
    return repeated;
}

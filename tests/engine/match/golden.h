/* The matches of data/reports.json as a finished match: setup, records, and a journal in a folder of its own. */
#ifndef TENGEN_TESTS_GOLDEN_H
#define TENGEN_TESTS_GOLDEN_H

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/report/report.h"
#include "engine/match/schedule/schedule.h"
#include "engine/match/setup.h"
#include "engine/match/statistics/rating.h"
#include "engine/match/statistics/sprt.h"
#include "games/game.h"
#include "tests/delete_folder.h"

struct golden {
    cJSON *all, *data; /* data: this match, in `all` */
    const char *name;
    struct match_setup setup;
    struct match_report report;
    struct match_table table;
    char *folder;
};

static inline double golden_number(const cJSON *object, const char *key, double preset)
{
    const cJSON *item = cJSON_GetObjectItem(object, key);
    return item && cJSON_IsNumber(item) ? item->valuedouble : preset;
}

static inline const char *golden_text(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(object, key);
    return item && cJSON_IsString(item) ? item->valuestring : "";
}

static inline int golden_index(const char *text, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    cr_assert(false, "unknown name %s", text);
    return -1;
}

static inline void golden_set_up(struct golden *golden)
{
    struct match_setup *setup = &golden->setup;
    const cJSON *item, *test = cJSON_GetObjectItem(golden->data, "test");
    cr_assert(game_parse(&setup->game, golden_text(golden->data, "game"), NULL));
    setup->config = (struct match_config){.game = &setup->game, .players = setup->players};
    setup->config.seed = g_ascii_strtoull(golden_text(golden->data, "seed"), NULL, 10);
    setup->config.games = (int)golden_number(golden->data, "meeting", 0);
    if (*golden_text(golden->data, "schedule"))
        setup->config.schedule = schedule_find(golden_text(golden->data, "schedule"));
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(golden->data, "players"))
        setup->players[setup->config.player_count++] =
        (struct match_player){cJSON_GetArrayItem(item, 0)->valuestring, cJSON_GetArrayItem(item, 1)->valuestring};
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(golden->data, "anchors")) setup->anchors[setup->anchor_count++] =
        (struct rating_anchor){cJSON_GetArrayItem(item, 0)->valueint, cJSON_GetArrayItem(item, 1)->valuedouble};
    setup->davidson = cJSON_IsTrue(cJSON_GetObjectItem(golden->data, "davidson"));
    setup->repeated = cJSON_IsTrue(cJSON_GetObjectItem(golden->data, "repeated"));
    if (!test)
        return;
    setup->sprt = (struct sprt){golden_number(test, "elo0", 0), golden_number(test, "elo1", 0),
                                golden_number(test, "alpha", 0), golden_number(test, "beta", 0),
                                strcmp(golden_text(test, "model"), "normalised") ? SPRT_LOGISTIC : SPRT_NORMALISED};
    setup->config.sprt = &setup->sprt;
}

/* The moves and the information that agents gave with them, as far as the match lists it. */
static inline void golden_moves(const struct golden *golden, const cJSON *from, struct match_game *game)
{
    char **moves = g_strsplit_set(golden_text(from, "moves"), " ", -1);
    const cJSON *info = cJSON_GetObjectItem(from, "info");
    game->moves = g_new0(game_move, g_strv_length(moves) + 1);
    game->info = g_new0(struct match_ply, g_strv_length(moves) + 1);
    for (; moves[game->plies] && *moves[game->plies]; game->plies++) {
        struct match_ply *ply = &game->info[game->plies];
        const cJSON *told = cJSON_GetArrayItem(info, game->plies);
        game->moves[game->plies] = game_move_parse(&golden->setup.game, moves[game->plies]);
        ply->value = NAN;
        if (!told)
            continue;
        ply->time_ms = cJSON_GetArrayItem(told, 0)->valueint;
        ply->value = cJSON_IsNull(cJSON_GetArrayItem(told, 1)) ? NAN : (float)cJSON_GetArrayItem(told, 1)->valuedouble;
        ply->visits = cJSON_GetArrayItem(told, 2)->valueint;
    }
    g_strfreev(moves);
}

static inline void golden_add_game(struct golden *golden, const cJSON *from)
{
    static const char *const outcomes[] = {"void", "1-0", "0-1", "1/2-1/2"};
    struct match_report *report = &golden->report;
    const cJSON *side = cJSON_GetObjectItem(from, "side");
    struct match_record *r = &report->records[report->count];
    struct match_game game = {0};
    golden_moves(golden, from, &game);
    *r = (struct match_record){.side = {cJSON_GetArrayItem(side, 0)->valueint, cJSON_GetArrayItem(side, 1)->valueint},
                               .round = (int)golden_number(from, "round", 0),
                               .pair = (int)golden_number(from, "pair", 0),
                               .opening = (int)golden_number(from, "opening", 0),
                               .outcome = (enum game_outcome)golden_index(golden_text(from, "outcome"), outcomes, 4),
                               .loser = (int)golden_number(from, "loser", 0),
                               .margin = (float)golden_number(from, "margin", 0),
                               .plies = game.plies,
                               .seconds = golden_number(from, "seconds", 0),
                               .hash = (uint64_t)golden_number(from, "hash", 0),
                               .symmetric = (uint64_t)golden_number(from, "symmetric", 0)};
    if (r->outcome == GAME_ONGOING) {
        r->void_game = true;
        report->void_games++;
    } else {
        r->done = true;
        report->done++;
        r->end = (enum match_end)golden_index(golden_text(from, "end"), match_end_names, MATCH_ENDS);
        r->reason = *golden_text(from, "reason") ? g_strdup(golden_text(from, "reason")) : NULL;
        cr_assert((journal_queue(golden->setup.journal, report->count, r, &game, 1),
                   journal_write(golden->setup.journal, NULL)));
    }
    report->count++;
    match_game_clear(&game);
}

/* Match number `which`; false if there are no more. */
static inline bool golden_open(struct golden *golden, int which)
{
    char *text;
    const cJSON *item;
    *golden = (struct golden){0};
    cr_assert(g_file_get_contents(TESTS_DIR "/engine/match/data/reports.json", &text, NULL, NULL));
    golden->all = cJSON_Parse(text);
    g_free(text);
    golden->data = cJSON_GetArrayItem(golden->all, which);
    if (!golden->data) {
        cJSON_Delete(golden->all);
        return false;
    }
    golden->name = golden_text(golden->data, "name");
    golden_set_up(golden);
    golden->folder = g_dir_make_tmp("tengen-golden-XXXXXX", NULL);
    cr_assert_eq(journal_open(&golden->setup.journal, golden->folder, &golden->setup.game, NULL), 0);
    golden->setup.config.journal = golden->setup.journal;
    const cJSON *games = cJSON_GetObjectItem(golden->data, "games");
    golden->report = (struct match_report){.player_count = golden->setup.config.player_count,
                                           .seconds = golden_number(golden->data, "seconds", 0),
                                           .finished = cJSON_IsTrue(cJSON_GetObjectItem(golden->data, "finished"))};
    golden->report.records = g_new0(struct match_record, cJSON_GetArraySize(games));
    cJSON_ArrayForEach(item, games) golden_add_game(golden, item);
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(golden->data, "withdrawn")) golden->report.withdrawn[item->valueint] =
        true;
    if (golden->setup.config.sprt) {
        const cJSON *pairs = cJSON_GetObjectItem(cJSON_GetObjectItem(golden->data, "test"), "pairs");
        sprt_begin(&golden->setup.sprt, &golden->report.sprt);
        for (int i = 0; i < 5; i++)
            for (int k = 0; k < cJSON_GetArrayItem(pairs, i)->valueint; k++)
                sprt_add(&golden->setup.sprt, &golden->report.sprt, i);
    }
    match_table_make(&golden->table, &golden->setup, &golden->report);
    return true;
}

static inline void golden_close(struct golden *golden)
{
    match_table_clear(&golden->table);
    match_report_clear(&golden->report);
    journal_close(golden->setup.journal);
    cJSON_Delete(golden->all);
    delete_folder(golden->folder);
    g_free(golden->folder);
}

#endif

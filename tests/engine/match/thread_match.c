/* A match plays the same games on three threads as on one. Also run under ThreadSanitizer. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/openings.h"
#include "engine/match/schedule/schedule.h"
#include "games/game.h"

static void play(const struct game *game, int threads, const struct match_opening *openings,
                 struct match_report *report)
{
    static const struct match_player players[] = {{"a", "random"}, {"b", "rollout:12"}, {"c", "rollout:8,threads=1"}};
    const struct match_config config = {.game = game,
                                        .players = players,
                                        .player_count = 3,
                                        .games = 6,
                                        .threads = threads,
                                        .seed = 9,
                                        .openings = openings,
                                        .opening_count = 3,
                                        .agent = {.threads = 1}};
    match_run(&config, report, NULL);
}

/* A Swiss tournament with a journal, on three threads, in two sessions; one agent cannot play and is withdrawn. */
static int play_kept(const struct game *game)
{
    static const struct match_player players[] = {
        {"a", "random"}, {"b", "rollout:6"}, {"c", "rollout:9"}, {"d", "net:absent"}};
    char folder[] = "/tmp/tengen-thread-match-XXXXXX";
    struct match_config config = {.game = game,
                                  .players = players,
                                  .player_count = 4,
                                  .schedule = schedule_find("swiss"),
                                  .games = 6,
                                  .threads = 3,
                                  .seed = 9,
                                  .withdraw = 2,
                                  .agent = {.threads = 1}};
    struct match_report whole, kept, again;
    int different = mkdtemp(folder) == NULL;
    match_run(&config, &whole, NULL);
    for (int session = 0; session < 2 && !different; session++) {
        struct match_report *report = session ? &again : &kept;
        if (journal_open(&config.journal, folder, game, NULL) < 0 || !match_run(&config, report, NULL))
            return 1;
        journal_close(config.journal);
        different += report->count != whole.count || report->done != whole.done || !report->withdrawn[3];
        for (int i = 0; i < whole.count && !different; i++)
            different += report->records[i].hash != whole.records[i].hash;
        match_report_clear(report);
    }
    match_report_clear(&whole);
    static const char *const files[] = {"match.db", "match.db.lock"};
    for (int i = 0; i < 2; i++) {
        char *path = g_build_filename(folder, files[i], NULL);
        unlink(path);
        g_free(path);
    }
    rmdir(folder);
    return different;
}

int main(void)
{
    struct game game;
    struct match_opening openings[3];
    struct match_report one, three;
    if (!game_parse(&game, "go:5", NULL))
        return EXIT_FAILURE;
    match_random_openings(&game, 2, 4, openings, 3);
    play(&game, 1, openings, &one);
    play(&game, 3, openings, &three);
    int different = one.count != 18 || three.done != 18;
    for (int i = 0; i < one.count; i++)
        different += one.records[i].hash != three.records[i].hash || one.records[i].outcome != three.records[i].outcome;
    match_report_clear(&one);
    match_report_clear(&three);
    int kept = play_kept(&game);
    printf("a tournament with a journal %s\n", kept ? "differs" : "is the same");
    printf("%d of 18 games differ between one thread and three\n", different);
    return different || kept ? EXIT_FAILURE : EXIT_SUCCESS;
}

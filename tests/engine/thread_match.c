/* A match on three threads plays what it plays on one: run under ThreadSanitizer as well. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/match.h"
#include "engine/match_openings.h"

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
    printf("%d of 18 games differ between one thread and three\n", different);
    return different ? EXIT_FAILURE : EXIT_SUCCESS;
}

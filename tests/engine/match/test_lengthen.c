/* A tournament with a journal is lengthened by rerunning its command with more games; anything else that differs is
 * refused. */
#include <criterion/criterion.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/match.h"
#include "engine/match/openings.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "games/game.h"
#include "tests/delete_folder.h"

static char *folder;

static void set_up(void)
{
    folder = g_dir_make_tmp("tengen-lengthen-XXXXXX", NULL);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(lengthen, .init = set_up, .fini = tear_down);

/* Plays, or resumes, the tournament; the moves of all games as text, or the message if it is refused. */
static char *play(const char *schedule, const char *games, const char *openings, const char *plies)
{
    const char *const options[] = {"game",   "gomoku:7,line=5", "agent",    "a=random",      "agent", "b=random",
                                   "agent",  "c=random",        "schedule", schedule,        "games", games,
                                   "seed",   "5",               "out",      folder,          "threads", "2",
                                   openings, plies,             NULL};
    struct match_settings settings;
    struct match_setup setup;
    struct match_report report;
    GError *error = NULL;
    GString *text = g_string_new(NULL);
    match_settings_init(&settings);
    for (int i = 0; options[i]; i += 2)
        cr_assert(match_settings_set(&settings, match_option_find(options[i]), options[i + 1], 0, &error), "%s",
                  error ? error->message : "");
    if (match_setup_make(&setup, &settings, &error)) {
        cr_assert(match_run(&setup.config, &report, &error), "%s", error ? error->message : "");
        for (int i = 0; i < report.count; i++)
            g_string_append_printf(text, "%d-%d:%016" G_GINT64_MODIFIER "x ", report.records[i].side[0],
                                   report.records[i].side[1], report.records[i].hash);
        match_report_clear(&report);
    } else {
        g_string_assign(text, error->message);
        g_clear_error(&error);
    }
    match_setup_clear(&setup);
    match_settings_clear(&settings);
    return g_string_free(text, FALSE);
}

static void check_lengthened(const char *schedule)
{
    char *few = play(schedule, "3", "opening-plies", "2"), *more = play(schedule, "8", "opening-plies", "2");
    cr_assert_gt(strlen(few), 0);
    cr_assert(g_str_has_prefix(more, few), "%s: the games that were played changed:\n%s\n%s", schedule, few, more);
    cr_assert_eq(strlen(more) * 3, strlen(few) * 8);
    char *fewer = play(schedule, "4", "opening-plies", "2");
    cr_assert(strstr(fewer, "games was \"8\" and is now \"4\""), "%s", fewer);
    char *other = play(schedule, "9", "opening-plies", "3");
    cr_assert(strstr(other, "opening-plies was \"2\" and is now \"3\""), "%s", other);
    g_free(few);
    g_free(more);
    g_free(fewer);
    g_free(other);
}

Test(lengthen, round_robin)
{
    check_lengthened("round-robin");
}

Test(lengthen, gauntlet)
{
    check_lengthened("gauntlet");
}

/* The pairings of later rounds depend on the number of games. */
Test(lengthen, knockout_is_not)
{
    g_free(play("knockout", "2", "opening-plies", "2"));
    char *refused = play("knockout", "4", "opening-plies", "2");
    cr_assert(strstr(refused, "games was \"2\" and is now \"4\""), "%s", refused);
    g_free(refused);
}

Test(lengthen, shuffled_openings_depend_on_the_seed)
{
    struct match_opening openings[40], again[40];
    bool moved = false;
    int seen[40] = {0};
    for (int i = 0; i < 40; i++)
        openings[i] = again[i] = (struct match_opening){.count = 1, .moves = {(game_move)i}};
    match_shuffle_openings(openings, 40, 3);
    match_shuffle_openings(again, 40, 3);
    for (int i = 0; i < 40; i++) {
        cr_assert_eq(openings[i].moves[0], again[i].moves[0]);
        moved = moved || openings[i].moves[0] != i;
        seen[openings[i].moves[0]]++;
    }
    cr_assert(moved);
    for (int i = 0; i < 40; i++)
        cr_assert_eq(seen[i], 1);
    match_shuffle_openings(again, 40, 4);
    cr_assert_neq(memcmp(openings, again, sizeof openings), 0);
}

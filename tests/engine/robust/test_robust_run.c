/* Playing the cells: resuming, refusals, and what is printed and written. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "engine/match/count.h"
#include "engine/match/statistics/rating.h"
#include "engine/robust/cells.h"
#include "engine/robust/report.h"
#include "engine/robust/robust.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/delete_folder.h"

static char *folder, *net_file;
static const char *const random_anchors[] = {"random", "weak=rollout:3"};
static struct robust_cells cells;
static struct robust_config config;
static struct robust_report report;
static atomic_bool stop;
static int stop_after; /* the cell after which `stop` is set; -1: none */

static void make_net(const char *spec, uint64_t seed)
{
    struct game game;
    struct net *net;
    cr_assert(game_parse(&game, spec, NULL));
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:4", seed, NULL), 0);
    cr_assert_eq(net_save(net, net_file, "test", NULL), 0);
    net_unref(net);
}

static void stop_in_cell(int cell, const struct match_report *now, void *data)
{
    (void)data;
    if (cell == stop_after && now->done == now->count)
        atomic_store(&stop, true);
}

static void begin(const char *main, const char *list)
{
    struct game game;
    cr_assert(game_parse(&game, main, NULL));
    robust_cells_init(&cells, &game, 2);
    cr_assert(robust_cells_add_list(&cells, list, NULL));
}

static void set_up(void)
{
    folder = g_dir_make_tmp("tengen-robust-XXXXXX", NULL);
    net_file = g_build_filename(folder, "net.safetensors", NULL);
    make_net("gomoku:5,line=4", 1);
    begin("gomoku:5,line=4", "size=6; rules=standard; opening=0");
    config = (struct robust_config){.net = net_file,
                                    .visits = 2,
                                    .anchors = random_anchors,
                                    .anchor_count = 2,
                                    .games = 8,
                                    .threads = 2,
                                    .seed = 5,
                                    .folder = g_build_filename(folder, "out", NULL),
                                    .cells = &cells,
                                    .stop = &stop,
                                    .progress = stop_in_cell};
    stop_after = -1;
    atomic_store(&stop, false);
}

static void tear_down(void)
{
    delete_folder(folder);
    robust_report_clear(&report);
    g_free((char *)config.folder);
    g_free(net_file);
    g_free(folder);
}

TestSuite(robust_run, .init = set_up, .fini = tear_down);

static void run(void)
{
    GError *error = NULL;
    robust_report_clear(&report);
    cr_assert_eq(robust_run(&config, &report, &error), ROBUST_OK, "%s", error ? error->message : "");
}

static void expect_refusal(const char *message)
{
    GError *error = NULL;
    robust_report_clear(&report);
    cr_assert_eq(robust_run(&config, &report, &error), ROBUST_REFUSED);
    cr_expect(strstr(error->message, message), "%s", error->message);
    g_clear_error(&error);
}

/* Printed by one of the functions of report.h; freed by the caller. */
static char *printed(void (*print)(const struct robust_report *report, FILE *out))
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    print(&report, out);
    fclose(out);
    return text;
}

static char *file(const char *name)
{
    char *path = g_build_filename(config.folder, name, NULL), *text = NULL;
    g_file_get_contents(path, &text, NULL, NULL);
    g_free(path);
    return text;
}

/* ---- playing ---- */

Test(robust_run, each_cell_is_a_match_against_every_anchor)
{
    run();
    cr_assert(report.finished);
    cr_expect_eq(report.seed, 5);
    for (int i = 0; i < 4; i++) {
        const struct robust_result *r = &report.result[i];
        cr_expect(r->finished && !r->refusal && r->score.games == 8, "%s", cells.cell[i].name);
        cr_expect_eq(r->score.wins + r->score.draws + r->score.losses, 8);
        cr_expect(r->elo.known);
        cr_expect_eq(r->lost.known, i > 0);
        cr_expect(i == 0 || fabs(r->lost.elo - (report.result[0].elo.elo - r->elo.elo)) < 1e-9);
    }
    char *games = file("size=6/report.txt");
    cr_assert(games && strstr(games, "gomoku:6,line=4, seed 5") && strstr(games, "random") && strstr(games, "weak"));
    g_free(games);
    games = file("opening=0/games/game-0008.sgf");
    cr_expect(games && strstr(games, "weak"), "%s", games);
    g_free(games);
    games = file("main/games.csv");
    for (int anchor = 0; anchor < 2; anchor++)
        for (int first = 0; first < 2; first++) {
            char *spec = g_strdup_printf("net:%s,visits=2", net_file);
            const char *const name[2] = {spec, anchor ? "weak" : "random"};
            char *sides = g_strdup_printf(",\"%s\",\"%s\",", name[first], name[!first]);
            char **parts = g_strsplit(games, sides, 0);
            cr_expect_eq(g_strv_length(parts), 3, "two games with %s in:\n%s", sides, games);
            g_strfreev(parts);
            g_free(sides);
            g_free(spec);
        }
    g_free(games);
}

/* The seconds differ. */
static void expect_same(const struct robust_report *a, const struct robust_report *b)
{
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(a->result[i].score.wins, b->result[i].score.wins, "%s", cells.cell[i].name);
        cr_expect_eq(a->result[i].score.draws, b->result[i].score.draws);
        cr_expect_eq(a->result[i].elo.elo, b->result[i].elo.elo);
        cr_expect_eq(a->result[i].elo.low, b->result[i].elo.low);
        cr_expect_eq(a->result[i].lost.high, b->result[i].lost.high);
    }
}

/* Stopped after the second cell, and resumed without --seed: as if it had not been. */
Test(robust_run, resumes)
{
    struct robust_report whole;
    GError *error = NULL;
    run();
    whole = report;
    report = (struct robust_report){0};
    g_free((char *)config.folder);
    config.folder = g_build_filename(folder, "again", NULL);
    stop_after = 1;
    run();
    cr_assert_not(report.finished);
    cr_expect(report.result[1].score.games == 8 && report.result[2].score.games == 0);
    char *text = file("report.txt");
    cr_expect(strstr(text, "16 of 32 games in 2 of 4 cells") && strstr(text, "not finished") &&
                  strstr(text, "not played yet"),
              "%s", text);
    g_free(text);
    stop_after = -1;
    atomic_store(&stop, false);
    config.seed = -1;
    config.threads = 1;
    run();
    cr_assert(report.finished);
    cr_expect_eq(report.seed, 5);
    expect_same(&report, &whole);
    atomic_store(&stop, true); /* nothing is left to play: the table is complete all the same */
    cr_assert_eq(robust_run(&config, &report, &error), ROBUST_OK);
    cr_expect(report.finished);
    expect_same(&report, &whole);
    robust_report_clear(&whole);
}

/* Stopped before the main cell has a journal, with a seed from the clock: there is none yet. */
Test(robust_run, stopped_before_it_began)
{
    GError *error = NULL;
    config.seed = -1;
    atomic_store(&stop, true);
    cr_assert_eq(robust_run(&config, &report, &error), ROBUST_OK, "%s", error ? error->message : "");
    for (int json = 0; json < 2; json++) {
        char *text = NULL;
        size_t length;
        FILE *out = open_memstream(&text, &length);
        (json ? robust_print_json : robust_print_text)(&report, out);
        fclose(out);
        cr_expect(json ? strstr(text, "\"seed\":null") != NULL : strstr(text, "seed") == NULL, "%s", text);
        free(text);
    }
}

/* More games and more cells continue what is there. */
Test(robust_run, lengthened)
{
    run();
    cr_assert(robust_cells_add(&cells, "line=3", NULL));
    config.games = 12;
    run();
    cr_expect(report.finished && report.result[0].score.games == 12 && report.result[4].score.games == 12);
}

Test(robust_run, other_settings_are_refused_by_name)
{
    run();
    config.seed = 6;
    expect_refusal("seed was \"5\" and is now \"6\"");
    config.seed = 5;
    config.visits = 3;
    expect_refusal("agent 1 was");
    config.visits = 2;
    config.games = 4;
    expect_refusal("games was \"4\" and is now \"2\"");
    config.games = 8;
    cells.cell[0].openings = 1;
    expect_refusal("opening-plies was \"2\" and is now \"1\"");
    cells.cell[0].openings = 2;
    make_net("gomoku:5,line=4", 2);
    expect_refusal("net of agent 1 was");
    make_net("gomoku:5,line=4", 1);
    run();
    struct game go;
    cr_assert(game_parse(&go, "go:5", NULL));
    cells.cell[0].game = go;
    expect_refusal("was \"gomoku:5,line=4\" and is now \"go:5\"");
}

/* "perfect" solves tic-tac-toe, not larger boards. */
Test(robust_run, cells_that_cannot_be_played_are_reported)
{
    static const char *const perfect[] = {"perfect"};
    begin("gomoku:3,line=3", "size=8; opening=1");
    config.anchors = perfect;
    config.anchor_count = 1;
    run();
    cr_assert(report.finished);
    cr_expect(report.result[1].refusal && strstr(report.result[1].refusal, "agent \"perfect\""), "%s",
              report.result[1].refusal);
    cr_expect(report.result[1].score.games == 0 && report.result[2].score.games == 8);
    char *text = printed(robust_print_text), *kept = file("size=8/match.db");
    cr_expect(strstr(text, "size=8     cannot be played: agent \"perfect\"") && strstr(text, "1 cannot be played"),
              "%s", text);
    cr_expect(strstr(text, "16 of 16 games in 2 of 3 cells"), "%s", text);
    cr_expect_null(kept);
    free(text);
    begin("gomoku:8", "size=9");
    g_free((char *)config.folder);
    config.folder = g_build_filename(folder, "other", NULL);
    expect_refusal("agent \"perfect\"");
}

/* An anchor that has disappeared: the games that it has played are shown, and the rest is not played. */
Test(robust_run, a_cell_that_cannot_be_continued)
{
    char *script = g_build_filename(folder, "anchor.sh", NULL), *gone = g_build_filename(folder, "gone", NULL);
    char *text = g_strdup_printf("[ -e '%s' ] && exit 1\nexec '%s' gtp --agent random\n", gone, TENGEN_BINARY);
    char *spec = g_strdup_printf("gtp:sh %s", script);
    const char *const anchors[] = {spec};
    cr_assert(g_file_set_contents(script, text, -1, NULL));
    make_net("go:4", 1);
    begin("go:4", "size=3");
    config.anchors = anchors;
    config.anchor_count = 1;
    config.games = 2;
    run();
    config.games = 4;
    stop_after = 0;
    run();
    cr_assert(report.result[0].score.games == 4 && report.result[1].score.games == 2);
    cr_assert(g_file_set_contents(gone, "", -1, NULL));
    stop_after = -1;
    atomic_store(&stop, false);
    run();
    cr_expect(report.result[1].refusal && report.result[1].score.games == 2 && report.result[1].elo.known);
    char *table = printed(robust_print_text);
    cr_expect(strstr(table, "unfinished: agent \"gtp:sh "), "%s", table);
    free(table);
    g_free(script);
    g_free(gone);
    g_free(text);
    g_free(spec);
}

Test(robust_run, the_folder_of_a_match_is_refused)
{
    run();
    char *outer = (char *)config.folder;
    config.folder = g_build_filename(outer, "main", NULL);
    expect_refusal("main holds a match");
    g_free(outer);
}

Test(robust_run, a_net_of_another_game_is_refused)
{
    begin("go:5", "size=6");
    expect_refusal("this net plays gomoku, not go");
}

/* ---- printing ---- */

/* A report with figures chosen by hand. */
static void make_report(void)
{
    robust_report_clear(&report);
    report.config = &config;
    report.seed = 5;
    report.result[0] = (struct robust_result){.score = {.games = 8, .wins = 6, .draws = 1, .losses = 1},
                                              .elo = {true, 255.4, 100.5, 410.3},
                                              .finished = true,
                                              .seconds = 1.25};
    report.result[1] = (struct robust_result){.score = {.games = 8, .losses = 8, .forfeits = 2},
                                              .elo = {true, -492, -900, -84},
                                              .lost = {true, 747.4, 311, 1183.8},
                                              .one_sided = true,
                                              .finished = true,
                                              .faults = 3,
                                              .withdrawn = 1,
                                              .repeated = 2,
                                              .seconds = 2};
    report.result[2].refusal = g_strdup("no \033 such net");
}

Test(robust_run, text)
{
    make_report();
    char *text = printed(robust_print_text);
    cr_assert(strstr(text, "with 2 visits, against random, weak=rollout:3; seed 5\n"), "%s", text);
    cr_assert(strstr(text, "main cell: gomoku:5,line=4, 2 random opening plies"), "%s", text);
    static const char rows[] =
        "cell            games   wins  draws losses  score (95 %)             Elo (95 %)            Elo lost (95 %)\n"
        "main                8      6      1      1   81.2 % (46.7.. 95.5)    255 (101..410)\n"
        "size=6              8      0      0      8    0.0 % ( 0.0.. 32.4)   -492 (-900..-84)       747 (311..1184)    "
        " "
        "one-sided  2 forfeited  3 forfeited by anchors  1 withdrawn  2 repeated\n"
        "rules=standard  cannot be played: no   such net\n"
        "opening=0       not played yet\n";
    cr_expect(strstr(text, rows), "%s\n%s", text, rows);
    cr_expect(strstr(text, "one-sided: all games"));
    cr_expect(g_str_has_suffix(text,
                               "16 of 24 games in 2 of 4 cells, 3.2 s; not finished, rerun the command to continue; 1 "
                               "cannot be played; most lost: 747 Elo (311..1184) with size=6\n"),
              "%s", text);
    free(text);
}

Test(robust_run, csv)
{
    make_report();
    char *text = printed(robust_print_csv);
    char **lines = g_strsplit(text, "\n", 0);
    cr_expect_str_eq(lines[0],
                     "cell,game,openings,games,wins,draws,losses,score,score_low,score_high,elo,elo_low,elo_high,lost,"
                     "lost_low,lost_high,one_sided,forfeits,faults,repeated,finished,seconds,refusal");
    cr_expect(g_str_has_prefix(lines[1], "\"main\",\"gomoku:5,line=4\",2,8,6,1,1,0.8125,"), "%s", lines[1]);
    cr_expect(g_str_has_suffix(lines[1], ",255.4000,100.5000,410.3000,,,,0,0,0,0,1,1.250,\"\""), "%s", lines[1]);
    cr_expect(g_str_has_suffix(lines[2], ",747.4000,311.0000,1183.8000,1,2,3,2,1,2.000,\"\""), "%s", lines[2]);
    cr_expect(g_str_has_prefix(lines[3], "\"rules=standard\",\"gomoku:5,line=4,rules=standard\",2,0,0,0,0,,,,,,,,,,0"),
              "%s", lines[3]);
    cr_expect_eq(g_strv_length(lines), 6);
    g_strfreev(lines);
    free(text);
}

static double number(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

Test(robust_run, json)
{
    make_report();
    char *text = printed(robust_print_json);
    char **lines = g_strsplit(text, "\n", 0);
    cr_assert_eq(g_strv_length(lines), 6); /* four cells, a summary, the end */
    cJSON *cell = cJSON_Parse(lines[1]), *summary = cJSON_Parse(lines[4]), *refused = cJSON_Parse(lines[2]);
    cr_expect_str_eq(cJSON_GetObjectItem(cell, "cell")->valuestring, "size=6");
    cr_expect_str_eq(cJSON_GetObjectItem(cell, "game")->valuestring, "gomoku:6,line=4");
    cr_expect(number(cell, "losses") == 8 && number(cell, "score") == 0 && number(cell, "lost_low") == 311);
    cr_expect(number(cell, "openings") == 2 && number(cell, "faults") == 3 &&
              cJSON_IsTrue(cJSON_GetObjectItem(cell, "one_sided")));
    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(refused, "elo")) && cJSON_IsNull(cJSON_GetObjectItem(refused, "score")));
    cr_expect_str_eq(cJSON_GetObjectItem(refused, "refusal")->valuestring, "no \033 such net");
    cr_expect(number(summary, "cells") == 4 && number(summary, "played") == 2 && number(summary, "refused") == 1);
    cr_expect(number(summary, "games") == 16 && number(summary, "visits") == 2 && number(summary, "seconds") == 3.25);
    cr_expect_str_eq(cJSON_GetObjectItem(summary, "most_lost")->valuestring, "size=6");
    cr_expect_str_eq(cJSON_GetObjectItem(summary, "seed")->valuestring, "5");
    cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(summary, "anchors")), 2);
    cr_expect(cJSON_IsFalse(cJSON_GetObjectItem(summary, "finished")));
    cJSON_Delete(cell);
    cJSON_Delete(summary);
    cJSON_Delete(refused);
    g_strfreev(lines);
    free(text);
}

/* Reports: all formats agree, names with special characters are escaped, and repeated games are detected and
 * excluded. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/match.h"
#include "engine/match/report/report.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "engine/match/statistics/rating.h"
#include "games/game.h"

struct played {
    struct match_settings settings;
    struct match_setup setup;
    struct match_report report;
    struct match_table table;
    char folder[64];
};

/* options: alternating names and values, NULL-terminated. */
static void play(struct played *p, const char *const *options)
{
    GError *error = NULL;
    *p = (struct played){.folder = "/tmp/tengen-report-XXXXXX"};
    cr_assert_not_null(mkdtemp(p->folder));
    match_settings_init(&p->settings);
    match_settings_set(&p->settings, match_option_find("out"), p->folder, 0, NULL);
    for (int i = 0; options[i]; i += 2)
        cr_assert(match_settings_set(&p->settings, match_option_find(options[i]), options[i + 1], 0, &error));
    cr_assert(match_setup_make(&p->setup, &p->settings, &error), "%s", error ? error->message : "");
    cr_assert(match_run(&p->setup.config, &p->report, &error) && p->report.finished);
    match_table_make(&p->table, &p->setup, &p->report);
}

static void clear(struct played *p)
{
    char *command = g_strdup_printf("rm -rf %s", p->folder);
    match_table_clear(&p->table);
    match_report_clear(&p->report);
    match_setup_clear(&p->setup);
    match_settings_clear(&p->settings);
    cr_assert(system(command) == 0);
    g_free(command);
}

static char *read_file(const struct played *p, const char *name)
{
    char *path = g_build_filename(p->folder, name, NULL), *text;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL), "%s", path);
    g_free(path);
    return text;
}

static int count_of(const char *text, const char *what)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        count++;
    return count;
}

Test(match_report, every_form)
{
    struct played p;
    GError *error = NULL;
    const char *evil = "</script><b>&\"'=random";
    play(&p, (const char *const[]){"game", "gomoku:5,line=4", "agent", evil, "agent", "b=rollout:20", "agent",
                                   "c=rollout:5", "games", "6", "seed", "3", "threads", "2", NULL});
    cr_assert(match_report_write(&p.table, false, &error), "%s", error ? error->message : "");

    char *document = read_file(&p, "report.json");
    cJSON *whole = cJSON_Parse(document);
    cr_assert(cJSON_GetArraySize(cJSON_GetObjectItem(whole, "agents")) == 3 &&
              cJSON_GetArraySize(cJSON_GetObjectItem(whole, "pairs")) == 3 && cJSON_GetObjectItem(whole, "standing") &&
              cJSON_GetObjectItem(whole, "games")->valueint == 18);
    cJSON_Delete(whole);
    g_free(document);

    char *json = read_file(&p, "report.jsonl"), **lines = g_strsplit(g_strchomp(json), "\n", -1);
    cJSON *last = cJSON_Parse(lines[g_strv_length(lines) - 1]);
    cr_assert(cJSON_GetArraySize(last) == 4, "agents, games, seconds, finished");
    cJSON *agents = cJSON_GetObjectItem(last, "agents");
    cr_assert(cJSON_GetArraySize(agents) == 3 && cJSON_GetObjectItem(last, "games")->valueint == 18 &&
              cJSON_IsTrue(cJSON_GetObjectItem(last, "finished")));
    static const char *const keys[] = {"name",  "games", "wins",    "draws",   "losses",
                                       "score", "elo",   "elo_low", "elo_high"};
    cJSON *agent = cJSON_GetArrayItem(agents, 0);
    cr_assert(cJSON_GetArraySize(agent) == 9);
    for (int i = 0; i < 9; i++)
        cr_assert_str_eq(cJSON_GetArrayItem(agent, i)->string, keys[i]);
    cr_assert_str_eq(cJSON_GetObjectItem(agent, "name")->valuestring, "</script><b>&\"'");
    cJSON_Delete(last);
    g_strfreev(lines);
    g_free(json);

    char *csv = read_file(&p, "games.csv");
    cr_assert(count_of(csv, "\n") == 19 && count_of(csv, "\"</script><b>&\"\"'\"") == 12);
    g_free(csv);

    char *html = read_file(&p, "report.html");
    cr_assert(count_of(html, "<tr class=g ") == 18 && count_of(html, "</script>") == 1 && count_of(html, "<b>") == 0);
    char *data = strstr(html, "const T="), *end = strstr(data, ";\n");
    *end = '\0';
    cJSON *embedded = cJSON_Parse(data + strlen("const T="));
    cr_assert(embedded && cJSON_GetArraySize(cJSON_GetObjectItem(embedded, "games")) == 18);
    cJSON *first = cJSON_GetObjectItem(cJSON_GetObjectItem(embedded, "games"), "0");
    cr_assert(cJSON_GetArraySize(cJSON_GetObjectItem(first, "m")) == p.report.records[0].plies);
    cJSON *sides = cJSON_GetObjectItem(first, "s");
    cr_assert(cJSON_GetArraySize(sides) == p.report.records[0].plies);
    for (int i = 0; i < p.report.records[0].plies; i++)
        cr_assert(cJSON_GetArrayItem(sides, i)->valueint == i % 2);
    cJSON_Delete(embedded);
    g_free(html);

    char *sgf = read_file(&p, "games/game-0001.sgf");
    cr_assert(strstr(sgf, " visits]") && strstr(sgf, "value "));
    g_free(sgf);
    /* A missing game file is written again; an incomplete one left by a kill is removed. */
    char *lost = g_build_filename(p.folder, "games", "game-0002.sgf", NULL);
    char *half = g_build_filename(p.folder, "games", "game-0003.sgf.ABCDEF", NULL);
    char *own = g_build_filename(p.folder, "games", "game-notes", NULL);
    g_unlink(lost);
    cr_assert(g_file_set_contents(half, "(;", -1, NULL) && g_file_set_contents(own, "mine", -1, NULL));
    cr_assert(match_report_write(&p.table, false, NULL));
    cr_assert(g_file_test(lost, G_FILE_TEST_EXISTS) && !g_file_test(half, G_FILE_TEST_EXISTS) &&
              g_file_test(own, G_FILE_TEST_EXISTS));
    g_free(lost);
    g_free(half);
    g_free(own);
    clear(&p);
}

/* Two programs that always pass repeat their games: only two of each pairing (one per colour) are informative. */
Test(match_report, repeated_games_are_excluded)
{
    struct played p;
    char *a = g_strdup_printf("a=gtp:sh '%s/agents/external/fault.sh' fine mark", TESTS_DIR);
    char *b = g_strdup_printf("b=gtp:sh '%s/agents/external/fault.sh' fine mark", TESTS_DIR);
    const char *const once[] = {"game", "go:5",          "agent", a,      "agent", b,   "games",
                                "10",   "opening-plies", "0",     "seed", "1",     NULL};
    play(&p, once);
    cr_assert(p.report.done == 10 && p.table.total[0].games == 10 && p.table.repeated == 8, "%d", p.table.repeated);
    double width = p.table.ratings.ratings[0].high - p.table.ratings.ratings[0].low;
    clear(&p);
    const char *const all[] = {"game",          "go:5", "agent", a,   "agent",    b,      "games", "10",
                               "opening-plies", "0",    "seed",  "1", "repeated", "true", NULL};
    play(&p, all);
    cr_assert(p.table.repeated == 8);
    double less = p.table.ratings.ratings[0].high - p.table.ratings.ratings[0].low;
    cr_assert(less < width, "%g with all ten games, %g with the two that differ", less, width);
    clear(&p);
    g_free(a);
    g_free(b);
}

/* The line that begins with this text. */
static int line_of(const char *text, const char *begin)
{
    int line = 0;
    for (const char *at = text; at; at = strchr(at, '\n'), at += at != NULL, line++)
        if (strncmp(at, begin, strlen(begin)) == 0)
            return line;
    return -1;
}

/* Compares the summary lines with counts from the records. */
static void expect_summary(const struct played *p, const char *text)
{
    int first = 0, draws = 0, plies = 0, games = p->report.count;
    for (int i = 0; i < games; i++) {
        first += p->report.records[i].outcome == GAME_WON_0;
        draws += p->report.records[i].outcome == GAME_DRAWN;
        plies += p->report.records[i].plies;
    }
    char *shares = g_strdup_printf("first player won %.1f %%, draws %.1f %%, %.1f plies per game\n",
                                   100.0 * first / games, 100.0 * draws / games, (double)plies / games);
    char *counts = g_strdup_printf("%d of %d games in ", games, games);
    cr_assert(first > 0 && first < games);
    cr_assert(strstr(text, shares) && strstr(text, counts), "no \"%s\" in\n%s", shares, text);
    g_free(shares);
    g_free(counts);
}

/* The strongest player comes first; columns are aligned for names in any script, each on a single line. */
Test(match_report, text_is_a_table)
{
    struct played p;
    play(&p, (const char *const[]){"game", "gomoku:5,line=4", "agent", "天元é=random", "agent",
                                   "two\nlines=rollout:200", "games", "10", "seed", "3", "threads", "1", NULL});
    cr_assert(match_report_write(&p.table, false, NULL));
    char *text = read_file(&p, "report.txt");
    cr_assert(line_of(text, "player        10") < 0 && line_of(text, "player     games") == 1, "%s", text);
    cr_assert(line_of(text, "two lines     10") == 2 && line_of(text, "天元é         10") == 3, "%s", text);
    expect_summary(&p, text);
    g_free(text);
    clear(&p);
}

/* The page of a run. */
#include <criterion/criterion.h>
#include <glib.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>

#include "engine/report/html/html.h"
#include "engine/report/report.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/engine/report/made_run.h"

static struct made_run made;
static char *page;

static void print(void)
{
    struct report report = {0};
    GError *error = NULL;
    size_t length;
    FILE *out = open_memstream(&page, &length);
    cr_assert(report_read_all(made.store, &report, &error), "%s", error ? error->message : "");
    report_print_html(&report, out);
    fclose(out);
    report_clear(&report);
}

static void tear_down(void)
{
    made_run_remove(&made);
    free(page);
}

TestSuite(report_html, .fini = tear_down);

/* The texts of both languages, in turn. */
struct reading {
    GPtrArray *texts[2];
    int language;   /* of the open span; -1: none */
    GString *plain; /* text in no language */
};

static void open_element(GMarkupParseContext *context, const char *name, const char **names, const char **values,
                         gpointer data, GError **error)
{
    struct reading *reading = data;
    (void)context, (void)error;
    if (strcmp(name, "span") != 0 || !names[0] || strcmp(names[0], "lang") != 0)
        return;
    cr_assert_eq(reading->language, -1, "no language within another");
    reading->language = strcmp(values[0], "zh") == 0;
    g_ptr_array_add(reading->texts[reading->language], g_strdup(""));
}

static void close_element(GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
    (void)context, (void)error;
    if (strcmp(name, "span") == 0)
        ((struct reading *)data)->language = -1;
}

static void read_text(GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
    struct reading *reading = data;
    (void)error;
    const char *element = g_markup_parse_context_get_element(context);
    if (reading->language < 0) {
        if (strcmp(element, "style") != 0 && strcmp(element, "script") != 0)
            g_string_append_len(reading->plain, text, (gssize)length);
        return;
    }
    GPtrArray *texts = reading->texts[reading->language];
    char *before = texts->pdata[texts->len - 1], *part = g_strndup(text, length);
    texts->pdata[texts->len - 1] = g_strconcat(before, part, NULL);
    g_free(before);
    g_free(part);
}

static void check_page(void)
{
    static const GMarkupParser parser = {open_element, close_element, read_text, NULL, NULL};
    struct reading reading = {
        {g_ptr_array_new_with_free_func(g_free), g_ptr_array_new_with_free_func(g_free)}, -1, g_string_new(NULL)};
    GError *error = NULL;
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &reading, NULL);
    cr_assert(g_markup_parse_context_parse(context, page, -1, &error) &&
                  g_markup_parse_context_end_parse(context, &error),
              "%s", error ? error->message : "");
    cr_assert(reading.texts[0]->len == reading.texts[1]->len && reading.texts[0]->len > 20);
    for (guint i = 0; i < reading.texts[0]->len; i++) {
        const char *en = reading.texts[0]->pdata[i], *zh = reading.texts[1]->pdata[i];
        cr_expect((*en == '\0') == (*zh == '\0'), "%s: %s", en, zh);
    }
    for (const char *at = reading.plain->str; *at; at++) /* words outside of both languages: names and figures only */
        cr_expect((unsigned char)*at < 0xe3 || g_utf8_get_char(at) < 0x4e00 || strstr(at, "中文") == at ||
                      strstr(at, "文") == at,
                  "%s", at);
    g_markup_parse_context_free(context);
    for (int i = 0; i < 2; i++)
        g_ptr_array_unref(reading.texts[i]);
    g_string_free(reading.plain, TRUE);
    /* From a file, without a network. */
    cr_expect(!strstr(page, "http") && !strstr(page, "src=") && !strstr(page, "href=") && !strstr(page, "url(") &&
              !strstr(page, "import"));
    cr_expect(strstr(page, "prefers-color-scheme:dark"));
}

Test(report_html, page)
{
    made_run_create(&made);
    print();
    check_page();
    cr_expect(strstr(page, "<h1>a&lt;b&gt;&amp;&quot;c</h1>"), "names are escaped");
    cr_expect(strstr(page, "gtp:&lt;/script&gt;&lt;b&gt;") && !strstr(page, "</script><b>"));
    cr_expect(strstr(page, "Gomoku on 3×3") && strstr(page, "五子棋（3×3）"));
    cr_expect(strstr(page, "self-play: 75.0 %; learning, and reading and writing games: 23.2 %"));
    cr_expect(strstr(page, "data-line=\"0\"") && strstr(page, "data-pick=\"0\""));
    cr_expect(strstr(page, "const T={"));
    cr_expect(strstr(page, "Not known yet"));
    cr_expect(strstr(page, "<tr><td>1</td><td>1.67</td><td>10</td>"), "100 s of a short run, in minutes");
    cr_expect(strstr(page, "<code>rate_end</code> 0.1<"), "settings as they were typed");
}

/* A run whose newest net came through two others, one of them measured by the same opponent. */
Test(report_html, runs_before)
{
    struct net *net;
    struct game game;
    struct store_checkpoint at;
    bool found;
    made_run_create(&made);
    print();
    cr_expect_null(strstr(page, "Before this run"));
    free(page);
    cr_assert(store_last_checkpoint(made.store, &at, &found, NULL) && found);
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL) && evaluator_net_fresh(&net, &game, "conv:8", 1, NULL) == 0);
    net_set_history(net,
                    "[{\"run\":\"<older>\",\"games\":1500000,\"processor_seconds\":7200},"
                    "{\"run\":\"old\",\"games\":11,\"seconds\":3600,\"processor_seconds\":5400,\"anchor\":\"random\","
                    "\"ratings\":[{\"seconds\":60,\"elo\":5},{\"seconds\":3600,\"elo\":100}]},{\"run\":\"this\"}]");
    char *name = store_generation_name(at.generation), *path = store_net_path(made.store, name);
    cr_assert_eq(net_save(net, path, NULL, NULL), 0);
    print();
    check_page();
    cr_expect(strstr(page, "Before this run") && strstr(page, "此前的训练"));
    cr_expect(strstr(page, ">&lt;older&gt;</td><td>1.50 M</td>") && strstr(page, ">old</td><td>11</td>"));
    cr_expect(strstr(page, "<td>2.00</td>") && strstr(page, "<td>1.50</td>"), "core-hours");
    cr_expect_null(strstr(page, ">this<"), "the run itself is under its name");
    net_unref(net);
    g_free(name);
    g_free(path);
}

static void execute(const char *sql)
{
    char *path = g_build_filename(made.folder, "run.db", NULL);
    sqlite3 *db = NULL;
    cr_assert(sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s",
              sql, sqlite3_errmsg(db));
    sqlite3_close(db);
    g_free(path);
}

/* The ratings that the chart over all runs shows. Returns the first `most` numbers after the colons of its tooltips. */
static int rated(double *elo, int most)
{
    const char *at = strstr(page, "Elo over all runs"), *end = at ? strstr(at, "</table>") : NULL;
    int count = 0;
    cr_assert(end);
    while (count < most && (at = strstr(at, "<title>")) && at < end) {
        at = strchr(at, ':') + 1;
        elo[count++] = g_ascii_strtod(at, NULL);
    }
    return count;
}

/* Runs that were rated against the nets that they started from: each begins at the Elo at which the one before it ended. */
Test(report_html, runs_in_a_chain)
{
    enum { MOST = 16 };
    struct net *net;
    struct game game;
    struct store_checkpoint at;
    double alone[MOST], chained[MOST];
    bool found;
    made_run_create(&made);
    execute("UPDATE rung_games SET rung = 'start' WHERE rung NOT LIKE 'generation:%'");
    cr_assert(store_last_checkpoint(made.store, &at, &found, NULL) && found);
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL) && evaluator_net_fresh(&net, &game, "conv:8", 1, NULL) == 0);
    char *name = store_generation_name(at.generation), *path = store_net_path(made.store, name);
    net_set_history(
        net, "[{\"run\":\"a\",\"anchor\":\"random\",\"ratings\":[{\"seconds\":60,\"elo\":70}]},{\"run\":\"this\"}]");
    cr_assert_eq(net_save(net, path, NULL, NULL), 0);
    print();
    const int count = rated(alone, MOST);
    cr_assert_gt(count, 0);
    free(page);
    net_set_history(net, "[{\"run\":\"a\",\"seconds\":60,\"anchor\":\"start\",\"ratings\":[{\"seconds\":30,\"elo\":70},"
                         "{\"seconds\":60,\"elo\":80}]},"
                         "{\"run\":\"b\",\"seconds\":60,\"anchor\":\"start\",\"ratings\":[{\"seconds\":60,\"elo\":20}]}"
                         ",{\"run\":\"this\"}]");
    cr_assert_eq(net_save(net, path, NULL, NULL), 0);
    print();
    check_page();
    cr_expect(strstr(page, "begins at the Elo at which the one before it ended"));
    cr_assert_eq(rated(chained, MOST), count + 3);
    cr_expect(chained[0] == 70 && chained[1] == 80 && chained[2] == 100);
    for (int i = 0; i < count; i++)
        cr_expect_float_eq(chained[3 + i], 100 + alone[i], 0.6, "%g is not 100 + %g", chained[3 + i], alone[i]);
    net_unref(net);
    g_free(name);
    g_free(path);
}

/* The axis of a chart of losses does not stretch to a report of a single step among others of a hundred. */
Test(report_html, reports_of_few_steps)
{
    made_run_create(&made);
    execute("DELETE FROM metrics WHERE id > 1; UPDATE metrics SET seconds = 100, steps = 100, loss = 2;"
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 20) INSERT INTO metrics "
            "SELECT i, 100 * i, games, positions, 100 * i - 99 * (i = 9), samples, generation, CASE i WHEN 9 THEN 90 "
            "ELSE 2 END, policy_loss, "
            "value_loss, games_per_s, evals_per_s, plies_per_game, diversity, visits, unseen_policy_loss, "
            "unseen_value_loss, "
            "memory, disk FROM metrics, n");
    print();
    check_page();
    const char *chart = strstr(page, "Total loss"),
               *end = chart ? strstr(chart, "Policy loss") : NULL;
    cr_assert(end);
    char *text = g_strndup(chart, (gsize)(end - chart));
    cr_expect(strstr(text, "class=\"line\"") && !strstr(text, ">60<") && !strstr(text, ">80<"), "%s", text);
    g_free(text);
}

Test(report_html, a_run_without_games)
{
    made_run_create_empty(&made);
    print();
    check_page();
    cr_expect(strstr(page, "The run holds no games.") && strstr(page, "Too few games began on the empty board.") &&
              strstr(page, "There are none to show.") && strstr(page, "Nothing was measured") &&
              strstr(page, "No losses were reported yet."));
}

/* Content that no run has leaves the rest as it is. */
Test(report_html, damaged_contents)
{
    made_run_create(&made);
    execute(
        "UPDATE games SET spec = 'chess:8' WHERE number = 4;"
        "UPDATE games SET outcome = 77, plies = -5, added = -1 WHERE number = 5;"
        "UPDATE metrics SET seconds = 1e308, policy_loss = 1e300, value_loss = -1e300, diversity = 1e9 WHERE id = 1;"
        "UPDATE metrics SET seconds = 9e307, games = -4 WHERE id = 2; UPDATE rung_games SET seconds = -1e300 WHERE id "
        "= 1");
    print();
    check_page();
    cr_expect(strstr(page, "1 games could not be read and are left out."));
    cr_expect(!g_regex_match_simple("[^a-z](nan|inf)[^a-z]", page, 0, 0), "no such figures");
}

static int count_of(const char *text)
{
    int count = 0;
    for (const char *at = page; (at = strstr(at, text)); at++)
        count++;
    return count;
}

/* Losses on new games are those of the reports; in a run without them the value's is that of the games, of which a point needs 50. */
Test(report_html, losses_on_new_games)
{
    made_run_create(&made);
    print();
    cr_expect_eq(count_of(">on new games<"), 2, "of policy and value");
    free(page);
    execute("UPDATE metrics SET unseen_policy_loss = NULL, unseen_value_loss = NULL;");
    print();
    cr_expect_eq(count_of(">on new games<"), 0);
    free(page);
    execute(
        "INSERT INTO games SELECT number + 30, spec, generation, plies, rows, outcome, margin, opening, moves, added,"
        " data FROM games");
    print();
    cr_expect_eq(count_of(">on new games<"), 1, "of the value");
}

/* All that are measured or on disk, and of the others some. */
Test(report_html, many_checkpoints)
{
    made_run_create(&made);
    execute("WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 999) INSERT INTO checkpoints "
            "SELECT i, 10 * i, 80 * i, 20, 80, 200, 1, 1, 0, i = 7, 0 FROM n");
    print();
    check_page();
    cr_expect(strstr(page, "<tr><td>999</td>") && strstr(page, "<tr><td>7</td>") && strstr(page, "<tr><td>1</td>") &&
              strstr(page, "<tr><td>10</td>") && !strstr(page, "<tr><td>11</td>"));
    cr_expect(strstr(page, "104 of 1000;"), "each tenth, the last one, and 1, 2 and 7");
}

/* A game that is added later needs a Chinese name, too. */
Test(report_html, games_have_names_in_both_languages, .fini = NULL, .init = NULL)
{
    for (int i = 0; game_table[i]; i++)
        cr_expect_str_neq(html_game_zh(game_table[i]->name, game_table[i]->traits.title), game_table[i]->traits.title,
                          "%s", game_table[i]->name);
}

/* A page that is passed on does not name the user's folder. */
Test(report_html, home_folder, .fini = NULL)
{
    char *text = g_strdup_printf("gtp:%s/gnugo --x %s/y", g_get_home_dir(), g_get_home_dir()),
         *shown = html_private(text);
    cr_expect_str_eq(shown, "gtp:~/gnugo --x ~/y");
    g_free(text);
    g_free(shown);
}

/* A figure is where the axes say: y from 0 to 1 fills the height in per cent, x 0 to 4 the width. */
Test(report_html, chart, .fini = NULL)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct html_chart chart = {.en = "a", .zh = "b", .x_en = "c", .x_zh = "d", .x_max = 4, .percent = true, .count = 1};
    chart.curves[0] = (struct html_curve){"e", "f", html_points(), false};
    html_add_point(chart.curves[0].points, 0, 0, NAN, NAN);
    html_add_point(chart.curves[0].points, 1, NAN, NAN, NAN);
    html_add_point(chart.curves[0].points, 2, 0.5, 0.25, 1);
    html_add_point(chart.curves[0].points, 4, 1, NAN, NAN);
    cr_assert(html_print_chart(out, &chart));
    chart.count = 1;
    chart.curves[0].points = html_points();
    cr_expect(!html_print_chart(out, &chart), "no points, no chart");
    fclose(out);
    cr_expect(strstr(text, "d=\"M46.0 196.0L218.0 103.0L390.0 10.0\""), "%s", text);
    cr_expect(strstr(text, "class=\"bar\" d=\"M218.0 149.5V10.0\""), "%s", text);
    free(text);
}

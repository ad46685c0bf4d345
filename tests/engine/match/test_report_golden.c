/* Whole reports of three small matches, against files that data/reports.py derives from the same games by itself: Elo,
 * intervals, likelihood ratios, counts, boards. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>

#include "agents/clock.h"
#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/report/report.h"
#include "engine/match/setup.h"
#include "games/game.h"
#include "tests/engine/match/golden.h"

static char *read_file(const char *folder, const char *name)
{
    char *path = g_build_filename(folder, name, NULL), *text;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL), "%s", path);
    g_free(path);
    return text;
}

static char *read_expected(const struct golden *golden, const char *name)
{
    char *file = g_strdup_printf("report-%s/%s", golden->name, name);
    char *text = read_file(TESTS_DIR "/engine/match/data", file);
    g_free(file);
    return text;
}

/* Shows the first line that differs. */
static void expect_same(const char *found, const char *expected, const char *what)
{
    int line = 1;
    const char *a = found, *b = expected;
    for (; *a && *a == *b; a++, b++)
        line += *a == '\n';
    while (a > found && a[-1] != '\n')
        a--, b--;
    cr_assert(strcmp(found, expected) == 0, "%s, line %d: found\n%.*s\nbut expected\n%.*s", what, line,
              (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
}

/* The same keys in the same order; numbers within a few parts in a million. */
static void expect_same_json(const cJSON *found, const cJSON *expected, const char *where)
{
    cr_assert((found->type & 0xff) == (expected->type & 0xff), "%s: %s is of another type", where, expected->string);
    cr_assert_eq(cJSON_GetArraySize(found), cJSON_GetArraySize(expected), "%s: %s", where, expected->string);
    if (cJSON_IsNumber(found)) {
        double error = fabs(found->valuedouble - expected->valuedouble);
        cr_assert(error <= 5e-6 * fmax(1, fabs(expected->valuedouble)), "%s: %s is %.9g, not %.9g", where,
                  found->string, found->valuedouble, expected->valuedouble);
    }
    if (cJSON_IsString(found))
        cr_assert_str_eq(found->valuestring, expected->valuestring, "%s: %s", where, expected->string);
    const cJSON *a = found->child, *b = expected->child;
    for (; a && b; a = a->next, b = b->next) {
        cr_assert(g_strcmp0(a->string, b->string) == 0, "%s: %s, not %s", where, a->string, b->string);
        expect_same_json(a, b, where);
    }
}

static void expect_json_lines(const struct golden *golden)
{
    char *found = read_file(golden->folder, "report.jsonl"), *expected = read_expected(golden, "report.jsonl");
    char **a = g_strsplit(found, "\n", -1), **b = g_strsplit(expected, "\n", -1);
    cr_assert_eq(g_strv_length(a), g_strv_length(b));
    for (int i = 0; *a[i]; i++) {
        cJSON *x = cJSON_Parse(a[i]), *y = cJSON_Parse(b[i]);
        cr_assert(x && y);
        expect_same_json(x, y, golden->name);
        cJSON_Delete(x);
        cJSON_Delete(y);
    }
    g_strfreev(a);
    g_strfreev(b);
    g_free(found);
    g_free(expected);
}

static void expect_json_document(const struct golden *golden)
{
    char *found = read_file(golden->folder, "report.json"), *expected = read_expected(golden, "report.json");
    cJSON *a = cJSON_Parse(found), *b = cJSON_Parse(expected);
    cr_assert(a && b);
    expect_same_json(a, b, golden->name);
    cJSON_Delete(a);
    cJSON_Delete(b);
    g_free(found);
    g_free(expected);
}

/* The page: its head and style, the tables as expected, the data of the boards, the script. */
static void expect_page(const struct golden *golden)
{
    char *found = read_file(golden->folder, "report.html"), *expected = read_expected(golden, "page.html");
    char *boards = read_expected(golden, "boards.json"), *title;
    title = g_strdup_printf("<title>%s tournament</title><style>", golden_text(golden->data, "game"));
    cr_assert(g_str_has_prefix(found, "<!DOCTYPE html>\n<html lang=en>") && strstr(found, title));
    cr_assert(g_str_has_suffix(found, "\n</script>\n"));
    char *body = strstr(found, "</style>\n"), *script = strstr(found, "<script>\nconst T=");
    cr_assert(body && script);
    char *end = strstr(script, ";\n");
    cr_assert_not_null(end);
    *script = *end = '\0';
    expect_same(body + strlen("</style>\n"), expected, golden->name);
    const char *data = script + strlen("<script>\nconst T=");
    cr_assert(!strchr(data, '<'), "a name must not end the script");
    cJSON *a = cJSON_Parse(data), *b = cJSON_Parse(boards);
    cr_assert(a && b);
    expect_same_json(a, b, golden->name);
    cJSON_Delete(a);
    cJSON_Delete(b);
    g_free(title);
    g_free(boards);
    g_free(expected);
    g_free(found);
}

Test(report_golden, files)
{
    struct golden golden;
    GError *error = NULL;
    for (int which = 0; golden_open(&golden, which); which++) {
        const cJSON *item, *standing = cJSON_GetObjectItem(golden.data, "standing");
        int place = 0;
        cJSON_ArrayForEach(item, standing) cr_assert_eq(golden.table.standing[place++], item->valueint);
        cr_assert(match_report_write(&golden.table, false, &error), "%s", error ? error->message : "");
        static const char *const texts[] = {"report.txt", "games.csv"};
        for (int i = 0; i < 2; i++) {
            char *found = read_file(golden.folder, texts[i]), *expected = read_expected(&golden, texts[i]);
            expect_same(found, expected, texts[i]);
            g_free(found);
            g_free(expected);
        }
        expect_json_lines(&golden);
        expect_json_document(&golden);
        expect_page(&golden);
        golden_close(&golden);
    }
}

static char *print_live(const struct match_table *table, int *lines)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    *lines = match_print_live(table, out);
    fclose(out);
    return text;
}

/* The live table on a terminal: names are truncated to 30 columns, and each line clears the previous text. */
Test(report_golden, live)
{
    static const char *const expected[] = {
        "15 of 15 games, 75 s\033[K\n"
        "Ada                               10: +6 =1 -3  65.0 %  Elo 68 (-167..303)\033[K\n"
        "B<ö&\"天\"                          11: +5 =1 -5  50.0 %  Elo 29 (-189..246)\033[K\n"
        "Carl, quoting \"himself\" at len     9: +2 =2 -5  33.3 %  Elo -96 (-277..84)  4 forfeited\033[K\n"
        "Dora                               0: +0 =0 -0  withdrawn\033[K\n",
        "10 of 10 games, 12 s, LLR -0.32 in -2.25..2.89\033[K\n"
        "random       10: +6 =2 -2  70.0 %  Elo 1691 (1247..2135)\033[K\n"
        "rollout:5    10: +2 =2 -6  30.0 %  Elo 1500 (1500..1500)\033[K\n"};
    for (int which = 0; which < 2; which++) {
        struct golden golden;
        int lines;
        cr_assert(golden_open(&golden, which));
        char *text = print_live(&golden.table, &lines);
        expect_same(text, expected[which], golden.name);
        cr_assert_eq(lines, golden.table.n + 1);
        free(text);
        golden_close(&golden);
    }
}

/* Of more than twenty players the best twenty are shown. */
Test(report_golden, live_shows_twenty)
{
    struct golden golden;
    int lines;
    cr_assert(golden_open(&golden, 0));
    match_table_clear(&golden.table);
    for (int i = 4; i < 25; i++)
        golden.setup.players[i] = (struct match_player){"x", "random"};
    golden.report.player_count = golden.setup.config.player_count = 25;
    match_table_make(&golden.table, &golden.setup, &golden.report);
    char *text = print_live(&golden.table, &lines);
    cr_assert(lines == 21 && g_str_has_suffix(text, "x                                  0: +0 =0 -0\033[K\n"));
    char **split = g_strsplit(text, "\n", -1);
    cr_assert_eq(g_strv_length(split), 22);
    g_strfreev(split);
    free(text);
    golden_close(&golden);
}

/* The file of a game: moves with the agents' information, clock and result, readable in any viewer. */
Test(report_golden, game_files)
{
    struct golden golden;
    cr_assert(golden_open(&golden, 0));
    cr_assert(agent_clock_parse("5m+2s", &golden.setup.config.terms.clock, NULL));
    cr_assert(match_report_write(&golden.table, false, NULL));
    char *sgf = read_file(golden.folder, "games/game-0001.sgf");
    cr_assert_str_eq(sgf, "(;FF[4]GM[1]CA[UTF-8]AP[Tengen:" TENGEN_VERSION "]SZ[5]KM[0.5]RU[Tromp-Taylor]PB[Ada]"
                          "PW[B<ö&\"天\"]GN[go\\:5,komi=0.5]RO[1]TM[300]OT[2 fischer]RE[B+24.5]\n"
                          ";B[cc];W[aa];B[ba]C[0.120 s, value +0.504, 64 visits];W[dc]C[0.035 s, value -0.250]\n"
                          ";B[ab]C[0.007 s, value +0.999, 3 visits];W[];B[]C[0.001 s, value +1.000, 9 visits])\n");
    g_free(sgf);
    static const char *const results[] = {
        "RE[B+24.5]",         "RE[W+0.5]", "RE[W+2.5]", "RE[W+T]GC[exceeded its time", "RE[B+F]GC[illegal move <B4>",
        "RE[0]GC[adjudicated"};
    for (int i = 2; i < 6; i++) {
        char *name = g_strdup_printf("games/game-%04d.sgf", i + 1), *text = read_file(golden.folder, name);
        cr_assert(strstr(text, results[i]), "%s has no %s: %s", name, results[i], text);
        g_free(name);
        g_free(text);
    }
    char *second = read_file(golden.folder, "games/game-0002.sgf"), *folder, *absent;
    cr_assert(strstr(second, "RE[W+R]") && strstr(second, "PB[B<") && strstr(second, "C[0.000 s, value +0.000]"));
    folder = g_build_filename(golden.folder, "games", NULL);
    absent = g_build_filename(folder, "game-0007.sgf", NULL);
    cr_assert(!g_file_test(absent, G_FILE_TEST_EXISTS), "a void game has no file");
    g_free(second);
    g_free(folder);
    g_free(absent);
    golden_close(&golden);
}

/* The page embeds the boards of the first 3000 games and says so; the remaining games only have table rows. */
Test(report_golden, a_page_has_3000_boards)
{
    struct golden golden;
    static const char note[] = "This page shows the first 3000 games";
    for (int count = 3000; count <= 3001; count++) {
        char *text;
        size_t length;
        cr_assert(golden_open(&golden, 3));
        golden.report.records = g_renew(struct match_record, golden.report.records, count);
        for (int i = 2; i < count; i++) {
            golden.report.records[i] = (struct match_record){.void_game = i < 2999, .done = i >= 2999, .side = {0, 1}};
            golden.report.records[i].outcome = GAME_DRAWN;
            const struct match_game game = {0};
            if (i >= 2999)
                cr_assert((journal_queue(golden.setup.journal, i, &golden.report.records[i], &game, 1),
                           journal_write(golden.setup.journal, NULL)));
        }
        golden.report.count = count;
        FILE *out = open_memstream(&text, &length);
        cr_assert(match_print_html(&golden.table, out, NULL));
        fclose(out);
        cr_assert_eq(strstr(text, note) != NULL, count > 3000);
        cr_assert_eq(strstr(text, "data-i=3000>") != NULL, count > 3000);
        cr_assert(strstr(text, "\"2999\":{") && !strstr(text, "\"3000\":{") && !strstr(text, "\"2998\":{"));
        free(text);
        golden_close(&golden);
    }
}

/* tengen memory: what it lists, shows, exports and forgets. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <glib.h>
#include <unistd.h>

#include "agents/memory/export.h"
#include "agents/memory/file.h"
#include "games/game.h"
#include "games/record/sgf.h"
#include "tests/delete_folder.h"

static char *folder;

static void learn(struct memory_file *file, int64_t time, const char *better)
{
    struct memory_lesson lesson = {.time = time,
                                   .game = "go:5,komi=3",
                                   .moves = "C3 C4 D4 B4 pass",
                                   .played = "D4",
                                   .better = (char *)better,
                                   .decision = 2,
                                   .player = 0,
                                   .value = 0.5f};
    const struct memory_position position = {
        .key = {{(uint64_t)time, 1}}, .best = 7, .value = 0.5f, .visits = 1000, .lost_here = true};
    cr_assert(memory_file_learn(file, &lesson, &position, 1, NULL));
}

/* Lesson 1 is two days old, lesson 2 has just been learned. */
static void set_up(void)
{
    struct memory_file *file;
    folder = g_dir_make_tmp("tengen-memory-XXXXXX", NULL);
    cr_assert(chdir(folder) == 0);
    cr_assert(memory_file_open(&file, "m.db", NULL));
    const int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    learn(file, now - 2 * 86400, NULL);
    learn(file, now, "B3");
    memory_file_close(file);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(memory_command, .init = set_up, .fini = tear_down);

/* What the command prints, freed by the caller; it must succeed. */
static char *output(const char *arguments)
{
    char *line = g_strdup_printf("XDG_DATA_HOME=%s '%s' memory %s", folder, TENGEN_BINARY, arguments);
    char *argv[] = {"sh", "-c", line, NULL}, *out, *err;
    int status;
    cr_assert(g_spawn_sync(folder, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, NULL));
    cr_assert_eq(status, 0, "%s: %s", arguments, err);
    g_free(line);
    g_free(err);
    return out;
}

static void expect(const char *arguments, const char *pattern)
{
    char *out = output(arguments);
    cr_assert(g_pattern_match_simple(pattern, out), "%s prints \"%s\"", arguments, out);
    g_free(out);
}

Test(memory_command, lists_the_newest_first)
{
    expect("list --memory m.db", "*id*    2  20*go:5,komi=3*move 3 *D4*B3*75 %*met 0\n    1  *D4*- *");
    char *out = output("--memory m.db --json");
    char **lines = g_strsplit(out, "\n", 0);
    cJSON *first = cJSON_Parse(lines[0]), *second = cJSON_Parse(lines[1]);
    cr_assert_eq(cJSON_GetObjectItem(first, "id")->valueint, 2);
    cr_assert_str_eq(cJSON_GetObjectItem(first, "better")->valuestring, "B3");
    cr_assert_str_eq(cJSON_GetObjectItem(first, "played")->valuestring, "D4");
    cr_assert_eq(cJSON_GetArraySize(cJSON_GetObjectItem(first, "moves")), 5);
    cr_assert_eq(cJSON_GetObjectItem(first, "positions")->valueint, 1);
    cr_assert(cJSON_IsNull(cJSON_GetObjectItem(second, "better")));
    cr_assert(cJSON_IsNull(cJSON_GetObjectItem(second, "last_met")));
    cJSON_Delete(first);
    cJSON_Delete(second);
    g_strfreev(lines);
    g_free(out);
}

Test(memory_command, shows_the_board_before_the_decision)
{
    expect("show 2 --memory m.db", "*A B C D E*4 . .(O). . 4*3 . . X . . 3*Black to move*D4*Better: B3*C3 C4 D4 B4 pass*Positions remembered: 1.*");
}

Test(memory_command, exports_records_with_the_better_move)
{
    struct game game;
    expect("export out.sgf --memory m.db", "");
    struct sgf *sgf = sgf_load("out.sgf", NULL);
    cr_assert(sgf && sgf_children(sgf->top) == 2);
    cr_assert(sgf_read_game(sgf_root(sgf), NULL, &game, NULL));
    cr_assert_eq(game_komi(&game), 6);
    const struct sgf_node *decision = sgf_root(sgf)->first_child->first_child;
    cr_assert_eq(sgf_children(decision), 2);
    cr_assert_str_eq(sgf_get(decision, "C"), "D4 lost the game here; better is B3.");
    cr_assert_str_eq(sgf_get(decision->first_child, "B"), "db");
    cr_assert_str_eq(sgf_get(decision->first_child, "BM"), "1");
    cr_assert_str_eq(sgf_get(decision->last_child, "B"), "bc");
    cr_assert_str_eq(sgf_get(decision->last_child, "TE"), "1");
    cr_assert_eq(sgf_children(sgf_root(sgf)->next->first_child->first_child), 1, "none is known in the other");
    sgf_free(sgf);
}

Test(memory_command, exports_json)
{
    char *text;
    expect("export out.json --memory m.db", "");
    cr_assert(g_file_get_contents("out.json", &text, NULL, NULL));
    cJSON *all = cJSON_Parse(text);
    cr_assert_eq(cJSON_GetArraySize(all), 2);
    cr_assert_eq(cJSON_GetObjectItem(cJSON_GetArrayItem(all, 1), "id")->valueint, 1);
    cJSON_Delete(all);
    g_free(text);
}

Test(memory_command, forgets_what_it_is_told_to)
{
    expect("forget --older-than 3d --memory m.db", "Forgot 0 lessons.\n");
    expect("forget --older-than 1d --memory m.db", "Forgot 1 lesson.\n");
    expect("forget 2 --memory m.db", "Forgot 1 lesson.\n");
    expect("--memory m.db", "Nothing is remembered in m.db*");
}

/* Without --memory it is the user's own; looking does not create it. */
Test(memory_command, the_file_is_the_users_own)
{
    expect("", "Nothing is remembered: there is no file */tengen/memory.db yet.\n");
    cr_assert_neq(access("tengen/memory.db", F_OK), 0);
    cr_assert(g_mkdir_with_parents("tengen", 0700) == 0 && rename("m.db", "tengen/memory.db") == 0);
    expect("--json", "{*}\n{*}\n");
    expect("forget --all", "Forgot 2 lessons.\n");
}

/* A lesson of a game that this version does not have. */
Test(memory_command, what_cannot_be_replayed_is_an_error)
{
    const struct memory_lesson foreign = {.game = "chess:8", .moves = "A1"}, illegal = {.game = "go:5", .moves = "C3 C3", .decision = 2};
    union any_position position;
    struct game game;
    GError *error = NULL;
    cr_assert_not(memory_lesson_position(&foreign, &game, &position.p, &error));
    g_clear_error(&error);
    cr_assert_not(memory_lesson_position(&illegal, &game, &position.p, &error));
    cr_assert(strstr(error->message, "not legal from C3 on"), "%s", error->message);
    g_clear_error(&error);
}

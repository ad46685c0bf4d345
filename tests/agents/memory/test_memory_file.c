/* Files of memories: what is stored comes back, whoever else has the file open, and whatever state it is in. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/memory/file.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"

static char folder[] = "/tmp/tengen-memory-XXXXXX";

static void make_folder(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert(chdir(folder) == 0);
}

static void remove_folder(void)
{
    char *command = g_strdup_printf("chmod -R u+w '%s'; rm -rf '%s'", folder, folder);
    if (system(command) != 0)
        cr_log_warn("%s could not be removed", folder);
    g_free(command);
}

TestSuite(memory_file, .init = make_folder, .fini = remove_folder);

static struct memory_file *open_file(void)
{
    struct memory_file *file = NULL;
    GError *error = NULL;
    cr_assert(memory_file_open(&file, "memory.db", &error), "%s", error ? error->message : "");
    return file;
}

static struct memory_position position_of(uint64_t number, float value)
{
    return (struct memory_position){.key = {{number, number + 1}},
                                    .best = (game_move)number,
                                    .value = value,
                                    .visits = 1000,
                                    .lost_here = number % 2};
}

/* A lesson with two positions, numbers `number` (an odd one: the decision) and number + 1. Returns its id. */
static int64_t learn(struct memory_file *file, uint64_t number, int64_t time)
{
    struct memory_lesson lesson = {.time = time,
                                   .game = g_strdup("go:5"),
                                   .moves = g_strdup("C3 B2"),
                                   .played = g_strdup("C3"),
                                   .better = number == 1 ? NULL : g_strdup("D4"),
                                   .decision = 0,
                                   .player = 1,
                                   .value = 0.25f,
                                   .unfinished = number == 1 ? g_strdup("0:0.5:16") : NULL};
    const struct memory_position positions[] = {position_of(number, 0.25f), position_of(number + 1, -0.5f)};
    GError *error = NULL;
    cr_assert(memory_file_learn(file, &lesson, positions, 2, &error), "%s", error ? error->message : "");
    const int64_t id = lesson.id;
    memory_lesson_clear(&lesson);
    return id;
}

static size_t count_lessons(struct memory_file *file)
{
    GPtrArray *lessons = memory_file_lessons(file, NULL);
    cr_assert(lessons);
    const size_t count = lessons->len;
    g_ptr_array_free(lessons, TRUE);
    return count;
}

static struct memory_trace recall(const struct memory_file *file, uint64_t number)
{
    const struct memory_source *source = memory_file_source(file);
    struct memory_trace trace = {.visits = -1};
    if (source->ops->recall(source, (struct eval_key){{number, number + 1}}, &trace))
        cr_assert(trace.visits >= 0);
    return trace;
}

static void expect_refusal(const char *path, int code, const char *text)
{
    struct memory_file *file = NULL;
    GError *error = NULL;
    cr_assert_not(memory_file_open(&file, path, &error));
    cr_assert_null(file);
    cr_assert_eq(error->domain, MEMORY_ERROR);
    cr_assert_eq(error->code, code, "%s", error->message);
    cr_assert(strstr(error->message, path) && strstr(error->message, text), "%s", error->message);
    g_clear_error(&error);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    char *why = NULL;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, &why), SQLITE_OK, "%s", why);
    sqlite3_close(db);
}

Test(memory_file, what_is_learned_comes_back)
{
    struct memory_file *file = open_file();
    cr_assert_eq(memory_file_source(file)->count, 0);
    const int64_t first = learn(file, 1, 1000), second = learn(file, 11, 2000);
    memory_file_close(file);
    file = open_file();
    GPtrArray *lessons = memory_file_lessons(file, NULL);
    cr_assert_eq(lessons->len, 2);
    const struct memory_lesson *newest = lessons->pdata[0], *oldest = lessons->pdata[1];
    cr_assert(newest->id == second && oldest->id == first);
    cr_assert_str_eq(newest->game, "go:5");
    cr_assert_str_eq(newest->moves, "C3 B2");
    cr_assert_str_eq(newest->played, "C3");
    cr_assert_str_eq(newest->better, "D4");
    cr_assert_null(oldest->better);
    cr_assert_str_eq(oldest->unfinished, "0:0.5:16");
    cr_assert_null(newest->unfinished);
    cr_assert(newest->time == 2000 && newest->player == 1 && newest->decision == 0 && newest->met == 0);
    cr_assert_float_eq(newest->value, 0.25f, 1e-6);
    g_ptr_array_free(lessons, TRUE);
    cr_assert_eq(memory_file_source(file)->count, 4);
    cr_assert_eq(memory_file_count(file, second), 2);
    cr_assert_eq(memory_file_time(file, second), 2000);
    cr_assert_eq(memory_file_time(file, 99), 0);
    const struct memory_position *found = memory_file_find(file, (struct eval_key){{11, 12}});
    cr_assert(found && found->best == 11 && found->visits == 1000 && found->lost_here && found->lesson == second);
    cr_assert_not(memory_file_find(file, (struct eval_key){{12, 13}})->lost_here);
    cr_assert_null(memory_file_find(file, (struct eval_key){{11, 13}}));
    cr_assert(recall(file, 11).best == 11 && recall(file, 11).visits == MEMORY_MAX_VISITS);
    cr_assert_eq(recall(file, 50).visits, -1);
    memory_file_close(file);
}

/* A position belongs to the newest lesson; a lesson that has none left is gone. */
Test(memory_file, newer_lessons_replace_older_ones)
{
    struct memory_file *file = open_file();
    learn(file, 1, 1000);
    const int64_t second = learn(file, 1, 2000), third = learn(file, 2, 3000);
    cr_assert_eq(count_lessons(file), 2);
    cr_assert_eq(memory_file_source(file)->count, 3);
    cr_assert_eq(memory_file_find(file, (struct eval_key){{1, 2}})->lesson, second);
    cr_assert_eq(memory_file_find(file, (struct eval_key){{2, 3}})->lesson, third);
    memory_file_close(file);
}

/* Visits halve with MEMORY_HALF_LIFE_NETS newer nets; a net that is known already is not a newer one. */
Test(memory_file, memories_fade_with_newer_nets)
{
    struct memory_file *file = open_file();
    cr_assert(memory_file_set_net(file, "first", NULL));
    learn(file, 1, 1000);
    cr_assert_eq(recall(file, 1).visits, 200);
    for (int i = 0; i < MEMORY_HALF_LIFE_NETS; i++) {
        char name[16];
        g_snprintf(name, sizeof name, "net %d", i);
        cr_assert(memory_file_set_net(file, name, NULL));
    }
    cr_assert_eq(recall(file, 1).visits, 100);
    cr_assert(memory_file_set_net(file, "first", NULL));
    cr_assert_eq(recall(file, 1).visits, 200, "the older net has the memory as it was");
    memory_file_close(file);
    file = open_file();
    cr_assert(memory_file_set_net(file, "net 3", NULL));
    cr_assert_eq(recall(file, 1).visits, 100, "the order of nets is kept");
    memory_file_close(file);
}

/* A best move is believed where the memory knows, too, what it is better than: the position after the move that lost. */
Test(memory_file, a_best_move_without_a_loss_beside_it_is_doubtful)
{
    static const struct {
        uint64_t after; /* the number of the position */
        bool lost_here, after_lost_here;
        float after_value;
        bool doubtful;
    } cases[] = {{51, true, false, 0.6f, false}, {51, true, false, -0.6f, true}, {51, true, true, 0.6f, true},
                 {77, true, false, 0.6f, true},  {0, true, false, 0.6f, true},   {51, false, false, 0.6f, true}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct memory_file *file = open_file();
        struct memory_lesson lesson = {.time = 1, .game = "go:5", .moves = "", .played = ""};
        struct memory_position positions[] = {position_of(41, 0.25f), position_of(51, cases[i].after_value)};
        positions[0].lost_here = cases[i].lost_here;
        positions[0].after = (struct eval_key){{cases[i].after, cases[i].after + 1}};
        positions[1].lost_here = cases[i].after_lost_here;
        cr_assert(memory_file_learn(file, &lesson, positions, 2, NULL));
        memory_file_close(file);
        file = open_file();
        cr_assert_eq(recall(file, 41).doubtful, cases[i].doubtful, "case %zu", i);
        memory_file_close(file);
        cr_assert_eq(unlink("memory.db"), 0);
    }
}

/* Halved for each loss of its move beyond the wins; met without being followed changes nothing. */
Test(memory_file, moves_that_lose_again_fade)
{
    struct memory_file *file = open_file();
    struct memory_meeting met = {.key = {{1, 2}}, .followed = true, .result = -1};
    learn(file, 1, 1000);
    cr_assert(memory_file_meet(file, &met, 1, 2000, NULL));
    cr_assert_eq(recall(file, 1).visits, 100);
    met.followed = false;
    cr_assert(memory_file_meet(file, &met, 1, 3000, NULL));
    cr_assert_eq(recall(file, 1).visits, 100);
    met.followed = true;
    cr_assert(memory_file_meet(file, &met, 1, 4000, NULL));
    cr_assert_eq(recall(file, 1).visits, 50);
    met.result = 1;
    cr_assert(memory_file_meet(file, &met, 1, 5000, NULL));
    cr_assert_eq(recall(file, 1).visits, 100);
    met.result = 0;
    cr_assert(memory_file_meet(file, &met, 1, 6000, NULL));
    const struct memory_position *found = memory_file_find(file, met.key);
    cr_assert(found->met == 5 && found->wins == 1 && found->draws == 1 && found->losses == 2);
    GPtrArray *lessons = memory_file_lessons(file, NULL);
    const struct memory_lesson *lesson = lessons->pdata[0];
    cr_assert(lesson->met == 5 && lesson->last_met == 6000);
    g_ptr_array_free(lessons, TRUE);
    memory_file_close(file);
}

Test(memory_file, forgets_one_the_old_or_all)
{
    struct memory_file *file = open_file();
    int64_t count, id = learn(file, 1, 1000);
    learn(file, 11, 2000);
    learn(file, 21, 3000);
    cr_assert(memory_file_forget(file, id + 100, G_MAXINT64, &count, NULL));
    cr_assert_eq(count, 0);
    cr_assert(memory_file_forget(file, id, G_MAXINT64, &count, NULL));
    cr_assert(count == 1 && count_lessons(file) == 2 && memory_file_source(file)->count == 4);
    cr_assert(memory_file_forget(file, 0, 3000, &count, NULL));
    cr_assert(count == 1 && count_lessons(file) == 1);
    cr_assert(memory_file_find(file, (struct eval_key){{21, 22}}), "the newest is kept");
    cr_assert(memory_file_forget(file, 0, G_MAXINT64, &count, NULL));
    cr_assert(count == 1 && count_lessons(file) == 0 && memory_file_source(file)->count == 0);
    memory_file_close(file);
}

/* Two processes learn in the same file at the same time; each sees what the other did. */
Test(memory_file, is_shared_by_processes)
{
    enum { LESSONS = 30 };
    struct memory_file *file = open_file();
    const pid_t child = fork();
    if (child == 0) {
        struct memory_file *own = NULL;
        bool good = memory_file_open(&own, "memory.db", NULL);
        for (int i = 0; good && i < LESSONS; i++)
            learn(own, (uint64_t)(100001 + 2 * i), i);
        _exit(good ? 0 : 1);
    }
    for (int i = 0; i < LESSONS; i++)
        learn(file, (uint64_t)(1 + 2 * i), i);
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    cr_assert(memory_file_refresh(file, NULL));
    cr_assert_eq(count_lessons(file), 2 * LESSONS);
    cr_assert(memory_file_find(file, (struct eval_key){{100001, 100002}}));
    memory_file_close(file);
}

Test(memory_file, a_refresh_reads_only_what_changed)
{
    struct memory_file *one = open_file(), *two = open_file();
    learn(one, 1, 1000);
    cr_assert_null(memory_file_find(two, (struct eval_key){{1, 2}}));
    cr_assert(memory_file_refresh(two, NULL));
    cr_assert(memory_file_find(two, (struct eval_key){{1, 2}}));
    const uint64_t revision = memory_file_source(two)->revision;
    cr_assert(memory_file_refresh(two, NULL));
    cr_assert_eq(memory_file_source(two)->revision, revision);
    memory_file_close(one);
    memory_file_close(two);
}

Test(memory_file, what_is_no_memory_is_refused)
{
    cr_assert(g_file_set_contents("text", "no database, but long enough to be taken for one by nobody", -1, NULL));
    run_sql("foreign", "CREATE TABLE games(moves TEXT);");
    run_sql("foreign-empty", "CREATE TABLE t(x); DROP TABLE t; PRAGMA user_version = 1; CREATE TABLE lessons(id);");
    expect_refusal("text", MEMORY_ERROR_FILE, "choose another file");
    expect_refusal("foreign", MEMORY_ERROR_FILE, "not a file of memories");
    expect_refusal("foreign-empty", MEMORY_ERROR_FILE, "not a file of memories");
    expect_refusal(".", MEMORY_ERROR_FILE, "not a regular file");
    cr_assert_eq(mkfifo("pipe", 0600), 0);
    expect_refusal("pipe", MEMORY_ERROR_FILE, "not a regular file");
}

Test(memory_file, other_versions_are_refused_and_kept)
{
    struct memory_file *file = open_file();
    learn(file, 1, 1000);
    memory_file_close(file);
    run_sql("memory.db", "PRAGMA user_version = 2;");
    expect_refusal("memory.db", MEMORY_ERROR_FILE, "memories in format 2, but this version of Tengen reads format 1");
    run_sql("memory.db", "PRAGMA user_version = 1;");
    file = open_file();
    cr_assert_eq(count_lessons(file), 1);
    memory_file_close(file);
    run_sql("memory.db", "CREATE TRIGGER t AFTER DELETE ON positions BEGIN DELETE FROM lessons; END;");
    expect_refusal("memory.db", MEMORY_ERROR_FILE, "not a file of memories");
}

/* Bytes of every page but the first are overwritten. */
Test(memory_file, damage_is_found)
{
    struct memory_file *file = open_file();
    for (int i = 0; i < 200; i++)
        learn(file, (uint64_t)(1 + 2 * i), i);
    memory_file_close(file);
    struct stat about;
    const int fd = open("memory.db", O_RDWR);
    cr_assert_eq(fstat(fd, &about), 0);
    for (off_t at = 4096 + 8; at < about.st_size; at += 4096)
        cr_assert_eq(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, at), 8);
    close(fd);
    expect_refusal("memory.db", MEMORY_ERROR_FILE, "damaged");
}

Test(memory_file, a_lock_is_waited_for_and_reported)
{
    struct memory_file *file = open_file();
    sqlite3 *db;
    learn(file, 1, 1000);
    cr_assert_eq(sqlite3_open("memory.db", &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    expect_refusal("memory.db", MEMORY_ERROR_BUSY, "another program");
    GError *error = NULL;
    int64_t count;
    cr_assert_not(memory_file_forget(file, 0, G_MAXINT64, &count, &error));
    cr_assert_eq(error->code, MEMORY_ERROR_BUSY);
    g_clear_error(&error);
    cr_assert(memory_file_find(file, (struct eval_key){{1, 2}}), "what was known is still known");
    cr_assert_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    cr_assert(memory_file_forget(file, 0, G_MAXINT64, &count, NULL));
    cr_assert_eq(count, 1);
    memory_file_close(file);
}

/* Files may not grow beyond what this one has: as on a full disk. */
Test(memory_file, a_full_disk_is_reported_and_loses_nothing)
{
    struct memory_file *file = open_file();
    learn(file, 1, 1000);
    struct stat about;
    cr_assert_eq(stat("memory.db", &about), 0);
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit none = {.rlim_cur = (rlim_t)about.st_size, .rlim_max = RLIM_INFINITY},
                        all = {RLIM_INFINITY, RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    GError *error = NULL;
    bool good = true;
    for (uint64_t i = 0; good && i < 2000; i++) {
        char *moves = g_strnfill(4000, 'A');
        struct memory_lesson lesson = {.game = "go:5", .moves = moves, .played = "A1"};
        const struct memory_position position = position_of(11 + 2 * i, 0);
        good = memory_file_learn(file, &lesson, &position, 1, &error);
        g_free(moves);
    }
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
    cr_assert_not(good);
    cr_assert_eq(error->code, MEMORY_ERROR_MACHINE, "%s", error->message);
    cr_assert(strstr(error->message, "the disk may be full"), "%s", error->message);
    g_clear_error(&error);
    memory_file_close(file);
    file = open_file();
    cr_assert(memory_file_find(file, (struct eval_key){{1, 2}}));
    memory_file_close(file);
}

Test(memory_file, rows_that_make_no_sense_are_ignored)
{
    struct memory_file *file = open_file();
    learn(file, 1, 1000);
    memory_file_close(file);
    run_sql("memory.db", "INSERT INTO positions(key, lesson, best, value, visits, lost_here, net) VALUES"
                         "(x'00', 1, 0, 0, 100, 0, 0), ('0123456789abcdef', 1, 0, 0, 100, 0, 0),"
                         "(x'00000000000000000000000000000000', 1, 0, 7, 100, 0, 0),"
                         "(x'10000000000000000000000000000000', 1, 0, 0, -5, 0, 0),"
                         "(x'03000000000000000400000000000000', 1, 70000, 0.5, 100, 0, 0);");
    file = open_file();
    cr_assert_eq(memory_file_source(file)->count, 3);
    cr_assert_eq(memory_file_find(file, (struct eval_key){{3, 4}})->best, GAME_NO_MOVE);
    memory_file_close(file);
}

/* Beyond the limit the lessons that were met longest ago go first. */
Test(memory_file, the_number_of_positions_is_limited)
{
    enum { EACH = MEMORY_FILE_POSITIONS / 4 };
    struct memory_file *file = open_file();
    struct memory_position *positions = g_new0(struct memory_position, EACH);
    for (uint64_t lesson = 0; lesson < 5; lesson++) {
        struct memory_lesson what = {.time = 1000 + (int64_t)lesson, .game = "go:5", .moves = "", .played = ""};
        for (uint64_t i = 0; i < EACH; i++)
            positions[i] = position_of(1 + lesson * EACH + i, 0);
        if (lesson == 4) {
            const struct memory_meeting met = {.key = {{1, 2}}};
            cr_assert(memory_file_meet(file, &met, 1, 5000, NULL)); /* the first lesson */
        }
        cr_assert(memory_file_learn(file, &what, positions, EACH, NULL));
    }
    cr_assert_eq(memory_file_source(file)->count, 4 * EACH);
    cr_assert(memory_file_find(file, (struct eval_key){{1, 2}}));
    cr_assert_null(memory_file_find(file, (struct eval_key){{1 + EACH, 2 + EACH}}));
    g_free(positions);
    memory_file_close(file);
}

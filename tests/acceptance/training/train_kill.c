/* Kills a training run fifty times with SIGKILL at random moments and resumes it each time. All games and checkpoints
 * that were reported as committed must be present afterwards, and generation, steps and games must never decrease.
 *
 * Usage: acceptance_train_kill [KILLS [SEED]]   Prints figures and targets; exits with 1 if anything was lost. */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/commands/command.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "tests/delete_folder.h"

extern const struct command command_train;

/* What has been reported so far, over all sessions. */
struct seen {
    int64_t games, generation, steps;
    int64_t game_lines, checkpoint_lines;
    int failures;
};

static void complain(struct seen *seen, const char *what, int64_t announced, int64_t found)
{
    printf("LOST: %s reported %" G_GINT64_FORMAT ", found %" G_GINT64_FORMAT "\n", what, announced, found);
    seen->failures++;
}

static void note(struct seen *seen, const char *line)
{
    int64_t games, generation, steps;
    if (sscanf(line, "{\"event\":\"committed\",\"games\":%" G_GINT64_FORMAT "}", &games) == 1) {
        if (games < seen->games)
            complain(seen, "games decreased:", seen->games, games);
        seen->games = games;
        seen->game_lines++;
    } else if (sscanf(line,
                      "{\"event\":\"checkpoint\",\"generation\":%" G_GINT64_FORMAT ",\"steps\":%" G_GINT64_FORMAT "}",
                      &generation, &steps) == 2) {
        if (generation < seen->generation || steps < seen->steps)
            complain(seen, "steps or generation decreased:", seen->steps, steps);
        seen->generation = generation;
        seen->steps = steps;
        seen->checkpoint_lines++;
    }
}

static pid_t start(const char *folder, int out)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    char *argv[] = {"train",
                    (char *)folder,
                    "--game",
                    "gomoku:3,line=3",
                    "--seed",
                    "11",
                    "--threads",
                    "2",
                    "--json",
                    "--net",
                    "conv:16 res:16",
                    "--set",
                    "generation_steps=10",
                    "--set",
                    "generation_seconds=0",
                    "--set",
                    "first_rows=100",
                    "--set",
                    "batch=32",
                    NULL};
    dup2(out, STDOUT_FILENO);
    exit(command_train.run((int)G_N_ELEMENTS(argv) - 1, argv));
}

/* Runs a session until it is killed; a complete line counts as reported, an incomplete one does not. */
static int session(const char *folder, struct seen *seen, double seconds, int with)
{
    int ends[2];
    if (pipe(ends) != 0)
        exit(3);
    pid_t child = start(folder, ends[1]);
    close(ends[1]);
    pid_t killer = fork();
    if (killer == 0) {
        nanosleep(&(struct timespec){(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)}, NULL);
        kill(child, with);
        _exit(0);
    }
    FILE *in = fdopen(ends[0], "r");
    char line[4096];
    while (fgets(line, sizeof line, in))
        if (strchr(line, '\n'))
            note(seen, line);
    fclose(in);
    int status;
    waitpid(child, &status, 0);
    waitpid(killer, NULL, 0);
    return status;
}

static int64_t query(struct store *store, const char *sql, int64_t parameter)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(store_database(store), sql, -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, parameter);
        if (sqlite3_step(statement) == SQLITE_ROW)
            value = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return value;
}

static void check(const char *folder, struct seen *seen)
{
    struct store *store;
    GError *error = NULL;
    if (!store_exists(folder) && seen->game_lines + seen->checkpoint_lines == 0)
        return; /* killed before it created the run */
    if (store_open(&store, folder, STORE_WRITE, &error) != 0) {
        printf("LOST: the run cannot be opened: %s\n", error->message);
        g_clear_error(&error);
        seen->failures++;
        return;
    }
    int64_t games = query(store, "SELECT count(*) FROM games WHERE ?1 = ?1", 0);
    int64_t total = query(store, "SELECT games FROM totals WHERE ?1 = ?1", 0);
    int64_t steps = query(store, "SELECT steps FROM checkpoints WHERE generation = ?1", seen->generation);
    if (games < seen->games || total != games)
        complain(seen, "games", seen->games, games);
    if (seen->checkpoint_lines && steps != seen->steps)
        complain(seen, "steps of the newest reported checkpoint", seen->steps, steps);
    if (seen->checkpoint_lines && query(store, "SELECT count(*) FROM checkpoints WHERE generation <= ?1",
                                        seen->generation) != seen->generation + 1)
        complain(seen, "checkpoints", seen->generation + 1, -1);
    store_close(store);
}

/* Unpacks every stored game, which replays it. */
static void check_games(const char *folder, struct seen *seen)
{
    struct store *store;
    struct game game;
    GPtrArray *records;
    GError *error = NULL;
    if (!game_parse(&game, "gomoku:3,line=3", &error) || store_open(&store, folder, STORE_READ, &error) != 0 ||
        !store_load_games(store, &game, 1, INT64_MAX, &records, &error)) {
        printf("LOST: %s\n", error->message);
        seen->failures++;
        return;
    }
    if ((int64_t)records->len < seen->games)
        complain(seen, "readable games", seen->games, records->len);
    g_ptr_array_unref(records);
    if (query(store, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok' AND ?1 = 0", 0) != 1)
        complain(seen, "integrity of the database", 1, 0);
    store_close(store);
}

int main(int argc, char **argv)
{
    int kills = argc > 1 ? atoi(argv[1]) : 50;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    char *base = g_dir_make_tmp("tengen-kill-XXXXXX", NULL), *folder = g_build_filename(base, "run", NULL);
    struct seen seen = {.generation = -1};
    struct rng rng;
    rng_seed(&rng, seed);
    for (int i = 0; i < kills; i++) {
        int status = session(folder, &seen, 0.05 + 2.5 * rng_uniform(&rng), SIGKILL);
        if (!WIFSIGNALED(status)) {
            printf("LOST: session %d ended before it was killed, status %d\n", i, WEXITSTATUS(status));
            seen.failures++;
        }
        check(folder, &seen);
    }
    int status = session(folder, &seen, 3, SIGINT);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        printf("LOST: the last session did not end cleanly after Ctrl-C\n");
        seen.failures++;
    }
    check(folder, &seen);
    check_games(folder, &seen);
    printf("train_kill: %d kills (seed %llu): reported %lld games in %lld commits, generation %lld, %lld steps in "
           "%lld checkpoints; %d lost or decreased (target 0)\n",
           kills, (unsigned long long)seed, (long long)seen.games, (long long)seen.game_lines,
           (long long)seen.generation, (long long)seen.steps, (long long)seen.checkpoint_lines, seen.failures);
    delete_folder(base);
    bool bad = seen.failures || seen.games == 0 || seen.generation < 1;
    g_free(folder);
    g_free(base);
    return bad;
}

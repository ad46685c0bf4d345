/* Games that begin where a player lost, until the net judges that right. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "agents/memory/file.h"
#include "engine/selfplay/memories.h"
#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

static char folder[] = "/tmp/tengen-memories-XXXXXX";
static struct settings settings;
static struct game games[SETTINGS_MAX_GAMES];
static int game_count;

static void learn(struct memory_file *file, const char *game, const char *moves, int decision, const char *better)
{
    struct memory_lesson lesson = {.time = 1,
                                   .game = (char *)game,
                                   .moves = (char *)moves,
                                   .played = "",
                                   .better = (char *)better,
                                   .decision = decision,
                                   .player = decision % 2};
    static uint64_t number;
    const struct memory_position position = {.key = {{++number, 0}}, .visits = 100};
    cr_assert(memory_file_learn(file, &lesson, &position, 1, NULL));
}

static void set_up(void)
{
    struct memory_file *file;
    struct game game;
    cr_assert(mkdtemp(folder));
    cr_assert(chdir(folder) == 0);
    cr_assert(game_parse(&game, "go:5", NULL));
    game_format(&game, settings.game);
    settings_presets(&settings, &game);
    cr_assert(settings_set(&settings, "memory", "m.db", NULL) && settings_set(&settings, "memory_share", "0.5", NULL));
    cr_assert(settings_set(&settings, "net", "conv:8 res:8", NULL));
    game_count = settings_games(&settings, games, NULL);
    cr_assert_gt(game_count, 0);
    cr_assert(memory_file_open(&file, "m.db", NULL));
    learn(file, "go:5", "C3 D3 D4 C4 B4 pass", 4, "B3"); /* 1 */
    memory_file_close(file);
}

static void tear_down(void)
{
    char *command = g_strdup_printf("rm -rf '%s'", folder);
    if (system(command) != 0)
        cr_log_warn("%s could not be removed", folder);
    g_free(command);
}

TestSuite(memories, .init = set_up, .fini = tear_down);

static struct memories *open_memories(void)
{
    struct memories *memories;
    GError *error = NULL;
    cr_assert(memories_open(&memories, &settings, games, game_count, &error), "%s", error ? error->message : "");
    return memories;
}

static size_t count_lessons(void)
{
    struct memory_file *file;
    cr_assert(memory_file_open(&file, "m.db", NULL));
    GPtrArray *lessons = memory_file_lessons(file, NULL);
    const size_t count = lessons->len;
    g_ptr_array_free(lessons, TRUE);
    memory_file_close(file);
    return count;
}

/* Half of the games, and of those half before and half after the move that lost: 2,000 draws, five standard deviations. */
Test(memories, are_drawn_in_their_share)
{
    struct memories *memories = open_memories();
    int drawn = 0, after = 0;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct record *start = NULL, *again = NULL;
        int plies = 0, same = 0;
        if (!memories_draw(memories, seed, &start, &plies))
            continue;
        drawn++;
        after += plies == 5;
        cr_assert(plies == 4 || plies == 5);
        cr_assert_eq(start->ply_count, 5);
        cr_assert_eq(start->plies[4].move, game_move_parse(&games[0], "B4"));
        cr_assert(memories_draw(memories, seed, &again, &same) && again == start && same == plies);
        record_unref(start);
        record_unref(again);
    }
    cr_assert_float_eq(drawn, 1000, 5 * sqrt(500));
    cr_assert_float_eq(after, drawn / 2.0, 5 * sqrt(drawn / 4.0));
    memories_close(memories);
}

Test(memories, a_game_begins_there)
{
    struct memories *memories = open_memories();
    struct selfplay *worker;
    const struct selfplay_config config = {.games = games, .game_count = game_count, .settings = &settings};
    cr_assert_eq(selfplay_create(&worker, &config, NULL), 0);
    struct selfplay_assignment next = {.number = 1, .seed = 0};
    while (!memories_draw(memories, next.seed, &next.start, &next.start_plies))
        next.seed++;
    struct record *record = selfplay_play_assignment(worker, &next);
    for (int i = 0; i < next.start_plies; i++)
        cr_assert_eq(record->plies[i].move, next.start->plies[i].move);
    cr_assert(record->plies[next.start_plies].flags & RECORD_SEARCHED);
    record_unref(record);
    record_unref(next.start);
    selfplay_close(worker);
    memories_close(memories);
}

Test(memories, none_without_a_share)
{
    struct memories *memories = NULL;
    settings.memory_share = 0;
    cr_assert(memories_open(&memories, &settings, games, game_count, NULL));
    cr_assert_null(memories);
}

/* Other games and sizes, moves that are not legal, and decisions that are not in the game. */
Test(memories, what_the_run_cannot_play_is_left_alone)
{
    struct memory_file *file;
    cr_assert(memory_file_open(&file, "m.db", NULL));
    learn(file, "go:7", "C3 D3 D4", 1, NULL);
    learn(file, "gomoku:5", "C3 D3 D4", 1, NULL);
    learn(file, "chess:8", "C3 D3 D4", 1, NULL);
    learn(file, "go:5", "C3 C3 D4", 2, NULL);
    learn(file, "go:5", "C3", 1, NULL);
    learn(file, "go:5,komi=3", "C3 D3", 1, NULL); /* fine */
    memory_file_close(file);
    struct memories *memories = open_memories();
    cr_assert_eq(memories_count(memories), 2);
    memories_close(memories);
    cr_assert_eq(count_lessons(), 7);
}

Test(memories, a_file_that_cannot_be_used_is_an_error)
{
    struct memories *memories;
    GError *error = NULL;
    g_strlcpy(settings.memory, "absent.db", sizeof settings.memory);
    cr_assert_not(memories_open(&memories, &settings, games, game_count, &error));
    cr_assert(strstr(error->message, "absent.db"), "%s", error->message);
    g_clear_error(&error);
    cr_assert_neq(access("absent.db", F_OK), 0);
    cr_assert(g_file_set_contents("absent.db", "no database, but long enough to be read", -1, NULL));
    cr_assert_not(memories_open(&memories, &settings, games, game_count, &error));
    cr_assert_null(memories);
    g_clear_error(&error);
}

/* Black has put its first two stones into corners: the net that ships knows what that means, one without training does
 * not. */
static void learn_corners(void)
{
    struct memory_file *file;
    int64_t count;
    cr_assert(memory_file_open(&file, "m.db", NULL));
    cr_assert(memory_file_forget(file, 0, G_MAXINT64, &count, NULL));
    learn(file, "go:5", "A1 C3 A5 D3", 2, "C4");
    memory_file_close(file);
}

/* Three nets in a row have to be right; one that is wrong between them begins the count anew. */
Test(memories, what_the_net_has_learned_is_forgotten)
{
    struct net *right, *wrong;
    learn_corners();
    struct memories *memories = open_memories();
    cr_assert_eq(net_load(&right, TESTS_DIR "/../net/weights/default-go.safetensors", NULL), 0);
    cr_assert_eq(evaluator_net_fresh(&wrong, &games[0], "conv:8 res:8", 1, NULL), 0);
    static const bool order[] = {true, true, false, true, true};
    for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
        cr_assert_eq(memories_judge(memories, order[i] ? right : wrong, NET_BACKEND_PLAIN, NULL), 0);
        cr_assert_eq(memories_count(memories), 1);
    }
    cr_assert_eq(count_lessons(), 1);
    cr_assert_eq(memories_judge(memories, right, NET_BACKEND_PLAIN, NULL), 1);
    cr_assert_eq(memories_count(memories), 0);
    cr_assert_eq(count_lessons(), 0);
    struct record *start;
    int plies;
    for (uint64_t seed = 0; seed < 100; seed++)
        cr_assert_not(memories_draw(memories, seed, &start, &plies));
    net_unref(right);
    net_unref(wrong);
    memories_close(memories);
}

Test(memories, settings_that_contradict_each_other_are_refused)
{
    GError *error = NULL;
    settings.memory[0] = '\0';
    cr_assert_eq(settings_games(&settings, games, &error), 0);
    cr_assert(strstr(error->message, "set memory=FILE"), "%s", error->message);
    g_clear_error(&error);
    g_strlcpy(settings.memory, "m.db", sizeof settings.memory);
    settings.deterministic = 1;
    cr_assert_eq(settings_games(&settings, games, &error), 0);
    cr_assert(strstr(error->message, "deterministic"), "%s", error->message);
    g_clear_error(&error);
}

/* The value alone does not do: the net must prefer the better move, too. */
Test(memories, a_net_that_would_play_the_same_move_has_not_learned)
{
    struct memory_file *file;
    struct net *net;
    learn_corners();
    cr_assert(memory_file_open(&file, "m.db", NULL));
    learn(file, "go:5", "A1 C3 D3 A5", 2, "E1"); /* what was played is better, and comes too late */
    memory_file_close(file);
    struct memories *memories = open_memories();
    cr_assert_eq(memories_count(memories), 2);
    cr_assert_eq(net_load(&net, TESTS_DIR "/../net/weights/default-go.safetensors", NULL), 0);
    for (int i = 0; i < 2 * MEMORIES_TIMES; i++)
        cr_assert_geq(memories_judge(memories, net, NET_BACKEND_PLAIN, NULL), 0);
    cr_assert_eq(memories_count(memories), 1);
    net_unref(net);
    memories_close(memories);
}

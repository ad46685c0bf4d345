/* The search for wins by threats keeps to the limits of the run and of the memory. */
#include <criterion/criterion.h>
#include <sys/resource.h>
#include <unistd.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"
#include "tests/mcts/fake.h"

/* Black to move makes a straight four at C6 or G6. */
static const char open_three[] =
    "......... ......... ......... ...XXX... ......... ......... .O..O.... ......... .........";
/* White to move has ten moves that hold against black's fours, three quiet ones and seven fours of its own, and other
 * fours that only put the loss off: see forcing_moves_that_only_put_off in test_threats.c. */
static const char many_fours[] =
    ".....X......... ...XO...O...... ..........X.... ......X........ .....OO...X.... .....O......... .......X...XX.. "
    ".........X..... ...O.OXOOO.XXO. ...O.X..X..OX.. .........XO.OO. ..O.....O.X.XO. .......OOX.OXX. ..........OXX.. "
    ".............X.";
static const char *const good[] = {"O9", "N8", "L6", "M5", "F8", "K4", "O8", "F9", "L7", "P3"};

/* What the game's solver was asked for. */
static int64_t examined;
static int calls, stop_at;
static atomic_bool stop;
static enum game_solved (*inner_solve)(const struct game *game, const struct position *position,
                                       struct game_solver *solver);

static enum game_solved counting_solve(const struct game *game, const struct position *position,
                                       struct game_solver *solver)
{
    enum game_solved solved = inner_solve(game, position, solver);
    examined += solver->examined;
    if (++calls == stop_at)
        atomic_store(&stop, true);
    return solved;
}

struct scene {
    struct game_ops ops;
    struct game game;
    struct evaluator *evaluator;
    struct mcts *search;
};

static void open_scene_a_visit(struct scene *scene, const char *spec, const char *drawing, enum game_colour colour,
                               int threats, int a_visit)
{
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    union any_position position;
    config.threats = threats;
    config.threats_a_visit = a_visit;
    scene->game = fake_game(spec);
    scene->ops = *scene->game.ops;
    inner_solve = scene->ops.solve;
    scene->ops.solve = counting_solve;
    scene->game.ops = &scene->ops;
    cr_assert(game_set_up_drawing(&scene->game, &position.p, drawing, colour, NULL));
    scene->evaluator = fake_create(&scene->game, 5, 1);
    scene->search = fake_search(&scene->game, &config, &scene->evaluator);
    mcts_set_root(scene->search, &position.p, NULL);
    examined = calls = stop_at = 0;
    atomic_store(&stop, false);
}

static void open_scene(struct scene *scene, const char *spec, const char *drawing, enum game_colour colour, int threats)
{
    open_scene_a_visit(scene, spec, drawing, colour, threats, 0);
}

static void close_scene(struct scene *scene)
{
    cr_assert_null(mcts_check(scene->search));
    mcts_close(scene->search);
    evaluator_free(scene->evaluator);
}

static bool is_good(const struct scene *scene, game_move move)
{
    bool found = false;
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        found |= move == game_move_parse(&scene->game, good[i]);
    return found;
}

static game_move move_of(const struct scene *scene, int edge)
{
    const struct tree *tree = &scene->search->tree;
    return tree_edges(tree, tree_node(tree, tree->root))[edge].move;
}

/* All moves but the good ones are excluded. */
static void check_complete(const struct scene *scene)
{
    const struct root_state *root = &scene->search->root;
    for (int i = 0; i < root->count; i++)
        cr_assert_eq(root->excluded[i], !is_good(scene, move_of(scene, i)), "move %d", move_of(scene, i));
}

/* A hundred positions a millisecond at each level, beside one playout's. A later run with more time looks again. */
Test(threats, time_limits_the_positions)
{
    for (int threats = 1; threats <= 2; threats++)
        for (int64_t ms = 1; ms <= 64; ms *= 4) {
            struct scene scene;
            open_scene(&scene, "gomoku:15", many_fours, GAME_WHITE, threats);
            mcts_run(scene.search, &(struct mcts_limits){.visits = 1, .time_ms = ms});
            cr_assert(examined <= ms * 100 * threats + 200, "%d positions in %d ms", (int)examined, (int)ms);
            mcts_run(scene.search, &(struct mcts_limits){.visits = 1});
            cr_assert_gt(examined, 10000);
            check_complete(&scene);
            close_scene(&scene);
        }
}

/* So many positions for each visit, if that is asked for, beside one playout's; a later run with more visits looks again. */
Test(threats, visits_limit_the_positions)
{
    for (int64_t visits = 1; visits <= 16; visits *= 4) {
        struct scene scene;
        open_scene_a_visit(&scene, "gomoku:15", many_fours, GAME_WHITE, 1, 50);
        mcts_run(scene.search, &(struct mcts_limits){.visits = visits});
        cr_assert(examined <= visits * (150 + 200) + 200, "%d positions in %d visits", (int)examined, (int)visits);
        cr_assert_geq(examined, 50 * visits);
        mcts_run(scene.search, &(struct mcts_limits){.visits = 1000});
        cr_assert_gt(examined, 10000);
        check_complete(&scene);
        close_scene(&scene);
    }
}

Test(threats, a_stopped_run_examines_nothing)
{
    struct scene scene;
    struct mcts_root root;
    open_scene(&scene, "gomoku:9", open_three, GAME_BLACK, 1);
    atomic_store(&stop, true);
    mcts_run(scene.search, &(struct mcts_limits){.visits = 10, .stop = &stop, .early_stop = true});
    cr_assert_eq(calls, 0);
    mcts_run(scene.search, &(struct mcts_limits){.visits = 10, .early_stop = true});
    mcts_root(scene.search, &root);
    cr_assert_eq(root.proven, 1);
    close_scene(&scene);
}

/* Stopped while it looks for defences, it ends with the call in progress, and the next run starts anew. */
Test(threats, a_stop_ends_the_search_for_defences)
{
    const int stops[] = {1, 2, 3, 20, 150, 200, 230};
    for (size_t i = 0; i < G_N_ELEMENTS(stops); i++) {
        struct scene scene;
        open_scene(&scene, "gomoku:15", many_fours, GAME_WHITE, 1);
        stop_at = stops[i];
        mcts_run(scene.search, &(struct mcts_limits){.stop = &stop});
        cr_assert(calls >= stop_at && calls <= stop_at + 2, "%d calls, stopped at %d", calls, stop_at);
        mcts_run(scene.search, &(struct mcts_limits){.visits = 1});
        check_complete(&scene);
        close_scene(&scene);
    }
}

/* However few positions are left, no move that holds is excluded only because they ran out. */
Test(threats, an_exhausted_budget_excludes_no_good_move)
{
    struct scene scene;
    open_scene(&scene, "gomoku:15", many_fours, GAME_WHITE, 1);
    mcts_run(scene.search, &(struct mcts_limits){.visits = 1});
    check_complete(&scene);
    atomic_store(&scene.search->stop, false);
    for (int64_t total = 10; total < 60000; total += total / 8 + 1) {
        struct root_state *root = &scene.search->root;
        memset(root->lost, 0, sizeof root->lost);
        root_exclude(scene.search);
        defence_find(scene.search, 1, 20000, total);
        for (int i = 0; i < root->count; i++)
            cr_assert(!root->lost[i] || !is_good(&scene, move_of(&scene, i)), "move %d with %d positions",
                      move_of(&scene, i), (int)total);
    }
    close_scene(&scene);
}

/* The root stays proven, but the winning moves are masked: a timed search goes on with the others. */
Test(threats, a_won_root_without_a_winning_move_is_searched)
{
    struct scene scene;
    struct mcts_root root;
    uint8_t allowed[GAME_MAX_MOVES] = {0};
    open_scene(&scene, "gomoku:9", open_three, GAME_BLACK, 1);
    mcts_run(scene.search, &(struct mcts_limits){.visits = 10, .early_stop = true});
    allowed[game_move_parse(&scene.game, "A1")] = allowed[game_move_parse(&scene.game, "J1")] = 1;
    mcts_allow(scene.search, allowed);
    mcts_run(scene.search, &(struct mcts_limits){.time_ms = 3000, .visits = 100, .early_stop = true});
    mcts_root(scene.search, &root);
    cr_assert(root.proven == 1 && root.new_visits == 100, "%d visits", (int)root.new_visits);
    close_scene(&scene);
}

Test(threats, memory_is_within_the_limit)
{
    static const struct {
        int mib, threads;
        size_t each;
    } cases[] = {{256, 1, 1 << 20}, {4, 1, 512 << 10}, {4, 4, 128 << 10}, {2, 8, 64 << 10}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game = fake_game("gomoku:9");
        struct evaluator *evaluators[8];
        struct mcts_config config = mcts_defaults(MCTS_PUCT);
        config.threats = 1;
        config.threads = cases[i].threads;
        config.memory_bytes = (size_t)cases[i].mib << 20;
        for (int t = 0; t < config.threads; t++)
            evaluators[t] = fake_create(&game, 5, 1);
        struct mcts *search = fake_search(&game, &config, evaluators);
        for (int t = 0; t < config.threads; t++)
            cr_assert_eq(search->workers[t].solver->bytes, cases[i].each);
        cr_assert_eq(search->tree.bytes + (size_t)config.threads * cases[i].each, config.memory_bytes);
        mcts_close(search);
        for (int t = 0; t < config.threads; t++)
            evaluator_free(evaluators[t]);
    }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they need terabytes of address space */
/* Where the system refuses the memory, the search goes on without threats. */
Test(threats, memory_that_the_system_refuses)
{
    struct scene scene;
    struct mcts_root root;
    struct rlimit limit;
    char *text;
    open_scene(&scene, "gomoku:9", open_three, GAME_BLACK, 1);
    struct worker *worker = &scene.search->workers[0];
    threats_close(worker->solver);
    cr_assert(g_file_get_contents("/proc/self/statm", &text, NULL, NULL) && getrlimit(RLIMIT_AS, &limit) == 0);
    limit.rlim_cur = (rlim_t)g_ascii_strtoull(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE);
    g_free(text);
    cr_assert(setrlimit(RLIMIT_AS, &limit) == 0);
    worker->solver = threats_create(scene.search);
    cr_assert_null(worker->solver);
    mcts_run(scene.search, &(struct mcts_limits){.visits = 5, .early_stop = true});
    mcts_root(scene.search, &root);
    cr_assert(root.new_visits == 5 && calls == 0);
    mcts_forget(scene.search);
    close_scene(&scene);
}
#endif

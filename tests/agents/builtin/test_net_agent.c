/* Players with a network, on small random nets. */
#include <criterion/criterion.h>
#include <math.h>
#include <unistd.h>

#include "agents/agent.h"
#include "agents/net_path.h"
#include "games/game.h"
#include "net/net.h"
#include "tests/agents/open.h"

static char folder[] = "/tmp/tengen-agents-XXXXXX";

static void make_folder(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert(chdir(folder) == 0);
}

static void remove_folder(void)
{
    char *command = g_strdup_printf("rm -rf '%s'", folder);
    if (system(command) != 0)
        cr_log_warn("%s could not be removed", folder);
    g_free(command);
}

TestSuite(net_agent, .init = make_folder, .fini = remove_folder);

static void save_shape(const struct game *game, const char *shape, uint64_t seed, const char *path)
{
    const struct game_features *features = game_features_newest(game);
    struct net_info info = {
        .planes = features->planes, .globals = features->globals, .other_moves = game->moves - game->points};
    struct net *net;
    GError *error = NULL;
    g_strlcpy(info.game, game->ops->name, sizeof info.game);
    g_strlcpy(info.features, features->name, sizeof info.features);
    cr_assert(net_expand_shape(shape, info.trunk, NULL));
    cr_assert(net_create(&net, &info, seed, &error) == 0, "%s", error ? error->message : "");
    cr_assert(net_save(net, path, NULL, &error) == 0, "%s", error ? error->message : "");
    net_unref(net);
}

static void save_net(const struct game *game, uint64_t seed, const char *path)
{
    save_shape(game, "2x8", seed, path);
}

/* Plays a game of at most `most` moves, checking that they are legal; returns a hash of the moves. */
static uint64_t play(struct agent *a, struct agent *b, uint64_t seed, int most)
{
    struct agent *agents[2] = {a, b};
    uint64_t hash = 0;
    for (int i = 0; i < 2; i++)
        cr_assert(agent_new_game(agents[i], seed + (uint64_t)i, NULL));
    for (int ply = 0; ply < most && !game_over(a->position); ply++) {
        struct agent_choice choice;
        struct agent *agent = agents[a->position->player];
        cr_assert(agent_choose(agent, NULL, &choice, NULL));
        cr_assert(a->game->ops->legal(a->game, a->position, &a->history, choice.move));
        cr_assert(isnan(choice.value) || fabsf(choice.value) <= 1, "value %g", choice.value);
        hash = rng_mix(hash ^ choice.move);
        for (int i = 0; i < 2; i++)
            cr_assert(agent_moved(agents[i], choice.move, NULL));
    }
    return hash;
}

static void expect_repeatable(const char *game_spec, const char *a, const char *b)
{
    struct game game;
    cr_assert(game_parse(&game, game_spec, NULL));
    save_net(&game, 1, "net.safetensors");
    struct agent *first = open_agent(&game, a), *second = open_agent(&game, b);
    uint64_t once = play(first, second, 10, 60);
    play(second, first, 20, 60);
    cr_assert(play(first, second, 10, 60) == once, "%s against %s depends on earlier games", a, b);
    agent_close(first);
    agent_close(second);
}

Test(net_agent, legal_and_repeatable)
{
    expect_repeatable("gomoku:5,line=4", "net:net.safetensors,visits=20,backend=plain", "policy:net.safetensors");
    expect_repeatable("gomoku:5,line=4", "net:net.safetensors,visits=16,selection=gumbel,noise=yes", "random");
    expect_repeatable("go:5", "net:net.safetensors,visits=16,temperature=1", "policy:net.safetensors,temperature=1");
    expect_repeatable("go:5", "net:net.safetensors,visits=8,symmetry=all,cache=0", "random");
    expect_repeatable("connect4:7x6", "net:net.safetensors,visits=16", "policy:net.safetensors,symmetry=all");
}

static void take_steps(const struct agent_report *report, void *data)
{
    *(float *)data = report->steps;
}

/* The mean number of steps of the last search, which is analysed. */
static float steps_of(const struct game *game, const char *spec)
{
    struct agent *agent = open_agent(game, spec);
    float steps = -1;
    const struct agent_analysis analysis = {.report = take_steps, .data = &steps};
    const struct agent_clock clock = {.visits = 20};
    cr_assert(agent_new_game(agent, 1, NULL));
    cr_assert(agent_analyse(agent, &clock, &analysis, NULL, NULL));
    agent_close(agent);
    return steps;
}

/* Options choose how far a net with a loop thinks; reports say how far it did. */
Test(net_agent, steps_of_a_loop)
{
    struct game game;
    cr_assert(game_parse(&game, "go:5", NULL));
    save_net(&game, 1, "plain");
    save_shape(&game, "conv:8 loop:8+steps=2..6", 1, "loop");
    cr_expect_eq(steps_of(&game, "net:plain,visits=20"), 0);
    cr_expect_eq(steps_of(&game, "net:loop,visits=20,settle=0"), 6);
    cr_expect_eq(steps_of(&game, "net:loop,visits=20,steps=4,settle=0,threads=2"), 4);
    cr_expect_eq(steps_of(&game, "net:loop,visits=20,settle=1"), 3, "settles at once");
    cr_expect_eq(steps_of(&game, "policy:loop,steps=11,settle=0"), 11);
    cr_expect_eq(steps_of(&game, "policy:loop,settle=1"), 3);
    cr_expect_eq(steps_of(&game, "policy:plain"), 0);
    GError *error = NULL;
    struct agent *agent;
    static const char *const bad[] = {"net:plain,steps=3", "policy:plain,settle=0.1"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        cr_expect_neq(agent_open(&agent, bad[i], &game, &(struct agent_config){.seed = 1, .threads = 1}, &error), 0);
        cr_expect(error && strstr(error->message, "steps and settle need a net with a loop"), "%s",
                  error ? error->message : "");
        g_clear_error(&error);
    }
}

Test(net_agent, several_threads_play_legal_moves)
{
    struct game game;
    cr_assert(game_parse(&game, "go:5", NULL));
    save_net(&game, 1, "net.safetensors");
    struct agent *many = open_agent(&game, "net:net.safetensors,visits=64,threads=3"),
                 *random = open_agent(&game, "random");
    play(many, random, 1, 20);
    agent_close(many);
    agent_close(random);
}

/* Even with a bad net a search makes five and blocks a five: X has four in a row with one end closed. */
Test(net_agent, search_sees_a_win_and_a_loss)
{
    const char *const line[] = {"B4", "B6", "C4", "C6", "D4", "A4", "E4"};
    const char *const specs[] = {"net:net.safetensors,visits=800", "net:net.safetensors,visits=800,selection=gumbel"};
    struct game game;
    cr_assert(game_parse(&game, "gomoku:7", NULL));
    save_net(&game, 3, "net.safetensors");
    for (size_t s = 0; s < G_N_ELEMENTS(specs); s++) {
        struct agent *agent = open_agent(&game, specs[s]);
        struct agent_choice choice;
        game_move end = game_move_parse(&game, "F4");
        cr_assert(agent_new_game(agent, 1, NULL));
        for (size_t i = 0; i < G_N_ELEMENTS(line); i++)
            cr_assert(agent_moved(agent, game_move_parse(&game, line[i]), NULL));
        cr_assert(agent_choose(agent, NULL, &choice, NULL) && choice.move == end, "%s must stop the four", specs[s]);
        cr_assert(agent_moved(agent, game_move_parse(&game, "G1"), NULL));
        cr_assert(agent_choose(agent, NULL, &choice, NULL) && choice.move == end, "%s must take the win", specs[s]);
        agent_close(agent);
    }
}

/* The tree is reused: with a limit of 100 root visits, the second search needs fewer new visits than the first. */
Test(net_agent, tree_is_reused_and_clocks_win)
{
    struct game game;
    struct agent_choice choice;
    cr_assert(game_parse(&game, "gomoku:5,line=4", NULL));
    save_net(&game, 1, "net.safetensors");
    struct agent *agent = open_agent(&game, "net:net.safetensors,visits=100");
    cr_assert(agent_new_game(agent, 1, NULL));
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    cr_assert(choice.visits == 100, "%d visits", (int)choice.visits);
    cr_assert(agent_moved(agent, choice.move, NULL));
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    cr_assert(choice.visits > 0 && choice.visits < 100, "%d visits", (int)choice.visits);
    cr_assert(agent_new_game(agent, 1, NULL));
    const struct agent_clock visits = {.visits = 7}, time = {.move_ms = 80};
    cr_assert(agent_choose(agent, &visits, &choice, NULL));
    cr_assert(choice.visits == 7, "%d visits", (int)choice.visits);
    int64_t start = g_get_monotonic_time();
    cr_assert(agent_new_game(agent, 1, NULL));
    cr_assert(agent_choose(agent, &time, &choice, NULL));
    cr_assert(g_get_monotonic_time() - start < 3 * G_USEC_PER_SEC, "a limit of 80 ms took seconds");
    agent_close(agent);
}

/* After the opponent's pass, black, who wins the board as it is, passes, too; white does not. */
Test(net_agent, passes_to_win)
{
    struct game game;
    struct agent_choice choice;
    cr_assert(game_parse(&game, "go:5,komi=0.5", NULL));
    save_net(&game, 1, "net.safetensors");
    struct agent *agent = open_agent(&game, "net:net.safetensors,visits=4");
    cr_assert(agent_new_game(agent, 1, NULL));
    cr_assert(agent_moved(agent, game_move_parse(&game, "C3"), NULL));
    cr_assert(agent_moved(agent, game_move_parse(&game, "pass"), NULL));
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    cr_assert(choice.move == game_move_parse(&game, "pass") && choice.value == 1);
    agent_close(agent);
}

static void expect_path(const char *net, const char *want)
{
    GError *error = NULL;
    char *path = net_path_find(net, "go", &error);
    cr_assert_not_null(path, "%s: %s", net, error ? error->message : "");
    cr_assert_str_eq(path, want);
    g_free(path);
}

static void expect_no_path(const char *net, const char *says)
{
    GError *error = NULL;
    cr_assert_null(net_path_find(net, "nogame", &error));
    cr_assert(strstr(error->message, says), "\"%s\" does not say \"%s\"", error->message, says);
    g_clear_error(&error);
}

static void touch(const char *path)
{
    char *dir = g_path_get_dirname(path);
    cr_assert(g_mkdir_with_parents(dir, 0700) == 0);
    cr_assert(g_file_set_contents(path, "x", 1, NULL));
    g_free(dir);
}

Test(net_agent, paths)
{
    touch("a.safetensors");
    touch("runs/go9/nets/gen-000009.safetensors");
    touch("runs/go9/nets/gen-000010.safetensors");
    touch("runs/go9/nets/state-000011.safetensors");
    expect_path("a.safetensors", "a.safetensors");
    expect_path("go9", "runs/go9/nets/gen-000010.safetensors");
    expect_path("runs/go9", "runs/go9/nets/gen-000010.safetensors");
    touch("runs/go9/nets/best.safetensors");
    expect_path("go9", "runs/go9/nets/best.safetensors");
    touch("data/default-go.safetensors");
    touch("system/tengen/default-installed.safetensors");
    g_setenv("XDG_DATA_DIRS", "system", TRUE);
    char *found = net_path_find("default", "installed", NULL);
    cr_assert_str_eq(found, "system/tengen/default-installed.safetensors");
    g_free(found);
    g_setenv("TENGEN_DATA", "data", TRUE);
    expect_path("default", "data/default-go.safetensors");
    expect_no_path("default", "no net ships for nogame");
    cr_assert(g_mkdir_with_parents("runs/new/nets", 0700) == 0);
    expect_no_path("new", "has no net yet");
    expect_no_path("b.safetensors", "unknown net \"b.safetensors\"");
    expect_no_path("", "unknown net \"\"");
}

static void expect_error(const struct game *game, const char *spec, const char *says)
{
    struct agent *agent;
    GError *error = NULL;
    const struct agent_config config = {.seed = 1, .threads = 1};
    cr_assert(agent_open(&agent, spec, game, &config, &error) < 0, "%s was accepted", spec);
    cr_assert(strstr(error->message, says), "\"%s\" does not say \"%s\"", error->message, says);
    g_clear_error(&error);
}

Test(net_agent, nets_that_do_not_fit)
{
    struct game gomoku, go;
    cr_assert(game_parse(&gomoku, "gomoku:5,line=4", NULL) && game_parse(&go, "go:5", NULL));
    save_net(&gomoku, 1, "gomoku.safetensors");
    expect_error(&go, "net:gomoku.safetensors", "this net plays gomoku, not go");
    expect_error(&go, "policy:gomoku.safetensors", "gomoku.safetensors: ");
    touch("junk.safetensors");
    expect_error(&go, "net:junk.safetensors", "junk.safetensors");
}

/* The shipped nets play their games on each size that they support. */
Test(net_agent, shipped_nets)
{
    const char *specs[] = {"go:5", "go:7", "go:9", "gomoku:15"};
    g_unsetenv("TENGEN_DATA");
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game;
        cr_assert(game_parse(&game, specs[i], NULL));
        struct agent *first = open_agent(&game, "net:default,visits=4"), *second = open_agent(&game, "policy:default");
        play(first, second, 1, 10);
        agent_close(first);
        agent_close(second);
    }
}

/* Loading by name: returns the net, or an error that names the file. */
Test(net_agent, loads_by_name)
{
    struct game go, gomoku;
    struct net *net;
    GError *error = NULL;
    cr_assert(game_parse(&go, "go:5", NULL) && game_parse(&gomoku, "gomoku:5", NULL));
    cr_assert(g_mkdir_with_parents("runs/young/nets", 0700) == 0);
    save_net(&go, 1, "runs/young/nets/best.safetensors");
    cr_assert_eq(net_path_load(&net, "young", &go, NULL), 0);
    cr_assert_str_eq(net_info(net)->game, "go");
    net_unref(net);
    cr_assert_neq(net_path_load(&net, "young", &gomoku, &error), 0);
    cr_assert_null(net);
    cr_assert(strstr(error->message, "runs/young/nets/best.safetensors") && strstr(error->message, "gomoku"), "%s",
              error->message);
    g_clear_error(&error);
    touch("broken.safetensors");
    cr_assert_neq(net_path_load(&net, "broken.safetensors", &go, &error), 0);
    cr_assert_null(net);
    cr_assert(strstr(error->message, "broken.safetensors"), "%s", error->message);
    g_clear_error(&error);
    cr_assert_neq(net_path_load(&net, "nowhere", &go, &error), 0);
    cr_assert_null(net);
    g_clear_error(&error);
}

static void hash_visits(const struct agent_report *report, void *data)
{
    uint64_t *hash = data;
    for (int i = 0; i < report->count; i++)
        *hash = *hash * 1000003 + (uint64_t)report->candidates[i].move * 512 + (uint64_t)report->candidates[i].visits;
}

/* A hash of how a search of 200 visits distributes them. */
static uint64_t visits_of(const struct game *game, const char *spec)
{
    uint64_t hash = 0;
    const struct agent_analysis analysis = {.report = hash_visits, .data = &hash};
    const struct agent_clock clock = {.visits = 200};
    struct agent *agent = open_agent(game, spec);
    cr_assert(agent_new_game(agent, 1, NULL));
    cr_assert(agent_analyse(agent, &clock, &analysis, NULL, NULL));
    agent_close(agent);
    return hash;
}

static void expect_effect(const struct game *game, const char *option, uint64_t plain, bool changes)
{
    char *spec = g_strdup_printf("net:go.safetensors,backend=plain,threads=1,%s", option);
    cr_expect_eq(visits_of(game, spec) != plain, changes, "%s", option);
    g_free(spec);
}

/* Options that change the search: score weighs the margin in games that have points. */
Test(net_agent, search_options)
{
    static const struct {
        const char *without, *with;
    } options[] = {
        {"score=0", "score=2"}, {"stdev=0", "stdev=0.8"}, {"bias=0", "bias=0.35"}, {"uncertainty=0", "uncertainty=1"}};
    struct game game;
    cr_assert(game_parse(&game, "go:5", NULL));
    save_net(&game, 1, "go.safetensors");
    const uint64_t plain = visits_of(&game, "net:go.safetensors,backend=plain,threads=1");
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        expect_effect(&game, options[i].without, plain, false);
        expect_effect(&game, options[i].with, plain, true);
    }
    expect_effect(&game, "considered=2", plain, false); /* it is the other algorithm's */
    const uint64_t gumbel = visits_of(&game, "net:go.safetensors,backend=plain,threads=1,selection=gumbel");
    expect_effect(&game, "selection=gumbel,considered=16", gumbel, false);
    expect_effect(&game, "selection=gumbel,considered=2", gumbel, true);
    expect_effect(&game, "selection=gumbel,cscale=0.1", gumbel, true);
}

/* ---- a known opponent ---- */

struct priors {
    int count;
    game_move move[GAME_MAX_MOVES];
    float prior[GAME_MAX_MOVES];
};

static void take_priors(const struct agent_report *report, void *data)
{
    struct priors *priors = data;
    priors->count = report->count;
    for (int i = 0; i < report->count; i++) {
        priors->move[i] = report->candidates[i].move;
        priors->prior[i] = report->candidates[i].prior;
    }
}

static float prior_of(const struct priors *priors, game_move move)
{
    for (int i = 0; i < priors->count; i++)
        if (priors->move[i] == move)
            return priors->prior[i];
    return -1;
}

/* The opponent is whoever is not to move: at every ply of a game, whose moves reach the agent one by one, the priors of its own moves are
 * its own. */
Test(net_agent, known_opponent_is_the_other_side)
{
    struct game game;
    cr_assert(game_parse(&game, "go:5", NULL));
    save_net(&game, 1, "net.safetensors");
    save_net(&game, 2, "other.safetensors");
    struct agent *agent = open_agent(&game,
                                     "net:net.safetensors,visits=30,symmetry=none,dtype=f32,against=other.safetensors"),
                 *own = open_agent(&game, "net:net.safetensors,visits=30,symmetry=none,dtype=f32");
    cr_assert(agent_new_game(agent, 1, NULL) && agent_new_game(own, 1, NULL));
    for (int ply = 0; ply < 6; ply++) {
        static struct priors seen, wanted;
        const struct agent_clock clock = {.visits = 30};
        cr_assert(
            agent_analyse(agent, &clock, &(struct agent_analysis){.report = take_priors, .data = &seen}, NULL, NULL));
        cr_assert(
            agent_analyse(own, &clock, &(struct agent_analysis){.report = take_priors, .data = &wanted}, NULL, NULL));
        cr_assert_gt(wanted.count, 5);
        for (int i = 0; i < wanted.count; i++)
            cr_expect_float_eq(prior_of(&seen, wanted.move[i]), wanted.prior[i], 1e-4, "ply %d", ply);
        const game_move move = wanted.move[0];
        cr_assert(agent_moved(agent, move, NULL) && agent_moved(own, move, NULL));
    }
    agent_close(agent);
    agent_close(own);
}

static void expect_refused(const struct game *game, const char *spec, const char *message)
{
    struct agent *agent;
    GError *error = NULL;
    const struct agent_config config = {.seed = 1, .threads = 1};
    cr_assert_neq(agent_open(&agent, spec, game, &config, &error), 0, "%s", spec);
    cr_expect(strstr(error->message, message), "%s", error->message);
    g_clear_error(&error);
}

Test(net_agent, known_opponent_and_what_contradicts_it)
{
    struct game game;
    cr_assert(game_parse(&game, "go:5", NULL));
    save_net(&game, 1, "net.safetensors");
    expect_refused(&game, "net:net.safetensors,against=nosuch", "against=nosuch");
    expect_refused(&game, "net:net.safetensors,against=net.safetensors,uncertainty=1",
                   "uncertainty does not go with against");
    expect_refused(&game, "net:net.safetensors,against=net.safetensors,remember=m.db",
                   "remember does not go with against");
    expect_refused(&game, "net:net.safetensors,rationality=5", "rationality=5 is that of the opponent named by against");
}

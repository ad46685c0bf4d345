/* Writes a net as ONNX, and positions with what the net makes of them in f32 by the plain backend, for onnx.sh to compare.
 * Positions are those of games sampled from the net's policy on boards of several sizes.
 *
 *   FOLDER/net.onnx
 *   FOLDER/positions.json    [{"width", "height", "n", "planes", "globals", "moves"} ...]
 *   FOLDER/BOARD.planes      of the board "7x7", float32 little endian, as net_runner_infer takes them; BOARD.globals likewise
 *   FOLDER/BOARD.policy, .wdl, .score, .map
 *
 * NET is a weights file, or a list of blocks for Go: then all weights are random, so that no block adds nothing, the net has a
 * tally and experts in its heads, and there are also random inputs on a rectangle.
 *
 * Usage: onnx_positions NET FOLDER [POSITIONS [SEED]]   (1000, 1) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/onnx/onnx.h"

enum { BATCH = 25 };
static const int sizes[] = {7, 9, 13, 19};

static void die(GError *error)
{
    fprintf(stderr, "onnx_positions: %s\n", error ? error->message : "failed");
    exit(3);
}

static void save(const char *folder, const char *name, const char *kind, const void *data, size_t bytes)
{
    GError *error = NULL;
    char *file = g_strconcat(name, kind, NULL), *path = g_build_filename(folder, file, NULL);
    if (!g_file_set_contents(path, data, (gssize)bytes, &error))
        die(error);
    g_free(file);
    g_free(path);
}

/* Layers that begin at 0 would hide what is before them. */
static struct net *random_net(const char *trunk, uint64_t seed)
{
    struct net *net;
    GError *error = NULL;
    struct rng rng;
    struct net_info info = {.game = "go", .horizons = 2, .tally = 1, .head_experts = 3, .other_moves = 1};
    struct game game;
    if (!game_parse(&game, "go:9", &error) || !net_expand_shape(trunk, info.trunk, &error))
        die(error);
    const struct game_features *features = game.ops->features[0];
    g_strlcpy(info.features, features->name, sizeof info.features);
    info.planes = features->planes;
    info.globals = features->globals;
    if (net_create(&net, &info, seed, &error) != 0)
        die(error);
    rng_seed(&rng, seed);
    for (size_t i = 0; i < net->graph->parameters; i++)
        net->params[i] += (float)(0.1 * (rng_uniform(&rng) - 0.5));
    return net;
}

static const struct game_features *features_of(const struct net *net, const struct game *game)
{
    GError *error = NULL;
    const struct game_features *features = evaluator_net_features(net, game, &error);
    if (!features)
        die(error);
    return features;
}

/* A move drawn from the policy among the legal ones. */
static game_move draw(const struct game *game, const struct position *position, const struct history *history,
                      const float *logits, struct rng *rng)
{
    game_move legal[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, history, legal), i = 0;
    double most = -INFINITY, sum = 0, weight[GAME_MAX_MOVES];
    for (int k = 0; k < count; k++)
        most = fmax(most, (double)logits[legal[k]]);
    for (int k = 0; k < count; k++)
        sum += weight[k] = exp((double)logits[legal[k]] - most);
    for (double left = rng_uniform(rng) * sum; i < count - 1 && (left -= weight[i]) > 0;)
        i++;
    return legal[i];
}

/* Plays games and keeps the inputs of n positions. */
static void play(const struct game *game, const struct game_features *features, struct net_runner *runner, int n,
                 struct rng *rng, float *planes, float *globals)
{
    union any_position position;
    struct history history;
    float logits[GAME_MAX_MOVES];
    const size_t plane_count = (size_t)features->planes * game->points;
    history_init(&history, game->max_plies);
    for (int i = 0; i < n;) {
        game_init(game, &position.p);
        history_truncate(&history, 0);
        for (int ply = 0; i < n && ply < game->max_plies && !game_over(&position.p); ply++, i++) {
            float *at = planes + (size_t)i * plane_count, *more = globals + (size_t)i * features->globals;
            game_encode(game, features, &position.p, &history, 0, at, more);
            net_runner_infer(runner, game->width, game->height, 1, at, more, &(struct net_outputs){.policy = logits});
            game_play(game, &position.p, &history, draw(game, &position.p, &history, logits, rng));
        }
    }
    history_clear(&history);
}

/* Positions of one board. */
struct board {
    int width, height, n, planes, globals, moves;
    float *plane_values, *global_values;
};

static struct board board_new(int width, int height, int n, const struct net_info *info)
{
    struct board board = {width, height, n, info->planes, info->globals, width * height + info->other_moves,
                          NULL,  NULL};
    board.plane_values = g_new(float, (size_t)n *(size_t)(info->planes * width * height));
    board.global_values = g_new(float, (size_t)n *(size_t)info->globals);
    return board;
}

/* Writes inputs and outputs, adds to `about`, and frees the inputs. */
static void write_board(const char *folder, struct net_runner *runner, struct board *b, GString *about)
{
    const size_t rows = (size_t)b->n, points = (size_t)(b->width * b->height), moves = (size_t)b->moves,
                 planes = (size_t)b->planes * points, globals = (size_t)b->globals;
    float *policy = g_new(float, rows *moves), *wdl = g_new(float, rows * 3), *score = g_new(float, rows),
          *map = g_new(float, rows *points);
    char name[32];
    for (size_t i = 0; i < rows; i += BATCH)
        net_runner_infer(
            runner, b->width, b->height, (int)MIN(BATCH, rows - i), b->plane_values + i * planes,
            b->global_values + i * globals,
            &(struct net_outputs){
                .policy = policy + i * moves, .wdl = wdl + i * 3, .score = score + i, .map = map + i * points});
    g_snprintf(name, sizeof name, "%dx%d", b->width, b->height);
    save(folder, name, ".planes", b->plane_values, rows * planes * sizeof(float));
    save(folder, name, ".globals", b->global_values, rows * globals * sizeof(float));
    save(folder, name, ".policy", policy, rows * moves * sizeof(float));
    save(folder, name, ".wdl", wdl, rows * 3 * sizeof(float));
    save(folder, name, ".score", score, rows * sizeof(float));
    save(folder, name, ".map", map, rows * points * sizeof(float));
    g_string_append_printf(about, "%s{\"width\":%d,\"height\":%d,\"n\":%d,\"planes\":%d,\"globals\":%d,\"moves\":%d}",
                           about->len > 1 ? "," : "", b->width, b->height, b->n, b->planes, b->globals, b->moves);
    float *const all[] = {b->plane_values, b->global_values, policy, wdl, score, map};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        g_free(all[i]);
}

static void write_size(const char *folder, struct net_runner *runner, const struct net *net, int size, int n,
                       struct rng *rng, GString *about)
{
    struct game game;
    GError *error = NULL;
    char *spec = g_strdup_printf("%s:%d", net_info(net)->game, size);
    if (!game_parse(&game, spec, &error))
        die(error);
    struct board board = board_new(size, size, n, net_info(net));
    play(&game, features_of(net, &game), runner, n, rng, board.plane_values, board.global_values);
    write_board(folder, runner, &board, about);
    g_free(spec);
}

/* Widths and heights must not be mixed up; Go has squares alone. */
static void write_rectangle(const char *folder, struct net_runner *runner, const struct net *net, struct rng *rng,
                            GString *about)
{
    struct board board = board_new(7, 4, BATCH, net_info(net));
    for (int i = 0; i < BATCH * board.planes * board.width * board.height; i++)
        board.plane_values[i] = (float)rng_below(rng, 2);
    for (int i = 0; i < BATCH * board.globals; i++)
        board.global_values[i] = (float)rng_uniform(rng);
    write_board(folder, runner, &board, about);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: onnx_positions NET FOLDER [POSITIONS [SEED]]\n");
        return 2;
    }
    struct net *net = NULL;
    struct net_runner *runner;
    GError *error = NULL;
    const int positions = argc > 3 ? atoi(argv[3]) : 1000;
    const uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
    if (strchr(argv[1], ':'))
        net = random_net(argv[1], seed);
    else if (net_load(&net, argv[1], &error) != 0)
        die(error);
    GBytes *model = net_onnx_write(net, &error);
    if (!model || net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, BATCH, &error) != 0)
        die(error);
    gsize size;
    const void *data = g_bytes_get_data(model, &size);
    save(argv[2], "net", ".onnx", data, size);
    g_bytes_unref(model);
    GString *about = g_string_new("[");
    struct rng rng;
    rng_seed(&rng, seed);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        write_size(argv[2], runner, net, sizes[i], positions / (int)G_N_ELEMENTS(sizes), &rng, about);
    if (strchr(argv[1], ':'))
        write_rectangle(argv[2], runner, net, &rng, about);
    g_string_append(about, "]");
    save(argv[2], "positions", ".json", about->str, about->len);
    g_string_free(about, TRUE);
    net_runner_close(runner);
    net_unref(net);
    return 0;
}

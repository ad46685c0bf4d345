/* Boards: random playouts, moves with full legality, feature planes. */
#include "engine/bench/bench.h"
#include "games/game.h"

struct board_run {
    const struct game *game;
    struct rng rng;
    uint64_t moves; /* in the last measurement */
    double rate;    /* moves per second in the last measurement */
};

static double measure_playouts(void *data, double seconds)
{
    struct board_run *run = data;
    union any_position start, position;
    game_init(run->game, &start.p);
    uint64_t playouts = 0, moves = 0;
    double begin = bench_cpu_now(), end;
    do {
        for (int i = 0; i < 64; i++, playouts++) {
            struct game_result result;
            game_copy(run->game, &position.p, &start.p);
            moves += (uint64_t)run->game->ops->playout(run->game, &position.p, &run->rng, &result);
        }
        end = bench_cpu_now();
    } while (end - begin < seconds);
    run->rate = (double)moves / (end - begin);
    return (double)playouts / (end - begin);
}

static double measure_playout_moves(void *data, double seconds)
{
    measure_playouts(data, seconds);
    return ((struct board_run *)data)->rate;
}

/* A search step: list all legal moves with superko, play one of them, keep the history. */
static double measure_steps(void *data, double seconds)
{
    struct board_run *run = data;
    union any_position position;
    struct history history;
    game_move legal[GAME_MAX_MOVES];
    history_init(&history, run->game->max_plies + 1);
    uint64_t steps = 0;
    double begin = bench_cpu_now(), end;
    do {
        game_init(run->game, &position.p);
        history_truncate(&history, 0);
        while (!game_over(&position.p)) {
            int count = run->game->ops->legal_moves(run->game, &position.p, &history, legal);
            game_play(run->game, &position.p, &history, legal[rng_below(&run->rng, (uint32_t)count)]);
            steps++;
        }
        end = bench_cpu_now();
    } while (end - begin < seconds);
    history_clear(&history);
    return (double)steps / (end - begin);
}

void bench_random_position(const struct game *game, int plies, struct rng *rng, struct position *position)
{
    game_move legal[GAME_MAX_MOVES];
    game_init(game, position);
    while (position->ply < plies && !game_over(position)) {
        int count = game->ops->legal_moves(game, position, NULL, legal);
        game_play(game, position, NULL, legal[rng_below(rng, (uint32_t)count)]);
    }
}

static double measure_encoding(void *data, double seconds)
{
    struct board_run *run = data;
    const struct game_features *features = game_features_newest(run->game);
    float *planes = g_new(float, (size_t)features->planes * run->game->points);
    float globals[GAME_MAX_GLOBALS];
    union any_position position;
    bench_random_position(run->game, run->game->points / 2, &run->rng, &position.p);
    uint64_t encoded = 0;
    double begin = bench_cpu_now(), end;
    do {
        for (int i = 0; i < 64; i++, encoded++)
            game_encode(run->game, features, &position.p, NULL, i % run->game->symmetries, planes, globals);
        end = bench_cpu_now();
    } while (end - begin < seconds);
    g_free(planes);
    return (double)encoded / (end - begin);
}

bool bench_board(struct bench *bench, GError **error)
{
    (void)error;
    static const struct {
        const char *name, *unit;
        double (*measure)(void *, double);
    } figures[] = {
        {"random playouts", "playouts/s", measure_playouts},
        {"random playout moves", "moves/s", measure_playout_moves},
        {"legal moves listed, one played", "steps/s", measure_steps},
        {"feature planes, any symmetry", "positions/s", measure_encoding},
    };
    struct board_run run = {.game = &bench->game};
    for (size_t i = 0; i < G_N_ELEMENTS(figures); i++) {
        rng_seed(&run.rng, bench->seed);
        struct bench_figure figure = {.part = "board",
                                      .name = figures[i].name,
                                      .unit = figures[i].unit,
                                      .threads = 1,
                                      .value = bench_median(bench, figures[i].measure, &run)};
        bench_report(bench, &figure);
    }
    return true;
}

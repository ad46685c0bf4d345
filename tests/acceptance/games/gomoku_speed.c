/* The speed of Gomoku on one core: moves per second in uniformly random playouts, and the cost of encoding and of
 * ordinary moves. Target: 10,000,000 playout moves per second on gomoku:15. */
#include <stdlib.h>
#include <time.h>

#include "games/game.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The best of five runs of a fifth of the time each: other load on the machine can only make a run slower. */
static double playout_rate(const struct game *game, double seconds, double *length)
{
    double best = 0;
    struct rng rng;
    rng_seed(&rng, 1);
    long all = 0, games = 0;
    for (int run = 0; run < 5; run++) {
        long moves = 0;
        double start = now(), end = start;
        do {
            for (int i = 0; i < 100; i++, games++) {
                union any_position position;
                struct game_result result;
                game_init(game, &position.p);
                moves += game->ops->playout(game, &position.p, &rng, &result);
            }
            end = now();
        } while (end - start < seconds / 5);
        best = (double)moves / (end - start) > best ? (double)moves / (end - start) : best;
        all += moves;
    }
    *length = (double)all / (double)games;
    return best;
}

/* Means over positions from random games of up to 80 moves, timed in batches so that reading the clock does not
 * count. */
static void print_costs(const struct game *game)
{
    enum { REPEAT = 50, POSITIONS = 500 };
    static float planes[GAME_MAX_PLANES * GAME_MAX_POINTS], globals[GAME_MAX_GLOBALS];
    struct rng rng;
    rng_seed(&rng, 2);
    union any_position position, next;
    game_init(game, &position.p);
    game_move moves[GAME_MAX_MOVES];
    double times[3] = {0};
    for (int i = 0; i < POSITIONS; i++) {
        if (game_over(&position.p) || position.p.ply > 80)
            game_init(game, &position.p);
        double start = now(), end;
        int n = 0;
        for (int r = 0; r < REPEAT; r++)
            game_encode(game, game_features_newest(game), &position.p, NULL, 0, planes, globals);
        times[0] += (end = now()) - start, start = end;
        for (int r = 0; r < REPEAT; r++)
            n = game->ops->legal_moves(game, &position.p, NULL, moves);
        times[1] += (end = now()) - start, start = end;
        game_move move = moves[rng_below(&rng, (uint32_t)n)];
        for (int r = 0; r < REPEAT; r++) {
            game_copy(game, &next.p, &position.p);
            game_play(game, &next.p, NULL, move);
        }
        times[2] += now() - start;
        game_copy(game, &position.p, &next.p);
    }
    char spec[GAME_SPEC_MAX];
    double scale = 1e6 / (REPEAT * POSITIONS);
    printf("%-30s microseconds: encode %.2f, list of legal moves %.2f, copy and play %.2f\n", game_format(game, spec),
           times[0] * scale, times[1] * scale, times[2] * scale);
}

int main(int argc, char **argv)
{
    static const char *const specs[] = {
        "gomoku:15", "gomoku:15,rules=standard", "gomoku:15,rules=caro", "gomoku:15,rules=renju",
        "gomoku:20", "gomoku:15,opening=swap2",  "gomoku:3,line=3"};
    const double target = 1e7;
    double seconds = argc > 1 ? atof(argv[1]) : 2, first = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game;
        GError *error = NULL;
        if (!game_parse(&game, specs[i], &error)) {
            fprintf(stderr, "%s\n", error->message);
            return 2;
        }
        double length, rate = playout_rate(&game, seconds, &length);
        first = i == 0 ? rate : first;
        printf("%-30s %6.2f million random moves a second (%.1f moves a game)\n", specs[i], rate / 1e6, length);
        print_costs(&game);
    }
    printf("gomoku:15: %.2f million random moves a second, target %.2f: %s\n", first / 1e6, target / 1e6,
           first >= target ? "met" : "MISSED");
    return first >= target ? 0 : 1;
}

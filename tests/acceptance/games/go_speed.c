/* Uniformly random Go playouts per second of CPU time, with full legality checks and area scoring: the best of five
 * runs of half a second. Target: 100,000 on 9x9 (5x5, 13x13 and 19x19 are reported, too).
 *
 * Usage: acceptance_go_speed [SIZE...] */

#include <time.h>

#include "games/game.h"

enum { TARGET = 100000 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* CPU time of this thread, so that other load does not count */
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double measure(const struct game *game, double *mean_moves)
{
    union any_position start, position;
    struct rng rng;
    double best = 0.0;
    game_init(game, &start.p);
    rng_seed(&rng, 1);
    for (int run = 0; run < 5; run++) {
        double begin = seconds(), now;
        long playouts = 0, moves = 0;
        do {
            for (int i = 0; i < 100; i++, playouts++) {
                struct game_result result;
                game_copy(game, &position.p, &start.p);
                moves += game->ops->playout(game, &position.p, &rng, &result);
            }
            now = seconds();
        } while (now - begin < 0.5);
        if ((double)playouts / (now - begin) > best)
            best = (double)playouts / (now - begin);
        *mean_moves = (double)moves / (double)playouts;
    }
    return best;
}

int main(int argc, char **argv)
{
    static const char *const presets[] = {"go:5", "go:9", "go:13", "go:19"};
    double nine = -1.0;
    for (int i = 0; i < (argc > 1 ? argc - 1 : 4); i++) {
        char spec[GAME_SPEC_MAX];
        struct game game;
        GError *error = NULL;
        g_snprintf(spec, sizeof spec, argc > 1 ? "go:%s" : "%s", argc > 1 ? argv[i + 1] : presets[i]);
        if (!game_parse(&game, spec, &error)) {
            fprintf(stderr, "%s\n", error->message);
            return 2;
        }
        double moves, rate = measure(&game, &moves);
        printf("%s: %.0f playouts per second, %.1f moves each, %.1f million moves per second\n", spec, rate, moves,
               rate * moves / 1e6);
        if (game.width == 9)
            nine = rate;
    }
    if (nine < 0.0)
        return 0;
    printf("go:9 %.0f playouts per second, target %d: %s\n", nine, TARGET, nine >= TARGET ? "reached" : "MISSED");
    return nine >= TARGET ? 0 : 1;
}

/* Go's playouts: against slow ones made of legal and play. */
#include <math.h>

#include "games/go/go.h"
#include "tests/games/common.h"
#include "tests/games/go/slow_eye.h"

static float slow_playout(const struct game *game, struct position *position, struct rng *rng, int *moves)
{
    int passes = 0;
    for (*moves = 0; passes < 2 && *moves < 3 * game->points && !game_over(position); ++*moves) {
        game_move all[GAME_MAX_MOVES], fit[GAME_MAX_MOVES];
        int count = game->ops->legal_moves(game, position, NULL, all), fits = 0;
        for (int i = 0; i < count - 1; i++)
            if (!slow_eye(game, position, all[i]))
                fit[fits++] = all[i];
        passes = fits ? 0 : passes + 1;
        game_play(game, position, NULL, fits ? fit[rng_below(rng, (uint32_t)fits)] : game->points);
    }
    return game_result(game, position).margin;
}

struct moments {
    double sum, squares;
};
static void add(struct moments *moments, double x)
{
    moments->sum += x;
    moments->squares += x * x;
}
static void same_mean(const char *what, const struct moments *a, const struct moments *b, int n)
{
    double mean_a = a->sum / n, mean_b = b->sum / n;
    double error = sqrt((a->squares / n - mean_a * mean_a + b->squares / n - mean_b * mean_b) / n);
    cr_expect(fabs(mean_a - mean_b) < 4.5 * error, "%s: %.3f against %.3f, standard error %.3f", what, mean_a, mean_b,
              error);
}

Test(go_playout, playouts_are_distributed_as_slow_ones)
{
    enum { PLAYOUTS = 1500 };
    static const char *const specs[] = {"go:4,suicide=no,cap=2000", "go:5,suicide=no,cap=2000",
                                        "go:9,suicide=no,cap=2000"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = parse(specs[i]);
        struct moments margin[2] = {{0, 0}, {0, 0}}, length[2] = {{0, 0}, {0, 0}};
        struct rng rng;
        rng_seed(&rng, 11);
        for (int k = 0; k < PLAYOUTS; k++) {
            union any_position position;
            struct game_result result;
            int moves;
            game_init(&game, &position.p);
            add(&length[0], game.ops->playout(&game, &position.p, &rng, &result));
            add(&margin[0], (double)result.margin);
            game_init(&game, &position.p);
            add(&margin[1], (double)slow_playout(&game, &position.p, &rng, &moves));
            add(&length[1], moves);
        }
        same_mean(specs[i], &margin[0], &margin[1], PLAYOUTS);
        same_mean(specs[i], &length[0], &length[1], PLAYOUTS);
    }
}

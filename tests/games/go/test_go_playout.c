/* Go's playouts against slow ones built on legal and play. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
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

/* ---- single playouts ---- */

static void expect_length(const struct game *game, const union any_position *position, int length)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        union any_position at;
        struct rng rng;
        struct game_result result, lies = game_result(game, &position->p);
        rng_seed(&rng, seed);
        game_copy(game, &at.p, &position->p);
        cr_expect_eq(game->ops->playout(game, &at.p, &rng, &result), length);
        cr_expect(result.over && (length > 2 || result.margin == lies.margin));
    }
}

/* Two consecutive passes end a playout, whatever the rules require; passes before it count. */
Test(go_playout, passes)
{
    struct game game = parse("go:3,suicide=no,passes=4");
    union any_position position;
    draw(&game, &position, "X.X XXX X.X", GAME_BLACK); /* two eyes and nothing else */
    expect_length(&game, &position, 2);
    play(&game, &position, NULL, "pass");
    expect_length(&game, &position, 1);
    play(&game, &position, NULL, "pass");
    expect_length(&game, &position, 0);
}

/* Black captures A4 with A5. White may not recapture and passes, which lifts the ko; black connects at A4, which is not
 * an eye. Every other move of either side would fill its own eye or be suicide. */
Test(go_playout, a_pass_lifts_the_ko)
{
    struct game game = parse("go:5,suicide=no");
    union any_position position;
    draw(&game, &position, ".OO.O OXOOO XXXO. .XXOO X.XO.", GAME_BLACK);
    expect_length(&game, &position, 5);
}

/* A playout has at most three moves per point. */
Test(go_playout, length)
{
    struct game game = parse("go:2,suicide=no");
    struct rng rng;
    int longest = 0;
    rng_seed(&rng, 2);
    for (int i = 0; i < 5000; i++) {
        union any_position at;
        struct game_result result;
        game_init(&game, &at.p);
        int moves = game.ops->playout(&game, &at.p, &rng, &result);
        longest = MAX(longest, moves);
    }
    cr_expect_eq(longest, 12);
}

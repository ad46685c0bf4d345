/* Pass-alive areas: Benson's algorithm against a naive version and against exhaustive search, and the moves that a
 * search prunes. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "games/game.h"
#include "games/go/bits.h"
#include "games/go/board.h"
#include "games/go/go.h"
#include "tests/games/common.h"
#include "tests/games/go/naive_benson.h"
#include "tests/games/go/slow_eye.h"

/* ---- Benson on bit sets against a literal implementation, late in random games ---- */

static int compare_benson(const struct game *game, const struct position *position, int *alive)
{
    unsigned char stone[GAME_MAX_POINTS];
    bool black[GAME_MAX_POINTS], white[GAME_MAX_POINTS];
    int8_t owner[GAME_MAX_POINTS];
    int wrong = 0;
    for (int p = 0; p < game->points; p++)
        stone[p] = (unsigned char)game->ops->stone(game, position, p);
    naive_pass_alive(game->width, stone, GAME_BLACK, go_rules(game).suicide, black);
    naive_pass_alive(game->width, stone, GAME_WHITE, go_rules(game).suicide, white);
    go_pass_alive(game, position, owner);
    for (int p = 0; p < game->points; p++) {
        wrong += owner[p] != black[p] - white[p];
        *alive += owner[p] != 0;
    }
    return wrong;
}

static void benson_against_naive(int size, bool suicide, struct rng *rng)
{
    char spec[60];
    int wrong = 0, alive = 0, compared = 0;
    g_snprintf(spec, sizeof spec, "go:%d,ko=simple,suicide=%s,cap=3000", size, suicide ? "yes" : "no");
    struct game game = parse(spec);
    for (int playing = 0; playing < (size < 10 ? 12 : 2); playing++) {
        union any_position position;
        game_init(&game, &position.p);
        for (int ply = 0; ply < 3 * game.points && !game_over(&position.p); ply++) {
            game_move all[GAME_MAX_MOVES], fit[GAME_MAX_MOVES];
            int count = game.ops->legal_moves(&game, &position.p, NULL, all), fits = 0;
            for (int i = 0; i < count - 1; i++)
                if (!slow_eye(&game, &position.p, all[i]) || rng_below(rng, 30) == 0)
                    fit[fits++] = all[i];
            game_play(&game, &position.p, NULL, fits ? fit[rng_below(rng, (uint32_t)fits)] : game.points);
            if (ply < game.points / 2 || (size > 9 && ply % 16))
                continue;
            compared++;
            wrong += compare_benson(&game, &position.p, &alive);
        }
    }
    cr_expect_eq(wrong, 0, "%s: %d points wrong", spec, wrong);
    cr_expect(compared > 10 && alive > 10, "%s: %d positions, %d points alive", spec, compared, alive);
}

Test(go_benson, benson_agrees_with_a_naive_one)
{
    struct rng rng;
    rng_seed(&rng, 77);
    for (int size = 4; size <= 19; size++)
        for (int suicide = 0; suicide < 2; suicide++)
            benson_against_naive(size, suicide, &rng);
}

/* ---- Benson against an exhaustive search of the opponent's moves while the owner passes ---- */

/* Whether some sequence of the attacker's moves captures the defender's stone on `target`. seen: 3^points. */
static bool can_capture(const struct game *game, const struct position *position, int attacker, int target,
                        uint8_t *seen)
{
    int code = 0;
    for (int p = 0; p < game->points; p++)
        code = code * 3 + (int)game->ops->stone(game, position, p);
    if (game->ops->stone(game, position, target) != (enum game_colour)game_other(attacker))
        return true;
    if (seen[code])
        return false;
    seen[code] = 1;
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, moves);
    for (int i = 0; i < count - 1; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        game_play(game, &next.p, NULL, moves[i]);
        game_play(game, &next.p, NULL, game->points); /* the owner passes */
        if (can_capture(game, &next.p, attacker, target, seen))
            return true;
    }
    return false;
}

static void benson_against_search(const char *spec, int arrangements, bool exact)
{
    struct game game = parse(spec);
    uint8_t *seen = malloc((size_t)arrangements);
    int proved = 0, wrong = 0;
    for (int code = 0; code < arrangements; code++) {
        char drawing[GAME_MAX_POINTS + 1] = {0};
        int8_t owner[GAME_MAX_POINTS];
        union any_position position;
        for (int p = 0, rest = code; p < game.points; p++, rest /= 3)
            drawing[p] = ".XO"[rest % 3];
        if (!game_set_up_drawing(&game, &position.p, drawing, GAME_WHITE, NULL))
            continue;
        go_pass_alive(&game, &position.p, owner);
        for (int p = 0; p < game.points; p++) {
            if (drawing[p] != 'X' || (owner[p] <= 0 && !exact))
                continue;
            memset(seen, 0, (size_t)arrangements);
            bool taken = can_capture(&game, &position.p, GAME_WHITE, p, seen);
            proved += owner[p] > 0;
            wrong += taken == (owner[p] > 0);
        }
    }
    free(seen);
    cr_expect_eq(wrong, 0, "%s: %d chains wrong", spec, wrong);
    cr_expect_gt(proved, 100, "%s: only %d stones proved", spec, proved);
}

/* Without suicide Benson's theorem is exact for chains; with it ours is a proof, but finds fewer. */
/* Callers read as many words as the class of their board has, which may be more than the board fills. */
GO_BITS_INLINE void expect_whole_words(int n, const struct game *game, const struct position *position)
{
    struct go_bits_board board;
    struct go_bits alive[2];
    go_bits_read(n, go_position(position)->cells, go_tables(game)->cells, &board);
    memset(alive, 0xff, sizeof alive);
    go_benson(game, go_position(position), &board, alive);
    cr_expect(!go_bits_any(n, &alive[0]) && !go_bits_any(n, &alive[1]), "nothing is alive on an empty %dx%d board",
              game->width, game->height);
}

Test(go_benson, benson_fills_every_word_in_use)
{
    for (int size = 2; size <= 19; size++) {
        char spec[16];
        union any_position position;
        g_snprintf(spec, sizeof spec, "go:%d", size);
        struct game game = parse(spec);
        game_init(&game, &position.p);
        GO_BITS_DISPATCH(go_tables(&game)->cells, expect_whole_words, &game, &position.p);
    }
}

Test(go_benson, benson_is_exact_on_3x3)
{
    benson_against_search("go:3,ko=simple,suicide=no,passes=4,cap=20000", 19683, true);
}
Test(go_benson, benson_is_sound_with_suicide)
{
    benson_against_search("go:3,ko=simple,suicide=yes,passes=4,cap=20000", 19683, false);
}

/* ---- pruning ---- */

/* An opposing stone in a pass-alive area counts for the opponent until it is captured: the owner of the area may play
 * there, and nobody else; where there is nothing to capture, nobody may. */
Test(go_benson, captures_in_ones_own_area_are_not_pruned)
{
    struct game game = parse("go:6");
    union any_position position;
    const char *drawing = ".X.X.. XXXXXX ..XO.X ..XXXX XXXXXX .X.X.X";
    for (enum game_colour colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
        uint8_t keep[GAME_MAX_MOVES];
        memset(keep, 1, sizeof keep);
        draw(&game, &position, drawing, colour);
        game.ops->prune(&game, &position.p, keep);
        cr_expect_eq(keep[at(&game, "E4")], colour == GAME_BLACK);
        cr_expect(!keep[at(&game, "A4")] && !keep[at(&game, "E6")] && keep[at(&game, "pass")]);
    }
}

/* Adds the points connected to p through points of `area` without a stone of the side to move. */
static void spread(const struct game *game, const struct position *position, const int8_t *area, int sign, int p,
                   bool *mark)
{
    static const int steps[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    if (mark[p] || area[p] != sign || game->ops->stone(game, position, p) == position->colour)
        return;
    mark[p] = true;
    for (int i = 0; i < 4; i++) {
        int x = p % game->width + steps[i][0], y = p / game->width + steps[i][1];
        if (x >= 0 && y >= 0 && x < game->width && y < game->height)
            spread(game, position, area, sign, y * game->width + x, mark);
    }
}

/* Pruned are all empty points of pass-alive areas, except in the mover's own regions with stones to capture, and all of
 * the mover's eyes. */
static void compare_pruned(const struct game *game, const struct position *position, int *pruned)
{
    uint8_t keep[GAME_MAX_MOVES];
    int8_t area[GAME_MAX_POINTS];
    bool captures[GAME_MAX_POINTS] = {false};
    int sign = position->colour == GAME_BLACK ? 1 : -1;
    memset(keep, 1, sizeof keep);
    game->ops->prune(game, position, keep);
    go_pass_alive(game, position, area);
    for (int p = 0; p < game->points; p++)
        if (game->ops->stone(game, position, p) == (enum game_colour)game_other(position->colour))
            spread(game, position, area, sign, p, captures);
    for (int p = 0; p < game->points; p++) {
        bool empty = game->ops->stone(game, position, p) == GAME_EMPTY, eye = empty && slow_eye(game, position, p);
        bool wanted = empty && ((area[p] != 0 && !captures[p]) || eye);
        cr_assert_eq(!keep[p], wanted, "size %d, ply %d, point %d", game->width, position->ply, p);
        pruned[0] += wanted && eye && !area[p];
        pruned[1] += wanted && !eye;
        pruned[2] += empty && area[p] != 0 && !wanted;
    }
    cr_assert(keep[game->pass]);
}

Test(go_benson, pruning_point_by_point)
{
    static const char *const specs[] = {"go:4,cap=200", "go:6,cap=300,suicide=no", "go:9,cap=400", "go:13,cap=600",
                                        "go:19,cap=1200,suicide=no"};
    struct rng rng;
    int pruned[3] = {0};
    rng_seed(&rng, 18);
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = parse(specs[i]);
        for (int round = 0; round < (game.width < 10 ? 12 : 1); round++) {
            union any_position position;
            game_init(&game, &position.p);
            while (!game_over(&position.p)) {
                if (game.width < 10 || position.p.ply % 40 == 0)
                    compare_pruned(&game, &position.p, pruned);
                game_move move = random_move(&game, &position.p, NULL, &rng);
                if (move != game.pass && slow_eye(&game, &position.p, move) && rng_below(&rng, 20))
                    move = game.pass;
                game_play(&game, &position.p, NULL, move);
            }
        }
    }
    for (int i = 0; i < 3; i++)
        cr_expect(pruned[i] > 50, "kind %d: %d", i, pruned[i]);
}

/* Whether white, moving alone, can make a point of black's area pass-alive for white. */
static bool can_live(const struct game *game, const struct position *position, const int8_t *black, uint8_t *seen)
{
    int8_t owner[GAME_MAX_POINTS];
    int code = 0;
    for (int p = 0; p < game->points; p++)
        code = code * 3 + (int)game->ops->stone(game, position, p);
    if (seen[code])
        return false;
    seen[code] = 1;
    go_pass_alive(game, position, owner);
    for (int p = 0; p < game->points; p++)
        if (owner[p] < 0 && black[p] > 0)
            return true;
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, moves);
    for (int i = 0; i < count - 1; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        game_play(game, &next.p, NULL, moves[i]);
        game_play(game, &next.p, NULL, game->points);
        if (can_live(game, &next.p, black, seen))
            return true;
    }
    return false;
}

/* White cannot live in black's pass-alive regions, on 3x3, with or without suicide. */
static void regions_hold(const char *spec)
{
    enum { ARRANGEMENTS = 19683 };
    static uint8_t seen[ARRANGEMENTS];
    struct game game = parse(spec);
    int regions = 0, lost = 0;
    for (int code = 0; code < ARRANGEMENTS; code++) {
        char drawing[10] = {0};
        int8_t owner[GAME_MAX_POINTS];
        union any_position position;
        bool claimed = false;
        for (int p = 0, rest = code; p < 9; p++, rest /= 3)
            drawing[p] = ".XO"[rest % 3];
        if (!game_set_up_drawing(&game, &position.p, drawing, GAME_WHITE, NULL))
            continue;
        go_pass_alive(&game, &position.p, owner);
        for (int p = 0; p < 9; p++)
            claimed |= owner[p] > 0 && drawing[p] != 'X';
        if (!claimed)
            continue;
        memset(seen, 0, sizeof seen);
        regions++;
        lost += can_live(&game, &position.p, owner, seen);
    }
    cr_expect_eq(lost, 0, "%s: white lives in %d of %d", spec, lost, regions);
    cr_expect_gt(regions, 50, "%s: only %d", spec, regions);
}

Test(go_benson, pass_alive_regions_hold)
{
    regions_hold("go:3,ko=simple,suicide=no,passes=4,cap=20000");
    regions_hold("go:3,ko=simple,suicide=yes,passes=4,cap=20000");
}

/* ---- the cached result is returned only for the same board and rules ---- */

static void expect_alive(const char *spec, const char *drawing, int black, int white)
{
    struct game game = parse(spec);
    union any_position position;
    int8_t owner[GAME_MAX_POINTS];
    int found[2] = {0};
    draw(&game, &position, drawing, GAME_BLACK);
    go_pass_alive(&game, &position.p, owner);
    for (int p = 0; p < game.points; p++) {
        found[0] += owner[p] > 0;
        found[1] += owner[p] < 0;
    }
    cr_expect(found[0] == black && found[1] == white, "%s, %s: %d, %d", spec, drawing, found[0], found[1]);
}

/* Each query differs from the one before in one respect: white's stones, black's, the rules, or the size, with the
 * stones in the same cells. */
Test(go_benson, the_cache_tells_queries_apart)
{
    static const char cross[] = "XXXX. XX.XX X.O.X XX.XX XXXXX"; /* a stone adjacent to no black one */
    for (int round = 0; round < 2; round++) {
        expect_alive("go:5,suicide=no", ".X.X. XXXXX ..... ..... .....", 10, 0);
        expect_alive("go:5,suicide=no", ".X.X. XXXXX ..... OOOOO .O.O.", 10, 10);
        expect_alive("go:5,suicide=no", "....X XXXXX ..... OOOOO .O.O.", 0, 10);
        expect_alive("go:5,suicide=no", cross, 25, 0);
        expect_alive("go:5,suicide=yes", cross, 0, 0);
        expect_alive("go:2,suicide=yes", ".X X.", 4, 0);
        expect_alive("go:3,suicide=yes", "X.X ... ...", 0, 0);
    }
}

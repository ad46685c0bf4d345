/* Dead stones and seki: chains against a plain labelling, and each step after the playouts on boards by hand. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/go/go.h"
#include "games/go/ops.h"
#include "tests/games/common.h"

/* ---- chains ---- */

static void label(const struct game *game, const struct position *position, int p, int number, int *chain)
{
    static const int steps[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    chain[p] = number;
    for (int i = 0; i < 4; i++) {
        int x = p % game->width + steps[i][0], y = p / game->width + steps[i][1], to = y * game->width + x;
        if (x >= 0 && y >= 0 && x < game->width && y < game->height && chain[to] < 0 &&
            game->ops->stone(game, position, to) == game->ops->stone(game, position, p))
            label(game, position, to, number, chain);
    }
}

Test(go_dead, chains_have_their_lowest_points_number)
{
    static const char *const specs[] = {"go:2,cap=30", "go:5,cap=100", "go:9,cap=200"};
    struct rng rng;
    rng_seed(&rng, 6);
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = parse(specs[i]);
        union any_position position;
        game_init(&game, &position.p);
        while (!game_over(&position.p)) {
            int chain[GAME_MAX_POINTS], wanted[GAME_MAX_POINTS];
            for (int p = 0; p < game.points; p++)
                wanted[p] = -1;
            for (int p = 0; p < game.points; p++)
                if (game.ops->stone(&game, &position.p, p) != GAME_EMPTY && wanted[p] < 0)
                    label(&game, &position.p, p, p, wanted);
            go_chains(&game, &position.p, chain);
            cr_assert_arr_eq(chain, wanted, game.points * sizeof *chain);
            game_play(&game, &position.p, NULL, random_move(&game, &position.p, NULL, &rng));
        }
    }
}

/* ---- a map of who holds what decides, but for what Benson proves ---- */

/* wanted: 'd' on dead stones. */
static void judged(const char *drawing, const int *map, const char *wanted)
{
    struct game game = parse("go:5");
    union any_position position;
    int chain[25];
    uint8_t dead[25];
    bool doubtful[25];
    draw(&game, &position, drawing, GAME_BLACK);
    go_chains(&game, &position.p, chain);
    go_judge_chains(&game, &position.p, map, 30, GO_LIVES, chain, dead, doubtful);
    for (int p = 0; p < 25; p++)
        cr_expect_eq(dead[p], wanted[p + p / 5] == 'd', "point %d of %s", p, drawing);
}

/* Of 30 playouts a third more than half has to go well: 3 stones need 30 points in all, one stone needs 10. */
Test(go_dead, the_share_of_a_chain_decides)
{
    static const char drawing[] = "XXX.. ..... OOO.. ..... ....X";
    int map[25] = {5, 14, 11, 0, 0, -100, -100, -100, -100, -100, -5, -24, -1};
    map[24] = 10;
    judged(drawing, map, "..... ..... ..... ..... .....");
    map[0] = 4;
    judged(drawing, map, "ddd.. ..... ..... ..... .....");
    map[0] = 5;
    map[10] = -4;
    map[24] = 9;
    judged(drawing, map, "..... ..... ddd.. ..... ....d");
}

/* Near the threshold the fate of a chain is in doubt, unless it is pass-alive. */
Test(go_dead, shares_near_the_threshold_are_doubtful)
{
    struct game game = parse("go:5");
    union any_position position;
    int chain[25], map[25] = {0};
    uint8_t dead[25];
    bool doubtful[25];
    draw(&game, &position, "X.O.. ..... .O.X. OOO.. .O.O.",
         GAME_BLACK); /* white is not pass-alive: A1 and C1 are open */
    map[0] = 50, map[2] = -10, map[13] = -30;
    go_chains(&game, &position.p, chain);
    go_judge_chains(&game, &position.p, map, 100, GO_LIVES, chain, dead, doubtful);
    cr_expect(doubtful[0] && doubtful[11] == false && !doubtful[13]);
    cr_expect_not(doubtful[2], "10 of 100 is dead beyond doubt");
    draw(&game, &position, ".X.O. XXXOO ..... ..... .....", GAME_BLACK);
    for (int p = 0; p < 25; p++)
        map[p] = 33;
    go_chains(&game, &position.p, chain);
    go_judge_chains(&game, &position.p, map, 100, GO_LIVES, chain, dead, doubtful);
    cr_expect(doubtful[1]);
    draw(&game, &position, ".X.XO XXXXO ..... ..... .....", GAME_BLACK);
    go_chains(&game, &position.p, chain);
    go_judge_chains(&game, &position.p, map, 100, GO_LIVES, chain, dead, doubtful);
    cr_expect_not(doubtful[1]);
}

/* A chain is pass-alive and a stone of the other colour lies in its area, whatever the map says. */
Test(go_dead, proofs_come_before_the_map)
{
    int map[25];
    for (int colour = -1; colour <= 1; colour += 2) {
        for (int p = 0; p < 25; p++)
            map[p] = colour;
        judged("O.X.X XXXXX ..... ..... .....", map, "d.... ..... ..... ..... .....");
        judged("X.O.O OOOOO ..... ..... .....", map, "d.... ..... ..... ..... .....");
    }
}

/* ---- seki ---- */

/* wanted: 'd' stones are dead, 's' live in seki. */
static void in_seki(const char *spec, const char *drawing, const char *wanted)
{
    struct game game = parse(spec);
    union any_position position;
    int chain[GAME_MAX_POINTS];
    uint8_t dead[GAME_MAX_POINTS] = {0}, seki[GAME_MAX_POINTS];
    draw(&game, &position, drawing, GAME_BLACK);
    for (int p = 0; p < game.points; p++)
        dead[p] = wanted[p + p / game.width] == 'd';
    go_chains(&game, &position.p, chain);
    go_find_seki(&game, &position.p, chain, dead, seki);
    for (int p = 0; p < game.points; p++)
        cr_expect_eq(seki[p], wanted[p + p / game.width] == 's', "point %d of %s", p, drawing);
}

Test(go_dead, who_touches_dame_alone_lives_in_seki)
{
    in_seki("go:5", "XX.OO XX.OO XXOOO XXXOO XXXOO", "ss.ss ss.ss sssss sssss sssss");
    in_seki("go:5", ".X.O. XX.OO XXOOO XXXOO XXXOO", ".s.s. ss.ss sssss sssss sssss"); /* an eye each */
    in_seki("go:5", ".X.OO XX.OO XXOOO XXXOO XXXOO", ".s.ss ss.ss sssss sssss sssss"); /* one has an eye */
    in_seki("go:5", "XX.O. XX.OO XXOOO XXXOO XXXOO", "ss.s. ss.ss sssss sssss sssss");
    in_seki("go:5", ".X.OO XX.OO XXOOO .XXOO XXXOO", "...ss ...ss ..sss ...ss ...ss"); /* one has two */
    in_seki("go:5", ".X.O. XX.OO XXOOO .XXOO XXXOO", "..... ..... ..... ..... ....."); /* the other one */
    in_seki("go:3", "... ... ...", "... ... ...");
    in_seki("go:3", "... .X. ...", "... ... ...");
}

/* Dead stones are no neighbours, and the points under them belong to a region like empty ones. */
Test(go_dead, regions_run_on_under_dead_stones)
{
    in_seki("go:5", "X...O X.O.O X...O XXXOO XXXOO", "s...s s.d.s s...s sssss sssss");
    in_seki("go:5", "OX.OO .X.OO XX.OO XXXOO XXXOO", "ds.ss .s.ss ss.ss sssss sssss");
    in_seki("go:5", "OX.OO .X.OO XX.OO XXXOO XXXOO", "ss.ss .s.ss ss.ss sssss sssss");
}

/* Chains at one region are one group: what one has for itself is the others' too, whichever region comes first. */
Test(go_dead, chains_that_share_a_region_share_its_territory)
{
    in_seki("go:5", "XX.OO XX.OO .XXOO XX.OO .X.OO", "...ss ...ss ...ss ...ss ...ss");
    in_seki("go:5", "XX.OO XXXOO .XXOO XXXOO X.XOO", "...ss ...ss ...ss ...ss ...ss");
    /* White's chain with eyes at B2 and A1 shares row 4 with another, which so has them, too. */
    in_seki("go:7", "XX.OOOO XXXOOOO OOOXXXX ...XXXX OOOXXXX O.OXXXX .OOXX.X",
            "ss.ssss sssssss ....... ....... ....... ....... .......");
    in_seki("go:7", ".OOXX.X O.OXXXX OOOXXXX ...XXXX OOOXXXX XXXOOOO XX.OOOO",
            "....... ....... ....... ....... ....... sssssss ss.ssss");
}

/* A pass-alive chain is in no seki, even where live stones stand in all its regions; neither are they. */
Test(go_dead, pass_alive_chains_are_in_no_seki)
{
    in_seki("go:5,suicide=no", "O.XO. XXXXX ..... ..... .....", "..... ..... ..... ..... .....");
    in_seki("go:5,suicide=no", "X.OX. OOOOO ..... ..... .....", "..... ..... ..... ..... .....");
}

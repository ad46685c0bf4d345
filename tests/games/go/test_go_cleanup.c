/* The cleanup phase, in which territory scoring needs no agreement on dead stones. */
#include <criterion/criterion.h>
#include <string.h>

#include "games/game.h"
#include "games/go/go.h"
#include "tests/games/common.h"

/* The white stone at B4 is dead, but black is not pass-alive. White lives on the right. */
static const char board[] = ". . X O . O\n"
                            ". . X O O .\n"
                            ". O X O . O\n"
                            ". . X O O O\n"
                            "X X X X O .\n"
                            "X X X X O .";

static double margin_of(const struct game *game, const union any_position *position)
{
    return (double)game_result(game, &position->p).margin;
}

static void expect_sound(const struct game *game, const union any_position *position)
{
    const char *wrong = game->ops->check(game, &position->p);
    cr_assert_null(wrong, "%s", wrong);
}

/* Two passes begin it, and two more end it. In it, a pass costs a point. */
Test(go_cleanup, passes)
{
    struct game game = parse("go:6,rules=japanese,komi=0.5,cleanup=yes");
    union any_position at;
    draw(&game, &at, board, GAME_BLACK);
    uint64_t hash = at.p.hash;
    play(&game, &at, NULL, "pass pass");
    cr_expect_not(game_over(&at.p));
    cr_expect_neq(at.p.hash, hash, "another phase is another state");
    cr_expect(go_prisoners(&at.p, 0) == 0 && go_prisoners(&at.p, 1) == 0, "free passes");
    play(&game, &at, NULL, "pass");
    cr_expect(go_prisoners(&at.p, 0) == 0 && go_prisoners(&at.p, 1) == 1);
    cr_expect_not(game_over(&at.p));
    expect_sound(&game, &at);
    play(&game, &at, NULL, "pass");
    cr_expect(game_over(&at.p));
    cr_expect(go_prisoners(&at.p, 0) == 1 && go_prisoners(&at.p, 1) == 1);
}

/* Capturing a dead stone there costs nothing, since the opponent pays for each move with a pass; a dead stone that
 * stays on the board spoils the area around it. */
Test(go_cleanup, capturing_is_free)
{
    struct game game = parse("go:6,rules=japanese,komi=0.5,cleanup=yes");
    struct game_count count;
    union any_position at;
    uint8_t dead[36] = {[13] = 1};
    draw(&game, &at, board, GAME_BLACK);
    go_count(&game, &at.p, dead, &count, NULL);
    cr_expect(count.territory[0] == 8 && count.prisoners[0] == 1);
    play(&game, &at, NULL, "pass pass A4 pass B3 pass B5 pass");
    cr_expect_eq(go_prisoners(&at.p, 0), 4, "one captured, three paid");
    play(&game, &at, NULL, "pass");
    cr_assert_not(game_over(&at.p), "black moved first, so white has paid for one move less");
    play(&game, &at, NULL, "pass");
    cr_assert(game_over(&at.p));
    cr_expect_eq(margin_of(&game, &at), (double)count.margin);
    draw(&game, &at, board, GAME_BLACK);
    play(&game, &at, NULL, "pass pass pass pass");
    cr_expect_eq(margin_of(&game, &at), (double)count.margin - 9);
}

/* Stones in the opponent's pass-alive area are dead without being captured. */
Test(go_cleanup, pass_alive_areas)
{
    struct game game = parse("go:5,rules=japanese,komi=0,cleanup=yes");
    union any_position at;
    draw(&game, &at, ". X . X O\nX X X X .\n. X . X .\nX X X X X\nO . X . O", GAME_WHITE);
    int8_t alive[25];
    go_pass_alive(&game, &at.p, alive);
    cr_assert(alive[4] == 1 && alive[20] == 1 && alive[24] == 1);
    play(&game, &at, NULL, "pass pass pass pass");
    cr_assert(game_over(&at.p));
    /* 8 empty points, and three dead stones count twice each; the paid passes cancel out. */
    cr_expect_eq(margin_of(&game, &at), 8 + 2 * 3);
    cr_expect_eq(at.p.outcome, GAME_WON_0);
}

/* Nor do they spoil the area around them on the map of owners, from which nets learn: it is counted as the result is. */
Test(go_cleanup, map_of_owners)
{
    static const char stones[] = ". X . X O\nX X X X .\n. X . X .\nX X X X X\nO . X . O";
    struct game game = parse("go:5,rules=japanese,komi=0,cleanup=yes"), area = parse("go:5,rules=chinese");
    union any_position at;
    int8_t map[25];
    draw(&game, &at, stones, GAME_WHITE);
    play(&game, &at, NULL, "pass pass pass pass");
    game.ops->final_map(&game, &at.p, map);
    for (int p = 0; p < 25; p++)
        cr_expect_eq(map[p], 1, "point %d", p);
    draw(&area, &at, stones, GAME_WHITE);
    area.ops->final_map(&area, &at.p, map);
    cr_expect(map[4] == -1 && map[9] == 0 && map[20] == -1 && map[21] == 0, "by area, only captured stones are dead");
}

/* By area, it changes nothing. */
Test(go_cleanup, not_by_area)
{
    struct game game = parse("go:6,rules=chinese,cleanup=yes"), plain = parse("go:6,rules=chinese");
    union any_position at, same;
    draw(&game, &at, board, GAME_BLACK);
    draw(&plain, &same, board, GAME_BLACK);
    play(&game, &at, NULL, "pass pass");
    play(&plain, &same, NULL, "pass pass");
    cr_expect(game_over(&at.p) && at.p.hash == same.p.hash && margin_of(&game, &at) == margin_of(&plain, &same));
}

/* What searches play: the same positions, until the passes. */
Test(go_cleanup, unattended)
{
    char spec[GAME_SPEC_MAX];
    struct game japanese = parse("go:6,rules=japanese,komi=0.5"), area = parse("go:6,rules=aga");
    struct game search = game_unattended(&japanese), other = game_unattended(&area);
    cr_expect_str_eq(game_format(&search, spec), "go:6,komi=0.5,rules=japanese,cleanup=yes");
    cr_expect(game_equal(&other, &area));
    union any_position played, searched;
    draw(&japanese, &played, board, GAME_BLACK);
    draw(&search, &searched, board, GAME_BLACK);
    play(&japanese, &played, NULL, "A4 F1 B3 pass B5");
    play(&search, &searched, NULL, "A4 F1 B3 pass B5");
    cr_expect_eq(memcmp(&played, &searched, japanese.position_bytes), 0);
    play(&japanese, &played, NULL, "pass pass");
    cr_expect(game_over(&played.p));
}

/* With the same stones, a prisoner more is another state, since it decides the result; by area it is not. */
Test(go_cleanup, prisoners_are_part_of_the_hash)
{
    struct game japanese = parse("go:5,rules=japanese,cleanup=yes"), area = parse("go:5,rules=chinese");
    static const char drawing[] = ". X . . .\nX O . . .\n. X . . .\n. . . . .\n. . . . .";
    const struct game *const games[] = {&japanese, &area};
    for (int i = 0; i < 2; i++) {
        union any_position at, other;
        draw(games[i], &at, drawing, GAME_BLACK);
        play(games[i], &at, NULL, "C4");
        expect_sound(games[i], &at);
        draw(games[i], &other, ". X . . .\nX . X . .\n. X . . .\n. . . . .\n. . . . .", GAME_WHITE);
        cr_expect_eq(at.p.stones_hash, other.p.stones_hash);
        cr_expect_eq(at.p.hash != other.p.hash, i == 0);
    }
}

/* Random playouts of a settled board find its margin, whoever moves and however many stones each has played. */
Test(go_cleanup, playouts)
{
    struct game game = parse("go:7,rules=japanese,komi=0.5,cleanup=yes");
    union any_position start, at;
    struct game_count count;
    struct rng rng;
    struct game_result result;
    draw(&game, &start,
         ". X . X O . O\nX X X X O O .\n. . . X O . O\n. . . X O O O\nX X X X O . .\n. X . X O O O\nX X X X O . O",
         GAME_WHITE);
    go_count(&game, &start.p, NULL, &count, NULL);
    rng_seed(&rng, 3);
    double sum = 0;
    for (int i = 0; i < 400; i++) {
        game_copy(&game, &at.p, &start.p);
        game.ops->playout(&game, &at.p, &rng, &result);
        sum += (double)result.margin;
    }
    cr_expect_float_eq(sum / 400, (double)count.margin, 1, "%g, not %g", sum / 400, (double)count.margin);
}

/* Seki, dead stones and the end of the game on whole boards, where playouts and reading have their say. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/go/go.h"
#include "tests/games/common.h"

/* wanted: 'd' on dead stones, 's' on stones in seki. margin: with them, by the rules. */
static void found(const char *spec, const char *drawing, const char *wanted, double margin)
{
    struct game game = parse(spec);
    for (int colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
        union any_position position;
        uint8_t dead[GAME_MAX_POINTS], seki[GAME_MAX_POINTS];
        struct game_count count;
        draw(&game, &position, drawing, (enum game_colour)colour);
        go_find_dead(&game, &position.p, dead, seki);
        for (int p = 0; p < game.points; p++) {
            const char want = wanted[p + p / game.width];
            cr_expect_eq(dead[p] != 0, want == 'd', "%s: point %d of %s", spec, p, drawing);
            cr_expect_eq(seki[p] != 0, want == 's', "%s: point %d of %s", spec, p, drawing);
        }
        go_count(&game, &position.p, dead, &count, NULL);
        cr_expect_float_eq((double)count.margin, margin, 1e-6, "%s: %g", spec, (double)count.margin);
    }
}

/* Neither may play at C9: the other would capture. By territory the eyes at A9 and E9 do not count. Area:
 * white holds A7 to C7, C6 to C1 and the 12 points left of them, 5 stones and an eye above; black 25 more. */
Test(go_finished, eye_against_eye_is_seki)
{
    static const char drawing[] = ".X.O.OX.. XXXOOOX.. OOOXXXX.. ..OX..... ..OX..... ..OX..... ..OX..... ..OX..... ..OX.....";
    static const char seki[] = ".s.s.s... ssssss... ......... ......... ......... ......... ......... ......... .........";
    found("go:9,rules=chinese,komi=0", drawing, seki, 26);
    found("go:9,rules=japanese,komi=0", drawing, seki, 24);
}

/* C9 to C7 and E9, E8, E7, D7 share the liberties D9 and D8: whoever plays there is captured. */
Test(go_finished, two_shared_liberties_are_seki)
{
    static const char drawing[] = ".XO.XO... .XO.XO... .XOXXO... .XXOOO... ..XO..... ..XO..... ..XO..... ..XO..... ..XO.....";
    static const char wanted[] = "..s.s.... ..s.s.... ..sss.... ......... ......... ......... ......... ......... .........";
    found("go:9,rules=chinese,komi=0", drawing, wanted, -23);
    found("go:9,rules=japanese,komi=0", drawing, wanted, -23);
}

/* A game that GNU Go finished. White cannot capture H8: at H7 it would put itself into atari, and J9 is answered by the
 * capture of two stones at G9, which White can only undo by a capture at H9: nothing has changed. Nor can Black capture, since
 * J9 is answered by the capture of three stones at H7. By area White has the eye at G9; 26 stones each, and 21 points against 6. */
Test(go_finished, repeated_captures_do_not_kill)
{
    static const char drawing[] = "..XOOO.O. .X.XXOOXX .....XO.O XXXX.XOOO XOXOXOOXO OOOOXXOXX ..OX..XX. O.OX.X... ..OOX....";
    static const char wanted[] = "...sss.s. .....ssss ......s.s ......sss .....ss.s ......s.. ......... ......... .........";
    found("go:9,rules=chinese,komi=0", drawing, wanted, 15);
    found("go:9,rules=japanese,komi=0", drawing, wanted, 16);
}

/* The white stones at A9 and B8 have no room for two eyes in black's corner; the black one at J1 none in white's. Black
 * has five points in seven rows and six in two. */
Test(go_finished, stones_without_room_for_eyes_are_dead)
{
    found("go:9,rules=chinese,komi=0",
          "O.X.XO... .OX.XO... ..XX.XO.. XXX.XXO.. ....XO... ....XO... ....XO... ....XO... ....XO..X",
          "d........ .d....... ......... ......... ......... ......... ......... ......... ........d", 47 - 34);
}

static bool finished(const char *spec, const char *drawing)
{
    struct game game = parse(spec);
    union any_position position;
    uint8_t dead[GAME_MAX_POINTS];
    draw(&game, &position, drawing, GAME_BLACK);
    return go_is_finished(&game, &position.p, dead);
}

Test(go_finished, a_closed_board_is_finished)
{
    static const char closed[] = "..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO.....";
    cr_expect(finished("go:9,rules=chinese", closed));
    cr_expect(finished("go:9,rules=japanese", closed));
}

/* A point that only one of the two can have is worth one by area, and nothing by territory. */
Test(go_finished, dame_are_left_to_play_by_area)
{
    static const char dame[] = "..XO..... ..XO..... ..XO..... ..X.O.... ..XOO.... ..XO..... ..XO..... ..XO..... ..XO.....";
    cr_expect_not(finished("go:9,rules=chinese", dame));
    cr_expect(finished("go:9,rules=japanese", dame));
}

/* An open border, a stone in atari, and boards on which nothing is settled. */
Test(go_finished, something_is_left_to_play)
{
    static const char *const drawings[] = {
        "..X...... ..X.O.... ..X.O.... ..XO..... ..XO..... ..XO..... ..XO..... ..XO..... ..XO.....",
        "..XO..... ..XO..... ..XO..... .XO.O.... ..XO..... ..XO..... ..XO..... ..XO..... ..XO.....",
        "......... ......... ..X...X.. ......... ......... ......... ..O...O.. ......... .........",
        "......... ......... ......... ......... ......... ......... ......... ......... .........",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(drawings); i++) {
        cr_expect_not(finished("go:9,rules=chinese", drawings[i]), "%s", drawings[i]);
        cr_expect_not(finished("go:9,rules=japanese", drawings[i]), "%s", drawings[i]);
    }
}

/* Black can capture at J7, but neither the stone that does so nor those at H6 and J5 live by it. */
Test(go_finished, a_capture_that_gains_nothing_is_not_left_to_play)
{
    cr_expect(finished("go:9,rules=japanese", ".....O... ....O.OO. OOOOO..O. XOXXO.OXO XXX.XO.XX .XO.XOOOO ...O.XXXX ..X.X.... "
                                              "........."));
}

/* The middle of a game has no settled points. In the other the neutral point D6 belongs to nobody. */
Test(go_finished, settled_points)
{
    static const char dame[] = "..XO..... ..XO..... ..XO..... ..X.O.... ..XOO.... ..XO..... ..XO..... ..XO..... ..XO.....";
    struct game game = parse("go:9,rules=japanese");
    union any_position position;
    int8_t settled[GAME_MAX_POINTS];
    draw(&game, &position, dame, GAME_BLACK);
    cr_assert(go_find_settled(&game, &position.p, settled, NULL));
    for (int p = 0; p < game.points; p++)
        cr_expect_eq(settled[p], p == 30 ? 0 : p % 9 < 3 ? 1 : -1, "point %d: %d", p, settled[p]);
    draw(&game, &position, "......... ......... ..X...X.. ......... ......... ......... ..O...O.. ......... .........", GAME_BLACK);
    cr_expect_not(go_find_settled(&game, &position.p, settled, NULL));
}

/* The points between groups in seki stay as they are by any rules. */
Test(go_finished, a_seki_leaves_nothing_to_play)
{
    static const char seki[] = ".XO.XO... .XO.XO... .XOXXO... .XXOOO... ..XO..... ..XO..... ..XO..... ..XO..... ..XO.....";
    cr_expect(finished("go:9,rules=chinese", seki));
    cr_expect(finished("go:9,rules=japanese", seki));
}

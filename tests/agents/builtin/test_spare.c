/* The end of a game by territory: what is at stake is played, the rest is passed. The positions are from games of the net that ships,
 * in which it once passed here, or rightly did. */
#include <criterion/criterion.h>
#include <string.h>

#include "agents/agent.h"
#include "games/game.h"
#include "tests/agents/open.h"

/* The move of net:default with 64 visits. */
static const char *choose(const char *drawing, enum game_colour colour, bool passed, uint64_t seed, char *text)
{
    struct game game;
    union any_position position;
    struct agent_choice choice;
    struct agent *agent = open_agent_for("net:default,visits=64", &game, "go:9,rules=japanese,komi=6.5");
    cr_assert(game_set_up_drawing(&game, &position.p, drawing,
                                  passed ? (enum game_colour)game_other((int)colour) : colour, NULL));
    cr_assert(agent_start_from(agent, &position.p, NULL, seed, NULL));
    if (passed)
        cr_assert(agent_moved(agent, game.pass, NULL));
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    game_move_format(&game, choice.move, text);
    agent_close(agent);
    return text;
}

struct spare_case {
    const char *drawing;
    enum game_colour colour;
    bool passed; /* the opponent's last move was a pass */
    const char *moves;
};

static void expect_moves(const struct spare_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            char text[GAME_MOVE_TEXT_MAX];
            choose(cases[i].drawing, cases[i].colour, cases[i].passed, seed, text);
            cr_expect(strstr(cases[i].moves, text), "case %zu, seed %d: %s, not %s", i, (int)seed, text,
                      cases[i].moves);
        }
}

/* A race to capture that the side to move wins, which a search of 64 visits does not look at by itself: the four stones around D3 against
 * the six around C3. */
Test(spare, contested_points_are_tried)
{
    static const char race[] =
        "O........ ..O.OX... ...XOX... ..XXX.XX. XXXOOX..X XOOXOOXXO XXOXOOOOO XXOXXO... .OO....O.";
    static const struct spare_case cases[] = {{race, GAME_BLACK, false, "A1 D1"}, {race, GAME_WHITE, true, "D1 E1"}};
    expect_moves(cases, G_N_ELEMENTS(cases));
}

/* Reading sees nothing to gain, since each chain by itself is safe. E7 threatens two things at once; D9 makes a second eye; G7 saves three
 * points. */
Test(spare, a_search_finds_what_reading_overlooks)
{
    static const struct spare_case cases[] = {
        {"..XOOXX.. ..XO.OXXX .XXO.OX.X .OXO.XOXX .XOO..OOO X.XXOO... .XX.XOX.. ...XXO.OO ...XOO...", GAME_BLACK, true,
         "E7"},
        {"..X.O.... ..XO.O.X. XOXXOOOO. .X.XXXXOO .XXXXOOOX XXOOOXXXX XOOXXXX.X OOOXOOOXX O.OO.O.O.", GAME_WHITE, false,
         "D9 G9"},
        {"XXXX.XO.. ..X.XXO.. ..X..X.O. X...XXO.. XX...XXO. XXXX..XO. ..XXXXOO. OOXOOO... .XXO.....", GAME_BLACK, false,
         "G7"},
    };
    expect_moves(cases, G_N_ELEMENTS(cases));
}

/* Nothing is left: a search thinks that the best of many moves gains half a point or one. */
Test(spare, the_rest_is_passed)
{
    static const struct spare_case cases[] = {
        {".OX.O.... OXXXXO.O. .O.XOOO.. .XXXXX.OO .XOX.XXXX XXOOOOXOX ..XXOOOOX XXXXXO.OX ..OXO.O..", GAME_BLACK, false,
         "pass"},
        {"..O...... XOOO..... O.OXOOO.. .OXXXX.OO XOOOXXXXX .XXOXOOOX .X.XX...O X.X..XXO. .......O.", GAME_BLACK, false,
         "pass"},
        {".X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O .X.XO.O.O", GAME_BLACK, false,
         "pass"},
    };
    expect_moves(cases, G_N_ELEMENTS(cases));
}

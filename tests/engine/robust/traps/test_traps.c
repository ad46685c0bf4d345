/* The answers of traps, held against a search of all continuations, and what is counted as right. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agent.h"
#include "engine/robust/traps/judge.h"
#include "engine/robust/traps/traps.h"
#include "games/game.h"
#include "games/go/go.h"
#include "tests/engine/robust/traps/solver.h"

enum { IMAGES = 8 };

static GArray *make(const char *spec)
{
    struct game game;
    GArray *traps = g_array_new(FALSE, FALSE, sizeof(struct trap));
    cr_assert(game_parse(&game, spec, NULL));
    traps_make(&game, traps);
    return traps;
}

static const struct trap *trap_at(const GArray *traps, guint i)
{
    return &g_array_index(traps, struct trap, i);
}

/* Sizes up to which the search of all continuations ends soon. */
static const int solvable[TRAP_KINDS] = {
    [TRAP_LADDER] = 1, [TRAP_RACE] = 3, [TRAP_CYCLE] = 24, [TRAP_SEKI] = 4, [TRAP_CORNER] = 1};

static char *describe(const struct trap *trap, char text[160])
{
    g_snprintf(text, 160, "%s of size %d on %dx%d, %s to move", trap_kind_texts[trap->kind].name, trap->size,
               trap->game.width, trap->game.width, trap->to_move == GAME_BLACK ? "black" : "white");
    return text;
}

static void check_moves(struct solver *s, const struct trap *trap, const struct position *position,
                        struct history *history)
{
    char text[160], name[GAME_MOVE_TEXT_MAX];
    bool some = false, all = true;
    for (int move = 0; move < trap->game.moves; move++) {
        if (!trap->game.ops->legal(&trap->game, position, history, (game_move)move))
            continue;
        if (move < trap->game.points && trap->settled[move]) {
            cr_expect_eq(trap->right[move], trap->right[trap->game.pass]); /* it changes as little as a pass */
            continue;
        }
        const enum solved result = solver_solve(s, position, history, (game_move)move);
        cr_expect_neq(result, SOLVED_OPEN, "%s: too long", describe(trap, text));
        some |= result == SOLVED_WON;
        all &= result == SOLVED_WON;
        if (trap->asks)
            cr_expect_eq(trap->right[move] != 0, result == SOLVED_WON, "%s: %s", describe(trap, text),
                         game_move_format(&trap->game, (game_move)move, name));
    }
    cr_expect_eq(trap->asks, some && !all, "%s", describe(trap, text));
}

static void check(const struct trap *trap)
{
    union any_position position;
    struct history history;
    struct solver solver;
    char text[160];
    trap_set_up(trap, &position.p);
    history_init(&history, 100);
    solver_init(&solver, trap, 1000000);
    const enum solved result = solver_solve(&solver, &position.p, &history, GAME_NO_MOVE);
    cr_expect_eq(result, trap->winner == trap->to_move ? SOLVED_WON : SOLVED_LOST, "%s: %d", describe(trap, text),
                 result);
    if (result != SOLVED_WON)
        cr_expect_not(trap->asks, "%s", describe(trap, text));
    else if (trap->asks || trap->kind != TRAP_LADDER) /* a ladder's runner is not asked */
        check_moves(&solver, trap, &position.p, &history);
    solver_clear(&solver);
    history_clear(&history);
}

/* Each drawing once, and an image with the colours swapped; of ladders, which take long, only the drawings. */
Test(traps, answers_are_those_of_a_search_of_all_continuations)
{
    static const char *const boards[] = {"go:9", "go:11,rules=chinese", "go:13"};
    int checked[TRAP_KINDS] = {0};
    for (size_t b = 0; b < G_N_ELEMENTS(boards); b++) {
        GArray *traps = make(boards[b]);
        for (guint i = 0; i < traps->len; i++) {
            const struct trap *trap = trap_at(traps, i);
            if (trap->size > solvable[trap->kind] ||
                (i % IMAGES && (trap->kind == TRAP_LADDER || i % (2 * IMAGES) != 5)))
                continue;
            check(trap);
            checked[trap->kind]++;
        }
        g_array_unref(traps);
    }
    for (int kind = 0; kind < TRAP_KINDS; kind++)
        cr_expect_geq(checked[kind], 4, "%d of %s", checked[kind], trap_kind_texts[kind].name);
}

/* All but the fight is pass-alive, komi is near 0, and both sides win equally often, whoever moves. */
Test(traps, boards)
{
    static const char *const boards[] = {"go:9", "go:13", "go:19"};
    for (size_t b = 0; b < G_N_ELEMENTS(boards); b++) {
        GArray *traps = make(boards[b]);
        int black = 0, asking = 0, kinds[TRAP_KINDS] = {0};
        for (guint i = 0; i < traps->len; i++) {
            const struct trap *trap = trap_at(traps, i);
            union any_position position;
            int8_t owner[GAME_MAX_POINTS];
            trap_set_up(trap, &position.p);
            go_pass_alive(&trap->game, &position.p, owner);
            for (int p = 0; p < trap->game.points; p++)
                cr_assert(owner[p] != 0 || !trap->settled[p]);
            cr_assert_leq(abs(game_komi(&trap->game)), 4 * trap->game.width + 3);
            cr_assert_eq(game_komi(&trap->game) % 2 != 0, true);
            black += trap->winner == GAME_BLACK;
            asking += trap->asks;
            kinds[trap->kind]++;
        }
        cr_expect_eq(2 * black, (int)traps->len);
        cr_expect_gt(3 * asking, (int)traps->len);
        for (int kind = TRAP_RACE; kind < TRAP_KINDS; kind++)
            cr_expect_geq(kinds[kind], 24);
        cr_expect_eq(kinds[TRAP_LADDER] > 0, traps->len && trap_at(traps, 0)->game.width > 9);
        g_array_unref(traps);
    }
}

/* Ladders as drawn in textbooks: the black stone D6 E6 is in atari on an otherwise open board, and runs. */
Test(traps, reading_ladders)
{
    static const char open[] = ". . . . . . . . ."
                               ". . . . . . . . ."
                               ". . . O O . . . ."
                               ". . O X X O . . ."
                               ". . . O . . . . ."
                               ". . . . . . . . ."
                               ". . . . . . . . ."
                               ". . . . . . . . ."
                               ". . . . . . . . .";
    static const struct {
        const char *stone; /* of black, added */
        bool captured;
    } cases[] = {{"A9", true}, {"G3", false}, {"H2", false}, {"C3", true}, {"G9", true}};
    struct game game;
    cr_assert(game_parse(&game, "go:9", NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        union any_position position;
        cr_assert(game_set_up_drawing(&game, &position.p, open, GAME_BLACK, NULL));
        game_play(&game, &position.p, NULL, game_move_parse(&game, cases[i].stone));
        game_set_to_move(&game, &position.p, GAME_BLACK);
        cr_expect_eq(trap_ladder_captures(&game, &position.p, 3 * 9 + 4, true), cases[i].captured, "%s",
                     cases[i].stone);
    }
}

/* ---- judging ---- */

/* Answers everything wrong, or everything right. */
static struct agent_choice answer(const struct trap *trap, bool right)
{
    struct agent_choice choice = {.action = AGENT_PLAYS};
    for (int move = 0; move < trap->game.moves; move++)
        if ((trap->right[move] != 0) == right)
            choice.move = (game_move)move;
    choice.value = (trap->winner == trap->to_move) == right ? 0.1f : -0.1f;
    return choice;
}

Test(traps, who_is_always_wrong_scores_nothing_and_who_is_always_right_all)
{
    GArray *traps = make("go:13"), *rows = g_array_new(FALSE, TRUE, sizeof(struct traps_row));
    int positions = 0;
    for (guint i = 0; i < traps->len; i++) {
        const struct agent_choice wrong = answer(trap_at(traps, i), false), right = answer(trap_at(traps, i), true);
        traps_count(rows, trap_at(traps, i), TRAPS_POLICY, &wrong, i % 2);
        traps_count(rows, trap_at(traps, i), TRAPS_SEARCH, &right, i % 2);
    }
    for (guint i = 0; i < rows->len; i++) {
        const struct traps_row *row = &g_array_index(rows, struct traps_row, i);
        cr_expect_eq(row->moves[TRAPS_POLICY], 0);
        cr_expect_eq(row->values[TRAPS_POLICY], 0);
        cr_expect_eq(row->moves[TRAPS_SEARCH], row->asking);
        cr_expect_eq(row->values[TRAPS_SEARCH], row->positions);
        cr_expect_eq(2 * row->outside, row->positions);
        positions += row->positions;
    }
    cr_expect_eq(positions, (int)traps->len);
    g_array_unref(rows);
    g_array_unref(traps);
}

Test(traps, resigning_and_unknown_values)
{
    GArray *traps = make("go:9");
    for (guint i = 0; i < traps->len; i++) {
        const struct trap *trap = trap_at(traps, i);
        struct agent_choice resigns = {.action = AGENT_RESIGNS, .value = 1}, unknown = {.value = NAN};
        cr_expect_eq(trap_value_is_right(trap, &resigns), trap->winner != trap->to_move);
        cr_expect_not(trap_move_is_right(trap, &resigns));
        cr_expect_not(trap_value_is_right(trap, &unknown));
    }
    g_array_unref(traps);
}

Test(traps, only_where_the_answers_hold)
{
    static const struct {
        const char *game, *why;
    } cases[] = {
        {"gomoku:15", "positions of Go"},
        {"go:9,rules=japanese", "area"},
        {"go:9,ko=simple", "repeated"},
        {"go:8", "9x9 or larger"},
        {"go:10", NULL},
        {"go:19,rules=aga", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game;
        GError *error = NULL;
        cr_assert(game_parse(&game, cases[i].game, NULL));
        cr_expect_eq(traps_check(&game, &error), !cases[i].why);
        if (cases[i].why)
            cr_expect(error && strstr(error->message, cases[i].why), "%s", cases[i].game);
        g_clear_error(&error);
    }
}

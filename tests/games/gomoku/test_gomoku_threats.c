/* Wins by threats (game_ops.solve): drawings with known results, the naive search on random positions, and every win
 * against every legal defence. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "games/game.h"
#include "games/gomoku/gomoku.h"
#include "tests/games/common.h"
#include "tests/games/gomoku/naive_renju.h"
#include "tests/games/gomoku/naive_threats.h"

static struct game_solver make_solver(int level, int64_t budget)
{
    struct game_solver solver = {.level = level, .budget = budget, .bytes = 1 << 20};
    solver.memory = aligned_alloc(64, solver.bytes);
    memset(solver.memory, 0, solver.bytes);
    return solver;
}

static void forget(struct game_solver *solver)
{
    memset(solver->memory, 0, solver->bytes);
}

static enum game_solved solve(const struct game *game, const union any_position *position, struct game_solver *solver)
{
    return game->ops->solve(game, &position->p, solver);
}

static bool won_by(const struct position *position, int player)
{
    return position->outcome == (player ? GAME_WON_1 : GAME_WON_0);
}

static char *show(const struct game *game, const struct position *position)
{
    GString *text = g_string_new(position->colour == GAME_BLACK ? "black to move\n" : "white to move\n");
    for (int p = 0; p < game->points; p++)
        g_string_append_printf(text, "%c%s", ".XO"[game->ops->stone(game, position, p)],
                               (p + 1) % game->width ? "" : "\n");
    return g_string_free(text, FALSE);
}

/* Replays the line that was found: every move legal, the last one wins. */
static void check_line(const struct game *game, const union any_position *position, const struct game_solver *solver)
{
    union any_position at = *position;
    for (int i = 0; i < solver->length; i++)
        cr_assert(game_try(game, &at.p, NULL, solver->line[i]), "move %d of the line, to %d, in\n%s", i,
                  solver->line[i], show(game, &at.p));
    cr_assert(won_by(&at.p, position->p.player), "the line ends in\n%s", show(game, &at.p));
}

/* Plays the first move of the line, and after every legal reply asks again: each must again be a win. */
static void check_win(const struct game *game, const union any_position *position, struct game_solver *solver)
{
    game_move replies[GAME_MAX_MOVES];
    union any_position next = *position, after;
    cr_assert_eq(solve(game, position, solver), GAME_SOLVED_WON, "no longer won:\n%s", show(game, &position->p));
    check_line(game, position, solver);
    game_play(game, &next.p, NULL, solver->line[0]);
    if (won_by(&next.p, position->p.player))
        return;
    cr_assert(!game_over(&next.p), "the attack ends in\n%s", show(game, &next.p));
    int count = game->ops->legal_moves(game, &next.p, NULL, replies);
    for (int i = 0; i < count; i++) {
        after = next;
        game_play(game, &after.p, NULL, replies[i]);
        cr_assert(!game_over(&after.p), "the defender ended the game in\n%s", show(game, &after.p));
        check_win(game, &after, solver);
    }
}

/* ---- drawings ---- */

struct drawn {
    const char *spec;
    enum game_colour to_move;
    int level;
    enum game_solved wanted;
    int length;        /* of the shortest win, in moves of both sides; 0: not won, or several are possible */
    const char *first; /* its possible first moves; "": any */
    const char *rows;
};

static void check_drawn(const struct drawn *drawn)
{
    struct game game = parse(drawn->spec);
    struct game_solver solver = make_solver(drawn->level, 1000000);
    union any_position position;
    draw(&game, &position, drawn->rows, drawn->to_move);
    enum game_solved found = solve(&game, &position, &solver);
    cr_assert_eq(found, drawn->wanted, "%s, level %d: %d, not %d, in\n%s", drawn->spec, drawn->level, found,
                 drawn->wanted, show(&game, &position.p));
    if (found == GAME_SOLVED_WON) {
        char text[GAME_MOVE_TEXT_MAX];
        game_move_format(&game, solver.line[0], text);
        cr_assert(!*drawn->first || strstr(drawn->first, text), "%s first, not one of %s, in\n%s", text, drawn->first,
                  show(&game, &position.p));
        cr_assert(!drawn->length || solver.length == drawn->length, "%d moves, not %d, in\n%s", solver.length,
                  drawn->length, show(&game, &position.p));
        check_win(&game, &position, &solver);
    }
    free(solver.memory);
}

#define WON GAME_SOLVED_WON
#define NONE GAME_SOLVED_NONE

/* clang-format off */
static const struct drawn drawings[] = {
    /* five at once */
    {"gomoku:9", GAME_BLACK, 1, WON, 1, "A9", ".XXXXO... ......... ......... ......... ......... ......... ......... ......... ........."},
    /* an open three becomes a straight four: C8 or G8 in D8 E8 F8 */
    {"gomoku:9", GAME_BLACK, 1, WON, 3, "C8 G8", "......... ...XXX... ......... ......... ......... ......... ......... ......... ........."},
    /* two closed threes cross at E5: double four */
    {"gomoku:9", GAME_BLACK, 1, WON, 3, "E5", "....O.... ....X.... ....X.... ....X.... OXXX..... ......... ......... ......... ........."},
    /* white threatens five at F7: black's only fours do not stop it */
    {"gomoku:9", GAME_BLACK, 1, NONE, 0, "", "......... ......... XOOOO.... ......... ......... ...XXX... ......... ......... ........."},
    /* ... but here stopping it at F7 makes a straight four down the column */
    {"gomoku:9", GAME_BLACK, 1, WON, 3, "F7", "......... ......... XOOOO.... .....X... .....X... .....X... ......... ......... ........."},
    /* seven in a row */
    {"gomoku:9", GAME_BLACK, 1, WON, 1, "D5", "......... ......... ......... ......... XXX.XXX.. ......... ......... ......... ........."},
    {"gomoku:9,rules=standard", GAME_BLACK, 1, NONE, 0, "", "......... ......... ......... ......... XXX.XXX.. ......... ......... ......... ........."},
    /* caro: both ends of the only possible five are white */
    {"gomoku:9", GAME_BLACK, 1, WON, 1, "E5", "......... ......... ......... ......... OXXX.XO.. ......... ......... ......... ........."},
    {"gomoku:9,rules=caro", GAME_BLACK, 1, NONE, 0, "", "......... ......... ......... ......... OXXX.XO.. ......... ......... ......... ........."},
    /* renju: E5 would be the double four of the third drawing, which is forbidden to black */
    {"gomoku:9,rules=renju", GAME_BLACK, 1, NONE, 0, "", "....O.... ....X.... ....X.... ....X.... OXXX..... ......... ......... ......... ........."},
    /* ... so white's four with a gap at E5 wins, because black may not stop it there */
    {"gomoku:9,rules=renju", GAME_WHITE, 1, WON, 3, "D6", "....O.... ....X.... ....X.... ....X.... OXXX..... .....O... ......O.. .......O. ........X"},
    /* two open twos cross at E5: two threes, which only level 2 sees; forbidden in renju */
    {"gomoku:9", GAME_BLACK, 1, NONE, 0, "", "......... ......... ....X.... ....X.... ..XX..... ......... ......... ......... ........."},
    {"gomoku:9", GAME_BLACK, 2, WON, 0, "", "......... ......... ....X.... ....X.... ..XX..... ......... ......... ......... ........."},
    /* other lengths: three in the open win where four do, and two where three do */
    {"gomoku:7,line=4", GAME_BLACK, 1, WON, 3, "B4 E4", "....... ....... ....... ..XX... ....... ....... ......."},
    {"gomoku:5,line=3", GAME_BLACK, 1, WON, 3, "", "..... ..... ..X.. ..... ....."},
};
/* clang-format on */

Test(gomoku_threats, drawings)
{
    for (size_t i = 0; i < G_N_ELEMENTS(drawings); i++)
        check_drawn(&drawings[i]);
}

Test(gomoku_threats, only_in_ordinary_play)
{
    struct game game = parse("gomoku:9,opening=swap2");
    struct game_solver solver = make_solver(1, 1000);
    union any_position position;
    game_init(&game, &position.p);
    cr_assert_eq(solve(&game, &position, &solver), NONE);
    game = parse("gomoku:9");
    game_init(&game, &position.p);
    play(&game, &position, NULL, "A1 A9 B1 B9 C1 C9 D1 D9 E1");
    cr_assert(game_over(&position.p));
    cr_assert_eq(solve(&game, &position, &solver), NONE);
    free(solver.memory);
}

/* ---- random positions ---- */

/* Random moves, each at most two points from an earlier one, which is where threats arise. */
static void random_position(const struct game *game, struct rng *rng, int plies, union any_position *position)
{
    game_init(game, &position->p);
    for (int i = 0; i < plies && !game_over(&position->p); i++) {
        union any_position before = *position;
        game_move move = random_move(game, &position->p, NULL, rng);
        for (int tries = 0; tries < 20; tries++) {
            int x = move % game->width, y = move / game->width;
            bool near = i == 0;
            for (int p = 0; p < game->points; p++)
                near |= game->ops->stone(game, &position->p, p) != GAME_EMPTY && abs(p % game->width - x) <= 2 &&
                        abs(p / game->width - y) <= 2;
            if (near)
                break;
            move = random_move(game, &position->p, NULL, rng);
        }
        game_play(game, &position->p, NULL, move);
        if (game_over(&position->p)) { /* another move than the last */
            *position = before;
            return;
        }
    }
}

static bool naive_forbidden(char *board, int size, int x, int y)
{
    return !naive_renju_five(board, size, x, y) && naive_renju_kind(board, size, x, y) != GOMOKU_ALLOWED;
}

static struct naive make_naive(const struct game *game)
{
    struct naive naive;
    naive_open(&naive, game);
    if (naive.rules == GOMOKU_RENJU)
        naive.forbidden = naive_forbidden;
    return naive;
}

struct tally {
    int positions, won, undecided;
};

/* The fast and the naive search agree; every win is played out. */
static void compare(const char *spec, int positions, int plies_from, int plies_to, long naive_budget,
                    struct tally *tally)
{
    struct game game = parse(spec);
    struct game_solver solver = make_solver(1, 10000000);
    struct naive naive = make_naive(&game);
    struct rng rng;
    rng_seed(&rng, 15);
    for (int i = 0; i < positions; i++) {
        union any_position position;
        random_position(&game, &rng, plies_from + (int)rng_below(&rng, (uint32_t)(plies_to - plies_from)), &position);
        naive_set(&naive, &game, &position.p);
        int least = naive_least_fours(&naive, ".XO"[position.p.colour], 20, naive_budget);
        tally->positions++;
        if (least == -2) {
            tally->undecided++;
            continue;
        }
        if (i % 2)
            forget(&solver);
        enum game_solved found = solve(&game, &position, &solver);
        cr_assert_eq(found, least >= 0 ? GAME_SOLVED_WON : GAME_SOLVED_NONE,
                     "%s: %d, but the naive search says %d, in\n%s", spec, found, least, show(&game, &position.p));
        if (found != GAME_SOLVED_WON)
            continue;
        tally->won++;
        check_win(&game, &position, &solver);
    }
    naive_close(&naive);
    free(solver.memory);
}

static void expect(const struct tally *tally, int least_won, int most_undecided)
{
    cr_log_info("%d positions, %d won, %d undecided", tally->positions, tally->won, tally->undecided);
    cr_assert(tally->won >= least_won && tally->undecided <= most_undecided, "%d positions, %d won, %d undecided",
              tally->positions, tally->won, tally->undecided);
}

Test(gomoku_threats, agrees_with_naive_on_small_boards, .timeout = 300)
{
    static const char *const specs[] = {"gomoku:7",
                                        "gomoku:7,rules=standard",
                                        "gomoku:7,rules=renju",
                                        "gomoku:7,rules=caro",
                                        "gomoku:7,rules=caro-exact",
                                        "gomoku:6,line=4",
                                        "gomoku:6,line=4,rules=standard",
                                        "gomoku:6,line=4,rules=caro"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct tally tally = {0};
        compare(specs[i], 1000, 6, 34, 20000, &tally);
        expect(&tally, 40, 20);
    }
}

Test(gomoku_threats, agrees_with_naive_on_large_boards, .timeout = 300)
{
    static const char *const specs[] = {"gomoku:15", "gomoku:15,rules=standard", "gomoku:15,rules=renju",
                                        "gomoku:15,rules=caro", "gomoku:20,rules=caro-exact"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct tally tally = {0};
        compare(specs[i], 100, 8, 40, 100, &tally);
        expect(&tally, 3, 20);
    }
}

/* ---- budget and memory ---- */

Test(gomoku_threats, keeps_to_its_budget)
{
    struct game game = parse("gomoku:15");
    struct game_solver small = make_solver(2, 50), again = make_solver(2, 50);
    struct rng rng;
    int open = 0;
    rng_seed(&rng, 3);
    for (int i = 0; i < 300; i++) {
        union any_position position;
        random_position(&game, &rng, 20 + (int)rng_below(&rng, 60), &position);
        forget(&small);
        forget(&again);
        enum game_solved found = solve(&game, &position, &small);
        cr_assert(small.examined <= 50);
        cr_assert_eq(solve(&game, &position, &again), found);
        cr_assert(again.examined == small.examined && again.length == small.length &&
                  memcmp(again.line, small.line, sizeof *small.line * (size_t)small.length) == 0);
        open += found == GAME_SOLVED_OPEN;
        again.budget = 20000;
        enum game_solved more = solve(&game, &position, &again);
        cr_assert(more == found || found == GAME_SOLVED_OPEN);
        again.budget = 50;
    }
    cr_assert_gt(open, 10);
    free(small.memory);
    free(again.memory);
}

/* A win that is remembered is replayed: its positions count, and the budget bounds them. Here it takes a four and, after
 * the reply, the straight four: two positions, of which a budget of 2 allows the replay one. */
Test(gomoku_threats, remembered_wins_keep_to_the_budget)
{
    static const char *const specs[] = {"gomoku:9", "gomoku:9,rules=caro"};
    const char *rows = "......... ......... OXXX..... ......... .....X... .....X... ......... ......... .........";
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = parse(specs[i]);
        struct game_solver solver = make_solver(1, 10000);
        union any_position position;
        draw(&game, &position, rows, GAME_BLACK);
        cr_assert_eq(solve(&game, &position, &solver), WON);
        cr_assert_eq(solve(&game, &position, &solver), WON);
        cr_assert_geq(solver.examined, 2, "%s: %d", specs[i], (int)solver.examined);
        solver.budget = 2;
        cr_assert_eq(solve(&game, &position, &solver), GAME_SOLVED_OPEN);
        cr_assert(solver.examined <= 2);
        free(solver.memory);
    }
}

/* The memory remembers results of one game; for another it starts anew. */
Test(gomoku_threats, memory_is_of_one_game)
{
    struct game freestyle = parse("gomoku:9"), standard = parse("gomoku:9,rules=standard");
    struct game_solver solver = make_solver(1, 1000);
    union any_position position;
    const char *six = "......... ......... ......... ......... XXX.XXX.. ......... ......... ......... .........";
    for (int i = 0; i < 2; i++) {
        draw(&standard, &position, six, GAME_BLACK);
        cr_assert_eq(solve(&standard, &position, &solver), NONE);
        draw(&freestyle, &position, six, GAME_BLACK);
        cr_assert_eq(solve(&freestyle, &position, &solver), WON);
    }
    free(solver.memory);
}

/* ---- threes ---- */

/* Wins by threes, too, hold against every legal defence; and threes find every win that fours find. */
static void check_threes(const char *spec, int positions, int least)
{
    struct game game = parse(spec);
    struct game_solver fours = make_solver(1, 20000), threes = make_solver(2, 20000);
    struct rng rng;
    int more = 0;
    rng_seed(&rng, 8);
    for (int i = 0; i < positions; i++) {
        union any_position position;
        random_position(&game, &rng, 5 + (int)rng_below(&rng, 12), &position);
        enum game_solved by_fours = solve(&game, &position, &fours), by_threes = solve(&game, &position, &threes);
        cr_assert(by_threes == WON || by_fours != WON);
        if (by_threes != WON || by_fours == WON)
            continue;
        more++;
        threes.budget = 1000000;
        check_win(&game, &position, &threes);
        threes.budget = 20000;
    }
    cr_log_info("%s: %d", spec, more);
    cr_assert_geq(more, least, "%s: %d", spec, more);
    free(fours.memory);
    free(threes.memory);
}

Test(gomoku_threats, threes_hold_against_every_defence, .timeout = 300)
{
    check_threes("gomoku:9", 60, 3);
    check_threes("gomoku:9,rules=standard", 60, 3);
    check_threes("gomoku:9,rules=renju", 60, 3);
    check_threes("gomoku:7,line=4", 60, 3);
    check_threes("gomoku:15", 5, 1);
    check_threes("gomoku:15,rules=renju", 4, 1);
}

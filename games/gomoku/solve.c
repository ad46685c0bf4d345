/* game_ops.solve: deepening, and the attacks that won before, which are tried first. */
#include <assert.h>

#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/gomoku.h"
#include "games/gomoku/threats.h"
#include "games/gomoku/windows.h"

enum { PLANS = 4, MAX_DEPTH = 200 };
_Static_assert((int)MAX_DEPTH < (int)ATTACK_EXHAUSTED, "a depth fits into a table entry");

/* What lies at the start of the caller's memory; the table of failures follows. */
struct memory {
    uint64_t game;            /* for which the contents hold; 0: none yet */
    struct plan plans[PLANS]; /* newest first */
    struct attack attack;
};
_Static_assert(sizeof(struct memory) + sizeof(uint64_t) <= GAME_SOLVER_MIN_BYTES, "the smallest memory has a table");

static uint64_t game_key(const struct game *game)
{
    return rng_mix((uint64_t)game->width << 32 | (uint64_t)game->option[GOMOKU_OPTION_LINE] << 16 |
                   (uint64_t)game->option[GOMOKU_OPTION_RULES]) |
           1;
}

static struct attack *prepare(const struct game *game, const struct position *position, struct game_solver *solver)
{
    struct memory *memory = solver->memory;
    size_t entries = (solver->bytes - sizeof *memory) / sizeof(uint64_t), used = 1;
    assert(solver->bytes >= GAME_SOLVER_MIN_BYTES && (uintptr_t)solver->memory % 64 == 0);
    while (used * 2 <= entries)
        used *= 2;
    struct attack *attack = &memory->attack;
    attack->table = (uint64_t *)(void *)(memory + 1);
    attack->table_mask = used - 1;
    if (memory->game != game_key(game)) {
        memset(memory->plans, 0, sizeof memory->plans);
        memset(attack->table, 0, used * sizeof *attack->table);
        memory->game = game_key(game);
    }
    view_init(&attack->view, game, position);
    attack->attacker = position->colour;
    attack->defender = game_other(position->colour);
    attack->left = solver->budget / 2; /* for the plans; what they leave is for the search */
    attack->cut = attack->spent = false;
    attack->line = solver->line;
    attack->length = 0;
    return attack;
}

/* ---- plans ---- */

/* Plays the moves of the plan in order, as long as they are fours, and makes a five when it can. Where a four has several
 * answers, each is tried, so that a long plan would take many positions: the budget bounds them. */
static bool attack_by_plan(struct attack *attack, int depth, int ply)
{
    struct view *view = &attack->view;
    struct view_undo undo;
    int five, step = ply / 2;
    if (view_points(view, attack->attacker, VIEW_FIVE, &five, 1))
        return attack_win_with(attack, ply, five);
    if (step >= attack->plan->count || attack->left <= 0)
        return false;
    attack->left--;
    int point = attack->plan->moves[step];
    if (!gomoku_empty(&view->board, point % view->size, point / view->size) || !attack_legal(attack, point))
        return false;
    view_put(view, attack->attacker, point, &undo);
    bool wins = !view_any(view, attack->defender, VIEW_FIVE) && attack_answers_lose(attack, depth, ply, attack_by_plan);
    view_take(view, attack->attacker, point, &undo);
    attack->line[ply] = (game_move)point;
    return wins;
}

static bool some_plan_wins(struct attack *attack, const struct plan *plans)
{
    for (int i = 0; i < PLANS && plans[i].count; i++) {
        attack->plan = &plans[i];
        if (plans[i].attacker == attack->attacker && attack_by_plan(attack, PLAN_MOVES, 0))
            return true;
    }
    return false;
}

/* Remembers the attacker's moves of the line that was found, in place of the oldest plan. */
static void remember(const struct attack *attack, struct plan *plans)
{
    memmove(plans + 1, plans, sizeof *plans * (PLANS - 1));
    *plans = (struct plan){.attacker = (uint8_t)attack->attacker};
    for (int i = 0; i < attack->length && plans->count < PLAN_MOVES; i += 2)
        plans->moves[plans->count++] = attack->line[i];
}

/* ---- deepening ---- */

static enum game_solved deepen(struct attack *attack, attack_search *search, int64_t budget)
{
    attack->left = budget;
    attack->spent = false;
    for (int depth = 1;; depth = MIN(depth < 8 ? depth + 1 : 2 * depth, MAX_DEPTH)) {
        attack->cut = false;
        if (search(attack, depth, 0))
            return GAME_SOLVED_WON;
        if (attack->spent)
            return GAME_SOLVED_OPEN;
        if (!attack->cut || depth == MAX_DEPTH)
            return GAME_SOLVED_NONE;
    }
}

enum game_solved gomoku_solve(const struct game *game, const struct position *position, struct game_solver *solver)
{
    solver->examined = 0;
    solver->length = 0;
    if (game_over(position) || position->phase != GOMOKU_PLAY)
        return GAME_SOLVED_NONE;
    struct attack *attack = prepare(game, position, solver);
    struct plan *plans = ((struct memory *)solver->memory)->plans;
    bool planned = some_plan_wins(attack, plans);
    solver->examined = solver->budget / 2 - attack->left;
    if (planned) {
        solver->length = attack->length;
        return GAME_SOLVED_WON;
    }
    bool threes = solver->level > 1 && !gomoku_ends_matter(game->option[GOMOKU_OPTION_RULES]);
    int64_t budget = solver->budget - solver->examined;
    if (threes)
        budget /= 2;
    enum game_solved solved = deepen(attack, attack_by_fours, budget);
    solver->examined += budget - attack->left;
    if (solved == GAME_SOLVED_WON)
        remember(attack, plans);
    if (solved != GAME_SOLVED_WON && threes) {
        budget = solver->budget - solver->examined;
        solved = deepen(attack, attack_by_threes, budget);
        solver->examined += budget - attack->left;
    }
    solver->length = solved == GAME_SOLVED_WON ? attack->length : 0;
    return solved;
}

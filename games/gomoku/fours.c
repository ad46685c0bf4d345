/* Victory by continuous fours: each move of the attacker leaves the defender one reply, or none. */
#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/threats.h"
#include "games/gomoku/windows.h"

bool attack_legal(const struct attack *attack, int point)
{
    return !view_forbidden(&attack->view, attack->attacker, point);
}

bool attack_win_with(struct attack *attack, int ply, int five)
{
    attack->line[ply] = (game_move)five;
    attack->length = ply + 1;
    return true;
}

/* The attacker has fives that the defender's reply, any of the legal ones, does not stop. The line shows the reply
 * `stop` if it is legal. */
static bool win_after(struct attack *attack, int ply, int stop, int five)
{
    const struct view *view = &attack->view;
    if (view_forbidden(view, attack->defender, stop))
        stop = view_legal_point(view, attack->defender);
    if (stop < 0) /* no legal reply: the game is drawn */
        return false;
    attack->line[ply + 1] = (game_move)stop;
    return attack_win_with(attack, ply + 2, five);
}

static bool reply_loses(struct attack *attack, int depth, int ply, int reply, attack_search *next)
{
    struct view *view = &attack->view;
    struct view_undo undo;
    view_put(view, attack->defender, reply, &undo);
    bool loses = next(attack, depth - 1, ply + 2);
    view_take(view, attack->defender, reply, &undo);
    attack->line[ply + 1] = (game_move)reply;
    return loses;
}

/* Where the ends of a line matter, a five can also be stopped at an end: tries every point of its line. */
static bool answers_on_line_lose(struct attack *attack, int depth, int ply, attack_search *next)
{
    struct view *view = &attack->view;
    int c = attack->attacker - GAME_BLACK, d = 0;
    while (!view->lines_with[c][VIEW_FIVE][d])
        d++;
    int line = __builtin_ctzll(view->lines_with[c][VIEW_FIVE][d]);
    uint32_t empty =
        gomoku_line_mask(view->size, d, line) & ~(view->board.lines[0][d][line] | view->board.lines[1][d][line]);
    for (uint32_t bits = empty; bits; bits &= bits - 1)
        if (!reply_loses(attack, depth, ply, gomoku_line_point(view->size, d, line, __builtin_ctz(bits)), next))
            return false;
    return true;
}

bool attack_answers_lose(struct attack *attack, int depth, int ply, attack_search *next)
{
    const struct view *view = &attack->view;
    int fives[2], n = view_points(view, attack->attacker, VIEW_FIVE, fives, 2);
    if (gomoku_ends_matter(view->rules))
        return n > 0 && answers_on_line_lose(attack, depth, ply, next);
    if (n == 0)
        return false;
    if (n == 1 && !view_forbidden(view, attack->defender, fives[0]))
        return reply_loses(attack, depth, ply, fives[0], next);
    if (n == 2 && view_forbidden(view, attack->defender, fives[0]))
        return win_after(attack, ply, fives[1], fives[0]);
    return win_after(attack, ply, fives[0], fives[n - 1]);
}

/* ---- the table ---- */

static uint64_t table_key(const struct attack *attack, int salt)
{
    return rng_mix(attack->view.hash + (uint64_t)salt);
}

int attack_recall(const struct attack *attack, int salt)
{
    uint64_t key = table_key(attack, salt), entry = attack->table[key & attack->table_mask];
    return (entry ^ key) >> 8 ? 0 : (int)(entry & 0xff);
}

void attack_store(struct attack *attack, int salt, int depth)
{
    uint64_t key = table_key(attack, salt);
    attack->table[key & attack->table_mask] = (key & ~(uint64_t)0xff) | (uint64_t)depth;
}

/* ---- the search ---- */

static bool four_wins(struct attack *attack, int depth, int ply, int point)
{
    struct view *view = &attack->view;
    struct view_undo undo;
    if (!attack_legal(attack, point))
        return false;
    view_put(view, attack->attacker, point, &undo);
    bool wins =
        !view_any(view, attack->defender, VIEW_FIVE) && attack_answers_lose(attack, depth, ply, attack_by_fours);
    view_take(view, attack->attacker, point, &undo);
    attack->line[ply] = (game_move)point;
    return wins;
}

static bool any_four_wins(struct attack *attack, int depth, int ply, const uint32_t *rows)
{
    for (int y = 0; y < attack->view.size; y++)
        for (uint32_t bits = rows[y]; bits && !attack->spent; bits &= bits - 1)
            if (four_wins(attack, depth, ply, y * attack->view.size + __builtin_ctz(bits)))
                return true;
    return false;
}

/* The fours in the order in which they are tried: first those that threaten two fives. If the defender threatens to make
 * five, only a four on that point is left. */
static void list_fours(const struct attack *attack, uint32_t *first, uint32_t *rest)
{
    const struct view *view = &attack->view;
    view_double_fours(view, attack->attacker, first);
    view_rows(view, attack->attacker, VIEW_FOUR, rest);
    bool must_stop = view_any(view, attack->defender, VIEW_FIVE) && !gomoku_ends_matter(view->rules);
    int five = -1;
    if (must_stop)
        view_points(view, attack->defender, VIEW_FIVE, &five, 1);
    for (int y = 0; y < view->size; y++) {
        uint32_t may = !must_stop ? ~0u : five / view->size == y ? 1u << five % view->size : 0;
        first[y] &= may;
        rest[y] &= may & ~first[y];
    }
}

bool attack_by_fours(struct attack *attack, int depth, int ply)
{
    const struct view *view = &attack->view;
    int five;
    if (view_points(view, attack->attacker, VIEW_FIVE, &five, 1))
        return attack_win_with(attack, ply, five);
    if (!view_any(view, attack->attacker, VIEW_FOUR))
        return false;
    if (depth == 0) {
        attack->cut = true;
        return false;
    }
    if (attack->left <= 0) {
        attack->spent = true;
        return false;
    }
    attack->left--;
    int searched = attack_recall(attack, ATTACK_SALT_FOURS);
    if (searched >= depth) {
        attack->cut |= searched != ATTACK_EXHAUSTED;
        return false;
    }
    bool cut_before = attack->cut;
    uint32_t first[GAME_MAX_SIZE], rest[GAME_MAX_SIZE];
    attack->cut = false;
    list_fours(attack, first, rest);
    bool wins = any_four_wins(attack, depth, ply, first) || any_four_wins(attack, depth, ply, rest);
    if (!wins && !attack->spent)
        attack_store(attack, ATTACK_SALT_FOURS, attack->cut ? depth : ATTACK_EXHAUSTED);
    attack->cut |= cut_before; /* also with a win, since another reply may still refute the move before */
    return wins;
}

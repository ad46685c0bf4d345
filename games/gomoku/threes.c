/* Victory by continuous fours and threes. A three threatens to be carried out: to become a straight four, or two fours at
 * once. The defender's replies are the points that stop every such threat, and fours of the defender's own; any other
 * reply loses at once. */
#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/threats.h"

/* A move after which the attacker has two fives, and the points that might take it away. */
struct carried_out {
    int count;
    uint16_t stops[GAME_MAX_POINTS];
};

/* A stone of the defender changes nothing about the move unless it lies on one of its points; but in renju it may decide,
 * from far away, whether a point is forbidden to black. */
static void list_stops(const struct attack *attack, int point, const int *fives, int count, struct carried_out *out)
{
    const struct view *view = &attack->view;
    out->count = 0;
    if (attack->attacker == GAME_BLACK && gomoku_may_be_forbidden(view->game, &view->board.head, point)) {
        for (int y = 0; y < view->size; y++)
            for (uint32_t bits = gomoku_empty_row(&view->board, view->size, y); bits; bits &= bits - 1)
                out->stops[out->count++] = (uint16_t)(y * view->size + __builtin_ctz(bits));
        return;
    }
    out->stops[out->count++] = (uint16_t)point;
    for (int i = 0; i < count && count == 2; i++)
        out->stops[out->count++] = (uint16_t)fives[i];
}

static bool makes_two_fives(struct attack *attack, int point, struct carried_out *out)
{
    struct view *view = &attack->view;
    struct view_undo undo;
    int fives[3], count;
    if (!attack_legal(attack, point))
        return false;
    view_put(view, attack->attacker, point, &undo);
    count = view_points(view, attack->attacker, VIEW_FIVE, fives, 3);
    bool wins = count >= 2 && view_legal_point(view, attack->defender) >= 0; /* else the game is drawn */
    view_take(view, attack->attacker, point, &undo);
    if (wins && out)
        list_stops(attack, point, fives, count, out);
    return wins;
}

/* Whether the attacker, to move, wins by making two fives at once. out: may be NULL. */
static bool carry_out(struct attack *attack, struct carried_out *out)
{
    const struct view *view = &attack->view;
    uint32_t rows[GAME_MAX_SIZE];
    if (view_any(view, attack->defender, VIEW_FIVE) || !view_any(view, attack->attacker, VIEW_FOUR))
        return false;
    view_double_fours(view, attack->attacker, rows);
    for (int y = 0; y < view->size; y++)
        for (uint32_t bits = rows[y]; bits; bits &= bits - 1)
            if (makes_two_fives(attack, y * view->size + __builtin_ctz(bits), out))
                return true;
    return false;
}

/* `answered`: set if the reply had to be searched, so that the line goes on after it. */
static bool reply_loses(struct attack *attack, int depth, int ply, int reply, bool *answered)
{
    struct view *view = &attack->view;
    struct view_undo undo;
    if (view_forbidden(view, attack->defender, reply))
        return true;
    view_put(view, attack->defender, reply, &undo);
    bool loses = carry_out(attack, NULL);
    if (!loses) {
        loses = attack_by_threes(attack, depth - 1, ply + 2);
        attack->line[ply + 1] = (game_move)reply;
        *answered = true;
    }
    view_take(view, attack->defender, reply, &undo);
    return loses;
}

/* No reply stops the threat: shows it after some reply. */
static bool carry_out_after_any(struct attack *attack, int ply)
{
    struct view *view = &attack->view;
    struct view_undo undo;
    int reply = view_legal_point(view, attack->defender);
    if (reply < 0)
        return false;
    view_put(view, attack->defender, reply, &undo);
    bool wins = attack_by_fours(attack, 1, ply + 2);
    view_take(view, attack->defender, reply, &undo);
    attack->line[ply + 1] = (game_move)reply;
    return wins;
}

/* Whether the attacker's last stone made a three, and every reply to it loses. */
static bool three_answers_lose(struct attack *attack, int depth, int ply)
{
    const struct view *view = &attack->view;
    struct carried_out threat;
    uint32_t fours[GAME_MAX_SIZE];
    bool answered = false;
    if (!carry_out(attack, &threat))
        return false;
    view_rows(view, attack->defender, VIEW_FOUR, fours);
    for (int i = 0; i < threat.count; i++) {
        int point = threat.stops[i];
        fours[point / view->size] &= ~(1u << point % view->size);
        if (!reply_loses(attack, depth, ply, point, &answered))
            return false;
    }
    for (int y = 0; y < view->size; y++)
        for (uint32_t bits = fours[y]; bits; bits &= bits - 1)
            if (!reply_loses(attack, depth, ply, y * view->size + __builtin_ctz(bits), &answered))
                return false;
    return answered || carry_out_after_any(attack, ply);
}

static bool threat_wins(struct attack *attack, int depth, int ply, int point)
{
    struct view *view = &attack->view;
    struct view_undo undo;
    if (!attack_legal(attack, point))
        return false;
    view_put(view, attack->attacker, point, &undo);
    bool wins = !view_any(view, attack->defender, VIEW_FIVE) &&
                (view_any(view, attack->attacker, VIEW_FIVE) ? attack_answers_lose(attack, depth, ply, attack_by_threes)
                                                             : three_answers_lose(attack, depth, ply));
    view_take(view, attack->attacker, point, &undo);
    attack->line[ply] = (game_move)point;
    return wins;
}

/* Fours that are threes as well come first, then the other fours, then threes. If the defender threatens to make five,
 * the attacker has to stop it; earlier threats may still stand. */
static bool some_threat_wins(struct attack *attack, int depth, int ply)
{
    const struct view *view = &attack->view;
    uint32_t fours[GAME_MAX_SIZE], threes[GAME_MAX_SIZE];
    int fives[2], count = view_points(view, attack->defender, VIEW_FIVE, fives, 2);
    if (count > 0)
        return count == 1 && threat_wins(attack, depth, ply, fives[0]);
    view_rows(view, attack->attacker, VIEW_FOUR, fours);
    view_rows(view, attack->attacker, VIEW_THREE, threes);
    for (int pass = 0; pass < 3; pass++)
        for (int y = 0; y < view->size; y++) {
            uint32_t both = fours[y] & threes[y];
            uint32_t now = pass == 0 ? both : (pass == 1 ? fours[y] : threes[y]) & ~both;
            for (; now && !attack->spent; now &= now - 1)
                if (threat_wins(attack, depth, ply, y * view->size + __builtin_ctz(now)))
                    return true;
        }
    return false;
}

bool attack_by_threes(struct attack *attack, int depth, int ply)
{
    const struct view *view = &attack->view;
    if (attack_by_fours(attack, depth, ply))
        return true;
    bool more = view_any(view, attack->attacker, VIEW_THREE) || view_any(view, attack->attacker, VIEW_FOUR) ||
                view_any(view, attack->defender, VIEW_FIVE);
    if (attack->spent || !more)
        return false;
    if (depth < 2) { /* a three is not won before the next threat */
        attack->cut = true;
        return false;
    }
    int searched = attack_recall(attack, ATTACK_SALT_THREES);
    if (searched >= depth) {
        attack->cut |= searched != ATTACK_EXHAUSTED;
        return false;
    }
    if (attack->left <= 0) {
        attack->spent = true;
        return false;
    }
    attack->left--;
    bool cut_before = attack->cut;
    attack->cut = false;
    bool wins = some_threat_wins(attack, depth, ply);
    if (!wins && !attack->spent)
        attack_store(attack, ATTACK_SALT_THREES, attack->cut ? depth : ATTACK_EXHAUSTED);
    attack->cut |= cut_before; /* also with a win, since another reply may still refute the move before */
    return wins;
}

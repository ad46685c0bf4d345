/* The search for wins by threats: victory by continuous fours (VCF) and by continuous fours and threes (VCT); see
 * Allis, van den Herik and Huntjens, "Go-Moku and Threat-Space Search", 1993. Private to games/gomoku/.
 *
 * The attacker only plays moves that threaten to win at once (fours) or to make a straight four (threes); the defender
 * has all replies that are not refuted by carrying the threat out. So a win that is found is a win against every legal
 * defence, and "none" only says that there is no win of this kind. Both sides play by the rules of the game: a four of
 * black whose stone is forbidden cannot be played, and if renju forbids black the point that would stop white, white
 * wins. Whatever the winning length n, a "four" is n - 1 stones, a "three" n - 2. Rules under which the ends of a line
 * matter (caro) are searched for fours only.
 *
 * Depth is the number of the attacker's threats, deepened step by step, so short wins are found first. Positions in
 * which a search failed are stored in a table in the caller's memory. */
#ifndef TENGEN_GAMES_GOMOKU_THREATS_H
#define TENGEN_GAMES_GOMOKU_THREATS_H

#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"
#include "games/gomoku/board.h"

/* ---- view.c: a board with its threats, kept up to date move by move ---- */

enum view_kind { VIEW_FIVE, VIEW_FOUR, VIEW_STRAIGHT_FOUR, VIEW_THREE, VIEW_KINDS };

struct view {
    struct gomoku_position board;     /* `lines` and `empties` are kept up to date; the rest is that of the start */
    struct gomoku_threats threats[2]; /* [colour - GAME_BLACK] */
    uint64_t lines_with[2][VIEW_KINDS][GOMOKU_DIRECTIONS]; /* bit i: line i has a threat of this kind */
    uint64_t hash;                                         /* of the stones */
    const struct game *game;
    int size, line, rules;
};

/* The threats of the four lines through a stone, before it was put there. */
struct view_undo {
    uint32_t before[GOMOKU_DIRECTIONS][2][VIEW_KINDS];
};

void view_init(struct view *view, const struct game *game, const struct position *position);
void view_put(struct view *view, int colour, int point, struct view_undo *undo);
void view_take(struct view *view, int colour, int point, const struct view_undo *undo);
/* Fills at most `max` different points that are threats of this kind; returns their number. */
int view_points(const struct view *view, int colour, enum view_kind kind, int *points, int max);
/* A bit for each point that is a threat of this kind: rows[y] >> x. */
void view_rows(const struct view *view, int colour, enum view_kind kind, uint32_t rows[GAME_MAX_SIZE]);
/* As view_rows for fours, but only the points that are fours in two directions or straight fours. */
void view_double_fours(const struct view *view, int colour, uint32_t rows[GAME_MAX_SIZE]);
/* Whether renju forbids this colour the empty point. */
bool view_forbidden(const struct view *view, int colour, int point);
/* The first empty point where the colour may play; -1 if there is none, and the game is drawn. */
int view_legal_point(const struct view *view, int colour);

static inline bool view_any(const struct view *view, int colour, enum view_kind kind)
{
    const uint64_t *lines = view->lines_with[colour - GAME_BLACK][kind];
    return (lines[0] | lines[1] | lines[2] | lines[3]) != 0;
}

/* ---- fours.c, threes.c, solve.c: the search ---- */

/* The attacker's moves of a win by fours. When a position is searched after many different moves of the defender, most of
 * them are refuted by the same few plans. */
enum { PLAN_MOVES = 24 };
struct plan {
    uint8_t attacker, count;
    uint16_t moves[PLAN_MOVES];
};

struct attack {
    struct view view;
    int attacker, defender; /* colours */
    bool cut;               /* the depth limit kept something from being searched */
    bool spent;             /* the budget is used up: the search unwinds */
    int64_t left;           /* of the budget */
    uint64_t *table;        /* entries: a key's upper bits, and the depth to which it was searched in vain */
    uint64_t table_mask;
    const struct plan *plan; /* that is tried */
    game_move *line;         /* filled from its end to its beginning when a win is found */
    int length;
};

/* Searches for a win with the attacker to move, by at most `depth` threats; `ply` is the number of moves since the
 * start. With a win, fills attack->line from `ply` on and its length. */
typedef bool attack_search(struct attack *attack, int depth, int ply);
attack_search attack_by_fours, attack_by_threes;

/* Whether the defender loses with every reply to the four that was just put, which the defender cannot answer with a
 * five; `next` searches after a reply. Fills the line from ply + 1 on. */
bool attack_answers_lose(struct attack *attack, int depth, int ply, attack_search *next);
/* Ends the line with a five of the attacker at this ply; returns true. */
bool attack_win_with(struct attack *attack, int ply, int five);
/* Whether the attacker may play this point. */
bool attack_legal(const struct attack *attack, int point);

/* The table, which remembers failures: a depth, or ATTACK_EXHAUSTED for a search that no limit cut short. */
enum { ATTACK_EXHAUSTED = 255 };
enum { ATTACK_SALT_FOURS, ATTACK_SALT_THREES };
int attack_recall(const struct attack *attack, int salt);
void attack_store(struct attack *attack, int salt, int depth);

/* game_ops.solve */
enum game_solved gomoku_solve(const struct game *game, const struct position *position, struct game_solver *solver);

#endif

/* Defence against the opponent's wins by threats: which moves at the root leave it one. */
#include "games/game.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

/* Forcing moves of the defender leave the opponent a single reply, such as fours in Gomoku, and may only delay the loss. At
 * most this many in a row are followed. */
enum { MAX_FORCING = 2 };
/* In positions: the budget of one solver call, that of all calls after one forcing move, and the fixed cost of a call. */
enum { CALL_BUDGET = 2000, FORCING_BUDGET = 10000, CALL_COST = 5 };

enum verdict {
    LOSES,    /* the opponent wins by threats */
    PUTS_OFF, /* no move was found that holds after the forced replies, within the budget */
    HOLDS,    /* no such win of the opponent was found */
};

struct defence {
    const struct mcts *search;
    struct game_solver *solver;
    int level;
    int64_t a_call, left; /* positions that may be examined: by one call, and still by all */
};

static bool wins(struct defence *defence, const struct position *position)
{
    int64_t budget = MIN(defence->left, defence->a_call);
    bool won = threats_win(defence->search, defence->solver, position, defence->level, budget);
    defence->left -= defence->solver->examined + CALL_COST;
    return won;
}

/* The moves that are worth considering; one move if the others let the opponent win at once. */
static int sensible(const struct game *game, const struct position *position, game_move *moves)
{
    game_move legal[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, legal);
    return game_sensible_moves(game, position, true, legal, count, moves);
}

static void play(const struct game *game, struct position *to, const struct position *from, game_move move)
{
    game_copy(game, to, from);
    game_play(game, to, NULL, move);
}

static bool threatens(struct defence *defence, const struct position *position)
{
    union any_position passed;
    game_copy(defence->search->game, &passed.p, position);
    game_set_to_move(defence->search->game, &passed.p, game_other(position->colour));
    return wins(defence, &passed.p);
}

/* Whether the last move neither ended the game nor leaves a single reply. */
static bool is_quiet(const struct defence *defence, const struct position *position)
{
    game_move moves[GAME_MAX_MOVES];
    return !game_over(position) && sensible(defence->search->game, position, moves) > 1;
}

static enum verdict judge_replies(struct defence *defence, const struct position *position, int forcing);

/* Judges the defender's last move; the opponent is to move. A forcing move holds if there is a move that holds after the
 * forced reply. */
static enum verdict judge(struct defence *defence, const struct position *position, int forcing)
{
    const struct game *game = defence->search->game;
    game_move moves[GAME_MAX_MOVES];
    union any_position next;
    if (game_over(position))
        return HOLDS;
    if (search_stopped(defence->search))
        defence->left = 0;
    if (defence->left <= 0)
        return PUTS_OFF;
    if (wins(defence, position))
        return LOSES;
    if (sensible(game, position, moves) > 1)
        return HOLDS;
    play(game, &next.p, position, moves[0]);
    if (game_over(&next.p) || (defence->left > 0 && !threatens(defence, &next.p)))
        return HOLDS;
    return forcing > 0 ? judge_replies(defence, &next.p, forcing - 1) : PUTS_OFF;
}

/* Looks for a move that holds, first among those that are not forcing, which takes less time. */
static enum verdict judge_replies(struct defence *defence, const struct position *position, int forcing)
{
    const struct game *game = defence->search->game;
    game_move moves[GAME_MAX_MOVES];
    bool put_off[GAME_MAX_MOVES];
    union any_position after;
    int count = sensible(game, position, moves);
    for (int i = 0; i < count; i++) {
        play(game, &after.p, position, moves[i]);
        enum verdict verdict = judge(defence, &after.p, 0);
        if (verdict == HOLDS)
            return HOLDS;
        put_off[i] = verdict == PUTS_OFF;
    }
    for (int i = 0; i < count && forcing > 0 && defence->left > 0; i++) {
        play(game, &after.p, position, moves[i]);
        if (put_off[i] && judge(defence, &after.p, forcing) == HOLDS)
            return HOLDS;
    }
    return PUTS_OFF;
}

/* Judges each move that is not marked yet and, if some move holds, marks those that only delay the loss. A move is not
 * marked when it was cut short by a smaller budget than the others had. */
static void mark_put_off(struct defence *defence, struct root_state *root, const struct edge *edges)
{
    bool puts_off[GAME_MAX_MOVES] = {false}, holds = false;
    int64_t total = defence->left;
    for (int i = 0; i < root->count && total > 0 && !search_stopped(defence->search); i++) {
        union any_position after;
        if (root->lost[i] || root->excluded[i])
            continue;
        play(defence->search->game, &after.p, defence->search->position, edges[i].move);
        if (is_quiet(defence, &after.p)) { /* no win was found after it, or it would be marked */
            holds = true;
            continue;
        }
        int64_t allowed = MIN(total, FORCING_BUDGET);
        defence->left = allowed;
        enum verdict verdict = judge(defence, &after.p, MAX_FORCING);
        bool cut_short = defence->left <= 0 && (allowed < FORCING_BUDGET || search_stopped(defence->search));
        puts_off[i] = verdict == PUTS_OFF && !cut_short;
        root->lost[i] = verdict == LOSES;
        holds |= verdict == HOLDS;
        total -= allowed - defence->left;
    }
    for (int i = 0; i < root->count && holds; i++)
        root->lost[i] |= puts_off[i];
}

void defence_find(struct mcts *search, int level, int64_t budget, int64_t total)
{
    struct root_state *root = &search->root;
    const struct edge *edges = tree_edges(&search->tree, tree_node(&search->tree, search->tree.root));
    struct defence defence = {search, search->workers[0].solver, level, budget, budget};
    if (root->count < 2 || search->position->phase != 0 || !threatens(&defence, search->position))
        return;
    defence.a_call = CALL_BUDGET;
    defence.left = total;
    for (int i = 0; i < root->count && defence.left > 0 && !search_stopped(search); i++) {
        union any_position after;
        if (root->lost[i] || root->excluded[i])
            continue;
        play(search->game, &after.p, search->position, edges[i].move);
        root->lost[i] = !game_over(&after.p) && wins(&defence, &after.p);
    }
    if (level == 1)
        mark_put_off(&defence, root, edges);
}

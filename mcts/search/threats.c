/* Wins by threats (game_ops.solve): at the root before the search, and in the tree when a node is expanded. */
#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

#include <stdlib.h>

/* Positions that a call may examine. At the root once for each side, and for each move after which the opponent's win is
 * looked for again, at most DEFENCE_TOTAL together; in the tree for each node. */
enum { ROOT_BUDGET = 40000, DEFENCE_BUDGET = 4000, DEFENCE_TOTAL = 200000, LEAF_BUDGET = 200 };
enum { MEMORY_BYTES = 1 << 20 };

struct game_solver *threats_create(const struct mcts *search)
{
    if (!search->config.threats || !search->game->ops->solve)
        return NULL;
    struct game_solver *solver = g_new0(struct game_solver, 1);
    solver->bytes = MEMORY_BYTES;
    solver->memory = aligned_alloc(64, MEMORY_BYTES);
    if (!solver->memory)
        g_error("out of memory for the solver of a search");
    threats_forget(solver);
    return solver;
}

void threats_close(struct game_solver *solver)
{
    if (solver)
        free(solver->memory);
    g_free(solver);
}

void threats_forget(struct game_solver *solver)
{
    if (solver)
        memset(solver->memory, 0, solver->bytes);
}

static bool solve(const struct mcts *search, struct game_solver *solver, const struct position *position, int level,
                  int64_t budget)
{
    solver->level = level;
    solver->budget = budget;
    return search->game->ops->solve(search->game, position, solver) == GAME_SOLVED_WON;
}

bool threats_win_leaf(struct worker *worker)
{
    return worker->solver && solve(worker->search, worker->solver, worker->position, 1, LEAF_BUDGET);
}

/* ---- the root ---- */

static int find_edge(const struct mcts *search, game_move move)
{
    const struct edge *edges = tree_edges(&search->tree, tree_node(&search->tree, search->tree.root));
    for (int i = 0; i < search->root.count; i++)
        if (edges[i].move == move)
            return i;
    return -1;
}

static void after_move(struct mcts *search, game_move move)
{
    struct worker *worker = &search->workers[0];
    game_copy(search->game, worker->position, search->position);
    game_play(search->game, worker->position, NULL, move);
}

/* Makes the child of a root edge a proven win for the player to move at the root, with a visit that backs it up. */
static void prove_edge(struct mcts *search, int edge)
{
    struct tree *tree = &search->tree;
    struct worker *worker = &search->workers[0];
    int player = search->position->player;
    uint32_t child = search->root.child[edge];
    if (!child) {
        child = tree_new_node(tree, tree->root, edge);
        tree_link_child(tree, tree->root, child);
        search->root.child[edge] = child;
        after_move(search, tree_edges(tree, tree_node(tree, tree->root))[edge].move);
        tree_node(tree, child)->player = worker->position->player;
        atomic_store(&tree_node(tree, child)->state, NODE_LEAF);
    }
    if (node_state(tree_node(tree, child)) != NODE_TERMINAL)
        atomic_store(&tree_node(tree, child)->proven, (int8_t)(player ? -1 : 1));
    history_copy(&worker->history, &search->history);
    worker->root_edge = edge;
    search_playout(worker);
}

/* Whether the player to move has a win by threats among the moves that are allowed: then it is proven. */
static bool find_win(struct mcts *search)
{
    struct root_state *root = &search->root;
    struct game_solver *solver = search->workers[0].solver;
    if (!solve(search, solver, search->position, search->config.threats, ROOT_BUDGET))
        return false;
    int edge = find_edge(search, solver->line[0]);
    if (edge < 0 || root->excluded[edge])
        return false;
    root->line_length = MIN(solver->length, (int)G_N_ELEMENTS(root->line));
    memcpy(root->line, solver->line, sizeof *root->line * (size_t)root->line_length);
    prove_edge(search, edge);
    return true;
}

/* If the opponent would win by threats after a pass, marks the moves after which it still does. */
static void find_defences(struct mcts *search)
{
    struct root_state *root = &search->root;
    struct worker *worker = &search->workers[0];
    const struct edge *edges = tree_edges(&search->tree, tree_node(&search->tree, search->tree.root));
    int64_t left = DEFENCE_TOTAL;
    int level = search->config.threats;
    game_copy(search->game, worker->position, search->position);
    game_set_to_move(search->game, worker->position, game_other(search->position->colour));
    if (!solve(search, worker->solver, worker->position, level, ROOT_BUDGET))
        return;
    for (int i = 0; i < root->count && left > 0; i++) {
        after_move(search, edges[i].move);
        root->lost[i] = !game_over(worker->position) && worker->position->player != search->position->player &&
                        solve(search, worker->solver, worker->position, level, MIN(left, DEFENCE_BUDGET));
        left -= worker->solver->examined;
    }
}

bool threats_solve_root(struct mcts *search)
{
    struct root_state *root = &search->root;
    if (!search->workers[0].solver || root->solved)
        return root->won;
    root->solved = true;
    memset(root->lost, 0, sizeof root->lost);
    root->won = find_win(search);
    if (!root->won && root->count > 1 && search->position->phase == 0)
        find_defences(search);
    return root->won;
}

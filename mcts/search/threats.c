/* Wins by threats (game_ops.solve): at the root before the search, and in the tree when a node is expanded. */
#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

#include <stdlib.h>

/* Positions that may be examined, at about a microsecond each. Level 1 at the root: for the win of each side, and for the
 * defences together. In the tree: for each node. */
enum { ROOT_BUDGET = 20000, DEFENCE_BUDGET = 50000, LEAF_BUDGET = 200 };
/* Level 2 at the root, in all: about a tenth of the run's time. LEAST: not worth while; MOST: if there is no limit. */
enum { THREES_A_VISIT = 20, THREES_A_MS = 100, THREES_LEAST = 1000, THREES_MOST = 200000 };
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

bool threats_win(const struct mcts *search, struct game_solver *solver, const struct position *position, int level,
                 int64_t budget)
{
    solver->level = level;
    solver->budget = budget;
    return search->game->ops->solve(search->game, position, solver) == GAME_SOLVED_WON;
}

bool threats_win_leaf(struct worker *worker)
{
    return worker->solver && threats_win(worker->search, worker->solver, worker->position, 1, LEAF_BUDGET);
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
static bool find_win(struct mcts *search, int level, int64_t budget)
{
    struct root_state *root = &search->root;
    struct game_solver *solver = search->workers[0].solver;
    if (!threats_win(search, solver, search->position, level, budget))
        return false;
    int edge = find_edge(search, solver->line[0]);
    if (edge < 0 || root->excluded[edge])
        return false;
    root->line_length = MIN(solver->length, (int)G_N_ELEMENTS(root->line));
    memcpy(root->line, solver->line, sizeof *root->line * (size_t)root->line_length);
    prove_edge(search, edge);
    return true;
}

static int64_t threes_budget(const struct mcts *search)
{
    const struct mcts_limits *limits = &search->limits;
    int64_t budget = THREES_MOST;
    if (limits->visits)
        budget = MIN(budget, limits->visits * THREES_A_VISIT);
    if (limits->time_ms)
        budget = MIN(budget, limits->time_ms * THREES_A_MS);
    return budget;
}

static void solve_fours(struct mcts *search)
{
    struct root_state *root = &search->root;
    root->solved = true;
    memset(root->lost, 0, sizeof root->lost);
    root->won = find_win(search, 1, ROOT_BUDGET);
    if (!root->won)
        defence_find(search, 1, ROOT_BUDGET, DEFENCE_BUDGET);
}

/* A quarter of the budget for each side's win, a half for the defences. */
static void solve_threes(struct mcts *search, int64_t budget)
{
    struct root_state *root = &search->root;
    root->solved_threes = true;
    root->won = find_win(search, 2, budget / 4);
    if (!root->won)
        defence_find(search, 2, budget / 4, budget / 2);
}

bool threats_solve_root(struct mcts *search)
{
    struct root_state *root = &search->root;
    if (!search->workers[0].solver)
        return false;
    if (!root->solved)
        solve_fours(search);
    int64_t budget = threes_budget(search);
    if (search->config.threats > 1 && !root->won && !root->solved_threes && budget >= THREES_LEAST)
        solve_threes(search, budget);
    return root->won;
}

/* Wins by threats (game_ops.solve): at the root before the search, and in the tree when a node is expanded. */
#include "games/game.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"

#include <stdlib.h>

/* Positions that may be examined, at about a microsecond each. Level 1 at the root: for the win of each side, and for the
 * defences together. In the tree: for each node. */
enum { ROOT_BUDGET = 20000, DEFENCE_BUDGET = 50000, LEAF_BUDGET = 200 };
/* Level 2 at the root, for everything: so many positions per visit of the run; with fewer than LEAST the level is skipped; MOST is the
 * maximum. */
enum { THREES_A_VISIT = 20, THREES_LEAST = 1000, THREES_MOST = 200000 };
/* With a time limit, each level may take about a tenth of it: a quarter of that for the win of each side, and a half for
 * the defences. Positions per millisecond, not a measured time, so that the results depend only on the limit. */
enum { A_MS = 100 };
/* Working memory of each thread, at most; all together have this part of the memory limit, but each what it needs. */
enum { MEMORY_BYTES = 1 << 20, MEMORY_PART = 8 };

size_t threats_bytes(const struct game *game, const struct mcts_config *config)
{
    size_t part = config->memory_bytes / MEMORY_PART / (size_t)config->threads / 64 * 64;
    return config->threats && game->ops->solve ? CLAMP(part, GAME_SOLVER_MIN_BYTES, MEMORY_BYTES) : 0;
}

struct game_solver *threats_create(const struct mcts *search)
{
    size_t bytes = threats_bytes(search->game, &search->config);
    void *memory = bytes ? aligned_alloc(64, bytes) : NULL;
    if (!memory)
        return NULL;
    struct game_solver *solver = g_new0(struct game_solver, 1);
    solver->bytes = bytes;
    solver->memory = memory;
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

/* `most`, or less with a limit (of time or visits; 0: none) that allows only so many for each of its units. */
static int64_t limited(int64_t most, int64_t limit, int64_t a_unit)
{
    return limit && limit < most / a_unit ? limit * a_unit : most;
}

/* `most` positions of level 1, or fewer with limits of time or visits. a_ms, a_visit: positions for each unit; a_visit 0: any number. */
static int64_t fours_budget(const struct mcts *search, int64_t most, int64_t a_ms, int64_t a_visit)
{
    const struct mcts_limits *limits = &search->limits;
    return limited(limited(most, limits->time_ms, a_ms), a_visit ? limits->visits : 0, a_visit);
}

static int64_t threes_budget(const struct mcts *search)
{
    const struct mcts_limits *limits = &search->limits;
    return limited(limited(THREES_MOST, limits->visits, THREES_A_VISIT), limits->time_ms, A_MS);
}

/* A known opponent need not see its threats. */
static void defend(struct mcts *search, int level, int64_t budget, int64_t total)
{
    if (!search->config.model_opponent)
        defence_find(search, level, budget, total);
}

static void solve_fours(struct mcts *search, int64_t budget)
{
    struct root_state *root = &search->root;
    root->solved = budget;
    root->solved_threes = false;
    memset(root->lost, 0, sizeof root->lost);
    root_exclude(search); /* without what an earlier search found */
    root->won = find_win(search, 1, budget);
    if (!root->won)
        defend(search, 1, budget, fours_budget(search, DEFENCE_BUDGET, A_MS / 2, 2 * search->config.threats_a_visit));
}

/* A quarter of the budget for each side's win, a half for the defences. */
static void solve_threes(struct mcts *search, int64_t budget)
{
    struct root_state *root = &search->root;
    root->solved_threes = true;
    root->won = find_win(search, 2, budget / 4);
    if (!root->won)
        defend(search, 2, budget / 4, budget / 2);
}

bool threats_solve_root(struct mcts *search)
{
    struct root_state *root = &search->root;
    if (!search->workers[0].solver || (search_stopped(search) && !root->won))
        return false;
    const int64_t fours = fours_budget(search, ROOT_BUDGET, A_MS / 4, search->config.threats_a_visit);
    const int64_t threes = threes_budget(search);
    if (!root->won && root->solved < fours)
        solve_fours(search, fours);
    if (search->config.threats > 1 && !root->won && !root->solved_threes && threes >= THREES_LEAST &&
        !search_stopped(search))
        solve_threes(search, threes);
    if (search_stopped(search) && root->solved) /* perhaps in the middle: the next run starts anew */
        root->solved = 1;
    return root->won;
}

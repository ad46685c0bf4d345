/* A known opponent: its policy at its positions, visits in its proportions, and what it would do wrong is exploited. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/search_state.h"
#include "mcts/search/tree.h"
#include "tests/mcts/fake.h"

enum { ALL_BUT_MAP = EVAL_POLICY | EVAL_VALUE | EVAL_SCORE };

/* ---- the evaluator ---- */

static void query(struct evaluator *evaluator, const struct position *position, struct eval *eval)
{
    const struct eval_query asked = {.position = position, .want = ALL_BUT_MAP};
    memset(eval, 0, sizeof *eval);
    evaluator_evaluate(evaluator, 1, &asked, eval);
}

Test(opponent, has_its_own_policy_at_its_positions_only)
{
    struct game game = fake_game("go:5");
    struct evaluator *own = fake_create(&game, 1, 2), *other = fake_create(&game, 2, 2),
                     *both = evaluator_opponent_create(fake_create(&game, 1, 2), fake_create(&game, 2, 2)),
                     *clone = evaluator_clone(both);
    for (int is = -1; is < 2; is++) {
        evaluator_opponent_is(both, is);
        for (int ply = 0; ply < 2; ply++) {
            union any_position position;
            struct eval mine, theirs, seen[2];
            fake_play(&game, &position.p, NULL, ply ? "C3" : "");
            query(own, &position.p, &mine);
            query(other, &position.p, &theirs);
            query(both, &position.p, &seen[0]);
            query(clone, &position.p, &seen[1]); /* which learns of it, too */
            const struct eval *policy = ply == is ? &theirs : &mine;
            for (int i = 0; i < 2; i++) {
                cr_expect_eq(memcmp(seen[i].logits, policy->logits, sizeof(float) * game.moves), 0, "ply %d", ply);
                cr_expect_eq(memcmp(seen[i].wdl, mine.wdl, sizeof mine.wdl), 0);
                cr_expect_eq(seen[i].score, mine.score);
            }
        }
    }
    evaluator_free(own);
    evaluator_free(other);
    evaluator_free(both);
    evaluator_free(clone);
}

/* ---- the search ---- */

/* All moves alike, but for one that it never plays. */
struct blind {
    struct evaluator base;
    game_move never;
};

static void blind_evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    const struct blind *blind = (const struct blind *)self;
    for (int i = 0; i < n; i++) {
        memset(&evals[i], 0, sizeof evals[i]);
        evals[i].logits[blind->never] = -60;
        evals[i].wdl[0] = evals[i].wdl[2] = 0.5f;
        evals[i].filled = queries[i].want & (EVAL_POLICY | EVAL_VALUE | EVAL_SCORE);
    }
}

static void blind_free(struct evaluator *self)
{
    g_free(self);
}

static struct evaluator *blind_create(const struct game *game, game_move never)
{
    static const struct evaluator_ops ops = {.name = "blind", .evaluate = blind_evaluate, .free = blind_free};
    struct blind *blind = g_new0(struct blind, 1);
    *blind = (struct blind){.base = {.ops = &ops, .game = game}, .never = never};
    return &blind->base;
}

/* X X .   X to move, to C1 only, which leaves both sides their wins: O at C2, X at C3. The value of that against an opponent who never
 * O O .   plays C2, or against one who plays well.
 * . . . */
static struct mcts_move value_of_trap(bool model, enum mcts_selection selection)
{
    struct game_ops ops;
    struct game game = fake_unpruned("gomoku:3,line=3", &ops);
    union any_position position;
    const game_move trap = game_move_parse(&game, "C1"), win = game_move_parse(&game, "C2");
    uint8_t allowed[GAME_MAX_MOVES] = {0};
    struct mcts_config config = mcts_defaults(selection);
    config.model_opponent = model;
    config.gumbel_noise = false;
    struct evaluator *evaluator = evaluator_opponent_create(evaluator_uniform_create(&game), blind_create(&game, win));
    struct mcts *search = fake_search(&game, &config, &evaluator);
    cr_assert(game_set_up_drawing(&game, &position.p, "XX. OO. ...", GAME_BLACK, NULL));
    allowed[trap] = 1;
    evaluator_opponent_is(evaluator, model ? !position.p.player : -1);
    mcts_set_root(search, &position.p, NULL);
    mcts_allow(search, allowed);
    mcts_run(search, &(struct mcts_limits){.visits = 200});
    cr_assert_null(mcts_check(search));
    struct mcts_move move = fake_find(search, trap);
    mcts_close(search);
    evaluator_free(evaluator);
    return move;
}

/* Of the three replies that are left, O blocks at C3 with one, and after the others X wins there. */
Test(opponent, a_reply_that_it_never_plays_does_not_count)
{
    for (int selection = MCTS_PUCT; selection <= MCTS_GUMBEL; selection++) {
        struct mcts_move feared = value_of_trap(false, (enum mcts_selection)selection),
                         modelled = value_of_trap(true, (enum mcts_selection)selection);
        cr_expect(feared.value < 0, "selection %d: %g", selection, (double)feared.value);
        cr_expect(modelled.value > 0.4f && modelled.proven == 0, "selection %d: %g", selection, (double)modelled.value);
    }
}

/* O sees its win at C2 like any other move: that does not prove the position lost. */
Test(opponent, a_win_that_it_may_miss_proves_nothing)
{
    for (int model = 0; model < 2; model++) {
        struct game_ops ops;
        struct game game = fake_unpruned("gomoku:3,line=3", &ops);
        union any_position position;
        struct mcts_config config = mcts_defaults(MCTS_PUCT);
        uint8_t allowed[GAME_MAX_MOVES] = {0};
        const game_move trap = game_move_parse(&game, "C1");
        config.model_opponent = model;
        struct evaluator *evaluator = evaluator_uniform_create(&game);
        struct mcts *search = fake_search(&game, &config, &evaluator);
        cr_assert(game_set_up_drawing(&game, &position.p, "XX. OO. ...", GAME_BLACK, NULL));
        allowed[trap] = 1;
        mcts_set_root(search, &position.p, NULL);
        mcts_allow(search, allowed);
        mcts_run(search, &(struct mcts_limits){.visits = 200});
        struct mcts_move move = fake_find(search, trap);
        cr_expect_eq(move.proven, model ? 0 : -1);
        cr_expect(model ? move.value > -1 : move.value == -1, "%g", (double)move.value);
        mcts_close(search);
        evaluator_free(evaluator);
    }
}

/* The share of a node's visits that a child should have by the opponent's policy times e^(rationality q), and has. */
static void compare_share(const struct mcts *search, const struct node *node, const struct node *child)
{
    const struct tree *tree = &search->tree;
    const struct edge *edges = tree_edges(tree, node);
    const double rationality = (double)search->config.model_rationality;
    double mass = 0, all = 0, own = 0;
    for (uint32_t at = node->first_child; at; at = tree_node(tree, at)->next) {
        const struct node *other = tree_node(tree, at);
        const double q = 0.5 + 0.5 * (double)node_value(other, node->player),
                     weight = (double)tree_unpack_prior(edges[other->edge].prior) * exp(rationality * q);
        mass += weight;
        all += (double)node_visits(other);
        if (other == child)
            own = weight;
    }
    /* All moves have been visited, so that the weights are those of the whole policy; the values still changed a little. */
    const double wanted = all * own / mass, slack = rationality > 0 ? 1.5 + 0.1 * wanted : 1.5;
    cr_expect(fabs((double)node_visits(child) - wanted) <= slack, "rationality %g: %u visits, not %g", rationality,
              node_visits(child), wanted);
}

/* At the opponent's nodes the visits of the moves are as their priors, within a visit each; with a rationality, those of higher value
 * have more. */
Test(opponent, visits_follow_its_policy)
{
    for (int rationality = 0; rationality <= 4; rationality += 4) {
        struct game game = fake_game("go:3");
        union any_position position;
        struct mcts_config config = mcts_defaults(MCTS_PUCT);
        config.model_opponent = true;
        config.model_rationality = (float)rationality;
        config.prove = false;
        struct evaluator *evaluator = evaluator_opponent_create(fake_create(&game, 1, 1), fake_create(&game, 2, 2));
        struct mcts *search = fake_search(&game, &config, &evaluator);
        game_init(&game, &position.p);
        evaluator_opponent_is(evaluator, 1);
        mcts_set_root(search, &position.p, NULL);
        mcts_run(search, &(struct mcts_limits){.visits = 20000});
        const struct tree *tree = &search->tree;
        int nodes = 0;
        for (uint32_t at = tree_node(tree, tree->root)->first_child; at; at = tree_node(tree, at)->next) {
            const struct node *node = tree_node(tree, at);
            if (node_visits(node) < 1000 || node_child_count(node) < node->edge_count)
                continue;
            nodes++;
            for (uint32_t below = node->first_child; below; below = tree_node(tree, below)->next)
                compare_share(search, node, tree_node(tree, below));
        }
        cr_assert_gt(nodes, 0);
        mcts_close(search);
        evaluator_free(evaluator);
    }
}

static game_move most_visited(const struct mcts *search)
{
    const struct tree *tree = &search->tree;
    const struct node *root = tree_node(tree, tree->root), *best = tree_node(tree, root->first_child);
    for (uint32_t at = root->first_child; at; at = tree_node(tree, at)->next)
        if (node_visits(tree_node(tree, at)) > node_visits(best))
            best = tree_node(tree, at);
    return tree_edges(tree, root)[best->edge].move;
}

/* A tree that was searched for one player says nothing to the other, for whom the first is the opponent: it is begun anew, whether the
 * root was set or advanced. For the same player, two plies later, it is kept. */
Test(opponent, the_other_player_begins_anew)
{
    struct game game = fake_game("go:5");
    for (int plies = 1; plies <= 2; plies++)
        for (int set = 0; set < 2; set++) {
            union any_position position;
            struct mcts_config config = mcts_defaults(MCTS_PUCT);
            struct mcts_root root;
            struct history history;
            history_init(&history, game.max_plies);
            config.model_opponent = true;
            struct evaluator *evaluator = evaluator_opponent_create(fake_create(&game, 1, 1), fake_create(&game, 2, 2));
            struct mcts *search = fake_search(&game, &config, &evaluator);
            game_init(&game, &position.p);
            evaluator_opponent_is(evaluator, 1);
            mcts_set_root(search, &position.p, NULL);
            mcts_run(search, &(struct mcts_limits){.visits = 300});
            for (int i = 0; i < plies; i++) {
                const game_move move = most_visited(search);
                game_play(&game, &position.p, &history, move);
                if (!set)
                    mcts_advance(search, move);
                else
                    mcts_set_root(search, &position.p, &history);
            }
            evaluator_opponent_is(evaluator, !position.p.player);
            mcts_run(search, &(struct mcts_limits){.visits = 5});
            mcts_root(search, &root);
            cr_expect(plies == 1 ? root.visits == 6 : root.visits > 6, "%d plies: %d visits", plies, (int)root.visits);
            history_clear(&history);
            mcts_close(search);
            evaluator_free(evaluator);
        }
}

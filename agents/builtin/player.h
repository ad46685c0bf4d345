/* What the agents that search share: a tree that follows the game, limits from clock and spec, passing, resigning. */
#ifndef TENGEN_AGENTS_BUILTIN_PLAYER_H
#define TENGEN_AGENTS_BUILTIN_PLAYER_H

#include "agents/agent.h"
#include "mcts/search.h"

enum {
    PLAYER_MAX_THREADS = 64,
    PLAYER_LAG_MS = 30, /* kept between our answer and the clock's stop */
};

struct player_config {
    struct mcts_config search;
    int64_t visits;  /* of the root, under PUCT a kept subtree's included; 0: no limit */
    int64_t time_ms; /* a move; 0: no limit. Both count only where the clock says nothing */
    bool reuse;      /* keep the subtree from move to move */
    double temperature;
    double resign; /* give up below this winning chance, twice in a row; 0: never */
};

struct player;
/* evaluators: config.search.threads of them, which the player owns from now on, also when this fails. */
int player_create(struct player **out, struct agent *agent, const struct player_config *config,
                  struct evaluator *const *evaluators, GError **error);
void player_close(struct player *player); /* NULL is fine */

/* The agent's own functions of the same names, for its `struct player`. */
void player_new_game(struct player *player, struct agent *agent);
void player_moved(struct player *player, game_move move);
/* analysis: NULL for none; choice: NULL to search without choosing. See agent_analyse. */
void player_analyse(struct player *player, struct agent *agent, const struct agent_clock *clock,
                    const struct agent_analysis *analysis, struct agent_choice *choice);
void player_stop(struct player *player);

/* What a clock allows for the next move in milliseconds; 0 when it says nothing. */
int64_t player_budget_ms(const struct agent *agent, const struct agent_clock *clock);
/* The move that ends the game at once with a win, after the opponent's pass, or GAME_NO_MOVE. */
game_move player_winning_pass(const struct agent *agent);

#endif

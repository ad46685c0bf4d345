/* Shared by the searching agents: a tree that follows the game, limits from clock and spec, passing, resigning. */
#ifndef TENGEN_AGENTS_BUILTIN_PLAYER_H
#define TENGEN_AGENTS_BUILTIN_PLAYER_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"
#include "mcts/search.h"

struct agent;
struct agent_analysis;
struct agent_choice;
struct agent_clock;
struct remember;

struct player_config {
    struct mcts_config search;
    int64_t visits;  /* of the root, with PUCT including a reused subtree; 0: no limit */
    int64_t time_ms; /* per move; 0: no limit. Both apply only if the clock sets no limit */
    bool hold;       /* keep the time that early stops save for moves that need it, see budget.h; with PUCT only */
    bool checks;     /* search on where reading finds nothing left to play, which may have overlooked something */
    bool reuse;      /* reuse the subtree between moves */
    double temperature;
    double resign; /* resign if the win probability is below this twice in a row; 0: never */
    struct remember *remember; /* the player takes ownership, even on failure; NULL: no memory */
};

struct player;
/* evaluators: config.search.threads of them; the player takes ownership, even on failure. */
int player_create(struct player **out, struct agent *agent, const struct player_config *config,
                  struct evaluator *const *evaluators, GError **error);
void player_close(struct player *player); /* NULL is allowed */

/* Implementations of the agent_ops of the same names. */
void player_new_game(struct player *player, struct agent *agent);
void player_moved(struct player *player, game_move move);
/* analysis: NULL for none; choice: NULL to search without choosing. See agent_analyse. */
void player_analyse(struct player *player, struct agent *agent, const struct agent_clock *clock,
                    const struct agent_analysis *analysis, struct agent_choice *choice);
/* The same, of agents whose own state is a player. */
bool player_finished(struct agent *agent, enum game_outcome outcome, const atomic_bool *stop, GError **error);
bool player_study(struct agent *agent, const atomic_bool *stop, GError **error);
void player_stop(struct player *player);

#endif

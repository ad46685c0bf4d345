/* One game of a match: playing and adjudicating it, and its record. The base of match.h (many games), schedule.h
 * (pairings) and journal.h (storage). */
#ifndef TENGEN_ENGINE_MATCH_GAME_H
#define TENGEN_ENGINE_MATCH_GAME_H

#include <stdatomic.h>

#include "agents/agent.h"
#include "games/game.h"

enum { MATCH_REASON_MAX = 400, MATCH_MAX_OPENING = 60, MATCH_MAX_PLAYERS = 64 };

struct match_opening {
    game_move moves[MATCH_MAX_OPENING];
    int count;
};

/* The values are stored in journals: append only. */
enum match_end {
    MATCH_RULES,    /* by the rules, including the game's own length limit */
    MATCH_RESIGNED, /* by the loser */
    MATCH_FORFEIT,  /* the loser's fault: illegal move, crash, no answer; see `reason` */
    MATCH_STOPPED,  /* stopped from outside: no result */
    MATCH_TIME,     /* the loser exceeded its time; see `reason` */
    MATCH_AGREED,   /* adjudicated: both agents' values agreed on the result; see `reason` */
    MATCH_CAPPED,   /* reached the terms' ply limit: scored as is, or by the referee */
    MATCH_ENDS
};
extern const char *const match_end_names[MATCH_ENDS];

/* What an agent reported with its move. */
struct match_ply {
    int32_t time_ms;
    float value;    /* from the mover's view; NAN if unknown, as for opening moves */
    int64_t visits; /* 0: unknown */
};

/* A played game. */
struct match_game {
    enum match_end end;
    enum game_outcome outcome; /* GAME_ONGOING if stopped */
    float margin;              /* as in game_result; 0 unless the board was scored */
    int loser;                 /* MATCH_RESIGNED, MATCH_FORFEIT, MATCH_TIME: player 0 or 1 */
    bool broken[2];            /* this agent failed and must be reopened before the next game */
    bool referee_broken;
    int plies;
    game_move *moves;       /* plies entries, owned: match_game_clear */
    struct match_ply *info; /* plies entries, owned; NULL: unknown */
    double seconds;
    char reason[MATCH_REASON_MAX];
};
void match_game_clear(struct match_game *game);

/* Terms of a game; all zero: no limits, no adjudication. */
struct match_terms {
    struct agent_clock clock; /* of each side at the start */
    int64_t margin_ms;        /* tolerated clock overrun */
    /* Win: both agents' values favour the same side by at least win_value for win_moves moves each. */
    float win_value;
    int win_moves;    /* 0: never */
    float draw_value; /* draw: both within it for draw_moves moves each, from ply draw_ply on */
    int draw_moves, draw_ply;
    int max_plies; /* 0: the game's own limit */
};

/* Plays one game between agents[0] (player 0) and agents[1], neither of which is trusted. referee scores games that end
 * by the rules or the ply limit (NULL: the board is scored as is). opening, terms and stop may be NULL. After setting
 * *stop, also call agent_stop on both agents. Fills `out` in every case. */
void match_play_game(const struct game *game, struct agent *const agents[2], struct agent *referee,
                     const struct match_opening *opening, const struct match_terms *terms, const atomic_bool *stop,
                     uint64_t seed, struct match_game *out);

/* Hash of the moves; games equal up to symmetry have the same `symmetric` hash. */
uint64_t match_game_hash(const struct game *game, const struct match_game *played);
uint64_t match_game_hash_symmetric(const struct game *game, const struct match_game *played);

/* One scheduled game; side[0] is the index of the player that moves first. */
struct match_record {
    int side[2], round, pair, opening;
    bool done;
    bool void_game; /* not played or not counted: a player has withdrawn, or the test is decided */
    enum match_end end;
    enum game_outcome outcome;
    int loser, plies;
    float margin;
    double seconds;
    uint64_t hash, symmetric;
    char *reason; /* for a fault or an adjudication, else NULL */
};

/* Whether the game ended by the loser's fault. */
static inline bool match_is_fault(enum match_end end)
{
    return end == MATCH_FORFEIT || end == MATCH_TIME;
}

#endif

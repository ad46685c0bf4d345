/* One game of a match: how it is refereed, and what is kept of it. What plays many of them (match.h), decides which
 * (schedule.h) and keeps them (journal.h) stands on this. */
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

/* Numbers are kept in journals: append only. */
enum match_end {
    MATCH_RULES,    /* the game's own end, its length cap included */
    MATCH_RESIGNED, /* by the loser */
    MATCH_FORFEIT,  /* the loser's fault: illegal move, crash, no answer; see `reason` */
    MATCH_STOPPED,  /* whoever asked for the game stopped it: no result */
    MATCH_TIME,     /* the loser overran its clock; see `reason` */
    MATCH_AGREED,   /* both agents' values agreed on the result long enough; see `reason` */
    MATCH_CAPPED,   /* as many plies as the terms allow: scored as it lay, or by the referee */
    MATCH_ENDS
};
extern const char *const match_end_names[MATCH_ENDS];

/* What an agent told with its move. */
struct match_ply {
    int32_t time_ms;
    float value;    /* of the mover's view, NAN when it has none (an opening's move has none) */
    int64_t visits; /* 0: not known */
};

/* One game as it was played. */
struct match_game {
    enum match_end end;
    enum game_outcome outcome; /* GAME_ONGOING when stopped */
    float margin;              /* as in game_result; 0 unless the board was scored */
    int loser;                 /* MATCH_RESIGNED, MATCH_FORFEIT, MATCH_TIME: player 0 or 1 */
    bool broken[2];            /* this agent failed and must be opened anew before another game */
    bool referee_broken;
    int plies;
    game_move *moves;       /* plies entries, owned: match_game_clear */
    struct match_ply *told; /* as many, owned; may be NULL: nothing known */
    double seconds;
    char reason[MATCH_REASON_MAX];
};
void match_game_clear(struct match_game *game);

/* What a game is played under; all zero: no limits, no adjudication. */
struct match_terms {
    struct agent_clock clock; /* of each side at the start */
    int64_t margin_ms;        /* later than the clock by no more than this is forgiven */
    /* Both sides' values agree that one of them wins by at least win_value, through win_moves moves of each. */
    float win_value;
    int win_moves;    /* 0: never */
    float draw_value; /* both within it, through draw_moves moves of each, from ply draw_ply on: a draw */
    int draw_moves, draw_ply;
    int max_plies; /* 0: the game's own cap */
};

/* Plays one game between agents[0] (player 0) and agents[1]; nothing that an agent does is trusted. referee (asked for
 * the score of what the rules or the cap ended; NULL: the board as it lies), opening, terms and stop may be NULL. Who
 * sets *stop should also call agent_stop on both. Fills `out` in every case. */
void match_play_game(const struct game *game, struct agent *const agents[2], struct agent *referee,
                     const struct match_opening *opening, const struct match_terms *terms, const atomic_bool *stop,
                     uint64_t seed, struct match_game *out);

/* A hash of the moves; of a set of symmetric games all have the same `symmetric` hash. */
uint64_t match_game_hash(const struct game *game, const struct match_game *played);
uint64_t match_game_hash_symmetric(const struct game *game, const struct match_game *played);

/* One game of the schedule; side[0] is the index of the player that had the first move. */
struct match_record {
    int side[2], round, pair, opening;
    bool done;
    bool void_game; /* not to be played, or not to be counted: of a withdrawn player, or after the test's decision */
    enum match_end end;
    enum game_outcome outcome;
    int loser, plies;
    float margin;
    double seconds;
    uint64_t hash, symmetric;
    char *reason; /* of a fault or an adjudication, else NULL */
};

/* Whether the loser is to blame for the way in which it ended. */
static inline bool match_is_fault(enum match_end end)
{
    return end == MATCH_FORFEIT || end == MATCH_TIME;
}

#endif

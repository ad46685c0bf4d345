/* Players. One interface for a random mover, a search, a human at a terminal and another program behind a pipe.
 *
 * An agent is told of every move of a game in order and is asked for one when it is its turn. The base keeps position
 * and history, so that the smallest agent is one function. An agent belongs to one thread at a time, which calls
 * everything here but agent_stop. */
#ifndef TENGEN_AGENTS_AGENT_H
#define TENGEN_AGENTS_AGENT_H

#include <stdatomic.h>

#include "agents/clock.h"
#include "games/game.h"
#include "games/option.h"
#include "games/rng.h"

#define AGENT_ERROR (agent_error_quark())
GQuark agent_error_quark(void);
enum agent_error {
    AGENT_ERROR_SPEC,     /* the spec is wrong */
    AGENT_ERROR_GAME,     /* this agent does not play this game */
    AGENT_ERROR_DIED,     /* an external program: exited or crashed */
    AGENT_ERROR_TIMEOUT,  /* no answer in time */
    AGENT_ERROR_PROTOCOL, /* an answer that makes no sense, a flood, an error reply */
};

enum agent_action { AGENT_PLAYS, AGENT_RESIGNS };
struct agent_choice {
    enum agent_action action;
    game_move move;
    float value; /* the agent's own view of its winning chance less losing chance, NAN when it has none */
    int64_t visits;
    int64_t time_ms;
};

/* ---- analysis: what a search thinks, while it thinks; all from the view of the player to move ---- */

enum { AGENT_MAX_LINE = 48 };

struct agent_candidate {
    game_move move;
    int64_t visits;
    float prior;            /* 0..1 */
    float value, draw, lcb; /* winning less losing chance, -1..1; chance of a draw; lower confidence bound of value */
    float score;            /* expected margin in points */
    int proven;             /* 1 won, -1 lost for certain, 0 not known */
    int length;             /* of the expected line, `move` first */
    game_move line[AGENT_MAX_LINE];
    int64_t line_visits[AGENT_MAX_LINE]; /* of each of its moves; 0 where they are not known */
};

struct agent_report {
    int64_t visits, time_ms;
    float value, draw, score;             /* of the position */
    float raw_value, raw_draw, raw_score; /* before any search */
    int count;
    const struct agent_candidate *candidates; /* best first */
    const float *map; /* [points], +1 the mover's, -1 the opponent's; NULL when not asked for or not known */
};

/* A value -1..1 as a chance of winning 0..1, draws by half; an unknown one is even. */
double agent_chance(float value);
/* How many of the moves are worth telling: those that were searched, and the first in any case; at least `least` of
 * them, at most `most` (0: no bound). */
int agent_report_count(const struct agent_report *report, int64_t least, int64_t most);

/* What is wanted. The report and what it points to last for the call. */
struct agent_analysis {
    int64_t interval_ms; /* between reports; 0: only the last one */
    int candidates;      /* the most that a report names; 0: all */
    bool map;
    const uint8_t *allowed;  /* a byte for each move of the game: what may be considered; NULL: all */
    const atomic_bool *stop; /* polled: ends it soon, also when it was set before the call; NULL: agent_stop does */
    void (*report)(const struct agent_report *report, void *data); /* in any thread, one at a time; may be NULL */
    void *data;
};

struct agent;
struct agent_ops {
    const char *name;                   /* before the colon in a spec */
    const char *usage, *summary;        /* "rollout:PLAYOUTS", one line */
    const struct option_row *options;   /* what follows the argument, see games/option.h; NULL without any */
    /* argument: the text after the colon, "" without one. agent->game, seed and rng are set. */
    bool (*open)(struct agent *agent, const char *argument, GError **error);
    /* As agent_takes_clock; NULL: any clock. */
    bool (*takes_clock)(const struct agent *agent, const struct agent_clock *control, GError **error);
    /* The position was set to the start (or the one given) and the history emptied; may be NULL. */
    bool (*new_game)(struct agent *agent, GError **error);
    /* A move was made by anybody, already played on agent->position; may be NULL. */
    bool (*moved)(struct agent *agent, game_move move, GError **error);
    bool (*choose)(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error);
    /* As agent_analyse; may be NULL: then `choose` answers, and reports once. */
    bool (*analyse)(struct agent *agent, const struct agent_clock *clock, const struct agent_analysis *analysis,
                    struct agent_choice *choice, GError **error);
    void (*stop)(struct agent *agent);  /* ends a choose soon; any thread; may be NULL */
    void (*close)(struct agent *agent); /* may be NULL */
    /* The result of the position as the agent sees it (dead stones taken off); NULL: it cannot tell. */
    bool (*score)(struct agent *agent, struct game_result *result, GError **error);
};
extern const struct agent_ops *const agent_table[]; /* NULL-terminated */

/* What an external program is held to; 0: no limit. */
struct agent_limits {
    uint64_t memory_bytes; /* address space of each of its processes */
    uint64_t cpu_s;        /* processor time of each of its processes, from its start on */
    int cpus, first_cpu;   /* how many processors it may run on, counted round from this one */
};

struct agent {
    const struct agent_ops *ops;
    const struct game *game; /* outlives the agent */
    char *spec;              /* as given */
    struct position *position;
    struct history history;
    /* How the position was reached: the moves told since `start`, which had start_plies of history before it. */
    struct position *start;
    int start_plies;
    GArray *told;  /* game_move */
    uint64_t seed; /* of the present game */
    struct rng rng;
    int threads;          /* that a search may use, from the caller, unless the spec says otherwise */
    int64_t reply_ms;     /* how long an external program may take to answer when no clock says */
    int64_t memory_bytes; /* the most for trees and caches; 0: as the spec says */
    struct agent_limits limits;
    void *own;            /* the agent's own state */
};

/* Spec: NAME, or NAME:ARGUMENT as in agent_table; `agent_describe_all` prints them. */
struct agent_config {
    uint64_t seed;
    int threads;          /* 1 and up */
    int64_t reply_ms;     /* 0: AGENT_REPLY_MS */
    int64_t memory_bytes; /* the most for trees and caches, whatever the spec says; 0: no such limit */
    struct agent_limits limits;
};
enum { AGENT_REPLY_MS = 60000 };
int agent_open(struct agent **out, const char *spec, const struct game *game, const struct agent_config *config,
               GError **error);
void agent_close(struct agent *agent); /* NULL is fine */
void agent_describe_all(FILE *out);

/* Whether the agent can play under this time control: a protocol may have no words for it. The error says which it has.
 */
bool agent_takes_clock(const struct agent *agent, const struct agent_clock *control, GError **error);
/* A new game from the start; seeds the agent's generator, so that the same seed plays the same game. */
bool agent_new_game(struct agent *agent, uint64_t seed, GError **error);
/* Takes up a position in the middle, reached or set up in whatever way; position and history are copied. */
bool agent_set_position(struct agent *agent, const struct position *position, const struct history *history,
                        GError **error);
/* Tells of a move, its own included, which must be legal. */
bool agent_moved(struct agent *agent, game_move move, GError **error);
/* Brings the agent to the position after `moves`, played from `start` (NULL: the game's own), in the cheapest way: it
 * is told the moves that it does not know where those it was told in this game lead there, else a new game begins. A
 * game is the same while its seed is. An error leaves the agent somewhere on the way: close it. */
bool agent_follow(struct agent *agent, const struct position *start, const game_move *moves, int count, uint64_t seed,
                  GError **error);
/* A new game that goes on from this position, however it was reached; history: NULL for none. */
bool agent_take_up(struct agent *agent, const struct position *position, const struct history *history, uint64_t seed,
                   GError **error);
/* Asks for a move; does not play it. The caller checks its legality (agents are not trusted). clock: NULL for none. */
bool agent_choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error);
/* Searches the present position and reports what it finds. With a choice, ends as agent_choose would and fills it;
 * without one, goes on until it is stopped, or until the clock's limits where it gives any (clock: NULL for none). An
 * agent that cannot search longer returns early. The last report comes before this returns. */
bool agent_analyse(struct agent *agent, const struct agent_clock *clock, const struct agent_analysis *analysis,
                   struct agent_choice *choice, GError **error);
/* The result of the game where it stands, as a referee; an error for an agent that cannot tell. */
bool agent_score(struct agent *agent, struct game_result *result, GError **error);
void agent_stop(struct agent *agent);

#endif

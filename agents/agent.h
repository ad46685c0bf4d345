/* Players. One interface for a random player, a search, a human at a terminal and an external program.
 *
 * An agent is sent every move of a game in order and is asked for a move on its turn. The base tracks position and
 * history, so that the simplest agent is a single function. An agent must be used by one thread at a time, except for
 * agent_stop. Functions that return bool and take a GError return false with the error set on failure. */
#ifndef TENGEN_AGENTS_AGENT_H
#define TENGEN_AGENTS_AGENT_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "agents/clock.h" /* IWYU pragma: export */
#include "games/game.h"

#define AGENT_ERROR (agent_error_quark())
GQuark agent_error_quark(void);
enum agent_error {
    AGENT_ERROR_SPEC,     /* invalid spec */
    AGENT_ERROR_GAME,     /* the agent does not support this game */
    AGENT_ERROR_DIED,     /* an external program exited or crashed */
    AGENT_ERROR_TIMEOUT,  /* no reply in time, or interrupted */
    AGENT_ERROR_MEMORY,   /* the system refuses the memory that the agent may use; a lower limit may do */
    AGENT_ERROR_PROTOCOL, /* an invalid reply, too much output, an error reply */
};

enum agent_action { AGENT_PLAYS, AGENT_RESIGNS };
struct agent_choice {
    enum agent_action action;
    game_move move;
    float value; /* the agent's P(win) - P(loss) for itself; NAN: unknown */
    int64_t visits;
    int64_t time_ms;
};

/* ---- analysis: search results while the search runs; all from the perspective of the player to move ---- */

enum { AGENT_MAX_LINE = 48 };

struct agent_candidate {
    game_move move;
    int64_t visits;
    float prior;            /* 0..1 */
    float value, draw, lcb; /* P(win) - P(loss), -1..1; P(draw); lower confidence bound of value */
    float score;            /* expected margin in points */
    int proven;             /* 1: proven win, -1: proven loss, 0: not proven */
    int length;             /* of the principal variation, which starts with `move` */
    game_move line[AGENT_MAX_LINE];
    int64_t line_visits[AGENT_MAX_LINE]; /* visits of each of its moves; 0: unknown */
};

struct agent_report {
    int64_t visits, time_ms;
    float value, draw, score;             /* of the position */
    float raw_value, raw_draw, raw_score; /* raw network values */
    float steps; /* of the net's loop in each new evaluation, the mean; 0: it has no loop, or evaluated nothing */
    int count;
    const struct agent_candidate *candidates; /* best first */
    const float *map; /* [points], +1: player to move, -1: opponent; NULL: not requested or unknown */
};

/* Converts a value -1..1 to a win probability 0..1, counting a draw as half; 0.5 if not finite. */
double agent_chance(float value);
/* The number of candidates to show: those that were visited, and always the first; at least `min`, at most `max` (0: no
 * limit). */
int agent_report_count(const struct agent_report *report, int64_t min, int64_t max);

/* What to report. A report and what it points to are valid during the callback. */
struct agent_analysis {
    int64_t interval_ms; /* between reports; 0: only the final report */
    int candidates;      /* maximum number of candidates per report; 0: all */
    bool map;
    const uint8_t *allowed;  /* a byte per move of the game: whether it may be considered; NULL: all */
    const atomic_bool *stop; /* polled: ends the search soon, also if set before the call; NULL: only agent_stop does */
    /* called from any thread, one call at a time; may be NULL */
    void (*report)(const struct agent_report *report, void *data);
    void *data;
};

struct agent;
struct agent_ops {
    const char *name;                   /* before the colon in a spec */
    const char *usage, *summary;        /* "rollout:PLAYOUTS", one line */
    const struct option_row *options;   /* options after the argument, see games/option.h; NULL: none */
    /* argument: the text after the colon, or "". agent->game, seed and rng are set. */
    bool (*open)(struct agent *agent, const char *argument, GError **error);
    /* Like agent_takes_clock; NULL: supports every time control. */
    bool (*takes_clock)(const struct agent *agent, const struct agent_clock *control, GError **error);
    /* Called after position and history have been set, by agent_new_game or agent_set_position; may be NULL. */
    bool (*new_game)(struct agent *agent, GError **error);
    /* Called after each move, of either player, has been played on agent->position; may be NULL. */
    bool (*moved)(struct agent *agent, game_move move, GError **error);
    bool (*choose)(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error);
    /* Like agent_analyse; NULL: agent_analyse falls back to `choose` and reports once. */
    bool (*analyse)(struct agent *agent, const struct agent_clock *clock, const struct agent_analysis *analysis,
                    struct agent_choice *choice, GError **error);
    void (*stop)(struct agent *agent);  /* ends `choose` or `analyse` soon; from any thread; may be NULL */
    void (*close)(struct agent *agent); /* may be NULL */
    /* Like agent_score, dead stones removed; NULL: not supported. */
    bool (*score)(struct agent *agent, struct game_result *result, GError **error);
    /* Like agent_finished; NULL: does not care. */
    bool (*finished)(struct agent *agent, enum game_outcome outcome, const atomic_bool *stop, GError **error);
    /* Like agent_study; NULL: does nothing. */
    bool (*study)(struct agent *agent, const atomic_bool *stop, GError **error);
};
extern const struct agent_ops *const agent_table[]; /* NULL-terminated */

/* Resource limits of an external program; 0: no limit. */
struct agent_limits {
    uint64_t memory_bytes; /* address space of each of its processes */
    uint64_t cpu_s;        /* CPU time of each of its processes */
    int cpus, first_cpu;   /* number of CPUs it may run on, starting with first_cpu and wrapping around; 0: all */
};

struct agent {
    const struct agent_ops *ops;
    const struct game *game; /* outlives the agent */
    /* The game as the agent's own searches play it: a copy of `game`, or if the agent sets `unattended`, its
     * game_unattended. Both have the same positions. */
    struct game search_game;
    bool unattended;
    char *spec;              /* as given */
    /* Of its net, as text of games/scope.h (NULL: none is known, or there is no net), and whether that is all of it. */
    char *scope;
    bool whole_scope;
    char *memory; /* the default file of memories, see agent_config; NULL: none */
    /* Why the agent plays without the memory it should have; NULL: nothing is wrong. */
    char *memory_problem;
    /* Set by agent_choose, and by agent_analyse with a choice: if the agent's memory has this position, the time (Unix) of
     * the lost game from which it was remembered; else 0. */
    int64_t recalled;
    struct position *position;
    struct history history;
    /* How the position was reached: the moves since `start`, which had start_plies of history before it. */
    struct position *start;
    int start_plies;
    GArray *moves; /* game_move */
    uint64_t seed; /* of the current game */
    struct rng rng;
    int threads;          /* for the search, unless the spec specifies it */
    int64_t reply_ms;     /* time limit for replies of an external program if there is no clock */
    int64_t memory_bytes; /* limit for trees and caches; 0: according to the spec */
    struct agent_limits limits;
    void *own; /* the implementation's state */
};

/* Brings search_game up to date with `game` and `unattended`. Called before each search; by agents, after they have set
 * `unattended`. */
void agent_sync_search_game(struct agent *agent);

/* A spec is NAME or NAME:ARGUMENT as in agent_table; agent_describe_all lists them. */
struct agent_config {
    uint64_t seed;
    int threads;          /* 1 to AGENT_MAX_THREADS; other numbers are taken for the nearest of these */
    int64_t reply_ms;     /* 0: AGENT_REPLY_MS */
    int64_t memory_bytes; /* limit for trees and caches, overriding the spec; 0: no limit */
    struct agent_limits limits;
    /* The file of memories (agents/memory) for agents that have one and whose spec names none; NULL: none. */
    const char *memory;
};
enum { AGENT_REPLY_MS = 60000, AGENT_MAX_THREADS = 64 };
/* The threads of each of `searches` (at least 1) that share a machine of so many processors: 1 to AGENT_MAX_THREADS. */
int agent_share_of_threads(unsigned processors, int searches);
/* game: borrowed. 0, or -1 with *out NULL and the error set. */
int agent_open(struct agent **out, const char *spec, const struct game *game, const struct agent_config *config,
               GError **error);
void agent_close(struct agent *agent); /* NULL is allowed */
void agent_describe_all(FILE *out);

/* A message for the user if the game lies outside of what the agent's net was trained on, or if the agent's memory cannot
 * be used; else NULL. Freed by g_free. */
char *agent_caution(const struct agent *agent);
/* The same, but NULL if *said, a set of texts that is created when it is NULL, has the message already; adds it. */
char *agent_caution_once(const struct agent *agent, GHashTable **said);
/* Whether the agent supports this time control, which a protocol may not be able to express. The error lists the
 * supported ones. */
bool agent_takes_clock(const struct agent *agent, const struct agent_clock *control, GError **error);
/* Starts a new game and seeds the agent's random generator: the same seed gives the same game. */
bool agent_new_game(struct agent *agent, uint64_t seed, GError **error);
/* Continues from an arbitrary position, played or set up; position and history (NULL: none) are copied. */
bool agent_set_position(struct agent *agent, const struct position *position, const struct history *history,
                        GError **error);
/* Notifies the agent of a move by either player, itself included; it must be legal. */
bool agent_moved(struct agent *agent, game_move move, GError **error);
/* Brings the agent to the position after `moves`, played from `start` (NULL: the game's initial position), in the
 * cheapest way: if the moves sent so far in the game of this seed are a prefix of `moves`, sends only the remaining
 * ones, else starts a new game. After an error the agent's position is undefined: close it. */
bool agent_follow(struct agent *agent, const struct position *start, const game_move *moves, int count, uint64_t seed,
                  GError **error);
/* Starts a new game and continues from this position; history: NULL for none. */
bool agent_start_from(struct agent *agent, const struct position *position, const struct history *history,
                      uint64_t seed, GError **error);
/* Asks for a move; does not play it. The caller must check its legality: agents are not trusted. clock: NULL for
 * none. */
bool agent_choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error);
/* Searches the current position and reports results. With a choice, ends as agent_choose would and fills it; without,
 * continues until stopped or until the clock's limits, if any (clock: NULL for none). May return early if the agent
 * cannot search further. The final report is made before this returns. */
bool agent_analyse(struct agent *agent, const struct agent_clock *clock, const struct agent_analysis *analysis,
                   struct agent_choice *choice, GError **error);
/* Scores the current position, as a referee; an error if the agent does not support it. */
bool agent_score(struct agent *agent, struct game_result *result, GError **error);
/* Tells the agent how its game ended; it must have been sent all moves. An agent with a memory studies a game that it lost,
 * with searches that take many times longer than those of the game, and remembers what it finds. stop: polled; ends the
 * study soon and keeps what it has found so far (NULL: cannot be stopped). False with the error set if the result could not
 * be stored; the agent remains usable. */
bool agent_finished(struct agent *agent, enum game_outcome outcome, const atomic_bool *stop, GError **error);
/* For idle time: resumes a study that was stopped, if there is one for this game and its options. May be called at any time;
 * the game in progress is not affected. stop, failures: as for agent_finished. */
bool agent_study(struct agent *agent, const atomic_bool *stop, GError **error);
/* Makes a running agent_choose or agent_analyse return soon. Any thread. */
void agent_stop(struct agent *agent);

#endif

/* A worker thread that has an agent choose a move, or analyses a position. The window's thread submits jobs and polls
 * for events, and never blocks.
 *
 *   window thread --job--> [slot] --> brain thread: agents, analysis --events--> [queue] --wake()--> window thread
 *
 * There is one job at a time: a new job cancels the current one. The thread and the threads of its searches run at a
 * lower priority than the window's, so that the window stays responsive while all cores are busy.
 *
 * The functions below are called from one thread, the window's; only brain_end blocks. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_BRAIN_H
#define TENGEN_ENGINE_VIEWER_SESSION_BRAIN_H

#include "agents/agent.h"
#include "games/game.h"

enum { BRAIN_CANDIDATES = 32, BRAIN_SPEC_MAX = 512, BRAIN_PATH_MAX = 1024 };

/* A position, as the moves that lead to it from `start`. */
struct brain_line {
    struct game game;
    union any_position start;
    bool from_start; /* whether `start` is the initial position of the game */
    game_move *moves;
    int count;
};

/* The state of a search, from the perspective of the player to move. */
struct analysis {
    uint32_t ticket; /* of the job; 0: none */
    int64_t visits;
    double visits_per_s;
    float win, draw, lead; /* win rate 0..1 (a draw counts half), P(draw), expected margin in points */
    int count;
    struct agent_candidate candidates[BRAIN_CANDIDATES]; /* best first */
    float prior[GAME_MAX_MOVES];                         /* [moves]; 0 for illegal moves */
    bool has_map;
    float map[GAME_MAX_POINTS];     /* 1: player to move, -1: opponent */
    bool final;                     /* the job has finished */
    int64_t first_visits, first_ms; /* of the first report, to calculate visits_per_s */
};

/* Why an agent did not answer a pass with a pass: points are not settled, or it is behind. */
enum brain_refusal { BRAIN_NO_REFUSAL, BRAIN_UNSETTLED, BRAIN_BEHIND };

enum brain_event_kind { BRAIN_NO_EVENT, BRAIN_CHOSE, BRAIN_FOUND, BRAIN_STUDIED, BRAIN_FAILED, BRAIN_CAUTIONS };
struct brain_event {
    enum brain_event_kind kind;
    uint32_t ticket;
    struct agent_choice choice; /* BRAIN_CHOSE */
    enum brain_refusal refusal; /* BRAIN_CHOSE */
    float behind;               /* BRAIN_BEHIND: in points */
    game_move unsettled;        /* BRAIN_UNSETTLED: the least settled point */
    int64_t recalled;           /* BRAIN_CHOSE: see struct agent */
    char message[400];          /* BRAIN_FAILED; BRAIN_CAUTIONS: see agent_caution */
};

struct brain_config {
    int threads;              /* per search */
    void (*wake)(void *user); /* called in the brain's thread when there is a new event; may be NULL */
    void *user;
};

struct brain;
/* Starts the thread; aborts if that fails. */
struct brain *brain_start(const struct brain_config *config);
/* Cancels the current job, waits for the thread (external programs are given time to quit) and frees the brain. */
void brain_end(struct brain *brain);

/* Has the agent with this spec choose a move in the last position of the line, which is copied. clock may be NULL.
 * listens: also report its search as BRAIN_FOUND. Returns the ticket of the job. */
uint32_t brain_choose(struct brain *brain, const struct brain_line *line, const char *spec,
                      const struct agent_clock *clock, uint64_t seed, bool listens);
/* Analyses the last position of the line. net: as in net:NET. visits: limit; 0: until there is another job. Returns the
 * ticket of the job. */
uint32_t brain_analyse(struct brain *brain, const struct brain_line *line, const char *net, int64_t visits);
/* Lets the agent with this spec ponder, that is, search while its opponent is to move, until there is another job. Only
 * for agents that search; others do nothing. Causes no events unless it fails. Returns the ticket of the job. */
uint32_t brain_ponder(struct brain *brain, const struct brain_line *line, const char *spec, uint64_t seed);
/* The file of memories of agents that are opened from now on: see struct agent_config. "": none. The analyst has none. */
void brain_set_memory(struct brain *brain, const char *path);
/* Tells the agents that played the line how the game ended: see agent_finished. Causes BRAIN_STUDIED, or BRAIN_FAILED if
 * what was found cannot be stored. A new job ends the study early. Returns the ticket of the job. With the outcome
 * GAME_ONGOING, the agents take up studies that were stopped (agent_study), and there is no event but a failure. */
uint32_t brain_study(struct brain *brain, const struct brain_line *line, enum game_outcome outcome, uint64_t seed);
/* Makes a running brain_choose return the best move found so far. */
void brain_move_now(struct brain *brain);
/* Cancels the current job, which causes no further events. */
void brain_cancel(struct brain *brain);
/* Takes the oldest pending event; BRAIN_NO_EVENT if there is none. *found is filled if the event is BRAIN_FOUND. */
enum brain_event_kind brain_poll(struct brain *brain, struct brain_event *event, struct analysis *found);

#endif

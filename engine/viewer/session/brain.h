/* The thread that thinks: asks an agent for a move, or analyses a position until told otherwise. The window's thread
 * only leaves a job and takes what came of it, and never waits.
 *
 *   window thread --job--> [slot] --> brain thread: agents, the analyst's search --news--> [mailbox] --wake()--> window
 *
 * One job at a time: a new one ends the one under way. The thread and the helpers of its searches run at a lower
 * priority than the window, so that an event is answered while every core computes. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_BRAIN_H
#define TENGEN_ENGINE_VIEWER_SESSION_BRAIN_H

#include "agents/agent.h"

enum { BRAIN_CANDIDATES = 32, BRAIN_SPEC_MAX = 512 };

/* Where a position comes from: from `start` by these moves. */
struct brain_line {
    struct game game;
    union any_position start;
    bool from_start; /* `start` is the game's own start */
    game_move *moves;
    int count;
};

/* What a search found so far, from the view of the player to move. */
struct analysis {
    uint32_t ticket; /* of the job; 0: nothing */
    int64_t visits;
    double visits_per_s;
    float win, draw, lead;
    int count;
    struct agent_candidate candidates[BRAIN_CANDIDATES]; /* best first */
    float prior[GAME_MAX_MOVES];                         /* [moves], of legal ones */
    bool has_map;
    float map[GAME_MAX_POINTS];     /* 1: the mover's, -1: the opponent's */
    bool final;                     /* the job has ended */
    int64_t first_visits, first_ms; /* of the first report, for the speed */
};

/* Why an agent did not pass after its opponent had. */
enum brain_refusal { BRAIN_NO_REFUSAL, BRAIN_UNSETTLED, BRAIN_BEHIND };

enum brain_news_kind { BRAIN_NOTHING, BRAIN_CHOSE, BRAIN_FOUND, BRAIN_FAILED };
struct brain_news {
    enum brain_news_kind kind;
    uint32_t ticket;
    struct agent_choice choice; /* BRAIN_CHOSE */
    enum brain_refusal refusal; /* BRAIN_CHOSE */
    float behind;               /* BRAIN_BEHIND: by so many points */
    game_move unsettled;        /* BRAIN_UNSETTLED: a point that is open */
    char message[400];          /* BRAIN_FAILED */
};

struct brain_config {
    int threads;
    void (*wake)(void *user); /* called by the brain's thread when there is news; NULL: nobody is woken */
    void *user;
};

struct brain;
struct brain *brain_start(const struct brain_config *config);
/* Ends the job under way and the thread; waits for it (an external program is given its time to quit). */
void brain_end(struct brain *brain);

/* Asks the agent of this spec for a move in the line's last position. listens: what it thinks meanwhile is news too.
 * Returns the job's ticket. */
uint32_t brain_choose(struct brain *brain, const struct brain_line *line, const char *spec,
                      const struct agent_clock *clock, uint64_t seed, bool listens);
/* Analyses with a net (as in net:NET) up to so many visits; 0: until there is another job. */
uint32_t brain_analyse(struct brain *brain, const struct brain_line *line, const char *net, int64_t visits);
/* Lets the agent of this spec think on in a position where its opponent is to move, until there is another job; only
 * agents with a tree of their own can. There is no news of it. */
uint32_t brain_ponder(struct brain *brain, const struct brain_line *line, const char *spec, uint64_t seed);
/* Makes a choose under way end with what it has found ("move now"). */
void brain_hurry(struct brain *brain);
/* Drops the job under way; nothing more is heard of it. */
void brain_cancel(struct brain *brain);
/* The oldest news not yet taken (BRAIN_NOTHING: none); *found is copied when the news is BRAIN_FOUND. */
enum brain_news_kind brain_poll(struct brain *brain, struct brain_news *news, struct analysis *found);

#endif

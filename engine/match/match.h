/* Games between agents: a referee for one game, and a match of many between two or more players.
 *
 *   openings --each twice, colours swapped--> schedule --worker threads, own agents--> records --> table, ratings
 *                                                 ^                                       |
 *                                                 +---- round by round ----+-- journal <--+
 *
 * Each game has its number, and its seed comes from the match's seed and that number alone. Withdrawals and the
 * sequential test count the games in the order of their numbers, however they ended in time. So the records depend
 * neither on how many threads played them nor on how often the match was killed and taken up again. */
#ifndef TENGEN_ENGINE_MATCH_MATCH_H
#define TENGEN_ENGINE_MATCH_MATCH_H

#include <stdatomic.h>

#include "agents/agent.h"
#include "engine/match/sprt.h"
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

/* The game as SGF, to be freed by the caller; names[i] is player i's. clock: of each side at the start; round: what RO
 * says. */
char *match_game_sgf(const struct game *game, const char *const names[2], const struct match_game *played,
                     const struct agent_clock *clock, int round);

/* A hash of the moves; of a set of symmetric games all have the same `symmetric` hash. */
uint64_t match_game_hash(const struct game *game, const struct match_game *played);
uint64_t match_game_hash_symmetric(const struct game *game, const struct match_game *played);

struct match_player {
    const char *name, *spec;
};

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

struct match_report {
    struct match_record *records; /* by game number */
    int count;                    /* of records: those of the rounds so far */
    int done, void_games;         /* counted games; games that are not to be counted */
    int player_count;
    bool withdrawn[MATCH_MAX_PLAYERS];
    struct sprt_state sprt; /* where the match has a test */
    double seconds;         /* of all sessions */
    bool finished;
};

struct journal;
struct schedule_ops;
struct match_config {
    const struct game *game;
    const struct match_player *players;
    int player_count;
    const struct schedule_ops *schedule; /* NULL: round-robin */
    int games;                           /* of each meeting of two players */
    int rounds;                          /* 0: the schedule's own */
    int threads;
    uint64_t seed;
    const struct match_opening *openings; /* taken in turn, each for two games; NULL: the start */
    int opening_count;
    struct match_terms terms;
    const char *referee;       /* an agent that scores finished boards; NULL: none */
    int withdraw;              /* after so many lost games by fault a player leaves; 0: never */
    const struct sprt *sprt;   /* two players only; NULL: none */
    struct journal *journal;   /* where games are kept and taken from; NULL: none */
    struct agent_config agent; /* seed is derived from the match's */
    const atomic_bool *stop;   /* may be NULL */
    /* Called in match_run's thread several times a second: progress with the records standing still, so that it must
     * not wait for anything, then `told` (may be NULL) while the games go on. */
    void (*progress)(const struct match_report *report, void *data);
    void (*told)(void *data);
    void *data;
    /* Called once a game, one at a time, in the order in which games end; may be NULL. */
    void (*played)(int number, const int players[2], const struct match_game *game, void *data);
};

/* Opens and closes each agent once, tells it the terms of its first game, and with `moves` above 0 lets it play that
 * many moves, so that what is wrong with it is known before anything is played. Stops at the first fault; *at says
 * whose. */
bool match_check_players(const struct match_config *config, int moves, int *at, GError **error);
/* Plays what is missing, or until *stop. False with an error when the journal fails; the report holds what was played
 * all the same. Its memory is released by match_report_clear. */
bool match_run(const struct match_config *config, struct match_report *report, GError **error);
void match_report_clear(struct match_report *report);

/* Whether the loser is to blame for the way in which it ended. */
static inline bool match_is_fault(enum match_end end)
{
    return end == MATCH_FORFEIT || end == MATCH_TIME;
}

struct match_score {
    int games, wins, draws, losses;
    int forfeits;                   /* losses by a fault, among `losses` */
    int first_games, first_points2; /* games in which it moved first, and twice the points scored in them */
};
/* The result of `player` against `opponent`, or against all with opponent -1. */
struct match_score match_report_score(const struct match_report *report, int player, int opponent);
/* All of them in one pass: table[a * player_count + b] is a's result against b; freed by the caller. */
struct match_score *match_report_cross(const struct match_report *report);
int match_report_distinct(const struct match_report *report, bool symmetric);
/* repeated[number]: an earlier game had the same players, sides and moves, so that this one adds no knowledge. Freed
 * by the caller. */
bool *match_report_repeated(const struct match_report *report, int *count);

#endif

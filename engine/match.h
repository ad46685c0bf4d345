/* Games between agents: a referee for one game, and a match of many between two or more players.
 *
 *   openings --each twice, colours swapped--> schedule --worker threads, own agents--> records --> table, Elo
 *
 * Each game has its number, and its seed comes from the match's seed and that number alone, so that the records do not
 * depend on how many threads played them. */
#ifndef TENGEN_ENGINE_MATCH_H
#define TENGEN_ENGINE_MATCH_H

#include <stdatomic.h>

#include "agents/agent.h"
#include "games/game.h"

enum { MATCH_REASON_MAX = 400, MATCH_MAX_OPENING = 60, MATCH_MAX_PLAYERS = 64 };

struct match_opening {
    game_move moves[MATCH_MAX_OPENING];
    int count;
};

enum match_end {
    MATCH_RULES,    /* the game's own end, its length cap included */
    MATCH_RESIGNED, /* by the loser */
    MATCH_FORFEIT,  /* the loser's fault: illegal move, crash, no answer; see `reason` */
    MATCH_STOPPED,  /* whoever asked for the game stopped it: no result */
};

/* One game as it was played. */
struct match_game {
    enum match_end end;
    enum game_outcome outcome; /* GAME_ONGOING when stopped */
    float margin;              /* as in game_result; 0 unless the rules ended it */
    int loser;                 /* MATCH_RESIGNED, MATCH_FORFEIT: player 0 or 1 */
    bool broken[2];            /* this agent failed and must be opened anew before another game */
    int plies;
    game_move *moves; /* plies entries, owned: match_game_clear */
    char reason[MATCH_REASON_MAX];
};
void match_game_clear(struct match_game *game);

/* Plays one game between agents[0] (player 0) and agents[1]; nothing that an agent does is trusted. clock, opening and
 * stop may be NULL. Who sets *stop should also call agent_stop on both. Fills `out` in every case. */
void match_play_game(const struct game *game, struct agent *const agents[2], const struct match_opening *opening,
                     const struct agent_clock *clock, const atomic_bool *stop, uint64_t seed, struct match_game *out);

/* The game as SGF, to be freed by the caller; names[i] is player i's. */
char *match_game_sgf(const struct game *game, const char *const names[2], const struct match_game *played);

/* A hash of the moves; of a set of symmetric games all have the same `symmetric` hash. */
uint64_t match_game_hash(const struct game *game, const struct match_game *played);
uint64_t match_game_hash_symmetric(const struct game *game, const struct match_game *played);

/* `plies` random moves (points only) that end no game and leave no one-move win. Repeats none of the `count` openings
 * made in one call while others can be found. */
void match_random_openings(const struct game *game, int plies, uint64_t seed, struct match_opening *openings,
                           int count);

struct match_player {
    const char *name, *spec;
};

struct match_config {
    const struct game *game;
    const struct match_player *players;
    int player_count;
    int games; /* of each pair of players */
    int threads;
    uint64_t seed;
    const struct match_opening *openings; /* taken in turn, each for two games; NULL: the start */
    int opening_count;
    struct agent_clock clock;
    struct agent_config agent; /* seed is derived from the match's */
    const atomic_bool *stop;   /* may be NULL */
    /* Called in match_run's thread several times a second. */
    void (*progress)(int done, int total, double seconds, void *data);
    void *data;
    /* Called once a game, one at a time, in the order in which games end; may be NULL. */
    void (*played)(int number, const int players[2], const struct match_game *game, void *data);
};

/* One game of the schedule; side[0] is the index of the player that had the first move. */
struct match_record {
    int side[2];
    bool done;
    enum match_end end;
    enum game_outcome outcome;
    int loser, plies;
    uint64_t hash, symmetric;
    char *reason; /* of a forfeit, else NULL */
};

struct match_report {
    struct match_record *records; /* by game number */
    int count, done;
    double seconds;
    bool finished;
};

/* Opens and closes each agent once, so that a bad spec is known before anything is played. */
bool match_check_players(const struct match_config *config, GError **error);
/* Plays all games, or until *stop. The report's own memory is released by match_report_clear. */
void match_run(const struct match_config *config, struct match_report *report);
void match_report_clear(struct match_report *report);

struct match_score {
    int games, wins, draws, losses;
    int forfeits;                   /* losses by forfeit, among `losses` */
    int first_games, first_points2; /* games in which it moved first, and twice the points scored in them */
};
/* The result of `player` against `opponent`, or against all with opponent -1. */
struct match_score match_report_score(const struct match_report *report, int player, int opponent);
int match_report_distinct(const struct match_report *report, bool symmetric);

#endif

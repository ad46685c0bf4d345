/* A match of many games between two or more players. engine/match/game.h has what one game is, and its referee.
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

#include "engine/match/count.h"
#include "engine/match/journal.h"
#include "engine/match/schedule.h"

struct match_player {
    const char *name, *spec;
};

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

#endif

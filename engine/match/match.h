/* A match of many games between two or more players. engine/match/game.h plays a single game.
 *
 *   openings --each twice, colours swapped--> schedule --worker threads, own agents--> records --> table, ratings
 *                                                 ^                                       |
 *                                                 +---- round by round ----+-- journal <--+
 *
 * Each game has a number, and its seed is derived from the match's seed and that number. Withdrawals and the sequential
 * test count games in the order of their numbers, not of completion. So the records depend neither on the number of
 * threads nor on how often the match was killed and resumed. */
#ifndef TENGEN_ENGINE_MATCH_MATCH_H
#define TENGEN_ENGINE_MATCH_MATCH_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "agents/agent.h"
#include "engine/match/game.h"

struct cluster_host;
struct match_report;

struct match_player {
    const char *name, *spec;
};

struct match_config {
    const struct game *game;
    const struct match_player *players;
    int player_count;
    const struct schedule_ops *schedule; /* NULL: round-robin */
    int games;                           /* per meeting of two players */
    int rounds;                          /* 0: the schedule's default */
    int threads;
    uint64_t seed;
    const struct match_opening *openings; /* used in turn, each for two games; NULL: the empty board */
    int opening_count;
    struct match_terms terms;
    const char *referee;       /* spec of an agent that scores finished games; NULL: none */
    int withdraw;              /* losses by fault after which a player is withdrawn; 0: never */
    const struct sprt *sprt;   /* two players only; NULL: none */
    struct journal *journal;   /* stores games, and supplies those already played; NULL: none */
    /* Other processes of this job that play too, and what they are told: see ranks/ranks.h; NULL: none. */
    struct cluster_host *cluster;
    GBytes *welcome;
    struct agent_config agent; /* seed is derived from the match's */
    const atomic_bool *stop;   /* may be NULL */
    /* Called in match_run's thread several times a second: first progress, with the records locked, so it must not
     * block; then flush_progress without the lock. Either may be NULL. */
    void (*progress)(const struct match_report *report, void *data);
    void (*flush_progress)(void *data);
    void *data;
    /* Called once per game, serialised, in order of completion; may be NULL. */
    void (*played)(int number, const int players[2], const struct match_game *game, void *data);
};

/* Opens each agent once with the terms of its first game and lets it play `moves` moves, so that errors show up before
 * the match starts. Stops at the first error; *at is that player's index. */
bool match_check_players(const struct match_config *config, int moves, int *at, GError **error);
/* Plays the missing games, or until *stop. False with an error if the journal fails; the report is filled in either
 * case. Free it with match_report_clear. */
bool match_run(const struct match_config *config, struct match_report *report, GError **error);

#endif

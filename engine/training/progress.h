/* Progress output of a training run: a live line on a terminal, occasional plain lines in a file, or one JSON object
 * per report with --json. Also keeps the statistics of recent games (length, openings) for these reports. */
#ifndef TENGEN_ENGINE_TRAINING_PROGRESS_H
#define TENGEN_ENGINE_TRAINING_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/match/statistics/rating.h"
#include "net/train.h"

struct record;

enum progress_style { PROGRESS_PLAIN, PROGRESS_LIVE, PROGRESS_JSON };

struct progress_report {
    double seconds, seconds_left; /* of this session; seconds_left: negative without a time limit */
    /* Of the run, over all sessions; in training on stored games (stored.h), games, positions and rows are those of the data.
     * positions: plies; rows: training rows generated; window_rows: of these, those in the replay window now; samples: rows that the
     * steps were made on, repetitions included. */
    int64_t games, positions, rows, window_rows, steps, samples;
    int64_t first_rows; /* rows required before training starts */
    double self_play;   /* seconds of this process's processor time in the games that ended in this session */
    uint32_t generation;             /* the newest */
    int64_t visits;                  /* of a full search in the game that began last; 0: none has */
    double games_per_s, evals_per_s; /* since the previous report */
    struct net_losses losses;        /* means since the previous report; NaN for targets that no row had */
    bool has_losses;
    struct net_losses unseen; /* on rows of new games, before anything was learned from them */
    bool has_unseen;
    double plies_per_game; /* mean over recent games of this session; 0: none yet */
    double diversity; /* fraction of distinct openings among recent games, 0..1; negative: too few games */
    int64_t opponent_visits; /* of the fixed opponent's searches; 0: there is none */
    double opponent_score;   /* of the run against it in the last games that were judged, 0..1; negative: none yet */
    int roll_backs; /* in this session */
    double memory, disk; /* bytes of the process, and of the run's folder */
    struct rating elo; /* of the newest checkpoint that was measured (engine/ladder); not known without any */
    uint32_t elo_generation;
};

/* Ring buffer of the lengths and openings of recent games. */
enum { PROGRESS_GAMES = 200 };
struct progress_games {
    int count, next;
    int plies[PROGRESS_GAMES];
    uint64_t openings[PROGRESS_GAMES];
};
void progress_games_add(struct progress_games *games, const struct record *record);
/* The mean number of plies; 0 without games. */
double progress_games_plies(const struct progress_games *games);
/* Fraction of distinct openings, 0..1; negative with fewer than 20 games. */
double progress_games_diversity(const struct progress_games *games);

/* Below this fraction of distinct openings self-play lacks diversity, and the progress line warns. */
#define PROGRESS_DIVERSITY_ALARM 0.2

/* One line; PROGRESS_LIVE: that of progress_live, in place of the previous one. */
void progress_print(FILE *out, enum progress_style style, const struct progress_report *report);
/* A line for a terminal of `columns` columns, without a line break: with a time limit, a bar, the share of the time that has passed
 * and the time left; then as many of the most important figures as fit. The caller frees it. */
char *progress_live(const struct progress_report *report, int columns);
/* Extrapolates the rate since the start of the session to the remaining time. Prints nothing without a time limit. */
void progress_estimate(FILE *out, const struct progress_report *began, const struct progress_report *report);
/* "1 h 05 min" */
char *progress_duration(double seconds, char buffer[32]);

#endif

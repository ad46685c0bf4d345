/* What a training run tells while it goes on: a live line on a terminal, a plain line now and then in a file, one JSON
 * object a report with --json. Also keeps the figures of the last games (length, openings) that the lines show. */
#ifndef TENGEN_ENGINE_TRAINING_PROGRESS_H
#define TENGEN_ENGINE_TRAINING_PROGRESS_H

#include <stdio.h>

#include "engine/store/record.h"
#include "net/train.h"

enum progress_style { PROGRESS_PLAIN, PROGRESS_LIVE, PROGRESS_JSON };

struct progress_report {
    double seconds, seconds_left; /* of this session; left: negative without an end */
    int64_t games, positions, rows, window_rows, steps, samples;
    uint32_t generation;
    double games_per_s, evals_per_s; /* since the report before */
    struct net_losses losses;        /* means since the report before */
    bool has_losses;
    double plies_per_game;
    double diversity; /* share of distinct openings among the last games, 0..1; negative before there are enough */
    int roll_backs;
};

/* The last games' lengths and openings: a ring. */
enum { PROGRESS_GAMES = 200 };
struct progress_games {
    int count, next;
    int plies[PROGRESS_GAMES];
    uint64_t openings[PROGRESS_GAMES];
};
void progress_games_add(struct progress_games *games, const struct record *record);
double progress_games_plies(const struct progress_games *games);
/* Negative with fewer than 20 games. */
double progress_games_diversity(const struct progress_games *games);

/* Below this share of distinct openings self-play is going round in circles, and the line says so. */
#define PROGRESS_DIVERSITY_ALARM 0.2

void progress_print(FILE *out, enum progress_style style, const struct progress_report *report);
/* The estimate after the first minute: what the pace since the session began makes of the time left. */
void progress_estimate(FILE *out, const struct progress_report *began, const struct progress_report *report);
/* "1 h 05 min" */
char *progress_duration(double seconds, char buffer[32]);

#endif

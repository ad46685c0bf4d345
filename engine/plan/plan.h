/* What a session of training can be expected to yield on this machine, from a short measurement, and the network that suits its
 * length.
 *
 * A larger network learns more from a row and takes longer for it. The rows that make it worthwhile grow more slowly than its cost: the
 * best size for a compute budget C grows as C^0.62 or so in board games (Neumann and Gros 2022, "Scaling Laws for a Multi-Agent
 * Reinforcement Learning Model", arXiv 2210.00849), so that the rows grow as cost^0.61. The constant is this project's: on 9x9 a 5x64
 * network is worth it from about two hours on two cores on. */
#ifndef TENGEN_ENGINE_PLAN_PLAN_H
#define TENGEN_ENGINE_PLAN_PLAN_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "net/net.h"

struct game;
struct settings;

enum { PLAN_NETS = 4 };

/* One network on this machine. */
struct plan_rates {
    char net[24];       /* shape, e.g. "5x64" */
    double flops;       /* of an evaluation */
    double evaluations; /* a second in self-play, all threads */
    double rows;        /* training rows a second from self-play, if all threads do nothing else */
    double samples;     /* a second in training steps, one thread */
};

struct plan_yield {
    double rows;    /* training rows of the session */
    double samples; /* rows trained on, each as often as it was drawn */
    int64_t steps;
};

struct plan {
    struct plan_rates rates[PLAN_NETS]; /* of the networks that were measured, smallest first */
    int count, chosen;
    int threads;
    double seconds; /* of the session, without the measurement */
    double spent;   /* seconds that the measurement took */
};

/* Expected of a session: `threads` threads share self-play and training, in which at most one of them is at a time; rows are trained on
 * settings->samples_per_row times, or as often as that one thread can, but not below settings->samples_floor: then self-play waits.
 * The share of time for measuring strength is left out. */
struct plan_yield plan_yield(const struct plan_rates *rates, const struct settings *settings, int threads,
                             double seconds);
/* The rows from which on a network is worth its cost. flops: of one evaluation, on whatever board. points: of that board. */
double plan_least_rows(double flops, int points);
/* Whether the session yields that many rows with this network. */
bool plan_is_worth(const struct plan_rates *rates, const struct settings *settings, const struct game *game,
                   int threads, double seconds);
/* Whether measuring can choose a network: a new run with a time limit that is long enough for a measurement, of a game that is not
 * tiny, in several threads or one, but not deterministic. */
bool plan_is_useful(const struct settings *settings, const struct game *game, double seconds);

struct plan_question {
    const struct settings *settings; /* of the new run; the network is ignored */
    const struct game *games;        /* [game_count], of the run */
    int game_count, threads;
    enum net_dtype dtype; /* of self-play; NET_AUTO: the fastest */
    double seconds;       /* until the deadline, with the measurement */
};
/* Measures networks of growing size, for 3 % of the time and a minute at most in all, up to the first that is not worth its cost, and
 * chooses the largest that is; else the smallest. False with the error set if this machine can evaluate none. */
bool plan_measure(struct plan *plan, const struct plan_question *question, GError **error);

/* Two or three lines, or with `json` one object: {"event":"plan",…}. */
void plan_print(FILE *out, const struct plan *plan, const struct settings *settings, const struct game *game,
                bool json);

#endif

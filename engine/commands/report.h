/* What `tengen report` knows of a run: read by report.c, printed as text there and as JSON by report_json.c. */
#ifndef TENGEN_ENGINE_COMMANDS_REPORT_H
#define TENGEN_ENGINE_COMMANDS_REPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/judge/quality.h"
#include "engine/training/judge/verdict.h"
#include "games/game.h"

/* Statistics of the last games. */
struct last_games {
    int64_t games, first_won, second_won, drawn, distinct;
    double plies;
};

/* Komi of the last games on one board size, in points. */
struct komi {
    int64_t games;
    double sum, squares, min, max;
};

struct report {
    struct settings settings;
    struct store_counts counts;
    struct store_checkpoint at;
    double processor_seconds; /* 0: unknown */
    bool trained;
    struct last_games last;
    struct komi komi[GAME_MAX_SIZE + 1]; /* by size; empty if the game has no komi */
    GArray *metrics;                     /* struct store_metric, only those with losses, in order */
    GArray *ladder;                      /* uint32_t */
    GArray *strength;                    /* struct ladder_rating; empty if nothing was measured */
    struct verdict verdict;
    struct quality quality; /* of the newest games */
    uint32_t best; /* generation of best.safetensors */
    bool held;     /* newer checkpoints measured weaker */
};

double report_komi_mean(const struct komi *komi);
double report_komi_stdev(const struct komi *komi);
/* One JSON object on one line: all settings, totals, the verdict, and every metric that run.db holds. */
void report_print_json(const struct report *report);

#endif

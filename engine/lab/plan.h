/* What a lab file asks for: variants of training ("arms") that share everything but the settings they name, each trained
 * from several seeds with the same budget, and how their nets are compared.
 *
 *   kind: loop               # or same-data: trained on the stored games of a run
 *   game: go:5
 *   seeds: [1, 2, 3]
 *   budget: {minutes: 10}    # of processor time, for each arm and seed
 *   settings: {net: 2x16}    # any setting of train
 *   arms:
 *     - {name: slow, rate: 0.005}      # the first is the baseline
 *     - {name: fast, rate: 0.05}
 *   compare: {games: 20, visits: 32}
 *
 * Instead of arms, factors to be screened together (factors.h makes the arms):
 *
 *   factors:
 *     muon: {optimiser: muon}
 *     deep: {visits: 32}
 *
 * lab_plan_read parses (file.c), lab_plan_settle makes the settings of every arm and checks what needs them (plan.c). */
#ifndef TENGEN_ENGINE_LAB_PLAN_H
#define TENGEN_ENGINE_LAB_PLAN_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/settings/settings.h"
#include "engine/match/yaml_file.h"
#include "games/game.h"

#define LAB_ERROR (lab_error_quark())
GQuark lab_error_quark(void);
enum lab_error { LAB_ERROR_PLAN, LAB_ERROR_DIFFERS, LAB_ERROR_PLACE };

enum lab_kind { LAB_LOOP, LAB_SAME_DATA };
enum { LAB_MAX_ARMS = 16, LAB_MAX_FACTORS = 15, LAB_MAX_SEEDS = 32, LAB_MAX_KEYS = 16 };

/* A setting as the file gives it. */
struct lab_setting {
    char *name, *value;
    struct yaml_place place;
};

struct lab_arm {
    char *name;               /* letters, digits, '.', '-', '_' */
    GArray *given;            /* struct lab_setting; without the shared ones */
    struct yaml_place place;  /* of the arm in the file */
    struct settings settings; /* of the first seed; from lab_plan_settle on */
    struct game games[SETTINGS_MAX_GAMES];
    int game_count;
};

/* Settings that are switched on together in half of the arms. */
struct lab_factor {
    char *name;    /* as an arm's */
    GArray *given; /* struct lab_setting */
};

/* Values of the top level, of budget and of compare, by the tables in file.c. */
struct lab_keys {
    int kind;
    char *game, *sizes, *from, *data;
    double held_out;
    int64_t slices;
};
struct lab_budget {
    double seconds, minutes, hours;
    int64_t steps;
};
struct lab_compare {
    int64_t games;   /* of each two players */
    int64_t visits;  /* of the pool at equal visits; 0: no such pool */
    int64_t time_ms; /* of the pool at equal time; 0: no such pool */
    char *game, *openings;
    int64_t opening_plies; /* -1: as match */
    GPtrArray *anchors;    /* char *: [NAME=]SPEC */
    GPtrArray *efforts;    /* char *: see efforts.h */
};

struct lab_plan {
    char *file;
    struct lab_keys keys;
    struct yaml_place where[LAB_MAX_KEYS]; /* of the values of the top level: lab_plan_where */
    struct lab_budget budget;              /* one of its members is above 0 */
    struct lab_compare compare;
    int64_t seeds[LAB_MAX_SEEDS];
    int seed_count;
    GArray *shared; /* struct lab_setting */
    struct lab_arm arms[LAB_MAX_ARMS];
    int arm_count;
    struct lab_factor factors[LAB_MAX_FACTORS];
    int factor_count; /* 0: the arms were given one by one */
    double seconds; /* the budget of processor time of an arm and seed; 0: of steps */
};

/* Reads a file, or text in memory, whose `name` is used in messages. Clear the plan in any case. Errors name line and
 * column. */
bool lab_plan_read(struct lab_plan *plan, const char *path, GError **error);
bool lab_plan_parse(struct lab_plan *plan, const char *text, size_t length, const char *name, GError **error);
void lab_plan_clear(struct lab_plan *plan);
/* The place of a key's value in the file; line 0 if it is not given. */
struct yaml_place lab_plan_where(const struct lab_plan *plan, const char *key);
/* Completes the settings of each arm: the game's presets, then the shared settings, then its own. Checks that each can be
 * trained on this machine. */
bool lab_plan_settle(struct lab_plan *plan, GError **error);
/* The settings of an arm with one of the plan's seeds. */
struct settings lab_plan_settings(const struct lab_plan *plan, int arm, int seed);

/* What decides the results, as names with values, both freed by the caller: to be kept with them, so that a changed file is
 * noticed, and what changed is named. */
void lab_plan_describe(const struct lab_plan *plan, GPtrArray *names, GPtrArray *values);
/* Settings (struct lab_setting), "rate=0.05 net=2x16"; "" for none; freed by the caller. */
char *lab_describe_settings(const GArray *given);
/* The settings that an arm gives itself, "rate=0.05 net=2x16"; "" for none; freed by the caller. */
char *lab_arm_describe(const struct lab_arm *arm);

#endif

/* Internal to `tengen train`: its command-line options, and the settings of a run that result from them. */
#ifndef TENGEN_ENGINE_COMMANDS_TRAIN_TRAIN_H
#define TENGEN_ENGINE_COMMANDS_TRAIN_TRAIN_H

#include <glib.h>
#include <stdbool.h>

#include "net/net.h"

struct game;
struct settings;

struct train_arguments {
    char *game, *sizes, *net, *from, *against, *until, *pack, *unpack, *salvage, *backend, *dtype, *accept, *join;
    double hours, minutes, report;
    gint64 seed, visits, games, generations;
    int threads, trainers;
    gboolean watch;
    gboolean deterministic, json, list_presets;
    char **set;
    char *run; /* RUN as given, or NULL */
};
#define TRAIN_NO_ARGUMENTS                                                                                             \
    {                                                                                                                  \
        .seed = -1, .visits = -1, .games = -1, .threads = -1, .trainers = -1                                           \
    }

/* Parses the options. Returns false if the command is finished, for example after --help: *status is its exit status.
 */
bool train_parse_arguments(int *argc, char ***argv, struct train_arguments *a, int *status);
void train_free_arguments(struct train_arguments *a); /* frees the members, not `a` itself */
/* Rejects values that are out of range, and conflicting options. Returns false with the error set. */
bool train_check_arguments(const struct train_arguments *a, int argc, char **argv, GError **error);
/* The threads of this process. */
int train_threads(const struct train_arguments *a, bool deterministic);
/* With --join there may be no other option than --threads: the job that is joined has the others. False with the error set. */
bool train_check_join(int argc, char **argv, GError **error);
/* Plays games for rank 0 of the job, which reads and writes the run. */
struct ranks;
void train_as_rank(struct ranks *ranks, int argc, char **argv);
/* Seconds from now to the next HH:MM on the local clock. */
bool train_seconds_until(const char *text, double *seconds, GError **error);

/* Sets the settings of a new run: the game's presets, overridden by the command line. seconds: planned duration, 0: no
 * limit. Returns false with the error set. */
bool train_make_settings(const struct train_arguments *a, const struct game *game, double seconds,
                         struct settings *settings, GError **error);
/* Overrides the settings of an existing run by the command line. Returns false with the error set if that would change
 * a fixed setting. */
bool train_resume_settings(const struct train_arguments *a, const struct game *game, struct settings *settings,
                           GError **error);

/* For a new run with a time limit: measures this machine, unless the command line gives a network, chooses the network, and prints what
 * to expect. seconds: until the deadline; what the measurement took is deducted. games: [game_count], of the run. Returns false with the
 * error set. */
bool train_plan(const struct train_arguments *a, struct settings *settings, const struct game *games, int game_count,
                int threads, enum net_dtype dtype, double *seconds, GError **error);
/* --list-presets: the settings that new runs of several games begin with, as a table or, with --json, one object per game. */
void train_list_presets(bool json);

#endif

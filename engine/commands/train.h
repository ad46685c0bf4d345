/* What the files of tengen train share: its options, and the settings that follow from them. */
#ifndef TENGEN_ENGINE_COMMANDS_TRAIN_H
#define TENGEN_ENGINE_COMMANDS_TRAIN_H

#include <glib.h>
#include <stdbool.h>

#include "engine/store/settings.h"
#include "games/game.h"

struct train_arguments {
    char *game, *sizes, *net, *from, *until, *pack, *unpack, *backend, *dtype;
    double hours, minutes, report;
    gint64 seed, visits, games, generations;
    int threads;
    gboolean watch;
    gboolean deterministic, json;
    char **set;
    char *run; /* RUN as given, or NULL */
};

/* Reads the options. False when there is nothing left to do: *status is then the exit status. */
bool train_parse_arguments(int *argc, char ***argv, struct train_arguments *a, int *status);
void train_free_arguments(struct train_arguments *a); /* what it points to */
/* Refuses values out of range and options that contradict each other. */
bool train_check_arguments(const struct train_arguments *a, int argc, char **argv, GError **error);
/* Seconds from now to the next HH:MM on the local clock. */
bool train_seconds_until(const char *text, double *seconds, GError **error);
/* Sets the error to SETTINGS_ERROR_VALUE with this text; returns false. */
bool train_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Settings of a new run: the game's presets, overridden by the command line. seconds: planned, 0 without a limit. */
bool train_make_settings(const struct train_arguments *a, const struct game *game, double seconds,
                         struct settings *settings, GError **error);
/* Overrides the settings of a run by the command line; refuses what is fixed once a run exists. */
bool train_resume_settings(const struct train_arguments *a, const struct game *game, struct settings *settings,
                           GError **error);

#endif

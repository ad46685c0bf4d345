/* Calibration of a net for int8 on what a run has played. */
#ifndef TENGEN_ENGINE_TRAINING_CALIBRATE_H
#define TENGEN_ENGINE_TRAINING_CALIBRATE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/net.h"

struct game;
struct game_features;
struct net;
struct settings;
struct window;

struct calibration {
    const struct settings *settings;
    const struct game_features *features;
    const struct game *games; /* of the run */
    int game_count;
    enum net_backend backend;
    enum net_dtype dtype; /* that the run plays with */
    int64_t steps;        /* of the trainer: other steps draw other rows */
};
/* Calibrates on rows of the window: three batches if the run has one board, fewer per board if it has several, since training
 * waits for it. If the window is empty and the run plays with int8, by choice or because it is the fastest here, calibrates on
 * games of the net's own policy: a run that begins with a trained net may collect games for an hour before it has rows to train
 * on. Does nothing if nets of this kind, or the backend, do not support int8. False with the error set on failure. */
bool calibrate(struct net *net, const struct window *window, const struct calibration *calibration, GError **error);

#endif

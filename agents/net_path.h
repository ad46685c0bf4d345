/* Resolves the net in a spec: "default", a weights file, a run's directory, or a run's name. */
#ifndef TENGEN_AGENTS_NET_PATH_H
#define TENGEN_AGENTS_NET_PATH_H

#include <glib.h>
#include <stdbool.h>

struct game;
struct net;

/* The path of the weights file, freed by the caller:
 *   default     default-GAME.safetensors in $TENGEN_DATA; in net/weights or share/tengen of a folder above the program
 *               or the shared library; the configured install location; in tengen/ of the system's data directories
 *   a file      itself
 *   a directory its nets/best.safetensors, else the last by name of the other weights in nets/
 *   a bare name the run of that name in runs/
 * Returns NULL with the error set, which states what was searched for and what is accepted. */
char *net_path_find(const char *net, const char *game_name, GError **error);

/* The nets that an agent's spec names: moves *net on to the next one, from NULL to the first, where it stands in the spec,
 * and sets its length. False if there is none. */
bool net_path_next(const char *spec, const char **net, size_t *length);

/* Finds and loads a net (the caller owns the reference) and checks that it supports the game. Returns 0, or -1 with
 * *out NULL and the error set. */
int net_path_load(struct net **out, const char *net, const struct game *game, GError **error);

/* The games that a net was trained on, as text of games/scope.h: net_scope, or, for nets older than that, the single game
 * that their note names, with *whole false: there may have been others. NULL if neither is known; freed by g_free. */
char *net_path_scope(const struct net *net, bool *whole);

#endif

/* A net by the name that a spec gives it: "default", a weights file, a run's directory, or a run's name. */
#ifndef TENGEN_AGENTS_NET_PATH_H
#define TENGEN_AGENTS_NET_PATH_H

#include "games/game.h"
#include "net/net.h"

/* The path of the weights file, to be freed by the caller:
 *   default     default-GAME.safetensors in $TENGEN_DATA; in net/weights or share/tengen of a folder above the program
 *               or the shared library; where the build was told to install; in tengen/ of the system's data directories
 *   a file      itself
 *   a directory its nets/best.safetensors, else the last by name of its other weights there
 *   a bare name the run of that name in runs/
 * NULL, with the error set to what was looked for and what would be accepted. */
char *net_path_find(const char *net, const char *game_name, GError **error);

/* Finds and loads a net (a reference for the caller) and makes sure that it was made for the game. 0, or -1 with *out
 * NULL and the error set. */
int net_path_load(struct net **out, const char *net, const struct game *game, GError **error);

#endif

/* Shared by the implementation of the public headers (include/tengen/). This folder is a thin layer: it hides GLib and
 * the structs of games/ and agents/ behind the opaque types of the public interface and adds no behaviour. */
#ifndef TENGEN_AGENTS_LIBRARY_LIBRARY_H
#define TENGEN_AGENTS_LIBRARY_LIBRARY_H

#include <glib.h>
#include <stddef.h>

#include "games/game.h"

struct tengen_error;

struct tengen_game {
    struct game rules;
    char spec[GAME_SPEC_MAX];
    struct history history;
    int ply, capacity;        /* moves made; capacity of the arrays */
    game_move *moves;         /* [capacity] */
    size_t stride;            /* bytes between positions */
    unsigned char *positions; /* [capacity + 1][stride]: entry i is the position before move i */
};

/* The position after `ply` moves. */
struct position *library_position(const struct tengen_game *game, int ply);
/* The current position. */
static inline struct position *library_present(const struct tengen_game *game)
{
    return library_position(game, game->ply);
}

/* Fills *error (unless NULL) from `cause`, which is freed. Returns -1. */
int library_fail(struct tengen_error *error, GError *cause);
/* The same, for invalid input detected in this folder. */
int library_refuse(struct tengen_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

/* What the files behind the public headers (include/tengen/) share. This folder is a thin layer: it hides GLib and the
 * structs of games/ and agents/ behind the opaque types of the public interface, and adds no behaviour of its own. */
#ifndef TENGEN_AGENTS_LIBRARY_LIBRARY_H
#define TENGEN_AGENTS_LIBRARY_LIBRARY_H

#include <glib.h>
#include <stdbool.h>

#include <tengen/error.h>
#include <tengen/game.h>

#include "games/game.h"

struct tengen_game {
    struct game rules;
    char spec[GAME_SPEC_MAX];
    struct history history;
    int ply, room;            /* moves made; moves that there is room for */
    game_move *moves;         /* [room] */
    size_t stride;            /* bytes from a position to the next */
    unsigned char *positions; /* [room + 1][stride]: entry i is the position before move i */
};

/* The position after `ply` moves. */
struct position *library_position(const struct tengen_game *game, int ply);
/* The present position. */
static inline struct position *library_present(const struct tengen_game *game)
{
    return library_position(game, game->ply);
}

/* Fills *error (unless NULL) from `cause`, which is freed. Returns -1. */
int library_fail(struct tengen_error *error, GError *cause);
/* The same for bad input that is found here. */
int library_refuse(struct tengen_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

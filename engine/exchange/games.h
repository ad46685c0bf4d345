/* The games of a run as SGF files, and a walk through them that holds few at a time. */
#ifndef TENGEN_ENGINE_EXCHANGE_GAMES_H
#define TENGEN_ENGINE_EXCHANGE_GAMES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct game;
struct record;
struct settings;
struct store;

/* The settings of a run, and its games, one for each size (at most SETTINGS_MAX_GAMES). Returns their number, or 0 with the
 * error set. */
int games_of_run(struct store *store, struct settings *settings, struct game *games, GError **error);

/* Calls visit for the newest games of the kinds and sizes of `games` that together have at least `rows` training rows
 * (INT64_MAX: for all), the newest first. False with the error set if they cannot be read, or visit returns false. */
bool games_each(struct store *store, const struct game *games, int game_count, int64_t rows,
                bool (*visit)(const struct record *record, void *user, GError **error), void *user, GError **error);

/* Writes each game of these kinds and sizes to FOLDER/000123.sgf, named by its number, and replaces files of that name. The
 * folder is created if it does not exist. *written: the number of games. False with the error set. */
bool games_write_sgf(struct store *store, const struct game *games, int game_count, const char *folder,
                     int64_t *written, GError **error);
/* One of them; freed by the caller. Searched moves have a comment with the win, draw and loss that the search expected for
 * the player who moved. */
char *games_sgf(const struct record *record, gsize *length);

#endif

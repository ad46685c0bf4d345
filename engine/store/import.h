/* Imports games from another database, which is treated as untrusted: used to restore packs and to salvage damaged runs. Functions that
 * return false have set the error. */
#ifndef TENGEN_ENGINE_STORE_IMPORT_H
#define TENGEN_ENGINE_STORE_IMPORT_H

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct store;

struct import {
    sqlite3 *from;
    const char *source; /* its path, for messages */
    bool lenient;       /* games that cannot be read are skipped and counted rather than an error */
    int64_t kept, lost;
};

/* Opens PATH for reading and refuses it unless it is a regular file that holds only plain tables named in `tables`
 * (NULL-terminated): a view or trigger would run code of its author's. The caller closes it with sqlite3_close. NULL with the error set
 * on failure. */
sqlite3 *import_open(const char *path, const char *const *tables, GError **error);
/* Adds all games of the table "games" to the store, after replaying each; updates kept and lost. */
bool import_games(struct import *import, struct store *to, GError **error);
/* Adds the settings that this version has; false if there is none. */
bool import_settings(struct import *import, struct store *to, GError **error);
/* Adds the games that measured the run's strength. Older runs have none. */
bool import_rung_games(const struct import *import, struct store *to, GError **error);
/* Raises the store's totals to those of the table "totals": they count games that were not copied, too. */
bool import_totals(struct import *import, struct store *to, GError **error);

#endif

/* A run on disk: a folder with run.db (SQLite, WAL) and nets/.
 *
 *   run.db   settings; games with their training targets; metrics; checkpoints; a schema version
 *   nets/    gen-000123.safetensors  averaged weights, as used by self-play: a ladder of spaced generations
 *            state-000123.safetensors trainer state for resuming: the newest two
 *            best.safetensors         the net to play with: the newest averaged weights, unless store_hold_best says otherwise
 *   lock     held by the process that writes
 *
 * A game exists once its transaction has committed. A checkpoint exists once its row does: its files are written and
 * synced first. Opening for writing deletes files without a row. Thread-safe, with one internal lock; other processes
 * may read at any time. */
#ifndef TENGEN_ENGINE_STORE_STORE_H
#define TENGEN_ENGINE_STORE_STORE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct game;
struct game_scope;
struct record;
struct settings;

#define STORE_ERROR (store_error_quark())
GQuark store_error_quark(void);
/* Errors from SQLite itself are DATABASE_ERROR (database.h). */
enum store_error { STORE_ERROR_PLACE, STORE_ERROR_BUSY, STORE_ERROR_ABSENT };

enum store_mode { STORE_READ, STORE_WRITE, STORE_CREATE };

struct store;
/* STORE_CREATE creates folder and database if they do not exist; STORE_WRITE and STORE_READ require an existing run.
 * Opening for writing takes the lock, failing with STORE_ERROR_BUSY if another process holds it, and deletes orphaned
 * files. Returns 0, or -1 with the error set and *out NULL. */
int store_open(struct store **out, const char *folder, enum store_mode mode, GError **error);
void store_close(struct store *store); /* NULL is fine */
/* Deletes a run and everything in its nets/, for one that could not be completed. */
void store_remove(const char *folder);
/* Whether the folder contains a run, i.e. run.db. */
bool store_exists(const char *folder);
const char *store_folder(const struct store *store);
/* "FOLDER/nets/NAME", freed by the caller. */
char *store_net_path(const struct store *store, const char *name);

/* Loads the saved settings into *settings; *found: whether there are any. A setting that the run is too old to have is
 * set to settings_before, or left unchanged if that is NULL. */
bool store_load_settings(struct store *store, struct settings *settings, bool *found, GError **error);
/* Saves all settings in one transaction; on failure false with the error set, and those saved before stay. */
bool store_save_settings(struct store *store, const struct settings *settings, GError **error);

/* Totals above this are damaged: counting on must not overflow, and JSON must hold them exactly. */
#define STORE_MAX_TOTAL ((int64_t)1 << 53)
struct store_counts {
    int64_t games, plies, rows;
    uint64_t next_number; /* one past the highest game number */
};
bool store_count(struct store *store, struct store_counts *counts, GError **error);
/* The same of the games with numbers below `before`. STORE_ALL_GAMES: as store_count, which includes games that are no
 * longer held. */
#define STORE_ALL_GAMES INT64_MAX
bool store_count_before(struct store *store, int64_t before, struct store_counts *counts, GError **error);
/* Adds the games that the run has stored to a scope. False with the error set if they cannot be read. */
bool store_scope(struct store *store, struct game_scope *scope, GError **error);
/* Adds all of them in one transaction. */
bool store_add_games(struct store *store, struct record *const *records, int count, GError **error);
/* The newest games that together contain at least `rows` training rows (or all games), oldest first, as owned
 * references, each with its own komi and rules. Skips games whose kind and size are not among `games`, and those whose
 * spec this version does not support. */
bool store_load_games(struct store *store, const struct game *games, int game_count, int64_t rows, GPtrArray **out,
                      GError **error);
/* Which of the newest games are loaded. */
struct store_range {
    int64_t before; /* games with numbers below it; STORE_ALL_GAMES: all */
    int64_t rows;   /* as many games as together have so many training rows */
    int64_t bytes;  /* but no more once they take so much memory; 0: no limit */
};
bool store_load_range(struct store *store, const struct store_range *range, const struct game *games, int game_count,
                      GPtrArray **out, GError **error);

struct store_metric {
    double seconds;                           /* of the session that wrote it */
    int64_t games, positions, steps, samples; /* totals at that time */
    uint32_t generation;
    /* Losses and rates since the report before, a loss of 0: no step was made; plies_per_game: mean over recent games; diversity:
     * distinct part of recent openings, 0..1, negative with too few games, 0: unknown, as in runs of older programs. */
    double loss, policy_loss, value_loss, games_per_s, evals_per_s, plies_per_game, diversity;
    int64_t visits; /* per search; 0: unknown, as in runs of older programs */
    double memory, disk; /* bytes of the process, and of the run's folder; NAN: unknown, as in runs of older programs */
    double unseen_policy_loss, unseen_value_loss; /* on new games, before anything was learned from them; NAN: unknown */
};
/* False with the error set if it cannot be written. */
bool store_add_metric(struct store *store, const struct store_metric *metric, GError **error);
/* Appends the metrics (struct store_metric) written after row *last (0: all), in order, and updates *last to the newest
 * row. Returns their number; 0 also if the store cannot be read. */
int store_read_metrics(struct store *store, int64_t *last, GArray *metrics);

/* Something out of the ordinary that happened to the run, as one clause: "the disk was full, ...". Older runs have none. False with the
 * error set if it cannot be written. */
bool store_add_event(struct store *store, const char *what, GError **error);
/* All of them as lines, each with its time, oldest first (char *); empty if they cannot be read. Freed with g_ptr_array_unref. */
GPtrArray *store_events(struct store *store);

/* The processor time of all threads, over all sessions, in seconds; zeros in a run older than this, or if it cannot be read. */
struct store_spent {
    double seconds;
    double divided, self_play; /* the part of them for which self-play's time is known, and that time */
};
bool store_add_spent(struct store *store, const struct store_spent *more, GError **error);
struct store_spent store_spent(struct store *store);

/* A game of a checkpoint against a rung of the ladder (engine/ladder), which is an agent's spec, or "generation:N" for an earlier
 * checkpoint. */
enum { STORE_RUNG_MAX = 160 };
struct store_rung_game {
    int64_t pair; /* both games of an opening have the same number */
    uint32_t generation;
    char rung[STORE_RUNG_MAX];
    bool first;    /* whether the generation's net moved first */
    double points; /* of the generation's net: 0, 0.5, 1 */
    int plies;
    double seconds; /* that the game took */
};
/* Adds them in one transaction. */
bool store_add_rung_games(struct store *store, const struct store_rung_game *games, int count, GError **error);
/* All of them, in order; empty if there are none, or they cannot be read. Freed with g_array_unref. */
GArray *store_rung_games(struct store *store);

struct store_checkpoint {
    uint32_t generation;
    int64_t steps, samples, games, rows; /* totals at the time of the checkpoint */
    double seconds;                      /* training time over all sessions */
    double rate_scale;                   /* halved at each roll-back */
    int64_t bytes;                       /* of the net's file */
};
/* A checkpoint, and what is left of it. */
struct store_listed_checkpoint {
    struct store_checkpoint at;
    bool has_net;  /* its net is on disk */
    int64_t added; /* seconds since 1970 */
};
/* All checkpoints (struct store_listed_checkpoint) whose numbers are possible ones, by generation; empty if they cannot be read.
 * Freed with g_array_unref. */
GArray *store_checkpoints(struct store *store);
/* Whether its numbers are possible ones: a damaged database may hold others. */
bool store_checkpoint_is_sound(const struct store_checkpoint *checkpoint);
/* Makes a generation the net to play with (best.safetensors) until the next call, whatever checkpoints are added; if its net is not on
 * disk, or for STORE_NEWEST, best.safetensors follows the newest checkpoint, as in a new run. */
enum { STORE_NEWEST = -1 };
bool store_hold_best(struct store *store, int64_t generation, GError **error);
/* The generation of best.safetensors; 0 if there is no checkpoint. *held: whether it was held while newer ones were added. */
uint32_t store_best(struct store *store, bool *held);
/* File names of a generation, freed by the caller. */
char *store_state_name(uint32_t generation);
char *store_generation_name(uint32_t generation);
/* The files must be in nets/ already. Adds the row (and `records`, in the same transaction), updates best.safetensors
 * and prunes older files; if one of the latter two fails, that is said on stderr alone. */
bool store_add_checkpoint(struct store *store, const struct store_checkpoint *checkpoint, struct record *const *records,
                          int record_count, GError **error);
/* Adds a generation that has a net, in nets/ already, but no state: the one that a packed or salvaged run held as best. */
bool store_add_net(struct store *store, const struct store_checkpoint *checkpoint, GError **error);
/* The newest checkpoint whose state is on disk. *found: whether there is one. */
bool store_last_checkpoint(struct store *store, struct store_checkpoint *checkpoint, bool *found, GError **error);
/* The same, of those before `generation`. */
bool store_checkpoint_before(struct store *store, uint32_t generation, struct store_checkpoint *checkpoint, bool *found,
                             GError **error);
/* Marks a generation's state as unusable; its file stays, under its name with ".damaged" appended. */
bool store_set_state_aside(struct store *store, uint32_t generation, GError **error);
/* The same of its net. */
bool store_set_net_aside(struct store *store, uint32_t generation, GError **error);
/* The highest generation that was ever stored, 0 if there is none. */
uint32_t store_newest_generation(struct store *store);
/* Generations whose net is still on disk, ascending; freed with g_array_unref (uint32_t). Never fails: if they cannot be read, the array
 * has those that could be. */
bool store_ladder(struct store *store, GArray **generations, GError **error);

/* The underlying connection, for pack.c, the report and the collection: the caller must hold store_lock while using it if another thread
 * may use the store meanwhile. */
struct sqlite3;
struct sqlite3 *store_database(struct store *store);
void store_lock(struct store *store);
void store_unlock(struct store *store);

#endif

/* What is tortured: a training run or a tournament, continued by the same command again and again, and what it has promised so
 * far. Losses are appended to a list of messages. */
#ifndef TENGEN_ENGINE_TORTURE_WORK_H
#define TENGEN_ENGINE_TORTURE_WORK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct work;
struct work_ops {
    const char *name;
    bool has_checkpoints;
    struct work *(*open)(const char *program, const char *folder, uint64_t seed);
    void (*close)(struct work *work);
    char **(*command)(struct work *work); /* freed by the caller */
    void (*line)(void *work, const char *line);
    int64_t (*done)(void *work);
    /* Damages the newest checkpoint; the caller has no process running. What it says must then be in the next process's messages.
     * NULL: there is none that could be damaged. Only if has_checkpoints. */
    const char *(*damage)(struct work *work, uint64_t random);
    /* Compares what is on the disk with what was promised; whole: all of it, else what is new. */
    void (*check)(struct work *work, bool whole);
    /* Whether it is complete, and a new one has to be begun. */
    bool (*is_finished)(const struct work *work);
};
extern const struct work_ops work_run_ops, work_rounds_ops, work_go_ops, work_match_ops;

/* The beginning of each work's struct. */
struct work {
    const struct work_ops *ops;
    char *program, *folder;
    uint64_t seed;
    GPtrArray *lost; /* char *, owned */
};
void work_lost(struct work *work, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Empties a file, cuts it, or changes one of its bits. False if it cannot be read or written, or is empty. */
bool work_damage_file(const char *path, uint64_t random);

/* Opens a database of a work's as it lies there, without completing or tidying anything; NULL, with a message, if that fails.
 * Closed with sqlite3_close. */
struct sqlite3;
struct sqlite3 *work_open_database(struct work *work, const char *name);
int64_t work_number(struct work *work, struct sqlite3 *database, const char *sql);
/* Has SQLite examine the whole file. */
void work_check_integrity(struct work *work, struct sqlite3 *database);

#endif

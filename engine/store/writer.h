/* Writes finished games to the store in a separate thread, in one transaction about once a second, or as soon as more than 2 MB of them
 * wait. */
#ifndef TENGEN_ENGINE_STORE_WRITER_H
#define TENGEN_ENGINE_STORE_WRITER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct record;

struct writer;
struct writer_config {
    struct store *store;
    int64_t games; /* in the store at the start */
    /* Called in the writer's thread: after a commit, with the total number of games; on failure, passing ownership of
     * the error. */
    void (*committed)(void *user, int64_t games);
    void (*failed)(void *user, GError *error);
    /* Called in the writer's thread when a commit fails; may block. Returns true, having cleared the error, to try again, or false,
     * leaving it. NULL: never try again. */
    bool (*again)(void *user, GError **error);
    void *user;
};
/* NULL if the system refuses a thread. */
struct writer *writer_start(const struct writer_config *config);
/* Takes a reference. Returns the total number of games in the store once this one is committed. Any thread. */
int64_t writer_add(struct writer *writer, struct record *record);
/* Whether so many games wait to be committed, or are being committed, that no more should be made until `committed` is called. Any
 * thread. */
bool writer_is_behind(struct writer *writer);
/* Commits the remaining games and ends the thread. NULL is fine. */
void writer_stop(struct writer *writer);

#endif

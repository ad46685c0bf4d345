/* Writes finished games to the store in a thread of its own, all that came within about a second in one transaction. */
#ifndef TENGEN_ENGINE_STORE_WRITER_H
#define TENGEN_ENGINE_STORE_WRITER_H

#include "engine/store/store.h"

struct writer;
struct writer_config {
    struct store *store;
    int64_t games; /* in the store at the start */
    /* In the writer's thread: so many games are committed by now; or the store failed (the error is the callee's). */
    void (*committed)(void *user, int64_t games);
    void (*failed)(void *user, GError *error);
    void *user;
};
struct writer *writer_start(const struct writer_config *config);
/* Takes a reference. Any thread. */
void writer_add(struct writer *writer, struct record *record);
/* Commits what is left and ends the thread. */
void writer_stop(struct writer *writer);

#endif

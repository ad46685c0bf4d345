/* The checksums of a checkpoint's files, in the run's database: a .safetensors file has none of its own, and one with a changed bit
 * is read like any other. */
#ifndef TENGEN_ENGINE_STORE_FILES_SUMS_H
#define TENGEN_ENGINE_STORE_FILES_SUMS_H

#include <glib.h>
#include <stdbool.h>

struct store;

/* Stores those of files in nets/. Within a transaction, with the lock; false with the error set if one cannot be read. */
bool sums_add(struct store *store, const char *const *names, int count, GError **error);
/* Forgets a file. With the lock. */
bool sums_drop(struct store *store, const char *name, GError **error);
/* Compares a file in nets/ with its checksum; a file without one, from an older run, is assumed intact. False with the error set if it
 * is missing, damaged or cannot be read. Any thread, without the lock. */
bool sums_check(struct store *store, const char *name, GError **error);

#endif

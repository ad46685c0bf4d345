/* A memory by likeness (mcts/likeness.h) as a file: what `tengen export RUN --likeness FILE` writes and the player's option like= reads.
 *
 * A .safetensors file: "features" [positions][features] and "errors" [positions] in f32; in its metadata the format, the fingerprint of
 * the net whose features and errors they are, the weight of the errors, and where they are from. */
#ifndef TENGEN_AGENTS_MEMORY_LIKENESS_FILE_H
#define TENGEN_AGENTS_MEMORY_LIKENESS_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct likeness;
struct net;

/* Positions in a file; with more a look-up takes too long, and the memory too much space. */
enum { LIKENESS_FILE_MOST = 1000000 };
struct likeness_positions {
    size_t count, size;    /* positions, and features of each */
    const float *features; /* [count][size] */
    const float *errors;   /* [count] */
    float weight;
};
/* Writes the file atomically; the positions are of this net. source: free text. False with the error set. */
bool likeness_file_write(const char *path, const struct net *net, const struct likeness_positions *positions,
                         const char *source, GError **error);
/* Reads it. NULL with the error set (enum memory_error): no such file, damaged, or of another net. */
struct likeness *likeness_file_read(const char *path, const struct net *net, GError **error);

#endif

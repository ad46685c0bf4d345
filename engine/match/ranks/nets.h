/* The nets that players and referee name in their specs, for ranks that have none of their own: rank 0 reads the files, and
 * what it has sent stands in for them, so that all ranks play with the same nets, wherever they run. */
#ifndef TENGEN_ENGINE_MATCH_RANKS_NETS_H
#define TENGEN_ENGINE_MATCH_RANKS_NETS_H

#include <glib.h>
#include <stdbool.h>

struct message_reader;

/* Appends the nets that the specs name. game: its name, for the net "default". False with the error set if a net cannot be
 * read. */
bool match_put_nets(GByteArray *message, const char *const *specs, int count, const char *game, GError **error);

/* Nets from rank 0: files in memory, which leave nothing behind when the process is killed. */
struct match_nets;
/* NULL with the error set if the message is damaged, or the system refuses the memory. */
struct match_nets *match_take_nets(struct message_reader *fields, GError **error);
void match_nets_free(struct match_nets *nets); /* NULL is fine */
/* The spec with the nets that were received in place of those that it names; freed by the caller. */
char *match_nets_place(const struct match_nets *nets, const char *spec);

#endif

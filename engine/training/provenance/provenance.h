/* What a run's nets say in their files of how they were trained: the games (games/scope.h), the runs (lineage.h) and a note.
 * Used by the learner's thread. */
#ifndef TENGEN_ENGINE_TRAINING_PROVENANCE_PROVENANCE_H
#define TENGEN_ENGINE_TRAINING_PROVENANCE_PROVENANCE_H

#include <glib.h>
#include <stdbool.h>

struct game_scope;
struct net;
struct settings;
struct store;
struct store_checkpoint;

struct provenance {
    struct game_scope *scope; /* of all games that the net learned from, including those of the net it started from */
    GArray *before;           /* struct lineage_run, without this run */
};
void provenance_init(struct provenance *provenance);
void provenance_clear(struct provenance *provenance); /* a zeroed struct is fine */
/* For a new run: continues what the net that it starts from records. */
void provenance_start(struct provenance *provenance, const struct net *first);
/* For a resumed run: continues what its newest net records. NULL: that net cannot be read, and the earlier runs are taken from the
 * newest net that can. False if the newest net does not say which games it learned from: the caller takes them from the store. */
bool provenance_resume(struct provenance *provenance, struct store *store, const struct net *newest);
/* Writes it into a net that is about to be saved as this checkpoint. plays: whether the run learns from its own games, rather than from
 * those of another one. command: as in struct learner_config. Returns the note, freed by the caller. */
char *provenance_write(const struct provenance *provenance, struct net *net, struct store *store,
                       const struct settings *settings, const struct store_checkpoint *at, bool plays,
                       const char *command);

#endif

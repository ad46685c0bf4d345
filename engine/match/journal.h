/* The journal of a tournament: FOLDER/match.db, in which a game exists once its transaction has committed, so that a
 * tournament that was killed at any moment goes on with the same command and plays only what is missing.
 *
 * Settings that decide the results are kept with it, and another command line is refused. journal_add may be called by
 * any thread; the rest by one, while nobody adds. */
#ifndef TENGEN_ENGINE_MATCH_JOURNAL_H
#define TENGEN_ENGINE_MATCH_JOURNAL_H

#include "engine/match/game.h"

#define JOURNAL_ERROR (journal_error_quark())
GQuark journal_error_quark(void);
enum journal_error { JOURNAL_ERROR_PLACE, JOURNAL_ERROR_DIFFERS };

struct journal;
/* Opens or makes FOLDER/match.db for this process alone. The game must outlive the journal. */
int journal_open(struct journal **out, const char *folder, const struct game *game, GError **error);
void journal_close(struct journal *journal); /* NULL is fine */
const char *journal_folder(const struct journal *journal);

/* The kept value of a setting, or NULL; freed by the caller. */
char *journal_setting(struct journal *journal, const char *name);
/* Keeps names[i] = values[i] in a journal without games; in one that has games all must be the same: the error names
 * each that differs, with both values. */
bool journal_settle(struct journal *journal, const char *const *names, const char *const *values, int count,
                    GError **error);

/* Whether game `number` was played before; then fills the record's result. The record's players, round and pair must
 * be the kept ones, else *error is set and it is false as well. */
bool journal_take(struct journal *journal, int number, struct match_record *record, GError **error);
/* Keeps a game. Games that several threads bring at once share a transaction; when this returns without an error the
 * game is kept or another thread is about to keep it. seconds: the match's so far. */
bool journal_add(struct journal *journal, int number, const struct match_record *record,
                 const struct match_game *played, double seconds, GError **error);
/* Seconds that earlier sessions played. */
double journal_seconds(const struct journal *journal);
int journal_count(const struct journal *journal);

/* Calls visit for each kept game by number, with its moves; false on a database error. `game` is the visitor's for the
 * call only. */
bool journal_visit(struct journal *journal,
                   void (*visit)(int number, const struct match_record *record, const struct match_game *game,
                                 void *data),
                   void *data, GError **error);

#endif

/* The journal of a tournament: FOLDER/match.db. A game exists once its transaction has committed, so a tournament
 * killed at any moment can be resumed by rerunning its command, which plays only the missing games.
 *
 * Settings that affect the results are stored with it; a command line that differs in one of them is refused.
 * journal_queue, journal_write and journal_flush may be called by any thread; the rest by one thread, while none calls
 * them. */
#ifndef TENGEN_ENGINE_MATCH_JOURNAL_H
#define TENGEN_ENGINE_MATCH_JOURNAL_H

#include <glib.h>
#include <stdbool.h>

struct game;
struct match_game;
struct match_record;

#define JOURNAL_ERROR (journal_error_quark())
GQuark journal_error_quark(void);
enum journal_error { JOURNAL_ERROR_PLACE, JOURNAL_ERROR_DIFFERS };

struct journal;
/* Opens or creates FOLDER/match.db for this process exclusively. The game must outlive the journal. */
int journal_open(struct journal **out, const char *folder, const struct game *game, GError **error);
void journal_close(struct journal *journal); /* NULL is allowed */
const char *journal_folder(const struct journal *journal);

/* The stored value of a setting, or NULL; freed by the caller. */
char *journal_setting(struct journal *journal, const char *name);
/* Replaces the settings that are stored. */
bool journal_keep_settings(struct journal *journal, const char *const *names, const char *const *values, int count,
                           GError **error);
/* Stores names[i] = values[i] in a journal without games. In one with games all values must match: the error lists each
 * that differs, with both values. */
bool journal_check_settings(struct journal *journal, const char *const *names, const char *const *values, int count,
                            GError **error);

/* Whether game `number` has been played; if so, fills the record's result. If the record's players, round or pair
 * differ from the stored ones, returns false with *error set. */
bool journal_lookup(struct journal *journal, int number, struct match_record *record, GError **error);
/* Queues a game, of which no pointer is kept, to be stored. seconds: the match's total so far. */
void journal_queue(struct journal *journal, int number, const struct match_record *record,
                   const struct match_game *played, double seconds);
/* Stores all that is queued, in one transaction. When this returns without an error, it is stored, or another thread is about
 * to store it. */
bool journal_write(struct journal *journal, GError **error);
/* The same, but waits for the other thread: fails if it has failed, now or before. */
bool journal_flush(struct journal *journal, GError **error);
/* Total duration of earlier sessions. */
double journal_seconds(const struct journal *journal);
int journal_count(const struct journal *journal);

/* Calls visit for each stored game in order of number; false on a database error. `game` is valid during the call. */
bool journal_visit(struct journal *journal,
                   void (*visit)(int number, const struct match_record *record, const struct match_game *game,
                                 void *data),
                   void *data, GError **error);

#endif

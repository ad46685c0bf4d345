/* Tournament files: YAML, with the option names as keys. (YAML because libyaml is a maintained C library that reports
 * the line of every value and can write as well as read.)
 *
 *   game: go:9
 *   games: 50
 *   agent:
 *     - random
 *     - name: gnu
 *       spec: gtp:gnugo --mode gtp --level 10
 */
#ifndef TENGEN_ENGINE_MATCH_TOURNAMENT_FILE_H
#define TENGEN_ENGINE_MATCH_TOURNAMENT_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct match_settings;

/* Reads the file into the settings that the command line did not set, and stores its name in settings->file. Errors
 * name the line: an unknown or duplicate key, a value out of range, invalid YAML. */
bool match_file_read(const char *path, struct match_settings *settings, GError **error);
/* The same from memory; `name` is used in messages. */
bool match_file_parse(const char *text, size_t length, const char *name, struct match_settings *settings,
                      GError **error);
/* Formats the settings that were given as a tournament file from which match_file_read restores them. Freed by the
 * caller; NULL with an error for a file name that is not UTF-8. */
char *match_file_write(const struct match_settings *settings, GError **error);

#endif

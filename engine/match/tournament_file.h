/* Tournament files: YAML, with the options' own names as keys. (YAML, because Debian has a maintained C library for it
 * whose parser tells the line of every value and which writes as well as reads: libyaml.)
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

#include "engine/match/settings.h"

/* Reads the file into what the command line did not set, and keeps its name in settings->file. Errors name the line:
 * an unknown or repeated key, a value outside its range, what is not YAML. */
bool match_file_read(const char *path, struct match_settings *settings, GError **error);
/* The same from memory; `name` stands in messages. */
bool match_file_parse(const char *text, size_t length, const char *name, struct match_settings *settings,
                      GError **error);
/* The settings as such a file: what was given, and what match_file_read needs to make them again. Freed by the caller;
 * NULL with an error for a file name that is not UTF-8. */
char *match_file_write(const struct match_settings *settings, GError **error);

#endif

/* Lessons of a file of memories as game records and as JSON, for people and other programs. One thread at a time. */
#ifndef TENGEN_AGENTS_MEMORY_EXPORT_H
#define TENGEN_AGENTS_MEMORY_EXPORT_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "games/game.h"

struct memory_file;
struct memory_lesson;

/* {"id", "time", "game", "moves": [...], "decision", "player", "played", "better", "value", "met", "last_met", "positions"};
 * decision: number of moves before it; player: 0 or 1, who lost; better: null if none was found. Owned by the caller. */
cJSON *memory_export_json(const struct memory_file *file, const struct memory_lesson *lesson);
/* Writes the lessons (struct memory_lesson *) to an SGF file as one game each: the move that lost is marked as bad, with a
 * comment, and the better one is a variation. False with the error set. */
bool memory_export_sgf(const GPtrArray *lessons, const char *path, GError **error);
/* The position before the decision. False with the error set if the lesson is none of this version's games. */
bool memory_lesson_position(const struct memory_lesson *lesson, struct game *game, struct position *position,
                            GError **error);

#endif

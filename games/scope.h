/* Which variants of a game have occurred, and how often: sizes, and the values of each option. A training run collects the
 * scope of its games, and a net's file keeps it, so that whoever plays with the net can be told when a game lies outside
 * of what the net has learned.
 *
 * As text, a scope is "GAMES size:9=COUNT size:13=COUNT komi:6.5=COUNT rules:japanese=COUNT ...", where games with an option's
 * preset are not listed. One thread at a time. */
#ifndef TENGEN_GAMES_SCOPE_H
#define TENGEN_GAMES_SCOPE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct game;
struct game_scope;

struct game_scope *game_scope_new(void);
void game_scope_free(struct game_scope *scope); /* NULL is allowed */
/* Adds `games` games of this variant. */
void game_scope_add(struct game_scope *scope, const struct game *game, int64_t games);
/* Adds the games of a scope written by game_scope_write. False, with nothing added, if the text is not one. */
bool game_scope_read(struct game_scope *scope, const char *text);
/* Freed by g_free. */
char *game_scope_write(const struct game_scope *scope);
int64_t game_scope_games(const struct game_scope *scope);
/* NULL if the scope has such games; else what lies outside and what lies within, for a message: "size 19 and
 * rules=japanese (its games: size 9 (100 %); komi 5.5 to 8.5; rules tromp-taylor (100 %); handicap 0)", freed by g_free.
 * A size or a choice lies outside if less than half a percent of the games have it (if there are more than a hundred sizes
 * or choices: less than half of the average); a number, if it is below the 1st or above the 99th percentile. Of an empty
 * scope nothing is known, and nothing lies outside. */
char *game_scope_outside(const struct game_scope *scope, const struct game *game);

#endif

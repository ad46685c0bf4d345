/* What the tests of SGF share. */
#ifndef TENGEN_TESTS_GAMES_RECORD_SGF_COMMON_H
#define TENGEN_TESTS_GAMES_RECORD_SGF_COMMON_H

#include <criterion/criterion.h>

#include "games/game.h"
#include "games/record/sgf.h"

static inline struct sgf *parse_sgf(const char *text)
{
    GError *error = NULL;
    struct sgf *sgf = sgf_parse(text, strlen(text), "test", &error);
    cr_assert(sgf, "%s: %s", text, error ? error->message : "no message");
    return sgf;
}

static inline struct game game_of(const char *spec)
{
    struct game game;
    cr_assert(game_parse(&game, spec, NULL), "%s", spec);
    return game;
}

static inline void assert_formats(const struct sgf *sgf, const char *wanted)
{
    size_t length;
    char *text = sgf_format(sgf, &length);
    cr_assert_str_eq(text, wanted);
    cr_assert_eq(length, strlen(wanted));
    g_free(text);
}

#endif

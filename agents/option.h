/* Options of an agent spec, "visits=400,time=1s,backend=plain": a table that parses them into a struct, checks their
 * ranges, says what would be accepted, and prints itself for --help. */
#ifndef TENGEN_AGENTS_OPTION_H
#define TENGEN_AGENTS_OPTION_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum agent_option_type {
    AGENT_OPTION_INT,    /* int64_t */
    AGENT_OPTION_REAL,   /* double */
    AGENT_OPTION_TIME,   /* int64_t, milliseconds; written 500ms, 1s, 1.5s, 2m */
    AGENT_OPTION_CHOICE, /* int: index into choices */
};

/* A table ends with a NULL name. min and max are in the kept unit; offset is that of the member in the struct. */
struct agent_option {
    const char *name;
    enum agent_option_type type;
    size_t offset;
    double min, max;
    const char *const *choices; /* NULL-terminated */
    const char *help;
};

/* Reads NAME=VALUE,... ("" is fine) into the members of `values`; what is not named keeps its value. `agent` is named
 * in messages. False, with the error set, for an unknown or repeated name or a value outside its range. */
bool agent_options_parse(const char *agent, const char *text, const struct agent_option *options, void *values,
                         GError **error);
/* As agent_options_parse, for what follows the first comma of "ARGUMENT,NAME=VALUE,..."; without a comma nothing does.
 */
bool agent_options_parse_after(const char *agent, const char *argument, const struct agent_option *options,
                               void *values, GError **error);
/* One indented line an option. */
void agent_options_describe(const struct agent_option *options, FILE *out);

#endif

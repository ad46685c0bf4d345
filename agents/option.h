/* Options of an agent spec, "visits=400,time=1s,backend=plain", by a table of games/option.h. */
#ifndef TENGEN_AGENTS_OPTION_H
#define TENGEN_AGENTS_OPTION_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

struct option_row;

/* Parses NAME=VALUE,... (may be "") into the members of `values`; others keep their values. agent: name for messages.
 * Returns false with the error set for an unknown or repeated name or a value out of range. */
bool agent_options_parse(const char *agent, const char *text, const struct option_row *options, void *values,
                         GError **error);
/* Like agent_options_parse, for the part after the first comma of "ARGUMENT,NAME=VALUE,...", if there is one. */
bool agent_options_parse_after(const char *agent, const char *argument, const struct option_row *options, void *values,
                               GError **error);
/* Prints one indented line per option. */
void agent_options_describe(const struct option_row *options, FILE *out);

#endif

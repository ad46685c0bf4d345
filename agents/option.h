/* Options of an agent spec, "visits=400,time=1s,backend=plain", by a table of games/option.h. */
#ifndef TENGEN_AGENTS_OPTION_H
#define TENGEN_AGENTS_OPTION_H

#include <stdio.h>

#include "games/option.h"

/* Reads NAME=VALUE,... ("" is fine) into the members of `values`; what is not named keeps its value. `agent` is named
 * in messages. False, with the error set, for an unknown or repeated name or a value outside its range. */
bool agent_options_parse(const char *agent, const char *text, const struct option_row *options, void *values,
                         GError **error);
/* As agent_options_parse, for what follows the first comma of "ARGUMENT,NAME=VALUE,..."; without a comma nothing does.
 */
bool agent_options_parse_after(const char *agent, const char *argument, const struct option_row *options, void *values,
                               GError **error);
/* One indented line an option. */
void agent_options_describe(const struct option_row *options, FILE *out);

#endif

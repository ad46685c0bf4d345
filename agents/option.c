#include "agents/option.h"

#include <string.h>

#include "agents/agent.h"
#include "games/option.h"

/* Takes ownership of `why`. */
static bool refuse(const char *agent, char *why, GError **error)
{
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s: %s", agent, why);
    g_free(why);
    return false;
}

bool agent_options_parse(const char *agent, const char *text, const struct option_row *options, void *values,
                         GError **error)
{
    char *why;
    return option_read_list(options, text, values, &why) || refuse(agent, why, error);
}

bool agent_options_parse_after(const char *agent, const char *argument, const struct option_row *options, void *values,
                               GError **error)
{
    const char *comma = strchr(argument, ',');
    if (!comma)
        return true;
    return comma[1] ? agent_options_parse(agent, comma + 1, options, values, error)
                    : refuse(agent, option_unknown(options, "option", "", 0), error);
}

void agent_options_describe(const struct option_row *options, FILE *out)
{
    for (int i = 0; options[i].name; i++) {
        GString *range = g_string_new(NULL);
        option_append_range(range, &options[i]);
        fprintf(out, "    %s=%s  %s\n", options[i].name, range->str, options[i].help);
        g_string_free(range, TRUE);
    }
}

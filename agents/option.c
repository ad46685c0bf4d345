#include "agents/option.h"

#include <math.h>
#include <string.h>

#include "agents/agent.h"

static void append_time(GString *out, double ms)
{
    if (ms < 1000)
        g_string_append_printf(out, "%gms", ms);
    else
        g_string_append_printf(out, "%gs", ms / 1000);
}

static void append_range(GString *out, const struct agent_option *option)
{
    if (option->type == AGENT_OPTION_CHOICE) {
        for (int i = 0; option->choices[i]; i++)
            g_string_append_printf(out, "%s%s", i ? "|" : "", option->choices[i]);
    } else if (option->type == AGENT_OPTION_TIME) {
        append_time(out, option->min);
        g_string_append(out, " to ");
        append_time(out, option->max);
    } else {
        g_string_append_printf(out, "%.10g to %.10g", option->min, option->max);
    }
}

/* The number at the start of text and what follows it; false unless it is an ordinary decimal number. */
static bool read_number(const char *text, double *number, const char **rest)
{
    char *end;
    if (!g_ascii_isdigit(text[0]) && text[0] != '.' && text[0] != '-')
        return false;
    *number = g_ascii_strtod(text, &end);
    *rest = end;
    for (const char *at = text; at < end; at++) /* strtod also takes hexadecimal */
        if (*at == 'x' || *at == 'X')
            return false;
    return end != text && isfinite(*number);
}

static bool read_value(const struct agent_option *option, const char *text, double *value)
{
    if (option->type == AGENT_OPTION_CHOICE) {
        for (int i = 0; option->choices[i]; i++)
            if (g_ascii_strcasecmp(text, option->choices[i]) == 0) {
                *value = i;
                return true;
            }
        return false;
    }
    const char *unit;
    if (!read_number(text, value, &unit))
        return false;
    if (option->type == AGENT_OPTION_TIME) {
        double scale = strcmp(unit, "ms") == 0 ? 1 : strcmp(unit, "s") == 0 ? 1000 : strcmp(unit, "m") == 0 ? 60000 : 0;
        *value = rint(*value * scale);
        if (scale == 0)
            return false;
    } else if (*unit) {
        return false;
    }
    if (option->type == AGENT_OPTION_INT && *value != rint(*value))
        return false;
    return *value >= option->min && *value <= option->max;
}

static void store_value(const struct agent_option *option, double value, void *values)
{
    char *at = (char *)values + option->offset;
    if (option->type == AGENT_OPTION_CHOICE)
        *(int *)(void *)at = (int)value;
    else if (option->type == AGENT_OPTION_REAL)
        *(double *)(void *)at = value;
    else
        *(int64_t *)(void *)at = (int64_t)value;
}

static void set_unknown(const char *agent, const char *name, const struct agent_option *options, GError **error)
{
    GString *names = g_string_new(NULL);
    for (int i = 0; options[i].name; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "", options[i].name);
    if (names->len)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s has no option \"%s\"; it has %s", agent, name,
                    names->str);
    else
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s takes no options, not \"%s\"", agent, name);
    g_string_free(names, TRUE);
}

static bool parse_one(const char *agent, char *item, const struct agent_option *options, guint64 *seen, void *values,
                      GError **error)
{
    char *equals = strchr(item, '=');
    if (equals)
        *equals = '\0';
    int i = 0;
    while (options[i].name && strcmp(options[i].name, item) != 0)
        i++;
    if (!options[i].name) {
        set_unknown(agent, item, options, error);
        return false;
    }
    double value;
    if (*seen & (G_GUINT64_CONSTANT(1) << i)) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s: %s is given twice; give it once", agent, item);
        return false;
    }
    *seen |= G_GUINT64_CONSTANT(1) << i;
    if (!equals || !read_value(&options[i], equals + 1, &value)) {
        GString *range = g_string_new(NULL);
        append_range(range, &options[i]);
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s: %s=%s is not accepted; %s is %s", agent, item,
                    equals ? equals + 1 : "", item, range->str);
        g_string_free(range, TRUE);
        return false;
    }
    store_value(&options[i], value, values);
    return true;
}

bool agent_options_parse(const char *agent, const char *text, const struct agent_option *options, void *values,
                         GError **error)
{
    if (!*text)
        return true;
    guint64 seen = 0;
    bool fine = true;
    char **items = g_strsplit(text, ",", -1);
    for (int i = 0; fine && items[i]; i++)
        fine = parse_one(agent, items[i], options, &seen, values, error);
    g_strfreev(items);
    return fine;
}

bool agent_options_parse_after(const char *agent, const char *argument, const struct agent_option *options,
                               void *values, GError **error)
{
    const char *comma = strchr(argument, ',');
    if (!comma)
        return true;
    if (comma[1])
        return agent_options_parse(agent, comma + 1, options, values, error);
    set_unknown(agent, "", options, error);
    return false;
}

void agent_options_describe(const struct agent_option *options, FILE *out)
{
    for (int i = 0; options[i].name; i++) {
        GString *range = g_string_new(NULL);
        append_range(range, &options[i]);
        fprintf(out, "    %s=%s  %s\n", options[i].name, range->str, options[i].help);
        g_string_free(range, TRUE);
    }
}

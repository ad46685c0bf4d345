/* KataGo's search settings. Unsupported ones are answered with a warning. */
#include <cjson/cJSON.h>

#include "engine/protocols/katago/analysis.h"
#include "engine/protocols/katago/session.h"

bool analysis_view_parse(const char *text, enum analysis_view *view)
{
    static const char *const names[] = {"BLACK", "WHITE", "SIDETOMOVE"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(names[i], text) == 0) {
            *view = (enum analysis_view)i;
            return true;
        }
    return false;
}

static bool set_view(struct analysis_query *query, const cJSON *value)
{
    return cJSON_IsString(value) && analysis_view_parse(value->valuestring, &query->view);
}

static bool set_visits(struct analysis_query *query, const cJSON *value)
{
    bool ok = cJSON_IsNumber(value) && value->valuedouble >= 1 && value->valuedouble <= 1e15;
    if (ok)
        query->visits = (int64_t)value->valuedouble;
    return ok;
}

/* In seconds. */
static bool set_time(struct analysis_query *query, const cJSON *value)
{
    bool ok = cJSON_IsNumber(value) && value->valuedouble > 0;
    if (ok)
        query->time_ms = (int64_t)(MIN(value->valuedouble, 1e9) * 1000) + 1;
    return ok;
}

static const struct {
    const char *name, *values;
    bool (*set)(struct analysis_query *query, const cJSON *value);
} settings[] = {
    {"reportAnalysisWinratesAs", "BLACK, WHITE or SIDETOMOVE", set_view},
    {"maxVisits", "at least 1", set_visits},
    {"maxTime", "a number of seconds greater than 0", set_time},
};

bool analysis_set(struct analysis_query *query, const char *name, const cJSON *value, char **why)
{
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++)
        if (strcmp(settings[i].name, name) == 0) {
            if (settings[i].set(query, value))
                return true;
            *why = g_strdup_printf("%s must be %s; ignored", name, settings[i].values);
            return false;
        }
    *why = g_strdup_printf("%.60s is not supported and will be ignored", name);
    return false;
}

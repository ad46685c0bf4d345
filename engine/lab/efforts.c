#include "engine/lab/efforts.h"

#include <stddef.h>
#include <string.h>

#include "engine/lab/plan.h"
#include "engine/settings/settings.h"
#include "games/option.h"
#include "net/net.h"

struct values {
    int steps;
    double settle;
};

static const struct option_row rows[] = {
    {"steps", OPTION_INT, offsetof(struct values, steps), 1, NET_STEPS_MAX, .help = ""},
    {"settle", OPTION_REAL, offsetof(struct values, settle), 0, 1, .help = ""},
    {.name = NULL},
};

static bool refuse(GError **error, const char *text, const char *why)
{
    g_set_error(error, LAB_ERROR, LAB_ERROR_PLAN,
                "efforts has \"%s\": %s; write ARM+steps=N, ARM+settle=X or ARM+steps=N+settle=X", text, why);
    return false;
}

/* One part after the arm, "steps=4". */
static bool read_part(const char *text, const char *part, struct values *values, GError **error)
{
    const char *equals = strchr(part, '=');
    const struct option_row *row = equals ? option_find(rows, part, (size_t)(equals - part)) : NULL;
    char *why = NULL;
    if (!row)
        return refuse(error, text, "unknown option");
    if (option_read(row, equals + 1, values, &why))
        return true;
    refuse(error, text, why);
    g_free(why);
    return false;
}

static int find_arm(const struct lab_plan *plan, const char *name)
{
    for (int i = 0; i < plan->arm_count; i++)
        if (strcmp(plan->arms[i].name, name) == 0)
            return i;
    return -1;
}

/* With a net of the arm's shape, whose inputs do not matter. */
static bool has_effect(const struct lab_plan *plan, int arm, const struct values *values, GError **error)
{
    const struct net_effort effort = {values->steps, (float)values->settle};
    struct net_info info = {.game = "any", .features = "any", .planes = 1, .globals = 1};
    struct net *net;
    if (!net_expand_shape(plan->arms[arm].settings.net, info.trunk, error) || net_create(&net, &info, 1, error) != 0)
        return false;
    bool good = net_effort_check(net, &effort, error);
    net_unref(net);
    return good;
}

bool lab_effort_parse(const struct lab_plan *plan, const char *text, struct lab_effort *effort, GError **error)
{
    char **parts = g_strsplit(text, "+", -1);
    struct values values = {.steps = 0};
    int arm = parts[0] ? find_arm(plan, parts[0]) : -1;
    bool good = arm >= 0 ? true : refuse(error, text, "there is no such arm");
    if (good && !parts[1])
        good = refuse(error, text, "it is the arm itself");
    for (int i = 1; good && parts[i]; i++)
        good = read_part(text, parts[i], &values, error);
    good = good && has_effect(plan, arm, &values, error);
    if (good)
        *effort = (struct lab_effort){arm, g_strdelimit(g_strdup(text), "=", '-'), g_strjoinv(",", parts + 1)};
    g_strfreev(parts);
    return good;
}

void lab_effort_clear(struct lab_effort *effort)
{
    g_free(effort->name);
    g_free(effort->options);
}

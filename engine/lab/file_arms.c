/* Lab files: shared settings, arms, factors. */
#include "engine/lab/file_arms.h"

#include <glib.h>
#include <string.h>

#include "engine/lab/plan.h"
#include "engine/match/yaml_file.h"

/* Settings that are keys of the file, because all arms share them. */
static bool is_common(const char *name)
{
    return strcmp(name, "game") == 0 || strcmp(name, "sizes") == 0 || strcmp(name, "from") == 0 ||
           strcmp(name, "seed") == 0;
}

static bool read_setting(const struct yaml_file *file, yaml_node_t *key, yaml_node_t *value, GArray *given)
{
    const char *name = yaml_file_text(key), *text = yaml_file_text(value);
    if (!name || !text)
        return yaml_file_fail(file, name ? value : key, "a setting takes one value, not a list or a mapping");
    if (is_common(name))
        return yaml_file_fail(file, key, "%s is the same for all arms: give it as the file's key %s", name,
                              strcmp(name, "seed") == 0 ? "seeds" : name);
    for (guint i = 0; i < given->len; i++)
        if (strcmp(g_array_index(given, struct lab_setting, i).name, name) == 0)
            return yaml_file_fail(file, key, "duplicate key %s; give it once", name);
    const struct lab_setting setting = {g_strdup(name), g_strdup(text), yaml_file_place(file, key)};
    g_array_append_val(given, setting);
    return true;
}

bool lab_read_settings(const struct yaml_file *file, struct lab_plan *plan, yaml_node_t *node)
{
    if (node->type != YAML_MAPPING_NODE)
        return yaml_file_fail(file, node,
                              "settings takes a mapping of settings of train, such as {net: 2x32, visits: 16}");
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++)
        if (!read_setting(file, yaml_file_node(file, p->key), yaml_file_node(file, p->value), plan->shared))
            return false;
    return true;
}

/* Names are parts of file names, and of players' names in matches. */
static bool read_name(const struct yaml_file *file, yaml_node_t *node, const char *what, char **out)
{
    const char *name = yaml_file_text(node);
    bool good = name && g_ascii_isalnum(*name) && strlen(name) <= 40 &&
                strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == strlen(name);
    if (!good)
        return yaml_file_fail(file, node,
                              "%s's name has at most 40 letters, digits, '-', '_' and '.', and begins with one of the "
                              "first two",
                              what);
    *out = g_strdup(name);
    return true;
}

static bool read_arm_name(const struct yaml_file *file, const struct lab_plan *plan, yaml_node_t *node,
                          struct lab_arm *arm)
{
    if (arm->name)
        return yaml_file_fail(file, node, "duplicate key name; give it once");
    if (!read_name(file, node, "an arm", &arm->name))
        return false;
    for (int i = 0; i < plan->arm_count; i++)
        if (strcmp(plan->arms[i].name, arm->name) == 0)
            return yaml_file_fail(file, node, "two arms have the name \"%s\"; give each a different one", arm->name);
    return true;
}

static bool read_arm(const struct yaml_file *file, struct lab_plan *plan, yaml_node_t *node)
{
    if (plan->arm_count == LAB_MAX_ARMS)
        return yaml_file_fail(file, node, "at most %d arms", LAB_MAX_ARMS);
    if (node->type != YAML_MAPPING_NODE)
        return yaml_file_fail(file, node,
                              "an arm is a mapping of a name and settings, such as {name: fast, rate: 0.03}");
    struct lab_arm *arm = &plan->arms[plan->arm_count];
    arm->given = g_array_new(FALSE, FALSE, sizeof(struct lab_setting));
    arm->place = yaml_file_place(file, node);
    bool good = true;
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; good && p < node->data.mapping.pairs.top; p++) {
        yaml_node_t *key = yaml_file_node(file, p->key), *value = yaml_file_node(file, p->value);
        good = g_strcmp0(yaml_file_text(key), "name") == 0 ? read_arm_name(file, plan, value, arm)
                                                           : read_setting(file, key, value, arm->given);
    }
    good = good && (arm->name || yaml_file_fail(file, node, "this arm has no name; add one, such as name: fast"));
    plan->arm_count++; /* to be cleared in any case */
    return good;
}

bool lab_read_arms(const struct yaml_file *file, struct lab_plan *plan, yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return yaml_file_fail(file, node, "arms takes a list of mappings, each with a name and settings");
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++)
        if (!read_arm(file, plan, yaml_file_node(file, *i)))
            return false;
    return plan->arm_count >= 2 ||
           yaml_file_fail(file, node, "a comparison needs two arms or more; the first is the baseline");
}

/* ---- factors ---- */

/* Two factors with one setting could not be told apart where both are on. */
static bool check_free(const struct yaml_file *file, const struct lab_plan *plan, yaml_node_t *key)
{
    const char *name = yaml_file_text(key);
    for (int i = 0; i < plan->factor_count; i++)
        for (guint k = 0; k < plan->factors[i].given->len; k++)
            if (g_strcmp0(g_array_index(plan->factors[i].given, struct lab_setting, k).name, name) == 0)
                return yaml_file_fail(file, key, "the factor %s sets %s, too; a setting belongs to one factor",
                                      plan->factors[i].name, name);
    return true;
}

static bool read_factor(const struct yaml_file *file, struct lab_plan *plan, yaml_node_t *key, yaml_node_t *value)
{
    struct lab_factor *factor = &plan->factors[plan->factor_count];
    if (plan->factor_count == LAB_MAX_FACTORS)
        return yaml_file_fail(file, key, "at most %d factors", LAB_MAX_FACTORS);
    if (value->type != YAML_MAPPING_NODE || value->data.mapping.pairs.start == value->data.mapping.pairs.top)
        return yaml_file_fail(file, value, "a factor takes the settings that it switches on, such as {rate: 0.03}");
    GArray *given = g_array_new(FALSE, FALSE, sizeof(struct lab_setting));
    char *name = NULL;
    bool good = read_name(file, key, "a factor", &name);
    for (int i = 0; good && i < plan->factor_count; i++)
        good = g_strcmp0(plan->factors[i].name, name) != 0 ||
               yaml_file_fail(file, key, "two factors have the name \"%s\"; give each a different one", name);
    for (yaml_node_pair_t *p = value->data.mapping.pairs.start; good && p < value->data.mapping.pairs.top; p++) {
        yaml_node_t *setting = yaml_file_node(file, p->key);
        good = check_free(file, plan, setting) && read_setting(file, setting, yaml_file_node(file, p->value), given);
    }
    *factor = (struct lab_factor){name, given};
    plan->factor_count++; /* to be cleared in any case */
    return good;
}

bool lab_read_factors(const struct yaml_file *file, struct lab_plan *plan, yaml_node_t *node)
{
    if (node->type != YAML_MAPPING_NODE)
        return yaml_file_fail(file, node, "factors takes a mapping of names to settings, such as {fast: {rate: 0.03}}");
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++)
        if (!read_factor(file, plan, yaml_file_node(file, p->key), yaml_file_node(file, p->value)))
            return false;
    return plan->factor_count > 0 ||
           yaml_file_fail(file, node, "factors needs at least one, such as {fast: {rate: 0.03}}");
}

/* Lab files: YAML. */
#include <stddef.h>
#include <string.h>

#include "engine/lab/factors.h"
#include "engine/lab/file_arms.h"
#include "engine/lab/plan.h"
#include "engine/match/yaml_file.h"
#include "games/option.h"

GQuark lab_error_quark(void)
{
    return g_quark_from_static_string("lab-error-quark");
}

enum { LIST = 1 /* row flag: read by a function of its own */ };
static const char *const kinds[] = {[LAB_LOOP] = "loop", [LAB_SAME_DATA] = "same-data", NULL};

static const struct option_row key_rows[] = {
    {"kind", OPTION_CHOICE, offsetof(struct lab_keys, kind), .choices = kinds, .preset = LAB_LOOP},
    {"game", OPTION_STRING, offsetof(struct lab_keys, game), .help = ""},
    {"sizes", OPTION_STRING, offsetof(struct lab_keys, sizes), .help = ""},
    {"from", OPTION_STRING, offsetof(struct lab_keys, from), .help = ""},
    {"data", OPTION_STRING, offsetof(struct lab_keys, data), .help = ""},
    {"held-out", OPTION_REAL, offsetof(struct lab_keys, held_out), 0.001, 0.9, .preset = 0.1},
    {"slices", OPTION_WHOLE, offsetof(struct lab_keys, slices), 1, 1000, .preset = 1},
    {"seeds", OPTION_STRING, .flags = LIST},
    {"budget", OPTION_STRING, .flags = LIST},
    {"settings", OPTION_STRING, .flags = LIST},
    {"arms", OPTION_STRING, .flags = LIST},
    {"factors", OPTION_STRING, .flags = LIST},
    {"compare", OPTION_STRING, .flags = LIST},
    {.name = NULL}};
G_STATIC_ASSERT(G_N_ELEMENTS(key_rows) <= LAB_MAX_KEYS + 1);

static const struct option_row budget_rows[] = {
    {"minutes", OPTION_REAL, offsetof(struct lab_budget, minutes), 0.01, 1e6, .help = ""},
    {"hours", OPTION_REAL, offsetof(struct lab_budget, hours), 0.001, 1e5, .help = ""},
    {"seconds", OPTION_REAL, offsetof(struct lab_budget, seconds), 0.1, 1e8, .help = ""},
    {"steps", OPTION_WHOLE, offsetof(struct lab_budget, steps), 1, 1e9, .help = ""},
    {.name = NULL}};

static const struct option_row compare_rows[] = {
    {"games", OPTION_WHOLE, offsetof(struct lab_compare, games), 2, 100000, .preset = 20},
    {"visits", OPTION_WHOLE, offsetof(struct lab_compare, visits), 1, 1e6, .help = ""},
    {"time", OPTION_TIME, offsetof(struct lab_compare, time_ms), 1, 3600000, .help = ""},
    {"game", OPTION_STRING, offsetof(struct lab_compare, game), .help = ""},
    {"openings", OPTION_STRING, offsetof(struct lab_compare, openings), .help = ""},
    {"opening-plies", OPTION_WHOLE, offsetof(struct lab_compare, opening_plies), 0, 60, .preset = -1},
    {"anchors", OPTION_STRINGS, offsetof(struct lab_compare, anchors), .help = ""},
    {"efforts", OPTION_STRINGS, offsetof(struct lab_compare, efforts), .help = ""},
    {.name = NULL}};

struct reader {
    const struct yaml_file *file;
    struct lab_plan *plan;
};

#define FAIL(reader, node, ...) yaml_file_fail((reader)->file, node, __VA_ARGS__)

/* ---- values by a table ---- */

static bool read_value(struct reader *reader, const struct option_row *row, yaml_node_t *node, void *values)
{
    char *why;
    if (node->type == YAML_SEQUENCE_NODE && row->type == OPTION_STRINGS) {
        for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
            yaml_node_t *item = yaml_file_node(reader->file, *i);
            if (!yaml_file_text(item))
                return FAIL(reader, item, "%s takes a list of texts", row->name);
            if (!read_value(reader, row, item, values))
                return false;
        }
        return true;
    }
    const char *text = yaml_file_text(node);
    if (!text)
        return FAIL(reader, node, "%s takes %s", row->name,
                    row->type == OPTION_STRINGS ? "a text or a list of texts" : "one value, not a list or a mapping");
    if (option_read(row, text, values, &why))
        return true;
    FAIL(reader, node, "%s", why);
    g_free(why);
    return false;
}

/* The row of a key, which must be new: seen is the set of earlier ones. NULL with the error set. */
static const struct option_row *read_key(struct reader *reader, const struct option_row *rows, const char *noun,
                                         yaml_node_t *key, GHashTable *seen)
{
    const char *name = yaml_file_text(key);
    const struct option_row *row = name ? option_find(rows, name, strlen(name)) : NULL;
    if (!row) {
        char *unknown = option_unknown(rows, noun, name ? name : "...", 0);
        FAIL(reader, key, "%s", unknown);
        g_free(unknown);
        return NULL;
    }
    if (g_hash_table_add(seen, (void *)row))
        return row;
    FAIL(reader, key, "duplicate key %s; give it once", name);
    return NULL;
}

static bool read_mapping(struct reader *reader, const struct option_row *rows, const char *noun, yaml_node_t *node,
                         void *values)
{
    if (node->type != YAML_MAPPING_NODE)
        return FAIL(reader, node, "%s takes a mapping, such as {%s: ...}", noun, rows[0].name);
    char *what = g_strdup_printf("key of %s", noun);
    GHashTable *seen = g_hash_table_new(NULL, NULL);
    bool good = true;
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; good && p < node->data.mapping.pairs.top; p++) {
        const struct option_row *row = read_key(reader, rows, what, yaml_file_node(reader->file, p->key), seen);
        good = row && read_value(reader, row, yaml_file_node(reader->file, p->value), values);
    }
    g_hash_table_destroy(seen);
    g_free(what);
    return good;
}

static bool read_budget(const struct yaml_file *file, struct lab_plan *plan, yaml_node_t *node)
{
    struct reader whole = {file, plan}, *reader = &whole;
    struct lab_budget *b = &plan->budget;
    if (!read_mapping(reader, budget_rows, "budget", node, b))
        return false;
    plan->seconds = b->seconds + 60 * b->minutes + 3600 * b->hours;
    return (b->seconds > 0) + (b->minutes > 0) + (b->hours > 0) + (b->steps > 0) == 1 ||
           FAIL(reader, node, "budget takes one of minutes, hours, seconds (of processor time) and steps");
}

/* ---- seeds ---- */

static bool read_seed(struct reader *reader, yaml_node_t *node)
{
    static const struct option_row row = {"seeds", OPTION_WHOLE, 0, 0, 9e15, .help = ""};
    struct lab_plan *plan = reader->plan;
    if (plan->seed_count == LAB_MAX_SEEDS)
        return FAIL(reader, node, "at most %d seeds", LAB_MAX_SEEDS);
    int64_t *seed = &plan->seeds[plan->seed_count];
    if (!read_value(reader, &row, node, seed))
        return false;
    for (int i = 0; i < plan->seed_count; i++)
        if (plan->seeds[i] == *seed)
            return FAIL(reader, node, "the seed %" G_GINT64_FORMAT " is given twice", *seed);
    plan->seed_count++;
    return true;
}

static bool read_seeds(const struct yaml_file *file, struct lab_plan *plan, yaml_node_t *node)
{
    struct reader whole = {file, plan}, *reader = &whole;
    if (node->type != YAML_SEQUENCE_NODE)
        return FAIL(reader, node, "seeds takes a list of whole numbers, such as [1, 2, 3]");
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++)
        if (!read_seed(reader, yaml_file_node(reader->file, *i)))
            return false;
    return plan->seed_count > 0 || FAIL(reader, node, "seeds takes at least one number, such as [1, 2, 3]");
}

/* ---- the file ---- */

static bool read_pair(struct reader *reader, const struct option_row *row, yaml_node_t *value)
{
    static const struct {
        const char *name;
        bool (*read)(const struct yaml_file *file, struct lab_plan *plan, yaml_node_t *node);
    } lists[] = {{"seeds", read_seeds},
                 {"budget", read_budget},
                 {"settings", lab_read_settings},
                 {"arms", lab_read_arms},
                 {"factors", lab_read_factors}};
    reader->plan->where[row - key_rows] = yaml_file_place(reader->file, value);
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        if (strcmp(row->name, lists[i].name) == 0)
            return lists[i].read(reader->file, reader->plan, value);
    return strcmp(row->name, "compare") == 0
               ? read_mapping(reader, compare_rows, "compare", value, &reader->plan->compare)
               : read_value(reader, row, value, &reader->plan->keys);
}

static bool check_kind(struct reader *reader, const yaml_node_t *root)
{
    const struct lab_plan *plan = reader->plan;
    bool stored = plan->keys.kind == LAB_SAME_DATA;
    if (stored && !plan->keys.data)
        return FAIL(reader, root, "kind: same-data needs data: RUN, the run whose games all arms are trained on");
    if (!stored && plan->keys.data)
        return FAIL(reader, root, "data applies to kind: same-data only; remove it, or add kind: same-data");
    if (!stored && lab_plan_where(plan, "held-out").line)
        return FAIL(reader, root, "held-out applies to kind: same-data only; remove it, or add kind: same-data");
    return true;
}

/* Arms are given one by one, or made from factors. */
static bool check_arms(struct reader *reader, const yaml_node_t *root)
{
    struct lab_plan *plan = reader->plan;
    if (plan->arm_count == 0 && plan->factor_count == 0)
        return FAIL(reader, root, "the key arms is missing; give either arms, or factors to screen");
    if (plan->arm_count > 0 && plan->factor_count > 0)
        return FAIL(reader, root, "arms and factors exclude each other; factors make the arms");
    if (plan->factor_count == 0)
        return true;
    lab_make_arms(plan);
    int freedom = lab_design_freedom(plan),
        needed = (LAB_LEAST_FREEDOM + plan->factor_count + plan->arm_count - 2) / (plan->arm_count - 1);
    return freedom >= LAB_LEAST_FREEDOM ||
           FAIL(reader, root, "%d factors in %d arms need %d seeds for intervals of their effects", plan->factor_count,
                plan->arm_count, needed);
}

static bool read_document(const struct yaml_file *file, yaml_node_t *root, void *plan)
{
    static const char *const required[] = {"game", "seeds", "budget"};
    struct reader whole = {file, plan}, *reader = &whole;
    if (!root || root->type != YAML_MAPPING_NODE)
        return FAIL(reader, root, "a lab file is a mapping of keys to values, such as game: go:9");
    GHashTable *seen = g_hash_table_new(NULL, NULL);
    bool good = true;
    for (yaml_node_pair_t *p = root->data.mapping.pairs.start; good && p < root->data.mapping.pairs.top; p++) {
        const struct option_row *row = read_key(reader, key_rows, "key", yaml_file_node(reader->file, p->key), seen);
        good = row && read_pair(reader, row, yaml_file_node(reader->file, p->value));
    }
    for (size_t i = 0; good && i < G_N_ELEMENTS(required); i++) {
        const char *name = required[i];
        good = g_hash_table_contains(seen, option_find(key_rows, name, strlen(name))) ||
               FAIL(reader, root, "the key %s is missing", name);
    }
    g_hash_table_destroy(seen);
    return good && check_kind(reader, root) && check_arms(reader, root);
}

struct yaml_place lab_plan_where(const struct lab_plan *plan, const char *key)
{
    return plan->where[option_find(key_rows, key, strlen(key)) - key_rows];
}

static void clear_setting(void *setting)
{
    g_free(((struct lab_setting *)setting)->name);
    g_free(((struct lab_setting *)setting)->value);
}

static void begin(struct lab_plan *plan, const char *name)
{
    *plan = (struct lab_plan){.file = g_strdup(name), .shared = g_array_new(FALSE, FALSE, sizeof(struct lab_setting))};
    g_array_set_clear_func(plan->shared, clear_setting);
    plan->compare.anchors = g_ptr_array_new_with_free_func(g_free);
    plan->compare.efforts = g_ptr_array_new_with_free_func(g_free);
    option_set_presets(key_rows, &plan->keys);
    option_set_presets(compare_rows, &plan->compare);
}

bool lab_plan_parse(struct lab_plan *plan, const char *text, size_t length, const char *name, GError **error)
{
    begin(plan, name);
    bool good = yaml_file_parse(text, length, plan->file, true, read_document, plan, error);
    if (plan->compare.visits == 0 && plan->compare.time_ms == 0)
        plan->compare.visits = 64;
    return good;
}

bool lab_plan_read(struct lab_plan *plan, const char *path, GError **error)
{
    char *text;
    gsize length;
    *plan = (struct lab_plan){0};
    if (!g_file_get_contents(path, &text, &length, error))
        return false;
    bool good = lab_plan_parse(plan, text, length, path, error);
    g_free(text);
    return good;
}

void lab_plan_clear(struct lab_plan *plan)
{
    char *texts[] = {plan->file,      plan->keys.game,    plan->keys.sizes,      plan->keys.from,
                     plan->keys.data, plan->compare.game, plan->compare.openings};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    for (int i = 0; i < plan->arm_count; i++) {
        g_free(plan->arms[i].name);
        g_array_set_clear_func(plan->arms[i].given, clear_setting);
        g_array_unref(plan->arms[i].given);
    }
    for (int i = 0; i < plan->factor_count; i++) {
        g_free(plan->factors[i].name);
        g_array_set_clear_func(plan->factors[i].given, clear_setting);
        g_array_unref(plan->factors[i].given);
    }
    if (plan->shared)
        g_array_unref(plan->shared);
    if (plan->compare.anchors)
        g_ptr_array_unref(plan->compare.anchors);
    if (plan->compare.efforts)
        g_ptr_array_unref(plan->compare.efforts);
    *plan = (struct lab_plan){0};
}

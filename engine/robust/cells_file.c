/* Cells from a YAML file. */
#include <string.h>
#include <yaml.h>

#include "engine/match/yaml_file.h"
#include "engine/robust/cells.h"

/* A mapping as text: "size=13,rules=japanese". NULL, with the error set, for anything but scalars in it. */
static char *mapping_text(const struct yaml_file *file, const yaml_node_t *node)
{
    GString *text = g_string_new(NULL);
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_file_node(file, p->key), *value = yaml_file_node(file, p->value);
        if (!yaml_file_text(key) || !yaml_file_text(value)) {
            yaml_file_fail(file, value, "a change is a name and one value, such as size: 13");
            g_string_free(text, TRUE);
            return NULL;
        }
        g_string_append_printf(text, "%s%s=%s", text->len ? "," : "", yaml_file_text(key), yaml_file_text(value));
    }
    return g_string_free(text, FALSE);
}

static bool read_cell(const struct yaml_file *file, const yaml_node_t *node, struct robust_cells *cells)
{
    GError *why = NULL;
    if (node->type == YAML_SEQUENCE_NODE)
        return yaml_file_fail(file, node, "a cell is a string or a mapping, not a list");
    char *text = node->type == YAML_MAPPING_NODE ? mapping_text(file, node) : g_strdup(yaml_file_text(node));
    bool ok = text && (robust_cells_add(cells, text, &why) || yaml_file_fail(file, node, "%s", why->message));
    g_clear_error(&why);
    g_free(text);
    return ok;
}

static bool read_list(const struct yaml_file *file, yaml_node_t *root, void *cells)
{
    static const char accepted[] = "write a list of cells, each a line such as \"- komi: 0.5\" or \"- size=13\"";
    if (!root || root->type != YAML_SEQUENCE_NODE || root->data.sequence.items.top == root->data.sequence.items.start)
        return yaml_file_fail(file, root, "there are no cells; %s", accepted);
    for (yaml_node_item_t *i = root->data.sequence.items.start; i < root->data.sequence.items.top; i++)
        if (!read_cell(file, yaml_file_node(file, *i), cells))
            return false;
    return true;
}

bool robust_cells_add_yaml(struct robust_cells *cells, const char *text, size_t length, const char *name,
                           GError **error)
{
    return yaml_file_parse(text, length, name, false, read_list, cells, error);
}

bool robust_cells_add_file(struct robust_cells *cells, const char *path, GError **error)
{
    char *text;
    gsize length;
    if (!g_file_get_contents(path, &text, &length, error))
        return false;
    bool ok = robust_cells_add_yaml(cells, text, length, path, error);
    g_free(text);
    return ok;
}

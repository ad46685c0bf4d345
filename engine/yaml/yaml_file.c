#include "engine/yaml/yaml_file.h"

#include <stdarg.h>

/* No caller tells these errors from others. */
static GQuark content_error(void)
{
    return g_quark_from_static_string("yaml-file-error-quark");
}

static void set_error(const char *name, struct yaml_place place, GError **error, const char *format, va_list values)
{
    char *what = g_strdup_vprintf(format, values);
    if (place.column)
        g_set_error(error, content_error(), 0, "%s, line %zu, column %zu: %s", name, place.line, place.column, what);
    else
        g_set_error(error, content_error(), 0, "%s, line %zu: %s", name, place.line, what);
    g_free(what);
}

bool yaml_place_fail(const char *name, struct yaml_place place, GError **error, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    set_error(name, place, error, format, values);
    va_end(values);
    return false;
}

bool yaml_file_fail(const struct yaml_file *file, const yaml_node_t *node, GError **error, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    set_error(file->name, yaml_file_place(file, node), error, format, values);
    va_end(values);
    return false;
}

bool yaml_file_parse(struct yaml_file *file, const char *text, size_t length, const char *name, bool columns,
                     GError **error)
{
    *file = (struct yaml_file){.name = name, .columns = columns};
    yaml_parser_t parser;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    bool good = yaml_parser_load(&parser, &file->document);
    if (!good) {
        const struct yaml_place place = {parser.problem_mark.line + 1, columns ? parser.problem_mark.column + 1 : 0};
        yaml_place_fail(name, place, error, "invalid YAML: %s", parser.problem ? parser.problem : "cannot be read");
    }
    yaml_parser_delete(&parser);
    return good;
}

void yaml_file_clear(struct yaml_file *file)
{
    yaml_document_delete(&file->document);
}

yaml_node_t *yaml_file_root(struct yaml_file *file)
{
    return yaml_document_get_root_node(&file->document);
}

yaml_node_t *yaml_file_node(struct yaml_file *file, int index)
{
    return yaml_document_get_node(&file->document, index);
}

const char *yaml_file_text(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

struct yaml_place yaml_file_place(const struct yaml_file *file, const yaml_node_t *node)
{
    return (struct yaml_place){node ? node->start_mark.line + 1 : 1, !file->columns ? 0
                                                                     : node         ? node->start_mark.column + 1
                                                                                    : 1};
}

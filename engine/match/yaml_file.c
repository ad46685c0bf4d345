#include "engine/match/yaml_file.h"

#include <stdarg.h>

#include "agents/agent.h"

static bool fail(const char *name, struct yaml_place place, GError **error, const char *what)
{
    if (place.column)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s, line %zu, column %zu: %s", name, place.line, place.column,
                    what);
    else
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s, line %zu: %s", name, place.line, what);
    return false;
}

bool yaml_place_fail(const char *name, struct yaml_place place, GError **error, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *what = g_strdup_vprintf(format, list);
    va_end(list);
    fail(name, place, error, what);
    g_free(what);
    return false;
}

bool yaml_file_fail(const struct yaml_file *file, const yaml_node_t *node, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *what = g_strdup_vprintf(format, list);
    va_end(list);
    fail(file->name, yaml_file_place(file, node), file->error, what);
    g_free(what);
    return false;
}

struct yaml_place yaml_file_place(const struct yaml_file *file, const yaml_node_t *node)
{
    return (struct yaml_place){node ? yaml_file_line(node) : 1,
                               !file->columns ? 0 : node ? node->start_mark.column + 1 : 1};
}

size_t yaml_file_line(const yaml_node_t *node)
{
    return node->start_mark.line + 1;
}

const char *yaml_file_text(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

yaml_node_t *yaml_file_node(const struct yaml_file *file, int index)
{
    return yaml_document_get_node((yaml_document_t *)&file->document, index);
}

bool yaml_file_parse(const char *text, size_t length, const char *name, bool columns,
                     bool (*read)(const struct yaml_file *file, yaml_node_t *root, void *data), void *data,
                     GError **error)
{
    struct yaml_file file = {.name = name, .columns = columns, .error = error};
    yaml_parser_t parser;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    bool ok;
    if (yaml_parser_load(&parser, &file.document)) {
        ok = read(&file, yaml_document_get_root_node(&file.document), data);
        yaml_document_delete(&file.document);
    } else {
        char *what = g_strconcat("invalid YAML: ", parser.problem ? parser.problem : "cannot be read", NULL);
        const struct yaml_place place = {parser.problem_mark.line + 1, columns ? parser.problem_mark.column + 1 : 0};
        ok = fail(name, place, error, what);
        g_free(what);
    }
    yaml_parser_delete(&parser);
    return ok;
}

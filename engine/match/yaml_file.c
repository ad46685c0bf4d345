#include "engine/match/yaml_file.h"

#include <stdarg.h>

#include "agents/agent.h"

static bool fail(const struct yaml_file *file, size_t line, const char *what)
{
    g_set_error(file->error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s, line %zu: %s", file->name, line, what);
    return false;
}

bool yaml_file_fail(const struct yaml_file *file, const yaml_node_t *node, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *what = g_strdup_vprintf(format, list);
    va_end(list);
    fail(file, node ? yaml_file_line(node) : 1, what);
    g_free(what);
    return false;
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

bool yaml_file_parse(const char *text, size_t length, const char *name,
                     bool (*read)(const struct yaml_file *file, yaml_node_t *root, void *data), void *data,
                     GError **error)
{
    struct yaml_file file = {.name = name, .error = error};
    yaml_parser_t parser;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    bool ok;
    if (yaml_parser_load(&parser, &file.document)) {
        ok = read(&file, yaml_document_get_root_node(&file.document), data);
        yaml_document_delete(&file.document);
    } else {
        char *what = g_strconcat("invalid YAML: ", parser.problem ? parser.problem : "cannot be read", NULL);
        ok = fail(&file, parser.problem_mark.line + 1, what);
        g_free(what);
    }
    yaml_parser_delete(&parser);
    return ok;
}

#include "engine/match/tournament_file.h"

#include <string.h>
#include <yaml.h>

#include "agents/agent.h"
#include "engine/match/settings.h"
#include "engine/match/yaml_file.h"
#include "games/option.h"

struct reader {
    const struct yaml_file *file;
    struct match_settings *settings;
    bool seen[MATCH_MAX_OPTIONS];
};

/* An agent given as a mapping: "name" and "spec" become "NAME=SPEC". */
static bool read_agent(const struct reader *reader, int option, yaml_node_t *node)
{
    const char *parts[2] = {NULL, NULL};
    static const char *const keys[2] = {"name", "spec"};
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
        yaml_node_t *key = yaml_file_node(reader->file, p->key);
        yaml_node_t *value = yaml_file_node(reader->file, p->value);
        const char *name = yaml_file_text(key);
        int which = name && strcmp(name, keys[0]) == 0 ? 0 : name && strcmp(name, keys[1]) == 0 ? 1 : -1;
        if (which < 0)
            return yaml_file_fail(reader->file, key, "unknown key \"%.40s\" of an agent; the keys are name and spec",
                                  name ? name : "...");
        if (parts[which])
            return yaml_file_fail(reader->file, key, "duplicate key \"%s\" of an agent", name);
        if (!yaml_file_text(value) || !*yaml_file_text(value))
            return yaml_file_fail(reader->file, value, "%s must be a non-empty string", keys[which]);
        parts[which] = yaml_file_text(value);
    }
    if (!parts[1])
        return yaml_file_fail(reader->file, node, "this agent has no spec; add one, such as spec: rollout:1000");
    if (parts[0] && strpbrk(parts[0], "=:,"))
        return yaml_file_fail(reader->file, node, "an agent's name must not contain '=', ':' or ',': \"%.40s\"",
                              parts[0]);
    char *whole = parts[0] ? g_strconcat(parts[0], "=", parts[1], NULL) : g_strdup(parts[1]);
    match_settings_set(reader->settings, option, whole, (int)yaml_file_line(node), NULL);
    g_free(whole);
    return true;
}

static bool read_value(const struct reader *reader, int option, yaml_node_t *node, bool in_list)
{
    GError *why = NULL;
    bool list = match_options[option].type == OPTION_STRINGS;
    if (node->type == YAML_SEQUENCE_NODE && list && !in_list) {
        for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++)
            if (!read_value(reader, option, yaml_file_node(reader->file, *i), true))
                return false;
        return true;
    }
    if (node->type == YAML_MAPPING_NODE && strcmp(match_options[option].name, "agent") == 0)
        return read_agent(reader, option, node);
    if (!yaml_file_text(node))
        return yaml_file_fail(reader->file, node, "%s takes %s", match_options[option].name,
                              list ? "a string or a list of strings" : "one value, not a list or a mapping");
    if (match_settings_set(reader->settings, option, yaml_file_text(node), (int)yaml_file_line(node), &why))
        return true;
    yaml_file_fail(reader->file, node, "%s", why->message);
    g_clear_error(&why);
    return false;
}

static bool read_key(struct reader *reader, yaml_node_t *key, yaml_node_t *value)
{
    const char *name = yaml_file_text(key);
    int option = name ? match_option_find(name) : -1;
    if (option < 0 || match_options[option].flags & MATCH_NO_FILE) {
        char *unknown = option_unknown(match_options, "key", name ? name : "...", MATCH_NO_FILE);
        yaml_file_fail(reader->file, key, "%s", unknown);
        g_free(unknown);
        return false;
    }
    if (reader->seen[option])
        return yaml_file_fail(reader->file, key, "duplicate key %s; give it once", name);
    reader->seen[option] = true;
    return read_value(reader, option, value, false);
}

static bool read_document(const struct yaml_file *file, yaml_node_t *root, void *settings)
{
    struct reader reader = {.file = file, .settings = settings};
    if (!root)
        return yaml_file_fail(file, NULL, "the file is empty; add keys such as game: go:9");
    if (root->type != YAML_MAPPING_NODE)
        return yaml_file_fail(file, root, "a tournament file must be a mapping of keys to values, such as game: go:9");
    for (yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top; p++)
        if (!read_key(&reader, yaml_file_node(file, p->key), yaml_file_node(file, p->value)))
            return false;
    return true;
}

bool match_file_parse(const char *text, size_t length, const char *name, struct match_settings *settings,
                      GError **error)
{
    char *kept = g_strdup(name); /* name may be settings->file itself */
    g_free(settings->file);
    settings->file = kept;
    return yaml_file_parse(text, length, kept, false, read_document, settings, error);
}

bool match_file_read(const char *path, struct match_settings *settings, GError **error)
{
    char *text;
    gsize length;
    if (!g_file_get_contents(path, &text, &length, error))
        return false;
    bool ok = match_file_parse(text, length, path, settings, error);
    g_free(text);
    return ok;
}

/* ---- writing ---- */

static void add_pair(yaml_document_t *document, int mapping, const char *name, int value)
{
    int key = yaml_document_add_scalar(document, NULL, (const yaml_char_t *)name, -1, YAML_PLAIN_SCALAR_STYLE);
    yaml_document_append_mapping_pair(document, mapping, key, value);
}

static int add_text(yaml_document_t *document, const char *text)
{
    return yaml_document_add_scalar(document, NULL, (const yaml_char_t *)text, -1, YAML_ANY_SCALAR_STYLE);
}

static int add_list(yaml_document_t *document, const GPtrArray *texts)
{
    int list = yaml_document_add_sequence(document, NULL, YAML_BLOCK_SEQUENCE_STYLE);
    for (guint i = 0; i < texts->len; i++)
        yaml_document_append_sequence_item(document, list, add_text(document, texts->pdata[i]));
    return list;
}

static int append(void *data, unsigned char *bytes, size_t size)
{
    g_string_append_len(data, (const char *)bytes, (gssize)size);
    return 1;
}

static void add_option(yaml_document_t *document, int root, const struct match_settings *settings, int index)
{
    const struct option_row *option = &match_options[index];
    if (option->type == OPTION_STRINGS) {
        const GPtrArray *texts = *(GPtrArray *const *)((const char *)settings + option->offset);
        add_pair(document, root, option->name, add_list(document, texts));
        return;
    }
    char *value = match_settings_value(settings, index);
    add_pair(document, root, option->name, add_text(document, value ? value : ""));
    g_free(value);
}

/* YAML must be UTF-8; file names need not be. */
static bool can_write(const struct match_settings *settings, GError **error)
{
    for (int i = 0; match_options[i].name; i++) {
        char *value = match_options[i].flags & MATCH_PATH ? match_settings_value(settings, i) : NULL;
        bool ok = !value || g_utf8_validate(value, -1, NULL);
        g_free(value);
        if (!ok) {
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                        "--%s is not valid UTF-8, which a tournament file requires; use another name",
                        match_options[i].name);
            return false;
        }
    }
    return true;
}

char *match_file_write(const struct match_settings *settings, GError **error)
{
    yaml_document_t document;
    yaml_emitter_t emitter;
    if (!can_write(settings, error))
        return NULL;
    GString *out = g_string_new(NULL);
    yaml_document_initialize(&document, NULL, NULL, NULL, 1, 1);
    int root = yaml_document_add_mapping(&document, NULL, YAML_BLOCK_MAPPING_STYLE);
    for (int i = 0; match_options[i].name; i++)
        if (!(match_options[i].flags & MATCH_NO_FILE) && settings->source[i] != MATCH_PRESET)
            add_option(&document, root, settings, i);
    yaml_emitter_initialize(&emitter);
    yaml_emitter_set_output(&emitter, append, out);
    yaml_emitter_set_width(&emitter, -1);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_open(&emitter);
    yaml_emitter_dump(&emitter, &document); /* frees the document */
    yaml_emitter_close(&emitter);
    yaml_emitter_delete(&emitter);
    return g_string_free(out, FALSE);
}

#include "engine/cluster/terms.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/net_bytes.h"

/* ---- the run ---- */

struct putting {
    GByteArray *message;
    const struct settings *settings;
};

static void put_setting(const char *name, bool fixed, const char *help, void *user)
{
    (void)fixed, (void)help;
    struct putting *putting = user;
    char *value = settings_get(putting->settings, name);
    message_put_text(putting->message, name);
    message_put_text(putting->message, value);
    g_free(value);
}

static void count_setting(const char *name, bool fixed, const char *help, void *user)
{
    (void)name, (void)fixed, (void)help;
    ++*(uint64_t *)user;
}

GBytes *cluster_terms_pack(const struct cluster_terms *terms)
{
    struct putting putting = {message_new(MESSAGE_WELCOME), &terms->settings};
    uint64_t count = 0;
    settings_each(count_setting, &count);
    message_put_u64(putting.message, (uint64_t)terms->backend);
    message_put_u64(putting.message, (uint64_t)terms->dtype);
    message_put_u64(putting.message, terms->cache_bytes);
    message_put_u64(putting.message, (uint64_t)terms->spare);
    message_put_u64(putting.message, (uint64_t)terms->trainers);
    GBytes *opponent = terms->opponent ? cluster_pack_net(terms->opponent) : g_bytes_new(NULL, 0);
    gsize size;
    const void *data = g_bytes_get_data(opponent, &size);
    message_put_bytes(putting.message, data, size);
    g_bytes_unref(opponent);
    message_put_u64(putting.message, count);
    settings_each(put_setting, &putting);
    return message_finish(putting.message);
}

bool cluster_terms_unpack(struct cluster_terms *terms, struct message_reader *reader, GError **error)
{
    *terms = (struct cluster_terms){.backend = (enum net_backend)message_take_u64(reader),
                                    .dtype = (enum net_dtype)message_take_u64(reader),
                                    .cache_bytes = message_take_u64(reader),
                                    .spare = (int)message_take_u64(reader),
                                    .trainers = (int)message_take_u64(reader)};
    size_t size;
    const void *opponent = message_take_bytes(reader, &size);
    bool good = size == 0 || cluster_unpack_net(&terms->opponent, opponent, size, error);
    for (uint64_t count = message_take_u64(reader); good && reader->good && count > 0; count--) {
        char *name = message_take_text(reader), *value = message_take_text(reader);
        good = !reader->good || settings_load(&terms->settings, name, value, error);
        g_free(name);
        g_free(value);
    }
    if (good && !reader->good)
        g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "damaged settings from rank 0");
    return good && reader->good;
}

/* ---- the ranks ---- */

char *cluster_arguments(int argc, char **argv)
{
    GString *line = g_string_new(NULL);
    for (int i = 0; i < argc; i++) {
        if (g_str_has_prefix(argv[i], "--threads=") || (strcmp(argv[i], "--threads") == 0 && ++i < argc))
            continue;
        if (i >= argc)
            break;
        char *quoted = g_shell_quote(argv[i]);
        const char *text = strpbrk(argv[i], " '\"\\$") || !argv[i][0] ? quoted : argv[i];
        g_string_append_printf(line, "%s%s", line->len ? " " : "", text);
        g_free(quoted);
    }
    return g_string_free(line, FALSE);
}

/* What must be alike for the ranks to understand each other. */
static const char *own_version(void)
{
    return "tengen " TENGEN_VERSION " protocol 2";
}

GBytes *cluster_hello(const char *arguments)
{
    GByteArray *message = message_new(MESSAGE_HELLO);
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    message_put_text(message, own_version());
    message_put_text(message, arguments);
    message_put_text(message, host);
    return message_finish(message);
}

char *cluster_check_hello(struct message_reader *reader, int rank, const char *arguments, char **host)
{
    char *version = message_take_text(reader), *theirs = message_take_text(reader), *problem = NULL;
    *host = message_take_text(reader);
    if (strcmp(version, own_version()) != 0)
        problem = g_strdup_printf("rank %d on %s runs %s, rank 0 runs %s; install one version everywhere", rank, *host,
                                  version, own_version());
    else if (arguments && strcmp(theirs, arguments) != 0)
        problem = g_strdup_printf("rank %d on %s was started with \"%s\", rank 0 with \"%s\"; all ranks take the same "
                                  "arguments, but for --threads",
                                  rank, *host, theirs, arguments);
    g_free(version);
    g_free(theirs);
    return problem;
}

#include "tests/engine/protocols/protocol.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *serve(void *data)
{
    struct wire *wire = data;
    wire->status = wire->serve(wire->server, wire->server_in, wire->server_out);
    close(wire->server_out);
    return NULL;
}

void wire_open(struct wire *wire, int (*run)(void *server, int in, int out), void *server)
{
    int in[2], out[2];
    cr_assert(pipe(in) == 0 && pipe(out) == 0);
    *wire = (struct wire){.to = in[1],
                          .from = out[0],
                          .server_in = in[0],
                          .server_out = out[1],
                          .serve = run,
                          .server = server,
                          .buffer = g_string_new(NULL)};
    cr_assert(pthread_create(&wire->thread, NULL, serve, wire) == 0);
}

void wire_hang_up(struct wire *wire)
{
    close(wire->from);
    wire->from = -1;
    pthread_join(wire->thread, NULL);
}

void wire_close(struct wire *wire)
{
    if (wire->to >= 0)
        close(wire->to);
    if (wire->from >= 0) {
        pthread_join(wire->thread, NULL);
        close(wire->from);
    }
    close(wire->server_in);
    g_string_free(wire->buffer, TRUE);
}

void wire_send(struct wire *wire, const char *text)
{
    cr_assert(write(wire->to, text, strlen(text)) == (ssize_t)strlen(text));
}

bool wire_readable(struct wire *wire, int ms)
{
    struct pollfd at = {.fd = wire->from, .events = POLLIN};
    return wire->buffer->len || poll(&at, 1, ms) > 0;
}

char *wire_read(struct wire *wire, const char *end)
{
    char *found, bytes[4096];
    while (!(found = strstr(wire->buffer->str, end))) {
        struct pollfd at = {.fd = wire->from, .events = POLLIN};
        cr_assert(poll(&at, 1, 10000) > 0, "no complete reply within ten seconds; so far: %s", wire->buffer->str);
        ssize_t got = read(wire->from, bytes, sizeof bytes);
        cr_assert(got > 0, "the server closed its output; so far: %s", wire->buffer->str);
        g_string_append_len(wire->buffer, bytes, got);
    }
    char *text = g_strndup(wire->buffer->str, (gsize)(found - wire->buffer->str));
    g_string_erase(wire->buffer, 0, found - wire->buffer->str + (gssize)strlen(end));
    return text;
}

/* Removes blanks at the ends of lines. */
static char *trimmed(const char *text)
{
    char **lines = g_strsplit(text, "\n", -1);
    for (int i = 0; lines[i]; i++)
        g_strchomp(lines[i]);
    char *joined = g_strjoinv("\n", lines);
    g_strfreev(lines);
    return g_strchomp(joined);
}

static void expect(struct wire *wire, const char *path, int line, const char *sent, const char *wanted, const char *end)
{
    char *got = wire_read(wire, end), *plain = trimmed(got), *pattern = trimmed(wanted);
    cr_assert(g_pattern_match_simple(pattern, plain), "%s, line %d: the reply to \"%s\" is\n%s\ninstead of\n%s", path,
              line, sent, plain, pattern);
    g_free(got);
    g_free(plain);
    g_free(pattern);
}

void wire_transcript(struct wire *wire, const char *path, const char *end)
{
    char *text;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL), "%s cannot be read", path);
    char **lines = g_strsplit(text, "\n", -1);
    GString *wanted = g_string_new(NULL);
    const char *sent = NULL;
    int sent_line = 0, answers = 0;
    for (int i = 0;; i++) {
        bool stop = !lines[i] || lines[i][0] == '>';
        if (!stop && lines[i][0] != '#' && (lines[i][0] || wanted->len))
            g_string_append_printf(wanted, "%s%s", wanted->len ? "\n" : "", lines[i]);
        if (!stop)
            continue;
        if (sent && wanted->len) {
            expect(wire, path, sent_line, sent, wanted->str, end);
            answers++;
        }
        g_string_truncate(wanted, 0);
        if (!lines[i])
            break;
        sent = lines[i] + (lines[i][1] == ' ' ? 2 : 1);
        sent_line = i + 1;
        char *out = g_strconcat(sent, "\n", NULL), *bytes = g_strcompress(out);
        wire_send(wire, bytes);
        g_free(out);
        g_free(bytes);
    }
    cr_assert(answers > 0, "%s contains no replies", path);
    g_string_free(wanted, TRUE);
    g_strfreev(lines);
    g_free(text);
}

void stderr_catch(struct stderr_file *caught)
{
    caught->file = g_file_open_tmp("tengen-stderr-XXXXXX", &caught->path, NULL);
    cr_assert_geq(caught->file, 0);
    caught->before = dup(STDERR_FILENO);
    dup2(caught->file, STDERR_FILENO);
}

char **stderr_lines(struct stderr_file *caught)
{
    char *text;
    fflush(stderr);
    dup2(caught->before, STDERR_FILENO);
    cr_assert(g_file_get_contents(caught->path, &text, NULL, NULL));
    char **lines = g_strsplit(text, "\n", -1);
    unlink(caught->path);
    g_free(caught->path);
    g_free(text);
    close(caught->before);
    close(caught->file);
    return lines;
}

/* Runs a protocol server in a thread and talks to it through pipes; plays transcripts from data files. */
#ifndef TENGEN_TESTS_PROTOCOL_H
#define TENGEN_TESTS_PROTOCOL_H

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>

struct wire {
    int to, from; /* the client's ends */
    int server_in, server_out;
    int (*serve)(void *server, int in, int out);
    void *server;
    int status; /* of serve */
    pthread_t thread;
    GString *buffer;
};
void wire_open(struct wire *wire, int (*serve)(void *server, int in, int out), void *server);
/* Closes the client's ends (the server sees the end of its input) and waits for the server. */
void wire_close(struct wire *wire);
/* Closes the reading end alone and waits for the server; to be followed by wire_close. */
void wire_hang_up(struct wire *wire);
void wire_send(struct wire *wire, const char *text);
/* Reads up to `end`, which is not included; fails the test if it does not arrive within ten seconds. Freed by the
 * caller. */
char *wire_read(struct wire *wire, const char *end);
/* Whether there is input within `ms` milliseconds. */
bool wire_readable(struct wire *wire, int ms);

/* Sends what is written to stderr to a file, until stderr_lines puts stderr back and returns the lines; freed by
 * g_strfreev. */
struct stderr_file {
    char *path;
    int file, before;
};
void stderr_catch(struct stderr_file *caught);
char **stderr_lines(struct stderr_file *caught);

/* Plays a transcript: lines "> TEXT" are sent; the lines after each are the expected reply, in which * matches
 * anything. `end` terminates a reply. If no reply follows a "> " line, there must be none (this is detected by the next
 * reply). Lines "# ..." are comments. */
void wire_transcript(struct wire *wire, const char *path, const char *end);

#endif

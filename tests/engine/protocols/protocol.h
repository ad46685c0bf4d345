/* A protocol's server in a thread, and the client's end of its pipes; transcripts from data files. */
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
void wire_send(struct wire *wire, const char *text);
/* Up to and without `end`; fails the test when it does not come in ten seconds. To be freed. */
char *wire_read(struct wire *wire, const char *end);
/* Whether something comes within so many milliseconds. */
bool wire_readable(struct wire *wire, int ms);

/* A file of "> what is sent" lines, each followed by what must come back: lines in which * stands for anything. `end`
 * is what an answer ends with; a "> " line without any answer behind it must get none (only checked by what comes
 * next). Lines "# ..." are comments. */
void wire_transcript(struct wire *wire, const char *path, const char *end);

#endif

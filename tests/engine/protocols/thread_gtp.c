/* A GTP session whose two-threaded search is stopped by input, interrupted, and ended by the end of input; a Gomocup
 * session that ponders; and an analysis session with two workers, where queries are terminated while they wait, run and
 * finish. Also run under ThreadSanitizer. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/protocols/katago/analysis.h"
#include "engine/protocols/gomocup/gomocup.h"
#include "engine/protocols/gtp/gtp.h"

struct session {
    int (*serve)(void *server, int in, int out);
    void *server;
    int in, out;
};

static void *run(void *data)
{
    struct session *session = data;
    session->serve(session->server, session->in, session->out);
    close(session->out);
    return NULL;
}

static int serve_gtp(void *server, int in, int out)
{
    return gtp_serve(server, in, out);
}
static int serve_gomocup(void *server, int in, int out)
{
    return gomocup_serve(server, in, out);
}
static int serve_analysis(void *server, int in, int out)
{
    return analysis_serve(server, in, out);
}

static size_t read_some(int fd, char *bytes, size_t most)
{
    ssize_t got = read(fd, bytes, most);
    return got > 0 ? (size_t)got : 0;
}

/* Sends each text after the previous one has had a response; returns the number of bytes read until the end. */
static size_t talk(struct session *session, const char *const *texts)
{
    int to[2], from[2];
    char bytes[4096];
    size_t total = 0;
    pthread_t thread;
    if (pipe(to) != 0 || pipe(from) != 0)
        return 0;
    session->in = to[0];
    session->out = from[1];
    pthread_create(&thread, NULL, run, session);
    for (int i = 0; texts[i]; i++) {
        if (write(to[1], texts[i], strlen(texts[i])) < 0)
            break;
        total += read_some(from[0], bytes, sizeof bytes);
    }
    close(to[1]);
    for (size_t got; (got = read_some(from[0], bytes, sizeof bytes)) > 0;)
        total += got;
    pthread_join(thread, NULL);
    close(to[0]);
    close(from[0]);
    return total;
}

int main(void)
{
    static const char *const gtp_texts[] = {"boardsize 5\n",
                                            "kata-analyze b 1 ownership true\n",
                                            "name\n",
                                            "genmove b\n",
                                            "lz-genmove_analyze w 1\n",
                                            "undo\nlz-analyze 1\n",
                                            "# interrupt\n",
                                            "time_settings 100000 0 0\n",
                                            "genmove b\n# interrupt\n",
                                            "lz-analyze 1\n",
                                            NULL};
    static const char *const gomocup_texts[] = {
        "START 10\n",          "INFO pondering 1\nINFO timeout_turn 60\nBEGIN\n",
        "TURN 0,0\n",          "INFO timeout_turn 100000\nTURN 0,1\nYXSTOP\n",
        "YXNBEST 2\nYXSTOP\n", NULL};
#define BOARD "\"moves\":[],\"boardXSize\":5,\"boardYSize\":5"
    static const char *const analysis_texts[] = {
        "{\"id\":\"a\"," BOARD ",\"maxVisits\":100000000,\"reportDuringSearchEvery\":0.02,\"includeOwnership\":true}\n",
        "{\"id\":\"b\"," BOARD ",\"maxVisits\":20}\n{\"id\":\"c\"," BOARD ",\"komi\":5,\"includePolicy\":true}\n",
        "{\"id\":\"t\",\"action\":\"terminate\",\"terminateId\":\"a\"}\n{\"id\":\"u\",\"action\":\"clear_cache\"}\n",
        "{\"id\":\"a\"," BOARD ",\"maxVisits\":100000000}\n{\"id\":\"d\"," BOARD ",\"maxVisits\":100000000}\n"
        "{\"id\":\"e\"," BOARD ",\"priority\":2}\n{\"id\":\"w\",\"action\":\"terminate_all\"}\n",
        "{\"id\":\"f\"," BOARD "}\n{\"id\":\"g\"," BOARD ",\"maxVisits\":100}",
        NULL};
    const struct gtp_config gtp_config = {.agent = "rollout:200,threads=2", .game = "go:5", .seed = 1, .threads = 2};
    const struct gomocup_config gomocup_config = {.agent = "rollout:200,threads=2", .seed = 1, .threads = 2};
    const struct analysis_config analysis_config = {
        .agent = "rollout:200,threads=2", .game = "go:5", .seed = 1, .workers = 2, .threads = 2, .visits = 50};
    struct analysis *analysis;
    struct gtp *gtp;
    struct gomocup *gomocup;
    if (gtp_create(&gtp, &gtp_config, NULL) < 0 || gomocup_create(&gomocup, &gomocup_config, NULL) < 0 ||
        analysis_create(&analysis, &analysis_config, NULL) < 0)
        return EXIT_FAILURE;
    size_t first = talk(&(struct session){.serve = serve_gtp, .server = gtp}, gtp_texts);
    size_t second = talk(&(struct session){.serve = serve_gomocup, .server = gomocup}, gomocup_texts);
    size_t third = talk(&(struct session){.serve = serve_analysis, .server = analysis}, analysis_texts);
    analysis_close(analysis);
    gtp_close(gtp);
    gomocup_close(gomocup);
    printf("%zu, %zu and %zu bytes were answered\n", first, second, third);
    return first > 500 && second > 50 && third > 2000 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#include "engine/protocols/common/line_input.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct line {
    char *text;
    bool too_long;
    uint64_t end; /* input offset just after the line */
};

struct line_input {
    int fd, wake;
    const char *const *interrupts;
    pthread_t thread;
    /* owned by the reader thread */
    GString *partial;
    bool overlong;
    /* guarded by lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct line lines[LINE_INPUT_MAX_LINES]; /* ring buffer */
    int first, count;
    uint64_t bytes;           /* read so far */
    uint64_t current_end;     /* end of the line returned last */
    uint64_t last_end;        /* end of the last command, that is, of a line that is neither blank nor an interrupt */
    uint64_t interrupted_end; /* last_end when the last interrupt line arrived */
    bool ended, closing;
    /* atomic */
    atomic_bool stop, interrupt;
};

/* Call with the lock held. */
static void set_flags(struct line_input *input)
{
    atomic_store(&input->stop, input->bytes > input->current_end || input->ended);
    atomic_store(&input->interrupt, input->interrupted_end == input->current_end);
    pthread_cond_broadcast(&input->changed);
}

static bool is_interrupt(const struct line_input *input)
{
    for (int i = 0; input->interrupts[i]; i++)
        if (g_ascii_strncasecmp(input->partial->str, input->interrupts[i], strlen(input->interrupts[i])) == 0)
            return true;
    return false;
}

/* Queues the partial line, which ends at this offset. Returns false if the input is being closed. */
static bool queue_line(struct line_input *input, uint64_t end)
{
    bool interrupt = is_interrupt(input);
    pthread_mutex_lock(&input->lock);
    while (input->count == LINE_INPUT_MAX_LINES && !input->closing)
        pthread_cond_wait(&input->changed, &input->lock);
    bool open = !input->closing;
    if (open && interrupt) {
        input->interrupted_end = input->last_end;
        set_flags(input);
    } else if (open && input->partial->len) {
        input->last_end = end;
    }
    if (open) {
        struct line *line = &input->lines[(input->first + input->count++) % LINE_INPUT_MAX_LINES];
        *line = (struct line){g_strndup(input->partial->str, input->partial->len), input->overlong, end};
        pthread_cond_broadcast(&input->changed);
    }
    pthread_mutex_unlock(&input->lock);
    g_string_truncate(input->partial, 0);
    input->overlong = false;
    return open;
}

static bool take_bytes(struct line_input *input, const char *bytes, size_t count, uint64_t offset)
{
    for (size_t i = 0; i < count; i++) {
        char c = bytes[i] == '\t' ? ' ' : bytes[i];
        if (c == '\n') {
            if (!queue_line(input, offset + i + 1))
                return false;
        } else if (input->partial->len >= LINE_INPUT_MAX_LINE) {
            input->overlong = true;
        } else if (!g_ascii_iscntrl(c)) {
            g_string_append_c(input->partial, c);
        }
    }
    return true;
}

/* Waits for input. Returns false if the input is being closed. */
static bool wait_ready(const struct line_input *input)
{
    struct pollfd polls[] = {{.fd = input->fd, .events = POLLIN}, {.fd = input->wake, .events = POLLIN}};
    while (poll(polls, 2, -1) < 0 && errno == EINTR)
        ;
    return !polls[1].revents;
}

static void *read_all(void *data)
{
    struct line_input *input = data;
    char bytes[4096];
    while (wait_ready(input)) {
        ssize_t got = read(input->fd, bytes, sizeof bytes);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            break;
        pthread_mutex_lock(&input->lock);
        uint64_t offset = input->bytes;
        input->bytes += (uint64_t)got;
        set_flags(input);
        pthread_mutex_unlock(&input->lock);
        if (!take_bytes(input, bytes, (size_t)got, offset))
            break;
    }
    if (input->partial->len) /* a last line without a line feed */
        queue_line(input, input->bytes);
    pthread_mutex_lock(&input->lock);
    input->ended = true;
    set_flags(input);
    pthread_mutex_unlock(&input->lock);
    return NULL;
}

struct line_input *line_input_start(int fd, const char *const *interrupts)
{
    struct line_input *input = g_new0(struct line_input, 1);
    input->fd = fd;
    input->interrupts = interrupts;
    input->wake = eventfd(0, EFD_CLOEXEC);
    input->partial = g_string_new(NULL);
    pthread_mutex_init(&input->lock, NULL);
    pthread_cond_init(&input->changed, NULL);
    if (input->wake < 0 || pthread_create(&input->thread, NULL, read_all, input) != 0)
        g_error("the system refuses a thread; free memory or raise its limit of processes");
    return input;
}

void line_input_close(struct line_input *input)
{
    uint64_t one = 1;
    pthread_mutex_lock(&input->lock);
    input->closing = true;
    pthread_cond_broadcast(&input->changed);
    pthread_mutex_unlock(&input->lock);
    while (write(input->wake, &one, sizeof one) < 0 && errno == EINTR)
        ;
    pthread_join(input->thread, NULL);
    while (input->count--)
        g_free(input->lines[input->first++ % LINE_INPUT_MAX_LINES].text);
    close(input->wake);
    g_string_free(input->partial, TRUE);
    pthread_mutex_destroy(&input->lock);
    pthread_cond_destroy(&input->changed);
    g_free(input);
}

char *line_input_next(struct line_input *input, bool *too_long)
{
    char *text = NULL;
    *too_long = false;
    pthread_mutex_lock(&input->lock);
    while (!input->count && !input->ended)
        pthread_cond_wait(&input->changed, &input->lock);
    if (input->count) {
        struct line *line = &input->lines[input->first];
        text = line->text;
        *too_long = line->too_long;
        input->current_end = line->end;
        input->first = (input->first + 1) % LINE_INPUT_MAX_LINES;
        input->count--;
        set_flags(input);
    }
    pthread_mutex_unlock(&input->lock);
    return text;
}

void line_input_wait(struct line_input *input)
{
    pthread_mutex_lock(&input->lock);
    while (!atomic_load(&input->stop))
        pthread_cond_wait(&input->changed, &input->lock);
    pthread_mutex_unlock(&input->lock);
}

const atomic_bool *line_input_stop(const struct line_input *input)
{
    return &input->stop;
}

const atomic_bool *line_input_interrupt(const struct line_input *input)
{
    return &input->interrupt;
}

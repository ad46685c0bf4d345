#include "engine/protocols/common/line_input.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { TICK_MS = 100, STACK_BYTES = 256 << 10 }; /* the stack is small, for engines under a limited address space */

struct line {
    char *text;
    bool too_long;
    uint64_t end; /* input offset just after the line */
};

struct line_input {
    struct line_input_config config;
    int wake;
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
    uint64_t cancelled_end;   /* end of the last line that cancels commands */
    int64_t deadline_us;      /* monotonic clock; after the end of input: until when the last command may run */
    bool ended, closing, hung_up;
    /* atomic */
    atomic_bool stop, interrupt;
};

/* Call with the lock held. */
static void set_flags(struct line_input *input)
{
    bool expired = input->ended && !input->count && g_get_monotonic_time() >= input->deadline_us;
    atomic_store(&input->stop, input->bytes > input->current_end || input->ended || input->hung_up);
    atomic_store(&input->interrupt, input->interrupted_end == input->current_end ||
                                        input->cancelled_end > input->current_end || input->hung_up || expired);
    pthread_cond_broadcast(&input->changed);
}

/* Call with the lock held, at the end of input and when a line is taken. */
static void set_deadline(struct line_input *input)
{
    input->deadline_us = g_get_monotonic_time() + LINE_INPUT_GRACE_MS * 1000;
}

static bool begins(const struct line_input *input, const char *const *prefixes)
{
    for (int i = 0; prefixes && prefixes[i]; i++)
        if (g_ascii_strncasecmp(input->partial->str, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

/* Queues the partial line, which ends at this offset. Returns false if the input is being closed. */
static bool queue_line(struct line_input *input, uint64_t end)
{
    bool interrupt = begins(input, input->config.interrupts), cancel = begins(input, input->config.cancels);
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
    if (open && cancel) {
        input->cancelled_end = end;
        set_flags(input);
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

static void hang_up(struct line_input *input)
{
    pthread_mutex_lock(&input->lock);
    input->hung_up = true;
    set_flags(input);
    pthread_mutex_unlock(&input->lock);
    if (input->config.hung_up)
        input->config.hung_up(input->config.data);
}

/* Waits for input, or, once it has ended, for the deadline of the last command. Returns false if the input is being
 * closed. */
static bool wait_ready(struct line_input *input, bool ended)
{
    const int out = input->hung_up ? -1 : input->config.out; /* set by this thread alone */
    struct pollfd polls[] = {
        {.fd = ended ? -1 : input->config.in, .events = POLLIN}, {.fd = input->wake, .events = POLLIN}, {.fd = out}};
    do {
        while (poll(polls, 3, ended ? TICK_MS : -1) < 0 && errno == EINTR)
            ;
        if (polls[2].revents & (POLLERR | POLLHUP)) {
            hang_up(input);
            polls[2].fd = -1;
        }
    } while (!ended && !polls[0].revents && !polls[1].revents);
    return !polls[1].revents;
}

static void read_lines(struct line_input *input)
{
    char bytes[4096];
    while (wait_ready(input, false)) {
        ssize_t got = read(input->config.in, bytes, sizeof bytes);
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
}

static void *read_all(void *data)
{
    struct line_input *input = data;
    read_lines(input);
    pthread_mutex_lock(&input->lock);
    input->ended = true;
    set_deadline(input);
    set_flags(input);
    pthread_mutex_unlock(&input->lock);
    while (wait_ready(input, true)) {
        pthread_mutex_lock(&input->lock);
        set_flags(input);
        pthread_mutex_unlock(&input->lock);
    }
    return NULL;
}

struct line_input *line_input_start(const struct line_input_config *config)
{
    struct line_input *input = g_new0(struct line_input, 1);
    pthread_attr_t small;
    input->config = *config;
    input->wake = eventfd(0, EFD_CLOEXEC);
    input->partial = g_string_new(NULL);
    pthread_mutex_init(&input->lock, NULL);
    pthread_cond_init(&input->changed, NULL);
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK_BYTES);
    if (input->wake < 0 || pthread_create(&input->thread, &small, read_all, input) != 0)
        g_error("the system refuses a thread; free memory or raise its limit of processes");
    pthread_attr_destroy(&small);
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
    while (!input->count && !input->ended && !input->hung_up)
        pthread_cond_wait(&input->changed, &input->lock);
    if (input->count) {
        struct line *line = &input->lines[input->first];
        text = line->text;
        *too_long = line->too_long;
        input->current_end = line->end;
        set_deadline(input);
        input->first = (input->first + 1) % LINE_INPUT_MAX_LINES;
        input->count--;
        set_flags(input);
    }
    pthread_mutex_unlock(&input->lock);
    return text;
}

bool line_input_cancelled(struct line_input *input)
{
    pthread_mutex_lock(&input->lock);
    bool cancelled = input->cancelled_end > input->current_end;
    pthread_mutex_unlock(&input->lock);
    return cancelled;
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

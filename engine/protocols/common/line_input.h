/* Reads the lines of a protocol's client in a thread of its own, so that new input, and the client's death, can stop a
 * running search.
 *
 * The reader thread splits the input into lines and queues them; while the queue is full, the client blocks. Searches
 * poll two flags. `stop` is set while there is input after the line returned last, and at the end of input. `interrupt`
 * is set if the command being run was followed by a line with one of the given prefixes; if nobody is left to read the
 * answer; and if the input ended and this is its last command. Then the command still has LINE_INPUT_GRACE_MS after the
 * end of input, or after its own start if that came later: enough for a short session from a file, and little for a
 * client that was killed. A single thread may call line_input_next. */
#ifndef TENGEN_ENGINE_PROTOCOLS_COMMON_LINE_INPUT_H
#define TENGEN_ENGINE_PROTOCOLS_COMMON_LINE_INPUT_H

#include <stdatomic.h>
#include <stdbool.h>

enum { LINE_INPUT_MAX_LINE = 256 << 10, LINE_INPUT_MAX_LINES = 4096, LINE_INPUT_GRACE_MS = 1000 };

/* Prefixes of lines, NULL-terminated and case-insensitive, borrowed. Such lines are queued like all others. */
struct line_input_config {
    int in, out;                   /* the client's ends; they stay open and owned by the caller */
    const char *const *interrupts; /* they set `interrupt` for the command before them; NULL: none */
    const char *const *cancels;    /* they set `interrupt` for all commands before them, see line_input_cancelled */
    /* Called once, in the reader thread, when nobody is left who could read the output; NULL for none. */
    void (*hung_up)(void *data);
    void *data;
};

struct line_input;
/* Starts reading. Aborts if no thread can be started. */
struct line_input *line_input_start(const struct line_input_config *config);
/* Stops the reader, even if it is waiting for input, and frees the object. Does not close the descriptor. */
void line_input_close(struct line_input *input);

/* Waits for the next line and returns it without its line feed, to be freed by g_free; NULL at the end of input, or when
 * nobody is left to read the output. A line longer than LINE_INPUT_MAX_LINE bytes is truncated and sets *too_long. Tabs become spaces; other control characters
 * are removed. */
char *line_input_next(struct line_input *input, bool *too_long);
/* Whether a line that cancels commands has arrived after the line returned last, which is then not to be answered. */
bool line_input_cancelled(struct line_input *input);
/* Waits until `stop` is set. */
void line_input_wait(struct line_input *input);
/* The flags; valid until line_input_close, may be read by any thread. */
const atomic_bool *line_input_stop(const struct line_input *input);
const atomic_bool *line_input_interrupt(const struct line_input *input);

#endif

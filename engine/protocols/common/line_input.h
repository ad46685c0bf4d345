/* Reads the lines of a protocol's client in a thread of its own, so that new input can stop a running search.
 *
 * The reader thread splits the input into lines and queues them; while the queue is full, the client blocks. Searches
 * poll two flags: `stop` is set while there is input after the line returned last, and at the end of input; `interrupt`
 * is set if the command being run was followed by a line with one of the given prefixes. A single thread may call
 * line_input_next. */
#ifndef TENGEN_ENGINE_PROTOCOLS_COMMON_LINE_INPUT_H
#define TENGEN_ENGINE_PROTOCOLS_COMMON_LINE_INPUT_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { LINE_INPUT_MAX_LINE = 256 << 10, LINE_INPUT_MAX_LINES = 4096 };

struct line_input;
/* Starts reading `fd`, which stays open and owned by the caller. interrupts: NULL-terminated prefixes,
 * case-insensitive, of lines that set `interrupt`; borrowed. Such lines are queued like all others. Aborts if no thread
 * can be started. */
struct line_input *line_input_start(int fd, const char *const *interrupts);
/* Stops the reader, even if it is waiting for input, and frees the object. Does not close the descriptor. */
void line_input_close(struct line_input *input);

/* Waits for the next line and returns it without its line feed, to be freed by g_free; NULL at the end of input. A line
 * longer than LINE_INPUT_MAX_LINE bytes is truncated and sets *too_long. Tabs become spaces; other control characters
 * are removed. */
char *line_input_next(struct line_input *input, bool *too_long);
/* Waits until `stop` is set. */
void line_input_wait(struct line_input *input);
/* The flags; valid until line_input_close, may be read by any thread. */
const atomic_bool *line_input_stop(const struct line_input *input);
const atomic_bool *line_input_interrupt(const struct line_input *input);

#endif

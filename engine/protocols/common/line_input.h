/* Lines from a protocol's client, read by a thread of their own so that a search can end on what comes.
 *
 * The reader takes bytes as they come, splits them into lines and queues these (a full queue makes the client wait).
 * Two flags are for searches to poll: `stop` is set while there is input after the line that was taken last, or none
 * will come any more; `interrupt` when a line that begins in a certain way came as the next one after it. One thread
 * takes lines. */
#ifndef TENGEN_ENGINE_PROTOCOLS_COMMON_LINE_INPUT_H
#define TENGEN_ENGINE_PROTOCOLS_COMMON_LINE_INPUT_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { LINE_INPUT_MAX_LINE = 256 << 10, LINE_INPUT_MAX_LINES = 4096 };

struct line_input;
/* interrupts: the beginnings, in any case, of lines that interrupt, NULL-terminated; they are queued as others are. */
struct line_input *line_input_start(int fd, const char *const *interrupts);
/* Ends the reader, also while it waits for input; the descriptor stays open. */
void line_input_close(struct line_input *input);

/* The next line without its end, to be freed; NULL when there is none any more. A line that is too long comes cut off,
 * with *too_long set. Control characters are taken out but for tabs, which become blanks. */
char *line_input_next(struct line_input *input, bool *too_long);
/* Waits until `stop` is set. */
void line_input_wait(struct line_input *input);
const atomic_bool *line_input_stop(const struct line_input *input);
const atomic_bool *line_input_interrupt(const struct line_input *input);

#endif

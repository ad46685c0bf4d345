/* What the fuzzers of protocols share: a folder of their own, a tiny net, input through a file in memory. */
#ifndef TENGEN_TESTS_FUZZ_SERVER_H
#define TENGEN_TESTS_FUZZ_SERVER_H

#include <stddef.h>
#include <stdint.h>

/* Makes a fresh temporary folder the working directory (commands may write files there), once. */
void fuzz_enter_folder(void);
/* The spec of an agent that answers at once and knows all kinds of analysis: the policy of a tiny net for this game. */
const char *fuzz_agent(const char *game_spec);
/* Whether the input stays in that folder. */
int fuzz_input_is_safe(const uint8_t *data, size_t size);
/* Runs `serve` on the input; its output is thrown away, but for what `seen` looks for: returns how often the output
 * held that text. */
int fuzz_serve(int (*serve)(void *server, int in, int out), void *server, const uint8_t *data, size_t size,
               const char *seen);

#endif

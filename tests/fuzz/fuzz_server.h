/* Shared by the protocol fuzzers: a temporary folder, a tiny net, input from an in-memory file. */
#ifndef TENGEN_TESTS_FUZZ_SERVER_H
#define TENGEN_TESTS_FUZZ_SERVER_H

#include <stddef.h>
#include <stdint.h>

/* On the first call, creates a temporary folder and makes it the working directory, as commands may write files. */
void fuzz_enter_folder(void);
/* The spec of an agent that replies at once and supports every kind of analysis: the policy of a tiny net for this
 * game. */
const char *fuzz_agent(const char *game_spec);
/* Whether the input cannot access files outside that folder. */
int fuzz_input_is_safe(const uint8_t *data, size_t size);
/* Runs `serve` on the input and discards its output; returns how often the output contained the text `seen`. */
int fuzz_serve(int (*serve)(void *server, int in, int out), void *server, const uint8_t *data, size_t size,
               const char *seen);

#endif

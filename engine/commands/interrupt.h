/* Ctrl-C in commands that stop cleanly and can be resumed. */
#ifndef TENGEN_ENGINE_COMMANDS_INTERRUPT_H
#define TENGEN_ENGINE_COMMANDS_INTERRUPT_H

#include <stdatomic.h>

/* Set by the first SIGINT, SIGTERM or SIGHUP after interrupt_catch; any thread may read it. */
extern atomic_bool interrupt_received;

/* From now on the first SIGINT, SIGTERM or SIGHUP sets `interrupt_received`; another one, a second or more later, ends the program. */
void interrupt_catch(void);

#endif

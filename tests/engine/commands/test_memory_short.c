/* Without memory the program ends with a message, rather than write half of something. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/commands/command.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* which end the program themselves */
/* cJSON leaves out what it has no memory for, unless its memory comes from GLib. */
Test(memory_short, json_is_written_whole_or_not_at_all)
{
    int status;
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        command_prepare_process();
        cJSON_malloc((size_t)1 << 62);
        _exit(COMMAND_OK);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == COMMAND_MACHINE, "status %d", status);
}
#endif

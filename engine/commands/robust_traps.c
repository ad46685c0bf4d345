/* tengen robust --traps. */
#include "engine/commands/robust_traps.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "agents/agent.h"
#include "engine/commands/command.h"
#include "engine/commands/interrupt.h"
#include "engine/robust/traps/judge.h"
#include "engine/robust/traps/traps.h"
#include "games/game.h"

/* The board of --game, or three usual ones. Returns their number; 0 with the error set if traps cannot be made there. */
static int find_boards(const struct robust_traps *a, struct game *boards, GError **error)
{
    static const char *const usual[] = {"go:9", "go:13", "go:19"};
    int count = 0;
    if (a->game)
        return game_parse(&boards[0], a->game, error) && traps_check(&boards[0], error) ? 1 : 0;
    for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
        count += game_parse(&boards[i], usual[i], error);
    return count;
}

static void show(int done, int total, void *data)
{
    int64_t *last = data;
    if (g_get_monotonic_time() - *last < G_USEC_PER_SEC)
        return;
    *last = g_get_monotonic_time();
    fprintf(stderr, "\r%d of %d positions\033[K", done, total);
}

int robust_traps_run(const struct robust_traps *a)
{
    struct game boards[3];
    GError *error = NULL;
    int64_t last = 0;
    struct traps_report report;
    const bool live = isatty(STDERR_FILENO);
    struct traps_config config = {.net = a->net,
                                  .visits = a->visits,
                                  .seed = (uint64_t)(a->seed < 0 ? g_get_real_time() : a->seed),
                                  .boards = boards,
                                  .stop = &interrupt_received,
                                  .progress = live ? show : NULL,
                                  .data = &last};
    config.board_count = find_boards(a, boards, &error);
    if (config.board_count == 0)
        return command_fail("robust", COMMAND_USAGE, error);
    interrupt_catch();
    bool good = traps_judge(&config, &report, &error);
    if (live)
        fputs("\r\033[K", stderr);
    if (good)
        (a->json ? traps_print_json : traps_print_text)(&report, stdout);
    const bool written = fflush(stdout) == 0 && !ferror(stdout), finished = report.finished;
    traps_report_clear(&report);
    if (!good)
        return command_fail("robust", COMMAND_USAGE, error);
    if (!written) {
        g_set_error(&error, AGENT_ERROR, AGENT_ERROR_DIED, "cannot write the result to stdout: %s", g_strerror(errno));
        return command_fail("robust", COMMAND_MACHINE, error);
    }
    return finished ? COMMAND_OK : COMMAND_FAILED;
}

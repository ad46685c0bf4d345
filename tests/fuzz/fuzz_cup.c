/* Tournament files: a file that can be read can be written and parses back to the same settings; its values are parsed,
 * too. */
#include <assert.h>
#include <stdlib.h>

#include "agents/agent.h"
#include "engine/match/settings.h"
#include "engine/match/statistics/sprt.h"
#include "engine/match/tournament_file.h"

/* A bug for the build with planted bugs: triggered by an agent named zq in a Swiss tournament. */
static void plant(const struct match_settings *settings)
{
#ifdef FUZZ_PLANTED
    for (guint i = 0; i < settings->agents->len; i++)
        if (g_str_has_prefix(settings->agents->pdata[i], "zq=") && g_strcmp0(settings->schedule, "swiss") == 0)
            abort();
#else
    (void)settings;
#endif
}

static void parse_values(const struct match_settings *settings)
{
    struct agent_clock clock;
    struct sprt sprt;
    if (settings->time && agent_clock_parse(settings->time, &clock, NULL))
        assert((agent_clock_limit_ms(&clock) > 0) == (agent_clock_kind(&clock) != AGENT_CLOCK_NONE));
    if (settings->sprt && sprt_parse(settings->sprt, &sprt, NULL)) {
        const int64_t pairs[5] = {1, 2, 3, 4, 5};
        double llr = sprt_llr(&sprt, pairs);
        assert(llr == llr);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct match_settings first, second;
    GError *error = NULL;
    match_settings_init(&first);
    bool fine = match_file_parse((const char *)data, size, "input", &first, &error);
    assert(fine == !error);
    g_clear_error(&error);
    if (fine) {
        plant(&first);
        parse_values(&first);
        char *text = match_file_write(&first, NULL);
        match_settings_init(&second);
        assert(text && match_file_parse(text, strlen(text), "again", &second, NULL));
        char *again = match_file_write(&second, NULL);
        assert(again && strcmp(text, again) == 0);
        g_free(text);
        g_free(again);
        match_settings_clear(&second);
    }
    match_settings_clear(&first);
    return 0;
}

/* Lab files: one that can be read has what a lab needs, and any error has a message with its place. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/lab/plan.h"

/* A bug for the build with planted bugs: triggered by four slices in a lab of 40 games each two players. */
static void plant(const struct lab_plan *plan)
{
#ifdef FUZZ_PLANTED
    if (plan->keys.slices == 4 && plan->compare.games == 40)
        abort();
#else
    (void)plan;
#endif
}

static void check(const struct lab_plan *plan)
{
    assert(plan->keys.game && plan->seed_count >= 1 && plan->seed_count <= LAB_MAX_SEEDS);
    assert(plan->arm_count >= 2 && plan->arm_count <= LAB_MAX_ARMS);
    assert((plan->seconds > 0) != (plan->budget.steps > 0));
    assert((plan->keys.kind == LAB_SAME_DATA) == (plan->keys.data != NULL));
    assert(plan->compare.visits > 0 || plan->compare.time_ms > 0);
    for (int i = 0; i < plan->arm_count; i++) {
        assert(plan->arms[i].name && *plan->arms[i].name && !strpbrk(plan->arms[i].name, "/=:, "));
        char *text = lab_arm_describe(&plan->arms[i]);
        assert(text);
        g_free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_plan plan;
    GError *error = NULL;
    bool fine = lab_plan_parse(&plan, (const char *)data, size, "input", &error);
    assert(fine == !error);
    assert(fine || g_str_has_prefix(error->message, "input, line "));
    g_clear_error(&error);
    if (fine) {
        plant(&plan);
        check(&plan);
    }
    lab_plan_clear(&plan);
    return 0;
}

/* Which faults are drawn. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/torture/faults.h"

static int kinds(void)
{
    int count = 0;
    while (fault_kinds[count].name)
        count++;
    return count;
}

static int kind_of(const char *name)
{
    int i = 0;
    while (strcmp(fault_kinds[i].name, name) != 0)
        i++;
    return i;
}

Test(faults, lists)
{
    GError *error = NULL;
    const uint64_t kill_and_power = (uint64_t)1 << kind_of("kill") | (uint64_t)1 << kind_of("power");
    cr_assert_eq(fault_kinds_parse("kill,power", &error), kill_and_power);
    cr_assert_eq(fault_kinds_parse("power,kill,power", &error), kill_and_power);
    cr_assert_eq(fault_kinds_parse("nothing", &error), 0);
    cr_assert(error && strstr(error->message, "\"nothing\"") && strstr(error->message, "kill, terminate, hangup"), "%s",
              error ? error->message : "");
    g_clear_error(&error);
    cr_assert_eq(fault_kinds_parse("", &error), 0);
    cr_assert_not_null(error);
    g_clear_error(&error);
    cr_assert_eq(fault_kinds_parse("kill,", &error), 0);
    g_clear_error(&error);
}

/* Without a list there are all but those that no honest program survives. */
Test(faults, all_kinds)
{
    const uint64_t lie = (uint64_t)1 << kind_of("power-lie");
    cr_assert_eq(fault_kinds_parse(NULL, NULL) | lie, ((uint64_t)1 << kinds()) - 1);
    cr_assert_eq(fault_kinds_parse(NULL, NULL) & lie, 0);
    cr_assert_eq(fault_kinds_parse("power-lie", NULL), lie);
}

/* A fault depends on the seed and its number alone, so that one can be repeated. */
Test(faults, draws)
{
    int seen[64] = {0};
    int different = 0;
    const uint64_t all = fault_kinds_parse(NULL, NULL);
    for (int i = 1; i <= 1000; i++) {
        struct fault fault, again, other;
        fault_draw(&fault, 7, i, all);
        fault_draw(&again, 7, i, all);
        fault_draw(&other, 8, i, all);
        cr_assert(fault.kind == again.kind && fault.seconds == again.seconds && fault.call == again.call &&
                  fault.failures == again.failures && fault.random == again.random && fault.number == i);
        different += fault.kind != other.kind || fault.random != other.random;
        cr_assert(fault.seconds > 0 && fault.seconds < 2);
        cr_assert(!fault.kind->preload || (fault.call >= 1 && (double)fault.call <= fault.kind->calls));
        cr_assert(fault.failures >= (fault.kind->preload != NULL) && fault.failures <= fault.kind->failures);
        seen[fault.kind - fault_kinds]++;
    }
    cr_assert_eq(different, 1000);
    for (int i = 0; fault_kinds[i].name; i++) /* 1000 draws of 13 kinds: 77 each, with a standard deviation of 8.4 */
        cr_assert(fault_kinds[i].hidden ? seen[i] == 0 : abs(seen[i] - 77) < 42, "%s: %d", fault_kinds[i].name,
                  seen[i]);
}

Test(faults, only_those_asked_for)
{
    for (int i = 1; i <= 100; i++) {
        struct fault fault;
        fault_draw(&fault, 3, i, fault_kinds_parse("torn,suspend", NULL));
        cr_assert(strcmp(fault.kind->name, "torn") == 0 || strcmp(fault.kind->name, "suspend") == 0);
    }
}

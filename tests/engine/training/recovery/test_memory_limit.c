/* What training may take of the memory. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "engine/training/recovery/memory.h"

enum { MEGABYTE = 1000 * 1000 };

/* The bounds leave room for AddressSanitizer's shadow memory, an eighth of what is allocated. */

Test(memory_limit, what_the_system_says)
{
    const int64_t before = memory_resident();
    cr_assert(before > MEGABYTE);
    char *block = malloc(40 * MEGABYTE);
    memset(block, 1, 40 * MEGABYTE);
    const int64_t after = memory_resident();
    cr_assert(after - before > 38 * MEGABYTE && after - before < 48 * MEGABYTE, "%d", (int)(after - before));
    cr_assert_eq(block[17], 1);
    free(block);
}

/* Three quarters of the limit, less what is allocated besides the window, and what will be. */
Test(memory_limit, what_is_left_for_the_window)
{
    const int64_t all = memory_for_window(10000, 0, 0, NULL);
    cr_assert(all > 6500 * (int64_t)MEGABYTE && all < 7500 * (int64_t)MEGABYTE);
    cr_assert_float_eq((double)memory_for_window(10000, 0, 300 * MEGABYTE, NULL), (double)all - 300e6, 2e6);
    cr_assert_float_eq((double)memory_for_window(11000, 0, 0, NULL), (double)all + 750e6, 2e6);
    cr_assert_float_eq((double)memory_for_window(10000, 5 * MEGABYTE, 0, NULL), (double)all + 5e6, 2e6);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* the C library does not know of their memory */
    volatile char *block = malloc(100 * MEGABYTE);                  /* never touched, but it may be */
    cr_assert_not_null((char *)block);
    block[5] = 1;
    cr_assert_float_eq((double)memory_for_window(10000, 0, 0, NULL), (double)all - 100e6, 2e6);
    free((char *)block);
#endif
}

Test(memory_limit, what_is_too_much)
{
    const int64_t resident = memory_resident(), limit = resident / MEGABYTE * 100 / 85 + 47;
    cr_assert_eq(memory_excess(limit), 0);
    char *block = malloc(100 * MEGABYTE);
    memset(block, 1, 100 * MEGABYTE);
    const int64_t excess = memory_excess(limit);
    cr_assert(excess > 50 * MEGABYTE && excess < 85 * MEGABYTE, "%d", (int)excess);
    cr_assert_eq(block[17], 1);
    free(block);
}

Test(memory_limit, too_little)
{
    GError *error = NULL;
    cr_assert_eq(memory_for_window(100, 0, 200 * MEGABYTE, &error), -1);
    cr_assert(error && strstr(error->message, "max_memory=100 is too little"), "%s", error ? error->message : "");
    const int least = atoi(strstr(error->message, "at least ") + strlen("at least "));
    cr_assert(least > 275 && memory_for_window(least, 0, 200 * MEGABYTE, NULL) > 0, "%s", error->message);
    g_clear_error(&error);
}

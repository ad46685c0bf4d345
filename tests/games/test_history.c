/* Histories: growth, copies, truncation, and the filter before the entries. */
#include <criterion/criterion.h>

#include "games/game.h"

Test(history, grows_copies_truncates)
{
    struct history a, b;
    struct position position = {.colour = GAME_BLACK};
    history_init(&a, 0);
    history_init(&b, 0);
    for (uint64_t i = 0; i < 1000; i++) {
        position.stones_hash = i * i;
        position.colour = (uint8_t)(GAME_BLACK + i % 2);
        history_push(&a, &position);
    }
    history_copy(&b, &a);
    history_truncate(&a, 10);
    cr_expect_eq(a.count, 10);
    cr_expect_eq(b.count, 1000);
    for (uint64_t i = 0; i < 1000; i++)
        cr_assert(b.entries[i].stones_hash == i * i && b.entries[i].colour == GAME_BLACK + (int)(i % 2));
    history_copy(&b, &a);
    cr_expect_eq(b.count, 10);
    history_clear(&a);
    history_clear(&b);
    cr_expect(a.entries == NULL && a.count == 0);
}

static int bits_set(const struct history *history)
{
    int count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(history->seen); i++)
        count += __builtin_popcountll(history->seen[i]);
    return count;
}

/* As in a search, which truncates to the root's history after each playout: the filter must report every remaining
 * entry as possible, and must not fill up with removed ones. */
Test(history, the_filter_keeps_the_entries_and_forgets_the_rest)
{
    enum { ROOT = 100, DEPTH = 40, PLAYOUTS = 60, STALE = 512 };
    struct history history;
    struct position position = {.colour = GAME_BLACK};
    uint64_t next = 0;
    history_init(&history, 0);
    for (; next < ROOT; next++) {
        position.stones_hash = rng_mix(next);
        history_push(&history, &position);
    }
    for (int playout = 0; playout < PLAYOUTS; playout++) {
        for (int depth = 0; depth < DEPTH; depth++) {
            position.stones_hash = rng_mix(next++);
            history_push(&history, &position);
            cr_assert(history_may_have(&history, position.stones_hash));
        }
        history_truncate(&history, ROOT);
        for (uint64_t i = 0; i < ROOT; i++)
            cr_assert(history_may_have(&history, rng_mix(i)), "entry %d is lost after playout %d", (int)i, playout);
        cr_assert_leq(bits_set(&history), ROOT + STALE);
    }
    cr_assert_eq(history.count, ROOT);
    for (uint64_t i = 0; i < ROOT; i++)
        cr_assert_eq(history.entries[i].stones_hash, rng_mix(i));
    history_clear(&history);
}

/* A copy includes the filter, which reports every entry as possible and rules out most other hashes. */
Test(history, the_filter_is_copied)
{
    struct history from, to;
    struct position position = {.stones_hash = rng_mix(7), .colour = GAME_BLACK};
    int maybe = 0;
    history_init(&from, 0);
    history_init(&to, 0);
    history_push(&from, &position);
    position.stones_hash = rng_mix(8);
    history_push(&to, &position);
    history_copy(&to, &from);
    cr_assert(history_may_have(&to, rng_mix(7)));
    for (uint64_t i = 8; i < 1008; i++)
        maybe += history_may_have(&to, rng_mix(i));
    cr_assert_leq(maybe, 5, "%d false positives of 1000 in a history of one entry", maybe);
    history_clear(&from);
    history_clear(&to);
}

/* A history grows only when it is full: with enough reserved, its memory stays the same. */
Test(history, reserves_what_is_asked_for)
{
    struct history history, copy;
    struct history_entry entry = {.stones_hash = 1, .colour = GAME_WHITE};
    history_init(&history, 100);
    cr_expect(history.capacity == 100 && history.count == 0 && history.marks == 0);
    for (int i = 0; i < 100; i++)
        history_push_entry(&history, &entry);
    cr_expect_eq(history.capacity, 100);
    history_push_entry(&history, &entry);
    cr_expect(history.capacity >= 150 && history.count == 101, "growth is proportional, so that pushes stay cheap");
    history_init(&copy, 101);
    history_copy(&copy, &history);
    cr_expect(copy.capacity == 101 && copy.count == 101 && copy.marks == history.marks);
    cr_expect(copy.entries != history.entries && copy.entries[100].colour == GAME_WHITE);
    history_truncate(&history, 0);
    history_copy(&copy, &history);
    cr_expect_eq(copy.count, 0);
    history_clear(&history);
    history_clear(&copy);
}

/* The filter is rebuilt once more than 512 of its marks belong to removed entries, and not before. */
Test(history, stale_marks_are_counted)
{
    enum { STALE = 512, LEFT = 88 };
    for (int more = 0; more < 2; more++) {
        struct history history;
        history_init(&history, 0);
        for (uint64_t i = 0; i < STALE + LEFT + (uint64_t)more; i++)
            history_push_entry(&history, &(struct history_entry){.stones_hash = rng_mix(i), .colour = GAME_BLACK});
        cr_expect_eq(history.marks, STALE + LEFT + more);
        history_truncate(&history, LEFT);
        cr_expect_eq(history.marks, more ? LEFT : STALE + LEFT);
        history_clear(&history);
    }
}

/* The 12 leading bits of a hash choose its bit of the filter, so that every bit comes into use. */
Test(history, the_filter_goes_by_the_leading_bits)
{
    for (int bit = 0; bit < 4096; bit += 37) {
        struct history history;
        history_init(&history, 0);
        history_push_entry(&history, &(struct history_entry){.stones_hash = (uint64_t)bit << 52 | 12345});
        for (int other = 0; other < 4096; other++)
            cr_assert_eq(history_may_have(&history, (uint64_t)other << 52 | 999), other == bit);
        history_clear(&history);
    }
}

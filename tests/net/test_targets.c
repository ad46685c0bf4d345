/* The table of targets, and the places in a net's outputs that follow from it. */
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>

/* Weights files identify outputs by number: these are the places with which the shipped networks were trained. */
Test(targets, places_are_those_of_the_weights_files)
{
    struct net_places places = net_places_of(net_targets, NET_TARGETS, 0, false);
    cr_expect(places.points >= 4 && places.groups >= 3 && places.values >= 7);
    cr_expect(places.at[NET_TARGET_POLICY] == 0 && places.group[NET_TARGET_POLICY] == 0);
    cr_expect(places.at[NET_TARGET_REPLY] == 1 && places.group[NET_TARGET_REPLY] == 1);
    cr_expect(places.at[NET_TARGET_SOFT_POLICY] == 2 && places.group[NET_TARGET_SOFT_POLICY] == 2);
    cr_expect_eq(places.at[NET_TARGET_MAP], 3);
    cr_expect_eq(places.at[NET_TARGET_VALUE], 0);
    cr_expect_eq(places.at[NET_TARGET_SHORT_TERM_VALUE], 3);
    cr_expect_eq(places.at[NET_TARGET_SCORE], 6);
}

/* Entries that a later table may have, one of each shape: the outputs grow, and no place moves. */
Test(targets, appending_moves_no_place)
{
    static const enum net_shape more[] = {NET_SHAPE_OUTCOME, NET_SHAPE_MOVES, NET_SHAPE_NUMBER, NET_SHAPE_POINTS};
    struct net_target table[NET_TARGETS + G_N_ELEMENTS(more)];
    memcpy(table, net_targets, sizeof net_targets);
    for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
        table[NET_TARGETS + i] = (struct net_target){.shape = more[i]};
    struct net_places before = net_places_of(net_targets, NET_TARGETS, NET_HORIZONS, false),
                      after = net_places_of(table, (int)G_N_ELEMENTS(table), NET_HORIZONS, false);
    for (int t = 0; t < NET_TARGETS; t++)
        cr_expect(before.at[t] == after.at[t] && before.group[t] == after.group[t], "%s", net_targets[t].name);
    const int *at = after.at + NET_TARGETS, *group = after.group + NET_TARGETS;
    cr_expect(at[0] == before.values && at[2] == before.values + NET_OUTCOMES);
    cr_expect(at[1] == before.points && at[3] == before.points + 1);
    cr_expect(group[1] == before.groups && group[0] < 0 && group[2] < 0 && group[3] < 0);
    cr_expect(after.points == before.points + 2 && after.groups == before.groups + 1);
    cr_expect_eq(after.values, before.values + NET_OUTCOMES + 1);
}

/* Each further horizon has three values more, after those of every net, and moves nothing; a net without it has no place
 * for it. */
Test(targets, further_horizons)
{
    struct net_places none = net_places_of(net_targets, NET_TARGETS, 0, false);
    cr_expect(none.points == 4 && none.groups == 3 && none.values == 7);
    for (int horizons = 0; horizons <= NET_HORIZONS; horizons++) {
        struct net_places places = net_places_of(net_targets, NET_TARGETS, horizons, false);
        cr_expect(places.points == 4 && places.groups == 3 && places.values == 7 + 3 * horizons);
        for (int t = 0; t < NET_TARGETS; t++) {
            const int k = t - NET_TARGET_HORIZON_1;
            cr_expect_eq(places.at[t], k < 0 ? none.at[t] : k < horizons ? 7 + 3 * k : -1, "%s", net_targets[t].name);
        }
    }
}

/* It comes after all others, where the net has it. */
Test(targets, value_error)
{
    struct net_places without = net_places_of(net_targets, NET_TARGETS, 2, false),
                      with = net_places_of(net_targets, NET_TARGETS, 2, true);
    cr_expect(without.at[NET_TARGET_VALUE_ERROR] == -1 && with.at[NET_TARGET_VALUE_ERROR] == without.values);
    cr_expect(with.values == without.values + 1 && with.points == without.points);
    for (int t = 0; t < NET_TARGET_VALUE_ERROR; t++)
        cr_expect_eq(with.at[t], without.at[t], "%s", net_targets[t].name);
}

/* Names are keys in reports; shared rows have the same shape. */
Test(targets, entries_are_valid)
{
    for (int t = 0; t < NET_TARGETS; t++) {
        const struct net_target *target = &net_targets[t], *rows = &net_targets[net_target_rows(t)];
        cr_expect(target->name && target->help && target->weight >= 0, "target %d", t);
        for (int other = 0; other < t; other++)
            cr_expect_str_neq(target->name, net_targets[other].name);
        cr_expect(!target->rows ||
                      (strcmp(rows->name, target->rows) == 0 && rows->shape == target->shape && !rows->rows),
                  "%s learns the rows of %s", target->name, target->rows);
        cr_expect(!target->soft || target->loss == NET_LOSS_CROSS_ENTROPY, "%s", target->name);
    }
}

/* A target that uses another one's rows has no arrays of its own; all others do. */
Test(targets, samples_have_an_array_for_each)
{
    struct net_info info = fixture_info("conv:4", 2, 2, 1);
    struct net_samples *s = net_samples_new(&info, 3, 3, 2);
    const int counts[NET_TARGETS] = {
        [NET_TARGET_POLICY] = 10,   [NET_TARGET_REPLY] = 10,           [NET_TARGET_SOFT_POLICY] = 10,
        [NET_TARGET_VALUE] = 3,     [NET_TARGET_SHORT_TERM_VALUE] = 3, [NET_TARGET_SCORE] = 1,
        [NET_TARGET_MAP] = 9,       [NET_TARGET_HORIZON_1] = 3,        [NET_TARGET_HORIZON_2] = 3,
        [NET_TARGET_HORIZON_3] = 3, [NET_TARGET_VALUE_ERROR] = 1};
    for (int t = 0; t < NET_TARGETS; t++) {
        cr_expect_eq(net_samples_count(s, t), counts[t], "%s", net_targets[t].name);
        cr_expect_eq(net_samples_row(s, t, 1) - s->target[t], counts[t]);
        for (int other = 0; other < t; other++) {
            bool same = net_target_rows(other) == net_target_rows(t);
            cr_expect((s->target[other] == s->target[t]) == same && (s->weight[other] == s->weight[t]) == same,
                      "%s and %s", net_targets[other].name, net_targets[t].name);
        }
    }
    net_samples_free(s);
}

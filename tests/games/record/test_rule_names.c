/* The table of rule sets: every name means one set, and every set is a game that can be played. */
#include <criterion/criterion.h>

#include "games/go/go.h"
#include "games/gomoku/gomoku.h"
#include "games/record/rule_names.h"

static const struct game_ops *ops_of(const struct rule_set *set)
{
    return strcmp(set->game, go_ops.name) == 0 ? &go_ops : &gomoku_ops;
}

Test(rule_names, every_set_is_a_game)
{
    for (const struct rule_set *set = rule_sets; set->name; set++) {
        struct game game;
        GError *error = NULL;
        char *spec = g_strdup_printf("%s:9,%s", set->game, set->options);
        cr_assert(game_parse(&game, spec, &error), "%s: %s", spec, error ? error->message : "");
        cr_assert(rules_of(&game)->title, "%s has no title to be written by", spec);
        g_free(spec);
    }
}

Test(rule_names, every_name_means_one_set)
{
    for (const struct rule_set *set = rule_sets; set->name; set++) {
        char **aliases = g_strsplit(set->aliases ? set->aliases : "", "|", -1);
        cr_assert_eq(rules_find(ops_of(set), set->name), set, "%s", set->name);
        cr_assert(!set->title || rules_find(ops_of(set), set->title) == set, "%s", set->title);
        cr_assert(!set->kgs || rules_find(ops_of(set), set->kgs), "%s", set->kgs);
        cr_assert(set->gomocup < 0 || rules_find_gomocup(set->gomocup) == set, "%s", set->name);
        for (int i = 0; aliases[i]; i++)
            cr_assert_eq(rules_find(ops_of(set), aliases[i]), set, "%s", aliases[i]);
        g_strfreev(aliases);
    }
    cr_assert(rules_find(&go_ops, "New Zealand") == rules_find(&go_ops, "new_zealand"));
    cr_assert_null(rules_find(&go_ops, "renju"));
    cr_assert_null(rules_find(&go_ops, ""));
    cr_assert_null(rules_find_gomocup(3));
    cr_assert_null(rules_find_gomocup(-1));
}

/* Choices of the option "rules" are the first sets of each game, in the same order. */
Test(rule_names, choices_are_sets)
{
    const struct game_ops *const games[] = {&go_ops, &gomoku_ops};
    for (size_t g = 0; g < G_N_ELEMENTS(games); g++)
        for (const struct game_option *option = games[g]->options; option->name; option++)
            for (int i = 0; strcmp(option->name, "rules") == 0 && option->choices[i]; i++) {
                const struct rule_set *set = rules_find(games[g], option->choices[i]);
                cr_assert(set && set->title && strcmp(set->name, option->choices[i]) == 0, "%s", option->choices[i]);
                cr_assert(games[g] != &go_ops || set->kgs, "%s cannot be told to a GTP program", set->name);
                cr_assert(games[g] != &gomoku_ops || set->gomocup >= 0, "%s has no number", set->name);
            }
}

Test(rule_names, losses_are_told_or_refused)
{
    struct game game;
    GError *error = NULL;
    const char *loss = NULL;
    cr_assert(game_parse(&game, "go:9", NULL));
    cr_assert(rules_set_named(&game, &game, "AGA_button", &loss, NULL) && strstr(loss, "button"));
    cr_assert(!rules_set_named(&game, &game, "ing", NULL, &error) && strstr(error->message, "Ing's ko"));
    g_clear_error(&error);
    cr_assert(!rules_set_named(&game, &game, "klingon", NULL, &error));
    cr_assert(strstr(error->message, "known are tromp-taylor, chinese, aga, japanese, new-zealand"), "%s",
              error->message);
    g_clear_error(&error);
}

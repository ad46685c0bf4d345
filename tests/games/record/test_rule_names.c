/* The table of rule sets: every name identifies one set, and every set is a valid game. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>

#include "games/game.h"
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
        cr_assert(rules_of(&game)->title, "%s has no title", spec);
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

/* The choices of the option "rules" are the first sets of each game, in the same order. */
Test(rule_names, choices_are_sets)
{
    const struct game_ops *const games[] = {&go_ops, &gomoku_ops};
    for (size_t g = 0; g < G_N_ELEMENTS(games); g++)
        for (const struct game_option *option = games[g]->options; option->name; option++)
            for (int i = 0; strcmp(option->name, "rules") == 0 && option->choices[i]; i++) {
                const struct rule_set *set = rules_find(games[g], option->choices[i]);
                cr_assert(set && set->title && strcmp(set->name, option->choices[i]) == 0, "%s", option->choices[i]);
                cr_assert(games[g] != &go_ops || set->kgs, "%s has no name for GTP programs", set->name);
                cr_assert(games[g] != &gomoku_ops || set->gomocup >= 0, "%s has no Gomocup number", set->name);
            }
}

Test(rule_names, losses_are_told_or_refused)
{
    struct game game;
    GError *error = NULL;
    const char *loss = NULL;
    cr_assert(game_parse(&game, "go:9", NULL));
    cr_assert(rules_set_named(&game, &game, "AGA_button", &loss, NULL) && strstr(loss, "button"));
    cr_assert(!rules_set_named(&game, &game, "stone scoring", NULL, &error) && strstr(error->message, "tax"));
    g_clear_error(&error);
    cr_assert(!rules_set_named(&game, &game, "klingon", NULL, &error));
    cr_assert(strstr(error->message, "known rules are tromp-taylor, chinese, aga, japanese, new-zealand"), "%s",
              error->message);
    g_clear_error(&error);
}

static void expect_game(const struct game *found, const char *wanted, const char *what)
{
    struct game game;
    char text[GAME_SPEC_MAX];
    cr_assert(game_parse(&game, wanted, NULL), "%s", wanted);
    cr_expect(game_equal(found, &game), "%s: %s, not %s", what, game_format(found, text), wanted);
}

/* Case, blanks, punctuation and the word "rules" do not matter. */
Test(rule_names, names_as_people_write_them)
{
    static const char *const names[][2] = {
        {"Japanese Rules", "japanese"},
        {"AGA rules", "aga"},
        {"Korea", "japanese"},
        {"New-Zealand", "new-zealand"},
        {"newzealand", "new-zealand"},
        {"NewZealand", "new-zealand"},
        {"nz", "new-zealand"},
        {"New Zealand", "new-zealand"},
        {"TrompTaylor", "tromp-taylor"},
        {"Tromp/Taylor", "tromp-taylor"},
        {" tromp_taylor ", "tromp-taylor"},
        {"GOE", "ing"},
        {"Ing's", "ing"},
        {"Chinese ruleset", "chinese"},
        {"Chinese (KGS)", "chinese"},
        {"StoneScoring", "stone-scoring"},
        {"日本ルール", "japanese"},
        {"中国规则", "chinese"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const struct rule_set *set = rules_find(&go_ops, names[i][0]);
        cr_expect(set && strcmp(set->name, names[i][1]) == 0, "%s is %s", names[i][0], set ? set->name : "unknown");
    }
    cr_expect(strcmp(rules_find(&gomoku_ops, "Renju rules")->name, "renju") == 0);
    static const char *const none[] = {"", " ", "rules", "rule", "-", "japan chinese"};
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
        cr_expect_null(rules_find(&go_ops, none[i]), "\"%s\"", none[i]);
}

/* A set resets options that deviated from the old set; size and komi are kept. */
Test(rule_names, a_set_replaces_the_old_one)
{
    static const char *const sets[][2] = {{"tromp-taylor", "go:9,komi=5.5"},
                                          {"Chinese", "go:9,komi=5.5,rules=chinese"},
                                          {"korean", "go:9,komi=5.5,rules=japanese"}};
    struct game from;
    cr_assert(game_parse(&from, "go:9,komi=5.5,rules=aga,suicide=yes,ko=positional,last=white", NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(sets); i++) {
        struct game to;
        cr_assert(rules_set_named(&to, &from, sets[i][0], NULL, NULL), "%s", sets[i][0]);
        expect_game(&to, sets[i][1], sets[i][0]);
    }
}

Test(rule_names, parts_leave_the_others)
{
    static const char *const parts[][3] = {{"ko", "POSITIONAL", "go:9,rules=japanese,ko=positional"},
                                           {"scoring", "AREA", "go:9,rules=japanese,scoring=area"},
                                           {"multiStoneSuicideLegal", "true", "go:9,rules=japanese,suicide=yes"},
                                           {"whiteHandicapBonus", "N-1", "go:9,rules=japanese,bonus=n-1"},
                                           {"hasButton", "false", "go:9,rules=japanese"}};
    struct game from, to;
    cr_assert(game_parse(&from, "go:9,rules=japanese", NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        cr_assert(rules_set_part(&to, &from, parts[i][0], parts[i][1], NULL, NULL), "%s", parts[i][0]);
        expect_game(&to, parts[i][2], parts[i][0]);
    }
}

/* A part that was left out is reported even if the parts after it are complete. */
Test(rule_names, a_loss_is_not_hidden_by_the_next_part)
{
    struct game from, to;
    const char *lossy = NULL;
    cJSON *object = cJSON_Parse("{\"tax\":\"SEKI\",\"ko\":\"simple\",\"suicide\":true}");
    cr_assert(game_parse(&from, "go:9", NULL));
    cr_assert(rules_set_parts(&to, &from, object, &lossy, NULL));
    cr_assert(lossy && strstr(lossy, "tax"));
    expect_game(&to, "go:9,ko=simple,suicide=yes", "parts");
    to = from;
    cr_assert(!rules_set_parts(&to, &from, object, NULL, NULL) && game_equal(&to, &from));
    cJSON_Delete(object);
}

/* A string of KataGo's is a set of its own: what it leaves out is as in Tromp-Taylor rules, size and komi stay, and it is
 * known by the name of a set that has these rules. */
Test(rule_names, strings)
{
    static const char *const strings[][2] = {
        {"koPOSITIONALscoreAREAtaxNONEsui0", "go:9,komi=5.5,suicide=no,ko=positional,scoring=area"},
        {"koSIMPLEscoreAREAtaxNONEsui0whbN", "go:9,komi=5.5,suicide=no,ko=simple,scoring=area,bonus=n"},
        {"koSIMPLEscoreTERRITORYtaxSEKIsui0", "go:9,komi=5.5,rules=japanese"},
        {"koSITUATIONALscoringAREAsui0button0whbN-1fpok1", "go:9,komi=5.5,rules=aga"},
        {"kosituationalscoreareataxnonesui1", "go:9,komi=5.5,rules=chinese,suicide=yes,ko=situational,bonus=none"},
        {"koPOSITIONAL score AREA sui1", "go:9,komi=5.5"},
        {"koSIMPLEscoreTERRITORYsui0komi6.5", "go:9,komi=6.5,rules=japanese"},
        {"koPOSITIONALkomi-0.5", "go:9,komi=-0.5"},
        {"komi0", "go:9,komi=0"},
    };
    static const char *const bad[] = {
        "koSIMPLEscoreAREAnonsense", "koNONE", "sui2", "komi", "kok", "koSIMPLEscore", "scoreAREAtax", "whbM"};
    struct game from, to;
    GError *error = NULL;
    cr_assert(game_parse(&from, "go:9,komi=5.5,rules=aga,suicide=yes,last=any", NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(strings); i++) {
        cr_assert(rules_set_named(&to, &from, strings[i][0], NULL, &error), "%s: %s", strings[i][0],
                  error ? error->message : "");
        expect_game(&to, strings[i][1], strings[i][0]);
        cr_expect_eq(rules_text_has_komi(strings[i][0]), strstr(strings[i][0], "komi") != NULL, "%s", strings[i][0]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        to = from;
        cr_assert(!rules_set_named(&to, &from, bad[i], NULL, &error) && game_equal(&to, &from), "%s", bad[i]);
        cr_expect(strstr(error->message, "unknown rules"), "%s", error->message);
        g_clear_error(&error);
    }
    cr_assert(!rules_set_named(&to, &from, "koSIMPLEkomi7.3", NULL, &error) && strstr(error->message, "half-integer"));
    g_clear_error(&error);
    cr_assert(!rules_text_has_komi("japanese"));
}

/* Territory scoring is by Japanese rules, to which the tax in seki belongs; a button and other taxes are left out. */
Test(rule_names, losses_of_strings)
{
    static const char *const lossy[][2] = {{"koSIMPLEscoreAREAtaxSEKIsui0", "seki"},
                                           {"koSIMPLEscoreTERRITORYtaxALLsui0", "tax"},
                                           {"koSITUATIONALscoreAREAsui0button1", "button"},
                                           {"koSPIGHTscoreAREAsui0", "Spight"}};
    struct game from, to;
    cr_assert(game_parse(&from, "go:9", NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(lossy); i++) {
        const char *loss = NULL;
        GError *error = NULL;
        cr_assert(rules_set_named(&to, &from, lossy[i][0], &loss, NULL) && loss && strstr(loss, lossy[i][1]), "%s",
                  lossy[i][0]);
        cr_assert(!rules_set_named(&to, &from, lossy[i][0], NULL, &error) && strstr(error->message, lossy[i][1]));
        g_clear_error(&error);
    }
    cr_assert(rules_set_part(&to, &from, "scoring", "TERRITORY", NULL, NULL));
    cr_assert(rules_set_part(&to, &to, "tax", "SEKI", NULL, NULL));
    cr_assert(!rules_set_part(&to, &from, "tax", "SEKI", NULL, NULL));
}

/* KataGo's other key for the scoring, and the komi. */
Test(rule_names, keys_of_objects)
{
    struct game from, to;
    GError *error = NULL;
    cJSON *object = cJSON_Parse("{\"ko\":\"SIMPLE\",\"score\":\"TERRITORY\",\"komi\":-6.5}"),
          *odd = cJSON_Parse("{\"komi\":6.3}"), *text = cJSON_Parse("{\"komi\":\"6.5\"}");
    cr_assert(game_parse(&from, "go:9", NULL));
    cr_assert(rules_set_parts(&to, &from, object, NULL, NULL));
    expect_game(&to, "go:9,ko=simple,scoring=territory,komi=-6.5", "object");
    cr_assert(!rules_set_parts(&to, &from, odd, NULL, &error) && strstr(error->message, "half-integer"));
    g_clear_error(&error);
    cr_assert(!rules_set_parts(&to, &from, text, NULL, &error));
    g_clear_error(&error);
    cJSON_Delete(object);
    cJSON_Delete(odd);
    cJSON_Delete(text);
}

Test(rule_names, parts_that_make_no_sense_are_refused)
{
    struct game go, gomoku, to;
    GError *error = NULL;
    cJSON *number = cJSON_Parse("{\"ko\":5}");
    cr_assert(game_parse(&go, "go:9", NULL) && game_parse(&gomoku, "gomoku:9", NULL));
    cr_assert(!rules_set_named(&to, &gomoku, "chinese", NULL, &error) && error);
    g_clear_error(&error);
    cr_assert(!rules_set_part(&to, &go, "ko", "NONE", NULL, &error) && strstr(error->message, "NONE"));
    g_clear_error(&error);
    cr_assert(!rules_set_parts(&to, &go, number, NULL, &error) && strstr(error->message, "ko"));
    g_clear_error(&error);
    cJSON_Delete(number);
}

/* Every value of every part, in any case, and what it makes of a game. */
Test(rule_names, each_part)
{
    static const char *const parts[][3] = {
        {"ko", "SIMPLE", "go:9,ko=simple"},
        {"ko", "positional", "go:9,ko=positional"},
        {"ko", "SITUATIONAL", "go:9,ko=situational"},
        {"scoring", "AREA", "go:9,scoring=area"},
        {"scoring", "TERRITORY", "go:9,scoring=territory"},
        {"suicide", "true", "go:9,suicide=yes"},
        {"suicide", "false", "go:9,suicide=no"},
        {"multiStoneSuicideLegal", "true", "go:9,suicide=yes"},
        {"multiStoneSuicideLegal", "false", "go:9,suicide=no"},
        {"whiteHandicapBonus", "0", "go:9,bonus=none"},
        {"whiteHandicapBonus", "N", "go:9,bonus=n"},
        {"whiteHandicapBonus", "n-1", "go:9,bonus=n-1"},
        {"tax", "NONE", "go:9"},
        {"hasButton", "false", "go:9"},
        {"friendlyPassOk", "true", "go:9"},
        {"friendlyPassOk", "false", "go:9"},
    };
    struct game from, to;
    cr_assert(game_parse(&from, "go:9", NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const char *lossy = NULL;
        cr_assert(rules_set_part(&to, &from, parts[i][0], parts[i][1], &lossy, NULL), "%s", parts[i][0]);
        expect_game(&to, parts[i][2], parts[i][0]);
        cr_expect_null(lossy);
    }
    static const char *const lost[][3] = {
        {"tax", "SEKI", "tax"}, {"tax", "ALL", "tax"}, {"hasButton", "true", "button"}};
    for (size_t i = 0; i < G_N_ELEMENTS(lost); i++) {
        const char *lossy = NULL;
        GError *error = NULL;
        cr_expect(rules_set_part(&to, &from, lost[i][0], lost[i][1], &lossy, NULL) && strstr(lossy, lost[i][2]));
        expect_game(&to, "go:9", lost[i][0]);
        cr_expect(!rules_set_part(&to, &from, lost[i][0], lost[i][1], NULL, &error) &&
                  strstr(error->message, lost[i][2]));
        cr_expect(error->domain == GAME_ERROR && error->code == GAME_ERROR_SPEC);
        g_clear_error(&error);
    }
    cr_expect(!rules_set_part(&to, &from, "Ko", "SIMPLE", NULL, NULL), "keys have one spelling");
}

/* All parts in one object, which sets the same rules when it is read again. */
Test(rule_names, parts_are_written_and_read)
{
    static const char *const cases[][2] = {
        {"go:9", "{\"friendlyPassOk\":false,\"hasButton\":false,\"ko\":\"POSITIONAL\",\"scoring\":\"AREA\","
                 "\"suicide\":true,\"tax\":\"NONE\",\"whiteHandicapBonus\":\"0\"}"},
        {"go:9,rules=chinese",
         "{\"friendlyPassOk\":false,\"hasButton\":false,\"ko\":\"POSITIONAL\",\"scoring\":\"AREA\","
         "\"suicide\":false,\"tax\":\"NONE\",\"whiteHandicapBonus\":\"N\"}"},
        {"go:9,rules=aga", "{\"friendlyPassOk\":false,\"hasButton\":false,\"ko\":\"SITUATIONAL\",\"scoring\":\"AREA\","
                           "\"suicide\":false,\"tax\":\"NONE\",\"whiteHandicapBonus\":\"N-1\"}"},
        {"go:9,rules=japanese",
         "{\"friendlyPassOk\":false,\"hasButton\":false,\"ko\":\"SIMPLE\",\"scoring\":\"TERRITORY\","
         "\"suicide\":false,\"tax\":\"NONE\",\"whiteHandicapBonus\":\"0\"}"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game, plain, to;
        cr_assert(game_parse(&game, cases[i][0], NULL) && game_parse(&plain, "go:9", NULL));
        char *text = rules_format_parts(&game);
        cr_expect_str_eq(text, cases[i][1]);
        cJSON *object = cJSON_Parse(text);
        cr_assert(rules_set_parts(&to, &plain, object, NULL, NULL), "%s", text);
        struct go_rules read = go_rules(&to), wanted = go_rules(&game);
        cr_expect(read.ko == wanted.ko && read.scoring == wanted.scoring && read.suicide == wanted.suicide &&
                  read.bonus == wanted.bonus);
        cJSON_Delete(object);
        g_free(text);
    }
}

/* The first wrong part is told; nothing is changed by the parts before it. */
Test(rule_names, wrong_parts_by_name)
{
    static const char *const cases[][2] = {{"{\"ko\":\"SIMPLE\",\"suicide\":5,\"tax\":\"x\"}", "suicide"},
                                           {"{\"ko\":\"SIMPLE\",\"tax\":\"x\",\"suicide\":5}", "x"},
                                           {"{\"ko\":null}", "ko"},
                                           {"{\"colour\":\"red\"}", "colour"}};
    struct game from, to;
    cr_assert(game_parse(&from, "go:9", NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        cJSON *object = cJSON_Parse(cases[i][0]);
        to = from;
        cr_assert(!rules_set_parts(&to, &from, object, NULL, &error), "%s", cases[i][0]);
        cr_expect(strstr(error->message, cases[i][1]) && game_equal(&to, &from), "%s", error->message);
        g_clear_error(&error);
        cJSON_Delete(object);
    }
    struct game gomoku;
    cJSON *object = cJSON_Parse("{}");
    cr_assert(game_parse(&gomoku, "gomoku:9", NULL));
    cr_expect(rules_set_parts(&to, &from, object, NULL, NULL) && game_equal(&to, &from));
    cr_expect(!rules_set_parts(&to, &gomoku, object, NULL, NULL) &&
              !rules_set_part(&to, &gomoku, "tax", "NONE", NULL, NULL));
    cJSON_Delete(object);
}

/* The title of a choice is its own label, its rule set's title, or its text. */
Test(rule_names, titles_of_choices)
{
    static const struct {
        const struct game_ops *ops;
        const char *option;
        int choice;
        const char *title;
    } cases[] = {{&go_ops, "rules", 0, "Tromp-Taylor"},
                 {&go_ops, "rules", 2, "AGA"},
                 {&go_ops, "ko", 3, "situational"},
                 {&gomoku_ops, "rules", 4, "Caro-exact"},
                 {&gomoku_ops, "opening", 2, "Long pro"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (const struct game_option *option = cases[i].ops->options; option->name; option++)
            if (strcmp(option->name, cases[i].option) == 0)
                cr_expect_str_eq(rules_choice_title(cases[i].ops, option, cases[i].choice), cases[i].title);
    struct game game;
    cr_assert(game_parse(&game, "reversi:8", NULL));
    cr_expect_null(rules_of(&game));
    cr_assert(game_parse(&game, "go:9,rules=aga,ko=simple", NULL));
    cr_expect_str_eq(rules_of(&game)->name, "aga");
}

/* Only sets without a loss are named to those who ask for one that there is not. */
Test(rule_names, unknown_sets)
{
    struct game game;
    GError *error = NULL;
    cr_assert(game_parse(&game, "go:9", NULL));
    cr_assert(!rules_set_named(&game, &game, "klingon", NULL, &error));
    cr_expect(g_str_has_suffix(error->message, " tromp-taylor, chinese, aga, japanese, new-zealand, ing"), "%s",
              error->message);
    g_clear_error(&error);
    static const char *const known[] = {"TT", "Chinese OGS", "chinese_kgs", "French", "KOREAN", "nz", "GOE", "Ing"};
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        cr_expect(rules_find(&go_ops, known[i]), "%s", known[i]);
    cr_expect(!rules_find(&go_ops, "t") && !rules_find(&gomoku_ops, "tt"));
}

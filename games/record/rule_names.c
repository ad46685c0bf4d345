/* The table of rule sets, and what is found in it by name or number. */
#include <string.h>

#include "games/game.h"
#include "games/go/go.h"
#include "games/record/rule_names.h"
#include "games/record/rule_names_internal.h"

const char rules_no_button[] = "Tengen does not implement the button; the closest rules are those without it";
const char rules_no_tax[] = "Tengen does not implement group or seki tax; the closest rules are those without a tax";

/* The first rows of a game are the choices of its option "rules", in the same order. Ing's ko rule is positional
 * superko, as in KataGo. */
const struct rule_set rule_sets[] = {
    {"go", "tromp-taylor", "Tromp-Taylor", "rules=tromp-taylor", "chinese", "tt|logical", -1, NULL},
    {"go", "chinese", "Chinese", "rules=chinese", "chinese",
     "cn|chn|china|area|chinese-ogs|chinese-kgs|中国|中國|中国规则|中國規則", -1, NULL},
    {"go", "aga", "AGA", "rules=aga", "aga", "american|usa|bga|british|french|ffg", -1, NULL},
    {"go", "japanese", "Japanese", "rules=japanese", "japanese",
     "jp|jpn|japan|nihon|nihon-kiin|territory|kr|kor|korea|korean|日本|日本ルール|日本规则|日本規則|한국", -1, NULL},
    {"go", "new-zealand", "NZ", "rules=chinese,suicide=yes,ko=situational,bonus=none", NULL, "nz|nzga", -1, NULL},
    {"go", "ing", "Ing", "rules=chinese,suicide=yes,bonus=none", NULL, "goe|ing-goe|goe-ing|ing's|sst", -1, NULL},
    {"go", "aga-button", NULL, "rules=aga,bonus=none", NULL, NULL, -1, rules_no_button},
    {"go", "stone-scoring", NULL, "rules=chinese,bonus=none", NULL, NULL, -1, rules_no_tax},
    {"go", "ancient-area", NULL, "rules=chinese,bonus=none", NULL, NULL, -1, rules_no_tax},
    {"go", "ancient-territory", NULL, "rules=japanese", NULL, NULL, -1, rules_no_tax},
    {"gomoku", "freestyle", "Freestyle", "rules=freestyle", NULL, "gomoku|free|free-style", 0, NULL},
    {"gomoku", "standard", "Standard", "rules=standard", NULL, NULL, 1, NULL},
    {"gomoku", "renju", "Renju", "rules=renju", NULL, NULL, 4, NULL},
    {"gomoku", "caro", "Caro", "rules=caro", NULL, NULL, 8, NULL},
    {"gomoku", "caro-exact", "Caro-exact", "rules=caro-exact", NULL, NULL, 9, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL, -1, NULL},
};

/* The name as it is compared: in lower case, without blanks, punctuation and a final "rules". Freed by g_free. */
static char *plain_name(const char *name)
{
    static const char *const endings[] = {"ruleset", "rules", "rule"};
    GString *plain = g_string_new(NULL);
    for (; *name; name++)
        if (g_ascii_isalnum(*name) || (*name & 0x80))
            g_string_append_c(plain, g_ascii_tolower(*name));
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(plain->str, endings[i]) && plain->len > strlen(endings[i])) {
            g_string_truncate(plain, plain->len - strlen(endings[i]));
            break;
        }
    return g_string_free(plain, FALSE);
}

static bool is_called(const struct rule_set *set, const char *plain)
{
    char **names = g_strsplit(set->aliases ? set->aliases : "", "|", -1), *own = plain_name(set->name);
    bool same = strcmp(own, plain) == 0;
    for (int i = 0; names[i] && !same; i++) {
        char *alias = plain_name(names[i]);
        same = strcmp(alias, plain) == 0;
        g_free(alias);
    }
    g_strfreev(names);
    g_free(own);
    return same;
}

const struct rule_set *rules_find(const struct game_ops *ops, const char *name)
{
    char *plain = plain_name(name);
    const struct rule_set *set = rule_sets;
    while (set->name && !(strcmp(set->game, ops->name) == 0 && is_called(set, plain)))
        set++;
    g_free(plain);
    return set->name ? set : NULL;
}

const struct rule_set *rules_find_gomocup(int number)
{
    for (const struct rule_set *set = rule_sets; set->name; set++)
        if (set->gomocup >= 0 && set->gomocup == number)
            return set;
    return NULL;
}

const struct rule_set *rules_of(const struct game *game)
{
    for (int i = 0; game->ops->options[i].name; i++)
        if (strcmp(game->ops->options[i].name, "rules") == 0)
            return rules_find(game->ops, game->ops->options[i].choices[game->option[i]]);
    return NULL;
}

const char *rules_choice_title(const struct game_ops *ops, const struct game_option *option, int choice)
{
    if (option->choice_labels)
        return option->choice_labels[choice];
    const struct rule_set *set = strcmp(option->name, "rules") == 0 ? rules_find(ops, option->choices[choice]) : NULL;
    return set ? set->title : option->choices[choice];
}

bool rules_are_of_go(const struct game *from, GError **error)
{
    if (from->ops == &go_ops)
        return true;
    g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC, "these are rules of Go");
    return false;
}

bool rules_accept_loss(const char *loss, const char **lossy, GError **error)
{
    if (loss && lossy)
        *lossy = loss;
    if (!loss || lossy)
        return true;
    g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC, loss);
    return false;
}

bool rules_set_named(struct game *to, const struct game *from, const char *name, const char **lossy, GError **error)
{
    struct game plain;
    GError *why = NULL;
    if (!rules_are_of_go(from, error))
        return false;
    const struct rule_set *set = rules_find(from->ops, name);
    if (set)
        return rules_accept_loss(set->lossy, lossy, error) && game_vary(&plain, from, RULES_RESET, error) &&
               game_vary(to, &plain, set->options, error);
    if (rules_set_string(to, from, name, lossy, &why))
        return true;
    if (why) {
        g_propagate_error(error, why);
        return false;
    }
    GString *known = g_string_new(NULL);
    for (set = rule_sets; set->name; set++)
        if (strcmp(set->game, from->ops->name) == 0 && !set->lossy)
            g_string_append_printf(known, "%s%s", known->len ? ", " : "", set->name);
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "unknown rules \"%.60s\"; known rules are %s", name, known->str);
    g_string_free(known, TRUE);
    return false;
}

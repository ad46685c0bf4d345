#include "games/record/rule_names.h"

#include "games/go/go.h"

static const char no_button[] = "Tengen does not implement the button; the closest rules are those without it";
static const char no_tax[] = "Tengen does not implement group or seki tax; the closest rules are those without a tax";
static const char no_ing_ko[] =
    "Tengen does not implement Ing's ko rule; the closest rules are Chinese rules with suicide";

/* The first rows of a game are the choices of its option "rules", in the same order. */
const struct rule_set rule_sets[] = {
    {"go", "tromp-taylor", "Tromp-Taylor", "rules=tromp-taylor", "chinese", "tt", -1, NULL},
    {"go", "chinese", "Chinese", "rules=chinese", "chinese", "cn|china|chinese-ogs|chinese-kgs", -1, NULL},
    {"go", "aga", "AGA", "rules=aga", "aga", "bga|french", -1, NULL},
    {"go", "japanese", "Japanese", "rules=japanese", "japanese", "jp|japan|korean", -1, NULL},
    {"go", "new-zealand", "NZ", "rules=chinese,suicide=yes,ko=situational,bonus=none", NULL, "nz", -1, NULL},
    {"go", "ing", "Ing", "rules=chinese,suicide=yes", NULL, "goe", -1, no_ing_ko},
    {"go", "aga-button", NULL, "rules=aga,bonus=none", NULL, NULL, -1, no_button},
    {"go", "stone-scoring", NULL, "rules=chinese,bonus=none", NULL, NULL, -1, no_tax},
    {"go", "ancient-area", NULL, "rules=chinese,bonus=none", NULL, NULL, -1, no_tax},
    {"go", "ancient-territory", NULL, "rules=japanese", NULL, NULL, -1, no_tax},
    {"gomoku", "freestyle", "Freestyle", "rules=freestyle", NULL, "gomoku", 0, NULL},
    {"gomoku", "standard", "Standard", "rules=standard", NULL, NULL, 1, NULL},
    {"gomoku", "renju", "Renju", "rules=renju", NULL, NULL, 4, NULL},
    {"gomoku", "caro", "Caro", "rules=caro", NULL, NULL, 8, NULL},
    {"gomoku", "caro-exact", "Caro-exact", "rules=caro-exact", NULL, NULL, 9, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL, -1, NULL},
};

/* The fields of KataGo's rules objects. Each value corresponds to an option of ours; NULL if it needs none. */
static const struct {
    const char *key, *value, *option, *lossy;
} parts[] = {
    {"ko", "SIMPLE", "ko=simple", NULL},
    {"ko", "POSITIONAL", "ko=positional", NULL},
    {"ko", "SITUATIONAL", "ko=situational", NULL},
    {"scoring", "AREA", "scoring=area", NULL},
    {"scoring", "TERRITORY", "scoring=territory", NULL},
    {"suicide", "true", "suicide=yes", NULL},
    {"suicide", "false", "suicide=no", NULL},
    {"multiStoneSuicideLegal", "true", "suicide=yes", NULL},
    {"multiStoneSuicideLegal", "false", "suicide=no", NULL},
    {"whiteHandicapBonus", "0", "bonus=none", NULL},
    {"whiteHandicapBonus", "N", "bonus=n", NULL},
    {"whiteHandicapBonus", "N-1", "bonus=n-1", NULL},
    {"tax", "NONE", NULL, NULL},
    {"tax", "SEKI", NULL, no_tax},
    {"tax", "ALL", NULL, no_tax},
    {"hasButton", "false", NULL, NULL},
    {"hasButton", "true", NULL, no_button},
    {"friendlyPassOk", "false", NULL, NULL},
    {"friendlyPassOk", "true", NULL, NULL},
};

static const char reset[] = "suicide=rule,ko=rule,scoring=rule,bonus=rule,last=rule,passstones=rule";

static bool is_go(const struct game *from, GError **error)
{
    if (from->ops == &go_ops)
        return true;
    g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC, "these are rules of Go");
    return false;
}

/* Whether the caller accepts that part of the rules is left out; if so, stores what is left out. */
static bool accept_loss(const char *loss, const char **lossy, GError **error)
{
    if (loss && lossy)
        *lossy = loss;
    if (!loss || lossy)
        return true;
    g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC, loss);
    return false;
}

/* Some programs write a blank or "_" instead of "-". */
static bool is_called(const struct rule_set *set, const char *name)
{
    char *plain = g_strdelimit(g_ascii_strdown(name, -1), "_ ", '-');
    char **aliases = g_strsplit(set->aliases ? set->aliases : "", "|", -1);
    bool same = strcmp(set->name, plain) == 0 || g_strv_contains((const char *const *)aliases, plain);
    g_strfreev(aliases);
    g_free(plain);
    return same;
}

const struct rule_set *rules_find(const struct game_ops *ops, const char *name)
{
    for (const struct rule_set *set = rule_sets; set->name; set++)
        if (strcmp(set->game, ops->name) == 0 && is_called(set, name))
            return set;
    return NULL;
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

bool rules_set_named(struct game *to, const struct game *from, const char *name, const char **lossy, GError **error)
{
    struct game plain;
    if (!is_go(from, error))
        return false;
    const struct rule_set *set = rules_find(from->ops, name);
    if (set)
        return accept_loss(set->lossy, lossy, error) && game_vary(&plain, from, reset, error) &&
               game_vary(to, &plain, set->options, error);
    GString *known = g_string_new(NULL);
    for (set = rule_sets; set->name; set++)
        if (strcmp(set->game, from->ops->name) == 0 && !set->lossy)
            g_string_append_printf(known, "%s%s", known->len ? ", " : "", set->name);
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "unknown rules \"%.40s\"; known rules are %s", name, known->str);
    g_string_free(known, TRUE);
    return false;
}

/* Appends the option for a field; false, with the error set, for an unknown field or value. */
static bool add_part(GString *changes, const char *key, const char *value, const char **lossy, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strcmp(parts[i].key, key) == 0 && g_ascii_strcasecmp(parts[i].value, value) == 0) {
            if (parts[i].option)
                g_string_append_printf(changes, "%s%s", changes->len ? "," : "", parts[i].option);
            return accept_loss(parts[i].lossy, lossy, error);
        }
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "unsupported value %.40s for rule %.40s", value, key);
    return false;
}

bool rules_set_part(struct game *to, const struct game *from, const char *key, const char *value, const char **lossy,
                    GError **error)
{
    GString *changes = g_string_new(NULL);
    bool fine =
        is_go(from, error) && add_part(changes, key, value, lossy, error) && game_vary(to, from, changes->str, error);
    g_string_free(changes, TRUE);
    return fine;
}

bool rules_set_parts(struct game *to, const struct game *from, const cJSON *object, const char **lossy, GError **error)
{
    GString *changes = g_string_new(NULL);
    bool fine = is_go(from, error);
    for (const cJSON *item = object->child; item && fine; item = item->next) {
        const char *value = cJSON_IsString(item) ? item->valuestring : cJSON_IsTrue(item) ? "true" : "false";
        fine = cJSON_IsString(item) || cJSON_IsBool(item);
        if (fine)
            fine = add_part(changes, item->string, value, lossy, error);
        else
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "the value of %.40s must be a string or a boolean",
                        item->string);
    }
    fine = fine && game_vary(to, from, changes->str, error);
    g_string_free(changes, TRUE);
    return fine;
}

/* KataGo's value for an option of ours. */
static const char *katago_value(const char *key, const char *option)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strcmp(parts[i].key, key) == 0 && g_strcmp0(parts[i].option, option) == 0)
            return parts[i].value;
    g_assert_not_reached();
}

char *rules_format_parts(const struct game *game)
{
    static const char *const ko[] = {"ko=simple", "ko=positional", "ko=situational"};
    static const char *const bonus[] = {"bonus=none", "bonus=n", "bonus=n-1"};
    const struct go_rules rules = go_rules(game);
    return g_strdup_printf("{\"friendlyPassOk\":false,\"hasButton\":false,\"ko\":\"%s\",\"scoring\":\"%s\","
                           "\"suicide\":%s,\"tax\":\"NONE\",\"whiteHandicapBonus\":\"%s\"}",
                           katago_value("ko", ko[rules.ko]),
                           katago_value("scoring", rules.scoring == GO_AREA ? "scoring=area" : "scoring=territory"),
                           katago_value("suicide", rules.suicide ? "suicide=yes" : "suicide=no"),
                           katago_value("whiteHandicapBonus", bonus[rules.bonus]));
}

#include "engine/viewer/preferences.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "engine/viewer/session/player_check.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/option.h"

#define AT(member) offsetof(struct preferences, member)
#define TEXT(name, member)                                                                                             \
    {                                                                                                                  \
        name, OPTION_TEXT, AT(member), 0, sizeof((struct preferences *)0)->member, .help = ""                          \
    }
#define NUMBER(name, member, min, max)                                                                                 \
    {                                                                                                                  \
        name, OPTION_INT, AT(member), min, max, .help = ""                                                             \
    }
static const struct option_row rows[] = {
    NUMBER("theme", theme, 0, 2),
    NUMBER("language", language, 0, 2),
    NUMBER("scale", scale, 0, 400),
    NUMBER("width", width, 320, 16384),
    NUMBER("height", height, 240, 16384),
    NUMBER("coordinates", coordinates, 0, 1),
    NUMBER("move_numbers", move_numbers, 0, 1),
    NUMBER("sound", sound, 0, 1),
    NUMBER("tips", tips, 0, 1),
    NUMBER("candidates", candidates, 0, 1),
    NUMBER("policy", policy, 0, 1),
    NUMBER("ownership", ownership, 0, 1),
    NUMBER("pondering", pondering, 0, 1),
    TEXT("game", game),
    NUMBER("seats", seats, 0, SEATS - 1),
    NUMBER("opponent", opponent, 0, OPPONENTS - 1),
    NUMBER("level", level, 1, STRENGTH_LEVELS),
    TEXT("agent", spec),
    TEXT("clock", clock),
    {.name = NULL},
};

char *preferences_config_path(const char *name)
{
    char *folder = g_build_filename(g_get_user_config_dir(), "tengen", NULL);
    char *path = g_build_filename(folder, name, NULL);
    g_mkdir_with_parents(folder, 0700);
    g_free(folder);
    return path;
}

char *preferences_state_path(const char *name)
{
    const char *given = g_getenv("XDG_STATE_HOME");
    char *folder = given && *given ? g_build_filename(given, "tengen", NULL)
                                   : g_build_filename(g_get_home_dir(), ".local", "state", "tengen", NULL);
    char *path = g_build_filename(folder, name, NULL);
    g_mkdir_with_parents(folder, 0700);
    g_free(folder);
    return path;
}

char *preferences_games_folder(void)
{
    char *folder = g_build_filename(g_get_user_data_dir(), "tengen", "games", NULL);
    g_mkdir_with_parents(folder, 0700);
    return folder;
}

char *preferences_memory_file(void)
{
    return g_build_filename(g_get_user_data_dir(), "tengen", "memory.db", NULL);
}

void preferences_presets(struct preferences *preferences)
{
    *preferences = (struct preferences){.width = 1100,
                                        .height = 760,
                                        .coordinates = 1,
                                        .sound = 0,
                                        .tips = 1,
                                        .candidates = 1,
                                        .level = 9,
                                        .game = "go:9",
                                        .spec = "net:default,time=2s",
                                        .clock = "none"};
    for (int i = 0; i < GAME_MAX_GAMES; i++)
        strength_begin(&preferences->even[i]);
}

/* The JSON key, for example "even_go". Freed by g_free. */
static char *even_name(const struct game_ops *ops)
{
    return g_strconcat("even_", ops->name, NULL);
}

static void read_even(const cJSON *object, struct strength_estimate *even)
{
    const cJSON *level = cJSON_GetObjectItem(object, "level"), *step = cJSON_GetObjectItem(object, "step");
    const cJSON *games = cJSON_GetObjectItem(object, "games"), *last = cJSON_GetObjectItem(object, "last");
    if (!cJSON_IsNumber(level) || !cJSON_IsNumber(step) || !cJSON_IsNumber(games) || !cJSON_IsNumber(last))
        return;
    *even = (struct strength_estimate){.level = CLAMP(level->valuedouble, 1, STRENGTH_LEVELS),
                                       .step = CLAMP(step->valuedouble, 0.5, 2),
                                       .games = CLAMP(games->valueint, 0, 1000000),
                                       .last = CLAMP(last->valueint, -1, 1)};
}

/* Ignores numbers that are out of range and values of the wrong type; reports a text that is refused. */
static void read_row(const cJSON *object, const struct option_row *row, struct preferences *preferences,
                     GString *problems)
{
    const cJSON *item = cJSON_GetObjectItem(object, row->name);
    char *why = NULL;
    if (row->type == OPTION_TEXT && cJSON_IsString(item)) {
        if (!option_read(row, item->valuestring, preferences, &why))
            g_string_append_printf(problems, "\n\"%s\": %s", row->name, why);
    } else if (row->type == OPTION_INT && cJSON_IsNumber(item))
        option_set_number(row, trunc(item->valuedouble), preferences);
    g_free(why);
}

char *preferences_keep_refused(void)
{
    char *path = preferences_config_path("settings.json"), *kept = g_strconcat(path, ".broken", NULL), *text = NULL;
    gsize length;
    if (!g_file_get_contents(path, &text, &length, NULL) || !g_file_set_contents(kept, text, (gssize)length, NULL))
        g_clear_pointer(&kept, g_free);
    g_free(text);
    g_free(path);
    return kept;
}

/* Restores the presets of values that are no game or no clock. Appends what was wrong to `why`. */
static void refuse_invalid(struct preferences *preferences, GString *why)
{
    struct preferences presets;
    struct game game;
    struct agent_clock clock;
    GError *error = NULL;
    preferences_presets(&presets);
    if (!game_parse(&game, preferences->game, &error)) {
        g_string_append_printf(why, "\n\"game\": %s", error->message);
        g_clear_error(&error);
        g_strlcpy(preferences->game, presets.game, sizeof preferences->game);
    }
    if (!agent_clock_parse(preferences->clock, &clock, &error)) {
        g_string_append_printf(why, "\n\"clock\": %s", error->message);
        g_clear_error(&error);
        g_strlcpy(preferences->clock, presets.clock, sizeof preferences->clock);
    }
}

static void read_all(struct preferences *preferences, const cJSON *object, GString *why)
{
    for (int i = 0; rows[i].name; i++)
        read_row(object, &rows[i], preferences, why);
    for (int i = 0; game_table[i]; i++) {
        char *name = even_name(game_table[i]);
        read_even(cJSON_GetObjectItem(object, name), &preferences->even[i]);
        g_free(name);
    }
    if (!cJSON_IsObject(object))
        g_string_append(why, _("\nit is not a JSON object"));
    refuse_invalid(preferences, why);
}

static int line_of(const char *text, const char *at)
{
    int line = 1;
    for (const char *c = text; at && c < at && *c; c++)
        line += *c == '\n';
    return line;
}

bool preferences_load(struct preferences *preferences, GError **error)
{
    char *path = preferences_config_path("settings.json"), *text = NULL;
    GString *why = g_string_new(NULL);
    if (g_file_get_contents(path, &text, NULL, NULL)) {
        cJSON *object = cJSON_Parse(text);
        if (object)
            read_all(preferences, object, why);
        else
            g_string_append_printf(why, _("\nline %d: invalid JSON"), line_of(text, cJSON_GetErrorPtr()));
        cJSON_Delete(object);
    }
    if (why->len) {
        char *kept = preferences_keep_refused();
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE,
                    _("%s: using default settings for what is invalid; a copy is in %s%s"), path, kept ? kept : "-",
                    why->str);
        g_free(kept);
    }
    bool ok = why->len == 0;
    g_string_free(why, TRUE);
    g_free(text);
    g_free(path);
    return ok;
}

bool preferences_save(const struct preferences *preferences, GError **error)
{
    cJSON *object = cJSON_CreateObject();
    for (int i = 0; rows[i].name; i++) {
        char *value = option_write(&rows[i], preferences);
        if (rows[i].type == OPTION_TEXT)
            cJSON_AddStringToObject(object, rows[i].name, value);
        else
            cJSON_AddRawToObject(object, rows[i].name, value);
        g_free(value);
    }
    for (int i = 0; game_table[i]; i++) {
        const struct strength_estimate *even = &preferences->even[i];
        char *name = even_name(game_table[i]);
        cJSON *part = cJSON_AddObjectToObject(object, name);
        g_free(name);
        cJSON_AddNumberToObject(part, "level", even->level);
        cJSON_AddNumberToObject(part, "step", even->step);
        cJSON_AddNumberToObject(part, "games", even->games);
        cJSON_AddNumberToObject(part, "last", even->last);
    }
    char *text = cJSON_Print(object), *path = preferences_config_path("settings.json");
    bool ok = g_file_set_contents(path, text, -1, error);
    g_free(path);
    cJSON_free(text);
    cJSON_Delete(object);
    return ok;
}

bool preferences_check(const struct session_setup *setup, GError **error)
{
    return player_check_now(setup, error);
}

int preferences_level(const struct preferences *preferences, const struct game *game)
{
    if (preferences->opponent == OPPONENT_EVEN)
        return strength_even(&preferences->even[game_table_index(game->ops)]);
    return preferences->level;
}

bool preferences_setup(const struct preferences *preferences, struct session_setup *setup, GError **error)
{
    *setup = (struct session_setup){.seed = (uint64_t)g_get_real_time()};
    if (!game_parse(&setup->game, preferences->game, error))
        return false;
    if (!agent_clock_parse(preferences->clock, &setup->clock, NULL)) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, _("invalid clock \"%s\"; expected %s"), preferences->clock,
                    _(AGENT_CLOCK_NOTATION));
        return false;
    }
    if (!*preferences->memory) {
        char *own = preferences_memory_file();
        g_strlcpy(setup->memory, own, sizeof setup->memory);
        g_free(own);
    } else if (strcmp(preferences->memory, "none") != 0) {
        g_strlcpy(setup->memory, preferences->memory, sizeof setup->memory);
    }
    int level = preferences_level(preferences, &setup->game);
    for (int i = 0; i < 2; i++) {
        struct session_player *player = &setup->players[i];
        player->human = preferences->seats == SEATS_BOTH || preferences->seats == (i ? SEATS_WHITE : SEATS_BLACK);
        if (player->human) {
            g_strlcpy(player->name, _("You"), sizeof player->name);
            if (preferences->seats == SEATS_BOTH)
                g_strlcpy(player->name, session_colour_name(i ? GAME_WHITE : GAME_BLACK), sizeof player->name);
        } else if (preferences->opponent == OPPONENT_SPEC) {
            g_strlcpy(player->agent, preferences->spec, sizeof player->agent);
            g_strlcpy(player->name, preferences->spec, sizeof player->name);
        } else {
            strength_spec(level, &setup->game, player->agent, sizeof player->agent);
            g_snprintf(player->name, sizeof player->name, _("Tengen, level %d"), level);
        }
    }
    return true;
}

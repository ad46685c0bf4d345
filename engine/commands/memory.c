/* tengen memory: what the engine remembers of lost games. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "agents/agent.h"
#include "agents/memory/export.h"
#include "agents/memory/file.h"
#include "engine/commands/command.h"
#include "engine/viewer/preferences.h"
#include "games/game.h"

struct arguments {
    char *path;
    char *older;
    gboolean json, all;
    int64_t before; /* Unix time, from `older`; G_MAXINT64: not given */
    char **words;   /* after the action; borrowed */
    int count;
};

static bool usage(GError **error, const char *message)
{
    g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC, message);
    return false;
}

/* "30d", "2w", "12h" before now. */
static bool read_age(struct arguments *a, GError **error)
{
    static const struct {
        char unit;
        double seconds;
    } units[] = {{'h', 3600}, {'d', 86400}, {'w', 7 * 86400}, {'y', 365.25 * 86400}};
    char *end;
    a->before = G_MAXINT64;
    if (!a->older)
        return true;
    const double number = g_ascii_strtod(a->older, &end);
    for (int i = 0; i < (int)G_N_ELEMENTS(units); i++)
        if (end > a->older && *end == units[i].unit && !end[1] && number >= 0 && number < 1e6) {
            a->before = g_get_real_time() / G_USEC_PER_SEC - (int64_t)(number * units[i].seconds);
            return true;
        }
    return usage(error, "--older-than takes an age such as 12h, 30d, 8w or 1y");
}

static bool read_id(const char *text, int64_t *id, GError **error)
{
    char *end;
    *id = g_ascii_strtoll(text, &end, 10);
    if (end != text && !*end && *id > 0)
        return true;
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "\"%.40s\" is no number of a lesson; `tengen memory` lists them",
                text);
    return false;
}

static struct memory_lesson *find_lesson(const GPtrArray *lessons, int64_t id)
{
    for (guint i = 0; i < lessons->len; i++) {
        struct memory_lesson *lesson = g_ptr_array_index(lessons, i);
        if (lesson->id == id)
            return lesson;
    }
    return NULL;
}

/* The lesson that the first word names; NULL with the error set. */
static struct memory_lesson *named_lesson(const struct arguments *a, const GPtrArray *lessons, GError **error)
{
    int64_t id;
    if (!read_id(a->words[0], &id, error))
        return NULL;
    struct memory_lesson *lesson = find_lesson(lessons, id);
    if (!lesson)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "there is no lesson %d; `tengen memory` lists them", (int)id);
    return lesson;
}

/* ---- actions; each returns false with the error set ---- */

static void print_lesson(const struct memory_lesson *lesson)
{
    GDateTime *at = g_date_time_new_from_unix_local(lesson->time);
    char *date = at ? g_date_time_format(at, "%Y-%m-%d %H:%M") : g_strdup("-");
    char *line =
        g_strdup_printf("%5d  %s  %-24s move %-3d %-5s %-5s %3.0f %%  met %d", (int)lesson->id, date, lesson->game,
                        lesson->decision + 1, lesson->played, lesson->better ? lesson->better : "-",
                        100 * agent_chance(lesson->value), (int)lesson->met);
    puts(command_printable(line));
    g_free(line);
    g_free(date);
    g_clear_pointer(&at, g_date_time_unref);
}

static bool list(const struct arguments *a, struct memory_file *file, const GPtrArray *lessons, GError **error)
{
    (void)error;
    if (!a->json && lessons->len)
        puts("   id  lost on           game                     at       played better  win    since");
    for (guint i = 0; i < lessons->len; i++) {
        const struct memory_lesson *lesson = g_ptr_array_index(lessons, i);
        if (a->json)
            command_print_json(memory_export_json(file, lesson));
        else
            print_lesson(lesson);
    }
    if (!a->json && !lessons->len)
        printf("Nothing is remembered in %s: the engine has lost no game yet.\n", a->path);
    return true;
}

static bool show(const struct arguments *a, struct memory_file *file, const GPtrArray *lessons, GError **error)
{
    union any_position position;
    struct game game;
    const struct memory_lesson *lesson = named_lesson(a, lessons, error);
    if (!lesson)
        return false;
    if (a->json) {
        command_print_json(memory_export_json(file, lesson));
        return true;
    }
    if (!memory_lesson_position(lesson, &game, &position.p, error))
        return false;
    print_lesson(lesson);
    game_print(&game, &position.p, stdout);
    printf("%s to move. Played and lost: %s. Better: %s.\nThe game: %s\nPositions remembered: %d.\n",
           position.p.colour == GAME_BLACK ? "Black" : "White", lesson->played,
           lesson->better ? lesson->better : "none found", lesson->moves, memory_file_count(file, lesson->id));
    return true;
}

static bool export_json(struct memory_file *file, const GPtrArray *lessons, const char *path, GError **error)
{
    cJSON *all = cJSON_CreateArray();
    for (guint i = 0; i < lessons->len; i++)
        cJSON_AddItemToArray(all, memory_export_json(file, g_ptr_array_index(lessons, i)));
    char *text = cJSON_Print(all);
    const bool good = g_file_set_contents(path, text, -1, error);
    cJSON_free(text);
    cJSON_Delete(all);
    return good;
}

static bool export(const struct arguments *a, struct memory_file *file, const GPtrArray *lessons, GError **error)
{
    const char *path = a->words[0];
    if (g_str_has_suffix(path, ".sgf"))
        return memory_export_sgf(lessons, path, error);
    if (g_str_has_suffix(path, ".json"))
        return export_json(file, lessons, path, error);
    return usage(error, "export takes a file that ends in .sgf or .json");
}

static bool forget(const struct arguments *a, struct memory_file *file, const GPtrArray *lessons, GError **error)
{
    int64_t count = 0, id = 0;
    if ((a->count > 0) + (a->all != 0) + (a->older != NULL) != 1)
        return usage(error, "forget takes one of: the number of a lesson, --all, or --older-than AGE");
    if (a->count) {
        const struct memory_lesson *lesson = named_lesson(a, lessons, error);
        if (!lesson)
            return false;
        id = lesson->id;
    }
    if (!memory_file_forget(file, id, a->before, &count, error))
        return false;
    printf("Forgot %d lesson%s.\n", (int)count, count == 1 ? "" : "s");
    return true;
}

static const struct action {
    const char *name;
    int min, max; /* words after it */
    bool (*run)(const struct arguments *a, struct memory_file *file, const GPtrArray *lessons, GError **error);
} actions[] = {{"list", 0, 0, list}, {"show", 1, 1, show}, {"export", 1, 1, export}, {"forget", 0, 1, forget}};

static const struct action *find_action(const char *name)
{
    for (int i = 0; i < (int)G_N_ELEMENTS(actions); i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

/* Does not create the file. */
static int act(struct arguments *a, const struct action *action)
{
    struct memory_file *file = NULL;
    GPtrArray *lessons = NULL;
    GError *error = NULL;
    if (!g_file_test(a->path, G_FILE_TEST_EXISTS)) {
        if (action->run == list) {
            if (!a->json)
                printf("Nothing is remembered: there is no file %s yet.\n", a->path);
            return COMMAND_OK;
        }
        g_set_error(&error, MEMORY_ERROR, MEMORY_ERROR_FILE, "there is no file %s; --memory gives another", a->path);
        return command_fail("memory", COMMAND_USAGE, error);
    }
    const bool good = memory_file_open(&file, a->path, &error) && (lessons = memory_file_lessons(file, &error)) &&
                      action->run(a, file, lessons, &error);
    if (lessons)
        g_ptr_array_free(lessons, TRUE);
    memory_file_close(file);
    if (good)
        return COMMAND_OK;
    const bool machine = g_error_matches(error, MEMORY_ERROR, MEMORY_ERROR_MACHINE) ||
                         g_error_matches(error, MEMORY_ERROR, MEMORY_ERROR_BUSY) || error->domain == G_FILE_ERROR;
    return command_fail("memory", machine ? COMMAND_MACHINE : COMMAND_USAGE, error);
}

static int run_action(struct arguments *a, int argc, char **argv)
{
    GError *error = NULL;
    const char *name = argc > 1 ? argv[1] : "list";
    const struct action *action = find_action(name);
    a->words = argv + 2;
    a->count = MAX(argc - 2, 0);
    if (!action) {
        g_set_error(&error, AGENT_ERROR, AGENT_ERROR_SPEC, "\"%.40s\" is none of list, show ID, export FILE, forget",
                    name);
        return command_fail("memory", COMMAND_USAGE, error);
    }
    if (a->count < action->min || a->count > action->max)
        g_set_error(&error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s takes %s", name,
                    action->run == list     ? "no argument"
                    : action->run == export ? "one file"
                                            : "the number of one lesson");
    else if ((a->all || a->older) && action->run != forget)
        usage(&error, "--all and --older-than belong to forget");
    if (error || !read_age(a, &error))
        return command_fail("memory", COMMAND_USAGE, error);
    return act(a, action);
}

static const char summary[] =
    "The engine remembers games that it lost in `tengen play`, and studies each afterwards, with searches of 20 times as\n"
    "many visits, back to the first decision that lost it.\n\n"
    "  list           the lessons, newest first: when, which game, which move lost, what was better\n"
    "  show ID        one of them, with its board\n"
    "  export FILE    all of them, as FILE.sgf (a game each, with the better move as a variation) or FILE.json\n"
    "  forget ID      one; or with --all all, or with --older-than those of older games";

static int run(int argc, char **argv)
{
    struct arguments a = {.path = NULL};
    GOptionEntry entries[] = {{"memory", 0, 0, G_OPTION_ARG_FILENAME, &a.path,
                               "the file (your own, memory.db in tengen's data folder)", "FILE"},
                              {"all", 0, 0, G_OPTION_ARG_NONE, &a.all, "forget everything", NULL},
                              {"older-than", 0, 0, G_OPTION_ARG_STRING, &a.older,
                               "forget games that ended longer ago: 12h, 30d, 8w, 1y", "AGE"},
                              {"json", 0, 0, G_OPTION_ARG_NONE, &a.json, "print one JSON object per lesson", NULL},
                              {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context =
        g_option_context_new("[list | show ID | export FILE | forget ID] - what the engine remembers");
    g_option_context_set_summary(context, summary);
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, &argc, &argv, "memory");
    g_option_context_free(context);
    if (status < 0) {
        a.path = a.path ? a.path : preferences_memory_file();
        status = run_action(&a, argc, argv);
    }
    g_free(a.path);
    g_free(a.older);
    return status;
}

const struct command command_memory = {"memory",
                                       "what the engine remembers of games it lost: list, show, export, forget", run};

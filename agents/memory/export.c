#include "agents/memory/export.h"

#include "agents/memory/file.h"
#include "games/game.h"
#include "games/record/sgf.h"

static char *time_text(int64_t time)
{
    GDateTime *at = g_date_time_new_from_unix_local(time);
    char *text = at ? g_date_time_format(at, "%Y-%m-%dT%H:%M:%S%:z") : g_strdup("");
    g_clear_pointer(&at, g_date_time_unref);
    return text;
}

cJSON *memory_export_json(const struct memory_file *file, const struct memory_lesson *lesson)
{
    cJSON *object = cJSON_CreateObject(), *list;
    char *time = time_text(lesson->time), *last = lesson->last_met ? time_text(lesson->last_met) : NULL;
    char **moves = g_strsplit(lesson->moves, " ", -1);
    cJSON_AddNumberToObject(object, "id", (double)lesson->id);
    cJSON_AddStringToObject(object, "time", time);
    cJSON_AddStringToObject(object, "game", lesson->game);
    list = cJSON_AddArrayToObject(object, "moves");
    for (int i = 0; moves[i]; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(moves[i]));
    cJSON_AddNumberToObject(object, "decision", lesson->decision);
    cJSON_AddNumberToObject(object, "player", lesson->player);
    cJSON_AddStringToObject(object, "played", lesson->played);
    cJSON_AddItemToObject(object, "better", lesson->better ? cJSON_CreateString(lesson->better) : cJSON_CreateNull());
    cJSON_AddNumberToObject(object, "value", (double)lesson->value);
    cJSON_AddNumberToObject(object, "met", (double)lesson->met);
    cJSON_AddItemToObject(object, "last_met", last ? cJSON_CreateString(last) : cJSON_CreateNull());
    cJSON_AddNumberToObject(object, "positions", memory_file_count(file, lesson->id));
    g_strfreev(moves);
    g_free(time);
    g_free(last);
    return object;
}

/* Calls `each` for the moves of the lesson, with the position before each; stops when it returns false. */
static bool replay(const struct memory_lesson *lesson, struct game *game, struct position *position,
                   bool (*each)(const struct game *game, const struct position *position, int ply, game_move move,
                                void *data),
                   void *data, GError **error)
{
    char **moves = g_strsplit(lesson->moves, " ", -1);
    struct history history;
    bool good = game_parse(game, lesson->game, error);
    if (good) {
        history_init(&history, game->max_plies);
        game_init(game, position);
        for (int i = 0; moves[i] && good; i++) {
            const game_move move = game_move_parse(game, moves[i]);
            if (!each(game, position, i, move, data))
                break;
            good = move != GAME_NO_MOVE && game_try(game, position, &history, move);
            if (!good)
                g_set_error(error, MEMORY_ERROR, MEMORY_ERROR_FILE, "the moves of lesson %d are not legal from %s on",
                            (int)lesson->id, moves[i]);
        }
        history_clear(&history);
    }
    g_strfreev(moves);
    return good;
}

static bool stop_at(const struct game *game, const struct position *position, int ply, game_move move, void *data)
{
    (void)game, (void)position, (void)move;
    return ply < ((const struct memory_lesson *)data)->decision;
}

bool memory_lesson_position(const struct memory_lesson *lesson, struct game *game, struct position *position,
                            GError **error)
{
    return replay(lesson, game, position, stop_at, (void *)lesson, error);
}

/* ---- SGF ---- */

struct line {
    const struct memory_lesson *lesson;
    struct sgf_node *node;
};

static void explain(const struct line *line, const struct game *game, const struct position *position)
{
    const struct memory_lesson *lesson = line->lesson;
    char *text = lesson->better
                     ? g_strdup_printf("%s lost the game here; better is %s.", lesson->played, lesson->better)
                     : g_strdup_printf("The game was lost here, where %s was played.", lesson->played);
    sgf_set_text(line->node, "C", text);
    g_free(text);
    const game_move better = lesson->better ? game_move_parse(game, lesson->better) : GAME_NO_MOVE;
    if (better != GAME_NO_MOVE && game->ops->legal(game, position, NULL, better))
        sgf_set(sgf_add_move(line->node, game, position, better), "TE", "1");
}

static bool add_move(const struct game *game, const struct position *position, int ply, game_move move, void *data)
{
    struct line *line = data;
    if (move == GAME_NO_MOVE || !game->ops->legal(game, position, NULL, move))
        return true; /* an error of replay */
    struct sgf_node *before = line->node;
    line->node = sgf_add_move(before, game, position, move);
    if (ply != line->lesson->decision)
        return true;
    sgf_set(line->node, "BM", "1");
    const struct line at = {line->lesson, before};
    explain(&at, game, position);
    return true;
}

static bool add_lesson(struct sgf *sgf, const struct memory_lesson *lesson, GError **error)
{
    union any_position position;
    struct game game;
    struct line line = {lesson, sgf_add(sgf->top)};
    if (!game_parse(&game, lesson->game, error))
        return false;
    sgf_write_game(line.node, &game);
    char *time = time_text(lesson->time);
    time[MIN(strlen(time), 10)] = '\0'; /* the date alone */
    sgf_set_text(line.node, "DT", time);
    g_free(time);
    return replay(lesson, &game, &position.p, add_move, &line, error);
}

bool memory_export_sgf(const GPtrArray *lessons, const char *path, GError **error)
{
    struct sgf *sgf = sgf_new();
    bool good = true;
    for (guint i = 0; i < lessons->len && good; i++)
        good = add_lesson(sgf, g_ptr_array_index(lessons, i), error);
    good = good && sgf_save(sgf, path, error);
    sgf_free(sgf);
    return good;
}

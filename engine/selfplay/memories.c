#include "engine/selfplay/memories.h"

#include <pthread.h>
#include <string.h>

#include "agents/memory/file.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

struct memory {
    int64_t lesson;        /* id */
    struct record *record; /* its game, up to and with the move that lost */
    int decision;          /* plies before that move */
    int loser;             /* player */
    game_move better;      /* GAME_NO_MOVE: none is known */
    int times;             /* nets in a row that judged it right */
};

struct memories {
    const struct settings *settings;
    const struct game *games;
    int game_count;
    struct memory_file *file;
    pthread_mutex_t lock; /* guards the list; its entries belong to the thread that judges */
    GPtrArray *list;      /* struct memory * */
};

static void free_memory(void *data)
{
    struct memory *memory = data;
    record_unref(memory->record);
    g_free(memory);
}

/* ---- reading ---- */

static bool is_of_run(const struct memories *memories, const struct game *game)
{
    for (int i = 0; i < memories->game_count; i++)
        if (memories->games[i].ops == game->ops && memories->games[i].width == game->width &&
            memories->games[i].height == game->height)
            return true;
    return false;
}

/* Plays the lesson's moves up to the one that lost; false if the rules do not allow them, or too long a game. */
static bool replay(const struct memories *memories, const struct memory_lesson *lesson, struct record *record)
{
    const struct game *game = &record->game;
    char **moves = g_strsplit(lesson->moves, " ", -1);
    union any_position at;
    struct history history;
    bool good = lesson->decision < (int)g_strv_length(moves) && lesson->decision + 1 < memories->settings->max_plies;
    game_init(game, &at.p);
    history_init(&history, game->max_plies);
    for (int i = 0; good && i <= lesson->decision; i++) {
        const game_move move = game_move_parse(game, moves[i]);
        good = move != GAME_NO_MOVE && game->ops->legal(game, &at.p, &history, move);
        if (!good)
            break;
        record_add(record, &at.p, move, NULL, NULL, NULL, 0);
        game_play(game, &at.p, &history, move);
    }
    good = good && !game_over(&at.p);
    history_clear(&history);
    g_strfreev(moves);
    return good;
}

static void add_lesson(struct memories *memories, const struct memory_lesson *lesson)
{
    struct game game;
    if (!game_parse(&game, lesson->game, NULL) || !is_of_run(memories, &game))
        return;
    if (memories->settings->cleanup)
        game = game_unattended(&game);
    struct memory *memory = g_new0(struct memory, 1);
    memory->lesson = lesson->id;
    memory->record = record_new(&game, 0, 0);
    memory->decision = lesson->decision;
    memory->loser = lesson->player;
    memory->better = lesson->better ? game_move_parse(&game, lesson->better) : GAME_NO_MOVE;
    if (replay(memories, lesson, memory->record))
        g_ptr_array_add(memories->list, memory);
    else
        free_memory(memory);
}

bool memories_open(struct memories **out, const struct settings *settings, const struct game *games, int count,
                   GError **error)
{
    *out = NULL;
    if (settings->memory_share <= 0)
        return true;
    struct memories *memories = g_new0(struct memories, 1);
    *memories = (struct memories){.settings = settings, .games = games, .game_count = count};
    memories->list = g_ptr_array_new_with_free_func(free_memory);
    pthread_mutex_init(&memories->lock, NULL);
    GPtrArray *lessons = NULL;
    const bool exists = g_file_test(settings->memory, G_FILE_TEST_EXISTS);
    if (!exists)
        g_set_error(error, MEMORY_ERROR, MEMORY_ERROR_FILE, "memory=%s: there is no such file", settings->memory);
    const bool good = exists && memory_file_open(&memories->file, settings->memory, error) &&
                      (lessons = memory_file_lessons(memories->file, error)) != NULL;
    for (guint i = 0; lessons && i < lessons->len; i++)
        add_lesson(memories, g_ptr_array_index(lessons, i));
    if (lessons)
        g_ptr_array_free(lessons, TRUE);
    if (good)
        *out = memories;
    else
        memories_close(memories);
    return good;
}

void memories_close(struct memories *memories)
{
    if (!memories)
        return;
    memory_file_close(memories->file);
    g_ptr_array_free(memories->list, TRUE);
    pthread_mutex_destroy(&memories->lock);
    g_free(memories);
}

int memories_count(struct memories *memories)
{
    pthread_mutex_lock(&memories->lock);
    const int count = (int)memories->list->len;
    pthread_mutex_unlock(&memories->lock);
    return count;
}

/* ---- drawing ---- */

bool memories_draw(struct memories *memories, uint64_t seed, struct record **start, int *plies)
{
    struct rng rng;
    rng_seed(&rng, rng_mix(seed ^ 0x6d656d6f7279u /* "memory" */));
    if (rng_uniform(&rng) >= memories->settings->memory_share)
        return false;
    pthread_mutex_lock(&memories->lock);
    const bool any = memories->list->len > 0;
    if (any) {
        const struct memory *memory = g_ptr_array_index(memories->list, rng_below(&rng, (uint32_t)memories->list->len));
        *start = record_ref(memory->record);
        *plies = MAX(memory->decision + (int)rng_below(&rng, 2), 1);
    }
    pthread_mutex_unlock(&memories->lock);
    return any;
}

/* ---- judging ---- */

/* The net's opinion of the position after so many moves of the record. Returns the player to move there. */
static int judge_position(const struct memory *memory, struct evaluator *evaluator, int ply, struct eval *eval)
{
    const struct game *game = &memory->record->game;
    union any_position at;
    struct history history;
    game_init(game, &at.p);
    history_init(&history, game->max_plies);
    for (int i = 0; i < ply; i++)
        game_play(game, &at.p, &history, memory->record->plies[i].move);
    const struct eval_query query = {.position = &at.p, .history = &history, .want = EVAL_POLICY | EVAL_VALUE};
    evaluator_evaluate(evaluator, 1, &query, eval);
    history_clear(&history);
    return at.p.player;
}

static bool judges_right(const struct memory *memory, struct net *net, enum net_backend backend)
{
    const struct evaluator_config config = {
        .kind = EVALUATOR_NET, .net = net, .backend = backend, .dtype = NET_F32, .symmetry = EVALUATOR_SYMMETRY_ALL};
    const game_move played = memory->record->plies[memory->decision].move;
    struct evaluator *evaluator;
    struct eval before, after;
    if (evaluator_create(&evaluator, &memory->record->game, &config, NULL) != 0)
        return false;
    judge_position(memory, evaluator, memory->decision, &before);
    const int player = judge_position(memory, evaluator, memory->decision + 1, &after);
    const float winner = player == memory->loser ? -eval_value(&after) : eval_value(&after);
    evaluator_free(evaluator);
    return winner > MEMORIES_SURE &&
           (memory->better == GAME_NO_MOVE || before.logits[memory->better] > before.logits[played]);
}

/* Takes the lesson out of the file and the list. */
static bool forget(struct memories *memories, guint index, GError **error)
{
    const struct memory *memory = g_ptr_array_index(memories->list, index);
    int64_t count;
    if (!memory_file_forget(memories->file, memory->lesson, G_MAXINT64, &count, error))
        return false;
    pthread_mutex_lock(&memories->lock);
    g_ptr_array_remove_index(memories->list, index);
    pthread_mutex_unlock(&memories->lock);
    return true;
}

int memories_judge(struct memories *memories, struct net *net, enum net_backend backend, GError **error)
{
    int forgotten = 0;
    for (guint i = memories->list->len; i-- > 0;) {
        struct memory *memory = g_ptr_array_index(memories->list, i);
        memory->times = judges_right(memory, net, backend) ? memory->times + 1 : 0;
        if (memory->times < MEMORIES_TIMES)
            continue;
        if (!forget(memories, i, error))
            return -1;
        forgotten++;
    }
    return forgotten;
}

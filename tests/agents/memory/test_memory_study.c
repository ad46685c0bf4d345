/* What is learned from a lost game. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "agents/memory/file.h"
#include "agents/memory/study.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"
#include "mcts/search.h"

enum { VISITS = 1000 }; /* of the searches in the game */

/* Searches without knowledge: they find what is within reach of their visits. */
struct desk {
    struct game game;
    struct evaluator *evaluator;
    struct mcts *search;
    GArray *moves, *choices, *positions;
    struct memory_lesson lesson;
};

static void open_desk(struct desk *d, const char *spec)
{
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    config.memory_bytes = (size_t)64 << 20;
    *d = (struct desk){.moves = g_array_new(FALSE, FALSE, sizeof(game_move)),
                       .choices = g_array_new(FALSE, FALSE, sizeof(struct memory_choice)),
                       .positions = g_array_new(FALSE, FALSE, sizeof(struct memory_position))};
    cr_assert(game_parse(&d->game, spec, NULL));
    d->evaluator = evaluator_memory_create(evaluator_uniform_create(&d->game), NULL);
    cr_assert_eq(mcts_create(&d->search, &d->game, &config, &d->evaluator, NULL), 0);
}

static void close_desk(struct desk *d)
{
    mcts_close(d->search);
    evaluator_free(d->evaluator);
    g_array_free(d->moves, TRUE);
    g_array_free(d->choices, TRUE);
    g_array_free(d->positions, TRUE);
    memory_lesson_clear(&d->lesson);
}

/* "C3 A1=0.2 B3": moves, with the value that the loser's search had found for its own. */
static void set_game(struct desk *d, const char *text)
{
    char **words = g_strsplit(text, " ", -1);
    g_array_set_size(d->moves, 0);
    g_array_set_size(d->choices, 0);
    for (int i = 0; words[i]; i++) {
        char *value = strchr(words[i], '=');
        if (value)
            *value++ = '\0';
        const game_move move = game_move_parse(&d->game, words[i]);
        cr_assert_neq(move, GAME_NO_MOVE, "%s", words[i]);
        const struct memory_choice choice = {value ? move : GAME_NO_MOVE,
                                             value ? (float)g_ascii_strtod(value, NULL) : 0, value ? VISITS : 0};
        g_array_append_val(d->moves, move);
        g_array_append_val(d->choices, choice);
    }
    g_strfreev(words);
}

static bool study_until(struct desk *d, int loser, const struct memory_file *file, const atomic_bool *stop)
{
    const struct memory_study study = {.game = &d->game,
                                       .moves = (const game_move *)(const void *)d->moves->data,
                                       .count = (int)d->moves->len,
                                       .choices = (const struct memory_choice *)(const void *)d->choices->data,
                                       .loser = loser,
                                       .search = d->search,
                                       .evaluators = &d->evaluator,
                                       .threads = 1,
                                       .stop = stop};
    memory_lesson_clear(&d->lesson);
    g_array_set_size(d->positions, 0);
    return memory_study_run(&study, file, &d->lesson, d->positions);
}

static bool study(struct desk *d, int loser, const struct memory_file *file)
{
    return study_until(d, loser, file, NULL);
}

/* What the study remembers of the position after the first `count` moves; NULL: nothing. */
static const struct memory_position *found_after(const struct desk *d, int count, struct memory_place *place)
{
    union any_position at;
    struct history history;
    const struct memory_position *found = NULL;
    history_init(&history, 64);
    game_init(&d->game, &at.p);
    for (int i = 0; i < count; i++)
        game_play(&d->game, &at.p, &history, g_array_index(d->moves, game_move, i));
    const struct eval_query query = {.position = &at.p, .history = &history};
    *place = memory_place_of(&d->game, &query);
    for (guint i = 0; i < d->positions->len; i++)
        if (eval_key_equal(g_array_index(d->positions, struct memory_position, i).key, place->key))
            found = &g_array_index(d->positions, struct memory_position, i);
    history_clear(&history);
    return found;
}

/* Four in a row on 5x5. White's D1 let black have an open three (B3 C3 D3), which no move stops any more; before it, white
 * could have played at either end. */
static const char *const open_three = "C3 A1=0 B3 D1=0.1 D3 E3=-0.7 A3";

Test(memory_study, finds_the_decision_that_lost)
{
    struct desk d;
    struct memory_place place;
    open_desk(&d, "gomoku:5,line=4");
    set_game(&d, open_three);
    cr_assert(study(&d, 1, NULL));
    cr_assert_eq(d.lesson.decision, 3, "found %d", d.lesson.decision);
    cr_assert_eq(d.lesson.player, 1);
    cr_assert_str_eq(d.lesson.played, "D1");
    cr_assert(g_str_equal(d.lesson.better, "A3") || g_str_equal(d.lesson.better, "D3") ||
                  g_str_equal(d.lesson.better, "E3"),
              "found %s", d.lesson.better);
    cr_assert_gt(d.lesson.value, MEMORY_STUDY_LOST);
    cr_assert_str_eq(d.lesson.moves, "C3 A1 B3 D1 D3 E3 A3");
    /* The decision, and what refuted the move there. */
    const struct memory_position *decision = found_after(&d, 3, &place);
    cr_assert(decision && decision->lost_here && decision->visits == VISITS * MEMORY_STUDY_FACTOR);
    char text[GAME_MOVE_TEXT_MAX];
    cr_assert_str_eq(game_move_format(&d.game, memory_move_from_image(&d.game, &place, decision->best), text),
                     d.lesson.better);
    const struct memory_position *answer = found_after(&d, 4, &place);
    cr_assert(answer && !answer->lost_here && answer->value > -MEMORY_STUDY_LOST);
    cr_assert_eq(memory_move_from_image(&d.game, &place, answer->best), game_move_parse(&d.game, "D3"));
    const struct memory_position *lost = found_after(&d, 3, &place);
    found_after(&d, 4, &place);
    cr_assert(eval_key_equal(lost->after, place.key), "what the better move is better than");
    cr_assert_null(found_after(&d, 1, &place), "the search did not go back further than it had to");
    close_desk(&d);
}

/* A player that knew it had lost since the open three need not search what came after. */
Test(memory_study, skips_what_was_known_to_be_lost)
{
    struct desk d;
    struct memory_place place;
    open_desk(&d, "gomoku:5,line=4");
    set_game(&d, "C3 A1=0 B3 D1=0.1 D3 E3=-0.9 A3");
    cr_assert(study(&d, 1, NULL));
    cr_assert_eq(d.lesson.decision, 3);
    cr_assert_null(found_after(&d, 5, &place));
    set_game(&d, open_three);
    cr_assert(study(&d, 1, NULL));
    cr_assert_not_null(found_after(&d, 5, &place), "-0.7 is not that sure");
    close_desk(&d);
}

Test(memory_study, only_own_decisions_are_studied)
{
    struct desk d;
    open_desk(&d, "gomoku:5,line=4");
    set_game(&d, "C3 A1 B3 D1 D3 E3 A3");
    cr_assert_not(study(&d, 1, NULL), "somebody else's moves");
    set_game(&d, open_three);
    cr_assert_not(study(&d, 0, NULL), "the winner's");
    close_desk(&d);
}

Test(memory_study, a_stop_keeps_what_the_game_showed)
{
    struct desk d;
    struct memory_place place;
    const atomic_bool stop = true;
    open_desk(&d, "gomoku:5,line=4");
    set_game(&d, "C3 A1=0 B3 D1=0.1 D3 E3=-0.9 A3");
    cr_assert(study_until(&d, 1, NULL, &stop));
    cr_assert_eq(d.lesson.decision, 3);
    cr_assert_null(d.lesson.better);
    cr_assert_eq(d.positions->len, 1);
    const struct memory_position *answer = found_after(&d, 4, &place);
    cr_assert(answer && answer->value > 0.8f);
    close_desk(&d);
}

/* All is lost from the start: three in a row on 5x5, in which the first player wins whatever the second does. */
Test(memory_study, a_game_that_was_lost_from_the_start_is_not_lost_the_same_way)
{
    struct desk d;
    struct memory_place place;
    open_desk(&d, "gomoku:5,line=3");
    set_game(&d, "C3 A1=0 B3 D3=-0.6 A3");
    cr_assert(study(&d, 1, NULL));
    const struct memory_position *first = found_after(&d, 1, &place);
    cr_assert(first && first->lost_here);
    cr_assert_neq(memory_move_from_image(&d.game, &place, first->best), game_move_parse(&d.game, "A1"));
    cr_assert_lt(d.lesson.value, MEMORY_STUDY_LOST);
    close_desk(&d);
}

/* The best move at the decision is remembered, falsely, as one that loses. */
Test(memory_study, false_memories_are_corrected)
{
    struct desk d;
    struct memory_place place;
    struct memory_file *file = NULL;
    char path[] = "/tmp/tengen-study-XXXXXX";
    close(g_mkstemp(path));
    open_desk(&d, "gomoku:5,line=4");
    set_game(&d, open_three);
    cr_assert(study(&d, 1, NULL));
    char *better = g_strdup(d.lesson.better);
    /* The position after it, won for its player to move. */
    char *line = g_strdup_printf("C3 A1=0 B3 %s=0.1", better);
    set_game(&d, line);
    found_after(&d, 4, &place);
    const struct memory_position lie = {.key = place.key, .best = GAME_NO_MOVE, .value = 1, .visits = 100000};
    struct memory_lesson lesson = {.game = "gomoku:5,line=4", .moves = "", .played = ""};
    cr_assert(memory_file_open(&file, path, NULL));
    cr_assert(memory_file_learn(file, &lesson, &lie, 1, NULL));
    set_game(&d, open_three);
    cr_assert(study(&d, 1, file));
    cr_assert_str_eq(d.lesson.better, better);
    bool corrected = false;
    for (guint i = 0; i < d.positions->len; i++) {
        const struct memory_position *at = &g_array_index(d.positions, struct memory_position, i);
        corrected |= eval_key_equal(at->key, place.key) && at->value < -MEMORY_STUDY_LOST;
    }
    cr_assert(corrected);
    memory_file_close(file);
    unlink(path);
    g_free(line);
    g_free(better);
    close_desk(&d);
}

/* The most frequent lines of moves from the empty board. Symmetric lines count as one: of a line's images, the one that comes first in
 * the order of moves stands for all, and the first moves of that image stand for those of the line. */
#include <string.h>

#include "engine/report/internal.h"
#include "engine/report/report.h"
#include "engine/store/record.h"
#include "games/game.h"

enum {
    MAX_BOARDS = 3,
    LEAST_GAMES = 20 /* on a board */,
    LEAST_LINE = 3 /* games with a line that is listed, */,
    LEAST_PART = 200 /* which must be at least one in so many of its board's */
};
/* Continuations listed after so many moves. */
static const int most_lines[REPORT_LINE] = {4, 3, 1, 1};

/* Lines of all lengths, each once. */
struct line {
    int length;
    game_move moves[REPORT_LINE];
    int64_t games, searched;
    double first_points;
};

struct board {
    struct game game;
    int64_t games;
    GHashTable *lines; /* of struct line, as key and value */
};

struct opening_book {
    GPtrArray *boards;
};

static guint hash_line(gconstpointer key)
{
    const struct line *line = key;
    guint hash = (guint)line->length;
    for (int i = 0; i < line->length; i++)
        hash = hash * 1009 + line->moves[i];
    return hash;
}

static gboolean same_line(gconstpointer a, gconstpointer b)
{
    const struct line *x = a, *y = b;
    return x->length == y->length && memcmp(x->moves, y->moves, (size_t)x->length * sizeof *x->moves) == 0;
}

static void free_board(gpointer data)
{
    struct board *board = data;
    g_hash_table_unref(board->lines);
    g_free(board);
}

struct opening_book *opening_book_new(void)
{
    struct opening_book *book = g_new0(struct opening_book, 1);
    book->boards = g_ptr_array_new_with_free_func(free_board);
    return book;
}

static struct board *find_board(struct opening_book *book, const struct game *game)
{
    for (guint i = 0; i < book->boards->len; i++) {
        struct board *board = book->boards->pdata[i];
        if (board->game.width == game->width && board->game.height == game->height)
            return board;
    }
    struct board *board = g_new0(struct board, 1);
    board->game = *game;
    board->lines = g_hash_table_new_full(hash_line, same_line, g_free, NULL);
    g_ptr_array_add(book->boards, board);
    return board;
}

static void first_image(const struct record *record, int length, game_move moves[REPORT_LINE])
{
    const struct game *game = &record->game;
    for (int symmetry = 0; symmetry < game->symmetries; symmetry++) {
        game_move image[REPORT_LINE];
        int difference = 0;
        if (!game_symmetry_keeps_start(game, symmetry))
            continue;
        for (int i = 0; i < length; i++)
            image[i] = game_symmetry_move(game, symmetry, record->plies[i].move);
        for (int i = 0; symmetry > 0 && difference == 0 && i < length; i++)
            difference = image[i] - moves[i];
        if (symmetry == 0 || difference < 0)
            memcpy(moves, image, (size_t)length * sizeof *moves);
    }
}

void opening_book_add(struct opening_book *book, const struct record *record)
{
    const struct game *game = &record->game;
    int length = MIN(record->ply_count, REPORT_LINE);
    if (record->copied || (game->ops->handicap && game->option[game->ops->handicap->option] > 0))
        return;
    struct board *board = find_board(book, game);
    struct line line = {0};
    board->games++;
    first_image(record, length, line.moves);
    for (line.length = 1; line.length <= length; line.length++) {
        struct line *found = g_hash_table_lookup(board->lines, &line);
        if (!found) {
            found = g_memdup2(&line, sizeof line);
            g_hash_table_add(board->lines, found);
        }
        found->games++;
        found->searched += (record->plies[line.length - 1].flags & RECORD_SEARCHED) != 0;
        found->first_points += (game_result_sign(&record->result, 0) + 1) / 2.0;
    }
}

/* ---- the most frequent ones ---- */

static int compare_lines(const void *a, const void *b)
{
    const struct line *x = *(const struct line *const *)a, *y = *(const struct line *const *)b;
    if (x->games != y->games)
        return x->games < y->games ? 1 : -1;
    for (int i = 0; i < x->length; i++)
        if (x->moves[i] != y->moves[i])
            return x->moves[i] - y->moves[i];
    return 0;
}

static GPtrArray *continuations(const struct board *board, const struct line *line)
{
    GPtrArray *found = g_ptr_array_new();
    GHashTableIter at;
    gpointer key;
    g_hash_table_iter_init(&at, board->lines);
    while (g_hash_table_iter_next(&at, &key, NULL)) {
        const struct line *other = key;
        if (other->length == line->length + 1 && other->games >= MAX(LEAST_LINE, board->games / LEAST_PART) &&
            memcmp(other->moves, line->moves, (size_t)line->length * sizeof *line->moves) == 0)
            g_ptr_array_add(found, key);
    }
    g_ptr_array_sort(found, compare_lines);
    return found;
}

static void list_lines(const struct board *board, const struct line *line,
                       GArray *openings) /* NOLINT(misc-no-recursion): REPORT_LINE deep */
{
    if (line->length == REPORT_LINE)
        return;
    GPtrArray *next = continuations(board, line);
    for (guint i = 0; i < MIN(next->len, (guint)most_lines[line->length]); i++) {
        const struct line *one = next->pdata[i];
        struct report_opening opening = {.game = board->game,
                                         .length = one->length,
                                         .games = one->games,
                                         .of = board->games,
                                         .searched = one->searched,
                                         .first_points = one->first_points};
        memcpy(opening.moves, one->moves, sizeof opening.moves);
        g_array_append_val(openings, opening);
        list_lines(board, one, openings);
    }
    g_ptr_array_unref(next);
}

static int compare_boards(const void *a, const void *b)
{
    const struct board *x = *(const struct board *const *)a, *y = *(const struct board *const *)b;
    return (y->games > x->games) - (y->games < x->games);
}

void opening_book_finish(struct opening_book *book, struct report *report)
{
    g_ptr_array_sort(book->boards, compare_boards);
    for (guint i = 0; i < MIN(book->boards->len, MAX_BOARDS); i++) {
        const struct board *board = book->boards->pdata[i];
        if (board->games >= LEAST_GAMES)
            list_lines(board, &(struct line){0}, report->openings);
    }
    g_ptr_array_unref(book->boards);
    g_free(book);
}

/* A board with its threats, for the search for wins by threats. A stone changes the threats of four lines only. */
#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/gomoku.h"
#include "games/gomoku/threats.h"
#include "games/gomoku/windows.h"

typedef uint32_t line_set[GOMOKU_DIRECTIONS][GOMOKU_LINES];

static const line_set *lines_of(const struct view *view, int colour, enum view_kind kind)
{
    const struct gomoku_threats *threats = &view->threats[colour - GAME_BLACK];
    const line_set *const sets[] = {[VIEW_FIVE] = &threats->five,
                                    [VIEW_FOUR] = &threats->four,
                                    [VIEW_STRAIGHT_FOUR] = &threats->straight_four,
                                    [VIEW_THREE] = &threats->three};
    return sets[kind];
}

static inline void note_line(uint64_t *lines, int line, uint32_t points)
{
    *lines = (*lines & ~(1ull << line)) | (uint64_t)(points != 0) << line;
}

void view_init(struct view *view, const struct game *game, const struct position *position)
{
    view->board = *gomoku_board(position);
    view->game = game;
    view->size = game->width;
    view->line = game->option[GOMOKU_OPTION_LINE];
    view->rules = game->option[GOMOKU_OPTION_RULES];
    view->hash = rng_mix(position->stones_hash ^ (uint64_t)position->colour << 60);
    memset(view->lines_with, 0, sizeof view->lines_with);
    for (int colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
        gomoku_find_threats(game, position, colour, &view->threats[colour - GAME_BLACK]);
        for (int kind = 0; kind < VIEW_KINDS; kind++)
            for (int d = 0; d < GOMOKU_DIRECTIONS; d++)
                for (int line = 0; line < gomoku_line_count(view->size, d); line++)
                    note_line(&view->lines_with[colour - GAME_BLACK][kind][d], line,
                              (*lines_of(view, colour, kind))[d][line]);
    }
}

static inline void set_line(struct view *view, int c, int d, int line, const uint32_t points[VIEW_KINDS])
{
    struct gomoku_threats *threats = &view->threats[c];
    threats->five[d][line] = points[VIEW_FIVE];
    threats->four[d][line] = points[VIEW_FOUR];
    threats->straight_four[d][line] = points[VIEW_STRAIGHT_FOUR];
    threats->three[d][line] = points[VIEW_THREE];
    for (int kind = 0; kind < VIEW_KINDS; kind++)
        note_line(&view->lines_with[c][kind][d], line, points[kind]);
}

/* The lines through one point, for both colours: [colour][direction]. */
struct through {
    uint32_t own[2 * GOMOKU_DIRECTIONS], enemy[2 * GOMOKU_DIRECTIONS], empty[2 * GOMOKU_DIRECTIONS];
    uint32_t of[VIEW_KINDS][2 * GOMOKU_DIRECTIONS];
};

static inline __attribute__((always_inline)) void find_some(struct through *t, int from, int line, bool exact,
                                                            bool caro)
{
    for (int i = from; i < from + GOMOKU_DIRECTIONS; i++) {
        struct gomoku_line_threats threats =
            gomoku_line_threats(t->own[i], t->enemy[i], t->empty[i], line, exact, caro);
        t->of[VIEW_FIVE][i] = threats.five;
        t->of[VIEW_FOUR][i] = threats.four;
        t->of[VIEW_STRAIGHT_FOUR][i] = threats.straight_four;
        t->of[VIEW_THREE][i] = threats.three;
    }
}

static void find_through(const struct view *view, struct through *t, const struct gomoku_place *place)
{
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++) {
        uint32_t black = view->board.lines[0][d][place->line[d]], white = view->board.lines[1][d][place->line[d]];
        t->own[d] = t->enemy[GOMOKU_DIRECTIONS + d] = black;
        t->enemy[d] = t->own[GOMOKU_DIRECTIONS + d] = white;
        t->empty[d] = t->empty[GOMOKU_DIRECTIONS + d] =
            gomoku_line_mask(view->size, d, place->line[d]) & ~(black | white);
    }
    bool caro = gomoku_ends_matter(view->rules);
    for (int colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
        bool exact = gomoku_exact(view->rules, colour);
        int from = (colour - GAME_BLACK) * GOMOKU_DIRECTIONS;
        if (view->line != 5 || caro)
            find_some(t, from, view->line, exact, caro);
        else if (exact)
            find_some(t, from, 5, true, false);
        else
            find_some(t, from, 5, false, false);
    }
}

static uint64_t stone_key(int colour, int point)
{
    return rng_mix(0x7468726561747300u + (uint64_t)(point * 2 + colour - GAME_BLACK));
}

void view_put(struct view *view, int colour, int point, struct view_undo *undo)
{
    struct gomoku_place place = gomoku_place_of(view->size, point % view->size, point / view->size);
    struct through t;
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++)
        view->board.lines[colour - GAME_BLACK][d][place.line[d]] |= 1u << place.bit[d];
    view->board.empties--;
    view->hash ^= stone_key(colour, point);
    find_through(view, &t, &place);
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++)
        for (int c = 0; c < 2; c++) {
            uint32_t points[VIEW_KINDS], *before = undo->before[d][c];
            for (int kind = 0; kind < VIEW_KINDS; kind++)
                points[kind] = t.of[kind][c * GOMOKU_DIRECTIONS + d];
            before[VIEW_FIVE] = view->threats[c].five[d][place.line[d]];
            before[VIEW_FOUR] = view->threats[c].four[d][place.line[d]];
            before[VIEW_STRAIGHT_FOUR] = view->threats[c].straight_four[d][place.line[d]];
            before[VIEW_THREE] = view->threats[c].three[d][place.line[d]];
            set_line(view, c, d, place.line[d], points);
        }
}

void view_take(struct view *view, int colour, int point, const struct view_undo *undo)
{
    struct gomoku_place place = gomoku_place_of(view->size, point % view->size, point / view->size);
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++) {
        view->board.lines[colour - GAME_BLACK][d][place.line[d]] &= ~(1u << place.bit[d]);
        for (int c = 0; c < 2; c++)
            set_line(view, c, d, place.line[d], undo->before[d][c]);
    }
    view->board.empties++;
    view->hash ^= stone_key(colour, point);
}

int view_points(const struct view *view, int colour, enum view_kind kind, int *points, int max)
{
    const line_set *lines = lines_of(view, colour, kind);
    int n = 0;
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++)
        for (uint64_t left = view->lines_with[colour - GAME_BLACK][kind][d]; left; left &= left - 1) {
            int line = __builtin_ctzll(left);
            for (uint32_t bits = (*lines)[d][line]; bits; bits &= bits - 1) {
                int point = gomoku_line_point(view->size, d, line, __builtin_ctz(bits)), i = 0;
                while (i < n && points[i] != point)
                    i++;
                if (i < n)
                    continue;
                points[n++] = point;
                if (n == max)
                    return n;
            }
        }
    return n;
}

/* Marks the points of a kind in `once`, and those found in a second line in `twice`. */
static void mark_rows(const struct view *view, int colour, enum view_kind kind, uint32_t *once, uint32_t *twice)
{
    const line_set *lines = lines_of(view, colour, kind);
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++)
        for (uint64_t left = view->lines_with[colour - GAME_BLACK][kind][d]; left; left &= left - 1) {
            int line = __builtin_ctzll(left);
            for (uint32_t bits = (*lines)[d][line]; bits; bits &= bits - 1) {
                int point = gomoku_line_point(view->size, d, line, __builtin_ctz(bits));
                int y = point / view->size;
                uint32_t bit = 1u << (point % view->size);
                twice[y] |= once[y] & bit;
                once[y] |= bit;
            }
        }
}

void view_rows(const struct view *view, int colour, enum view_kind kind, uint32_t rows[GAME_MAX_SIZE])
{
    uint32_t twice[GAME_MAX_SIZE] = {0};
    memset(rows, 0, sizeof *rows * GAME_MAX_SIZE);
    mark_rows(view, colour, kind, rows, twice);
}

void view_double_fours(const struct view *view, int colour, uint32_t rows[GAME_MAX_SIZE])
{
    uint32_t once[GAME_MAX_SIZE] = {0}, twice[GAME_MAX_SIZE] = {0};
    memset(rows, 0, sizeof *rows * GAME_MAX_SIZE);
    mark_rows(view, colour, VIEW_FOUR, once, rows);
    memset(once, 0, sizeof once);
    mark_rows(view, colour, VIEW_STRAIGHT_FOUR, once, twice);
    for (int y = 0; y < view->size; y++)
        rows[y] |= once[y];
}

bool view_forbidden(const struct view *view, int colour, int point)
{
    return view->rules == GOMOKU_RENJU && colour == GAME_BLACK &&
           gomoku_forbidden_kind(view->game, &view->board.head, point) != GOMOKU_ALLOWED;
}

int view_legal_point(const struct view *view, int colour)
{
    for (int y = 0; y < view->size; y++)
        for (uint32_t bits = gomoku_empty_row(&view->board, view->size, y); bits; bits &= bits - 1) {
            int point = y * view->size + __builtin_ctz(bits);
            if (!view_forbidden(view, colour, point))
                return point;
        }
    return -1;
}

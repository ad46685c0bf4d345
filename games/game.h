/* The interface through which search, training and every command see a game.
 *
 *   struct game      immutable description: function table and options, e.g. of "go:9,komi=7"
 *   struct position  a flat value: side to move, hashes, then the game's own board; copied with memcpy, no heap
 *   struct history   hashes of the positions before this one, for superko; owned by the caller: history.h
 *
 * Points are numbered y * width + x with (0, 0) at the top left, x to the right, y downwards. A move is a number in
 * 0 .. game->moves - 1: first the points, then the game's other moves (Go: pass; Gomoku: swap, stay, place two), so a
 * move is also an index into a policy vector. Player 0 moves first (in Go with handicap stones, player 1); a player is
 * not a colour (after a swap player 0 holds white) and results are by player. All functions are reentrant: a game may be
 * shared by any number of threads, a position or history belongs to one at a time. */
#ifndef TENGEN_GAMES_GAME_H
#define TENGEN_GAMES_GAME_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "games/counting.h" /* IWYU pragma: export */
#include "games/history.h" /* IWYU pragma: export */
#include "games/rng.h" /* IWYU pragma: export */
#include "games/solver.h" /* IWYU pragma: export */
#include "games/traits.h" /* IWYU pragma: export */

enum {
    GAME_MAX_SIZE = 20,
    GAME_MAX_POINTS = GAME_MAX_SIZE * GAME_MAX_SIZE,
    GAME_MAX_MOVES = GAME_MAX_POINTS + 4,
    GAME_MAX_OPTIONS = 12,
    GAME_MAX_PLANES = 32,
    GAME_MAX_GLOBALS = 24,
    GAME_RECENT = 5, /* number of recent moves that a position remembers */
    GAME_SPEC_MAX = 160,
    GAME_SHAPE_TEXT_MAX = 24,
    GAME_MOVE_TEXT_MAX = 16,
};

_Static_assert((int)GAME_SOLVER_MAX_LINE >= (int)GAME_MAX_MOVES, "a line holds every move");

typedef uint16_t game_move;
#define GAME_NO_MOVE ((game_move)0xffff)

enum game_colour { GAME_EMPTY, GAME_BLACK, GAME_WHITE };
static inline int game_other(int colour) { return GAME_BLACK + GAME_WHITE - colour; }

enum game_outcome { GAME_ONGOING, GAME_WON_0, GAME_WON_1, GAME_DRAWN };

/* The result of a position. A game that is not over is scored by the board as it is: Go by area, Gomoku as a draw. */
struct game_result {
    enum game_outcome outcome; /* never GAME_ONGOING: see `over` */
    bool over;                 /* the game has ended under its rules */
    float margin;              /* points, player 0 minus player 1 (Go: including komi); 0 in a game without points */
};

/* The part of a position that every game has; the game's own board follows it in memory. */
struct position {
    uint64_t hash;                 /* the whole state except the history: stones, colour, player, ko, phase */
    uint64_t stones_hash;          /* of the stones only: compared by superko */
    game_move recent[GAME_RECENT]; /* newest first, GAME_NO_MOVE before the start */
    uint16_t ply;                  /* moves made so far, passes and decisions included */
    uint8_t player;                /* player to move: 0 or 1 */
    uint8_t colour;                /* colour of the next stone: GAME_BLACK or GAME_WHITE */
    uint8_t black_player;          /* player who has black: 0 or 1 */
    uint8_t phase;                 /* opening phase, defined by the game; 0 is ordinary play */
    uint8_t outcome;               /* enum game_outcome */
};

/* Storage for a position of any game, on the stack or in a struct. */
enum { GAME_POSITION_MAX_BYTES = 8192 };
union any_position {
    struct position p;
    _Alignas(64) unsigned char bytes[GAME_POSITION_MAX_BYTES];
};

/* ---- options ---- */

enum game_option_type { GAME_OPTION_INT, GAME_OPTION_HALF, GAME_OPTION_CHOICE, GAME_OPTION_BOOL };

/* HALF: a multiple of one half, stored doubled (komi=6.5 as 13). CHOICE: index into `choices`. BOOL: "0" or "1", also
 * "no"/"yes". min, max and preset are in the stored unit. */
struct game_option {
    const char *name;
    enum game_option_type type;
    int min, max, preset;
    const char *const *choices; /* NULL-terminated */
    const char *help;
    /* For dialogs, GAME_TEXT: names of the option and of its choices. Dialogs leave out an option without a label. */
    const char *label;
    const char *const *choice_labels;
    bool of_board; /* reset to its preset when the board size changes: see game_resize */
    bool formal;   /* concerns limits and how a game ends, so that a net need not have learned it: see games/scope.h */
    /* Adjusts other options after a new value was chosen in a dialog. option: as in struct game; before: the previous
     * value. NULL: none. */
    void (*chosen)(int *option, int before);
};

/* ---- features: the input of a network; a set has a version in its name and never changes once a net uses it ---- */

struct game;
struct game_features {
    const char *name; /* e.g. "go-v1" */
    uint16_t planes, globals;
    /* Fills planes[planes][points], each value in 0..1, and globals[globals], from the view of the side to move. The
     * value of point p is written at to[p], a game_symmetry_table: see game_encode. */
    void (*encode)(const struct game *game, const struct position *position, const struct history *history,
                   const uint16_t *to, float *planes, float *globals);
    /* Older features to which these only append planes and globals, so that one of their nets can be extended with
     * weights of 0 (net_add_inputs); NULL: none. */
    const struct game_features *extends;
    /* What each global adds to the final margin beside the sum of the owners of all points, in points per 1 of it
     * [globals]: komi. NULL: the game has no score. */
    const float *margin;
};

/* ---- komi ---- */

/* Compensation in points for the player who moves second. Always in half points, as the option stores it. */
struct game_komi {
    int option; /* index into game_ops.options: a GAME_OPTION_HALF that `configure` accepts at every value */
    /* The komi under which perfect play is even, or closest to even, with these rules on this size; false if it is not
     * known (Go with handicap stones). */
    bool (*even)(const struct game *game, int *halves);
    /* Factor, at least 1, by which komi_stdev is multiplied on this size: small boards need a wider range of komi. */
    double (*stdev_factor)(const struct game *game);
};

/* Stones that the weaker player, who has black, places before the game. */
struct game_handicap {
    int option;                          /* index into game_ops.options: a GAME_OPTION_INT; 0: no stones */
    int (*max)(const struct game *game); /* on this board; below 2: none */
};

/* A move other than placing a stone on a point. */
struct game_other_move {
    const char *name;  /* as typed, GAME_TEXT: "swap"; the name "pass" makes it game->pass */
    const char *label; /* on a button, GAME_TEXT: "Swap colours" */
};

struct game_ops {
    const char *name; /* "go" */
    const char *summary;
    struct game_traits traits;
    int min_size, max_size; /* of width and height */
    bool rectangles;        /* width and height may differ: "7x6"; otherwise boards are square */
    uint8_t symmetries;     /* of the rules on a square board: 8; 2 if only left and right are equivalent; 1 */
    const struct game_option *options;           /* ends with a NULL name; option i is game->option[i] */
    const struct game_features *const *features; /* NULL-terminated, newest first */
    const struct game_other_move *other_moves;   /* the moves after the points; ends with a NULL name */
    const struct game_komi *komi;                /* NULL: the game has none */
    const struct game_handicap *handicap;        /* NULL: the game has none */
    const struct game_counting *counting;        /* NULL if the rules alone decide the result */
    /* Sets the options with which the rules alone decide the result: see game_unattended. NULL: they always do. */
    void (*unattended)(struct game *game);

    /* Called once the options are set: checks their combination and fills derived, tables, position_bytes, max_plies,
     * learning_plies, has_score and has_draws. */
    bool (*configure)(struct game *game, GError **error);

    void (*init)(const struct game *game, struct position *position);
    /* move < game->moves; also false if the game is over. */
    bool (*legal)(const struct game *game, const struct position *position, const struct history *history,
                  game_move move);
    /* All legal moves in ascending order; returns their number (0 when over). */
    int (*legal_moves)(const struct game *game, const struct position *position, const struct history *history,
                       game_move *moves);
    /* Plays a legal move (an illegal one is a bug of the caller); does not change the history: see game_play. */
    void (*play)(const struct game *game, struct position *position, const struct history *history, game_move move);
    void (*result)(const struct game *game, const struct position *position, struct game_result *result);
    /* Plays uniformly random moves to the end (Go: own eyes are not filled, superko is not checked, length is capped)
     * and scores. Destroys the position. Returns the number of moves played. */
    int (*playout)(const struct game *game, struct position *position, struct rng *rng, struct game_result *result);
    /* For time management; both are measured. plies_left: the mean number of plies still to come in games that reach this
     * ply; 0: not known; NULL: never known. unused_percent: the percentage of its time that a search leaves unused on
     * average because it stops early (forced move, proven win, or a best move that cannot be overtaken); 0: ignored. */
    int (*plies_left)(const struct game *game, const struct position *position);
    int unused_percent;
    /* The per-point training target, from the last position of a game: +1 for player 0, -1 for player 1, 0 for neither.
     * Go: the owner by which the result is counted; Gomoku: the stones of the winning line. map has game->points entries. */
    void (*final_map)(const struct game *game, const struct position *position, int8_t *map);
    enum game_colour (*stone)(const struct game *game, const struct position *position, int point);
    /* Replaces the stones on the board by `stones` (an enum game_colour for each point), with `colour` to move in
     * ordinary play. ply becomes the number of stones, `recent` empty; prisoners, handicap and who has black are kept. False, with the
     * error set and nothing changed, for a board that is impossible in the game. See game_set_up. */
    bool (*set_up)(const struct game *game, struct position *position, const uint8_t *stones, enum game_colour colour,
                   GError **error);
    /* Clears the entries of `keep` (one byte a move) for moves that are never worth searching (Go: in either side's
     * pass-alive area, or filling an own one-point eye), but never for all legal moves. May be NULL. */
    void (*prune)(const struct game *game, const struct position *position, uint8_t *keep);
    /* Tactics: if the side to move can win at once or has to stop such a win (Gomoku's fives), clears the entries of
     * all other moves, but never of all legal ones. May be NULL. For searches; random playouts do not use it. */
    void (*forced)(const struct game *game, const struct position *position, uint8_t *keep);
    /* Looks for a win of the side to move by threats alone. Only GAME_SOLVED_WON proves anything about the game. No heap;
     * reentrant; the same calls on zeroed memory give the same results. May be NULL. */
    enum game_solved (*solve)(const struct game *game, const struct position *position, struct game_solver *solver);
    /* Why an illegal move is illegal, GAME_TEXT; NULL if there is no more to say. For empty points, in a game that is
     * not over. The function may be NULL. */
    const char *(*refusal)(const struct game *game, const struct position *position, const struct history *history,
                           game_move move);
    /* The move that a player means who chooses this point on a board: where discs fall, the lowest free cell of its
     * column. What it returns need not be legal. NULL: the move is the point itself. */
    game_move (*point_move)(const struct game *game, const struct position *position, int point);
    /* A short label to draw on a point that is forbidden to the side to move, such as "33" in renju; NULL for none. The
     * function may be NULL. */
    const char *(*forbidden_label)(const struct game *game, const struct position *position, int point);
    /* The number that traits.tally displays for a player. NULL if traits.tally is NULL. */
    int (*tally)(const struct game *game, const struct position *position, int player);
    /* Verifies every invariant (liberties, hashes, lines) from scratch; NULL if all hold, else a description. */
    const char *(*check)(const struct game *game, const struct position *position);
};

struct game {
    const struct game_ops *ops;
    int option[GAME_MAX_OPTIONS]; /* in ops->options order */
    uint16_t width, height;
    uint16_t points, moves;       /* width * height; points + number of other_moves */
    game_move pass;               /* the pass move; GAME_NO_MOVE if the game has none */
    uint16_t max_plies;           /* upper bound of a game's length, by the rules or by a cap */
    uint16_t learning_plies;      /* self-play games are stopped and scored at this ply; 0: max_plies */
    uint8_t symmetries;           /* of board and rules: 0 .. symmetries - 1, see below */
    uint32_t position_bytes;
    bool has_score;                /* results have a margin */
    bool has_draws;                /* draws are possible under these options */
    int derived[GAME_MAX_OPTIONS]; /* values that configure derives from the options, private to the game */
    const void *tables;            /* shared constant tables, private to the game; NULL if it has none */
    const uint16_t (*symmetry_points)[GAME_MAX_POINTS]; /* by symmetry: see game_symmetry_table */
};

/* The table of games, NULL-terminated, at most GAME_MAX_GAMES. A new game is one .c file and one line in game.c. */
enum { GAME_MAX_GAMES = 16 };
extern const struct game_ops *const game_table[];
int game_table_index(const struct game_ops *ops);

/* Parses "go:9", "go:19,komi=7.5,rules=chinese" or "connect4:7x6" (width x height). On failure returns false, sets the
 * error to a message that says what is wrong and what would be accepted, and leaves *game zeroed. */
bool game_parse(struct game *game, const char *spec, GError **error);
/* The game `from` with other options, given as in a spec: "komi=7,rules=aga". On failure returns false, sets the error
 * and does not change *game, which may be `from`. */
bool game_vary(struct game *game, const struct game *from, const char *changes, GError **error);
/* The game `from` on a board of this size, which may be its present one; options that belong to a board (handicap) are
 * reset to their presets. Fails like game_vary. */
bool game_resize(struct game *game, const struct game *from, int width, int height, GError **error);
/* Both at once, which allows what neither alone does: the game `from` on a board of this shape ("13", "7x6"), with the
 * options of a board reset, and then with the changes of game_vary. */
bool game_vary_board(struct game *game, const struct game *from, const char *shape, const char *changes,
                     GError **error);
/* The canonical spec: size and every option that differs from its preset. buffer: GAME_SPEC_MAX. Returns buffer. */
char *game_format(const struct game *game, char *buffer);
/* "9", "7x6". buffer: GAME_SHAPE_TEXT_MAX. Returns buffer. */
char *game_shape_format(const struct game_shape *shape, char *buffer);
bool game_equal(const struct game *a, const struct game *b);
/* Prints the games, their options, ranges and presets, for --help. */
void game_describe_all(FILE *out);
/* The value of a named option in its stored unit, or `fallback` if the game has no such option. */
int game_option_value(const struct game *game, const char *name, int fallback);

/* The game as searches and self-play play it, without players who agree on dead stones; positions are interchangeable. In
 * Go with territory scoring, two passes are followed by a cleanup phase. */
struct game game_unattended(const struct game *game);
/* The same game with so many handicap stones. `game` has ops->handicap, and `stones` is at most its maximum. */
struct game game_with_handicap(const struct game *game, int stones);
/* The game's komi in half points; 0 if it has none. */
int game_komi(const struct game *game);
/* Sets the komi of a game that has one, in half points, clamped to the option's range. */
void game_set_komi(struct game *game, int halves);

static inline void game_init(const struct game *game, struct position *position)
{
    game->ops->init(game, position);
}
static inline void game_copy(const struct game *game, struct position *to, const struct position *from)
{
    memcpy(to, from, game->position_bytes);
}
/* As ops->point_move. */
static inline game_move game_point_move(const struct game *game, const struct position *position, int point)
{
    return game->ops->point_move ? game->ops->point_move(game, position, point) : (game_move)point;
}
static inline bool game_over(const struct position *position) { return position->outcome != GAME_ONGOING; }
/* Plays a legal move and pushes the position before it onto the history (unless NULL). To undo, copy the earlier
 * position back and call history_truncate. */
void game_play(const struct game *game, struct position *position, struct history *history, game_move move);
/* Like game_play, but returns false and changes nothing if the move is illegal. */
bool game_try(const struct game *game, struct position *position, struct history *history, game_move move);
/* Like ops->set_up. The history belongs to the previous board: truncate it to 0 unless the stones are the same. */
static inline bool game_set_up(const struct game *game, struct position *position, const uint8_t *stones,
                               enum game_colour colour, GError **error)
{
    return game->ops->set_up(game, position, stones, colour, error);
}
/* Copies to `moves` the legal moves that are worth considering: without those that the game prunes and, with tactics,
 * those that are not forced; all of them if none is left. Returns their number. */
int game_sensible_moves(const struct game *game, const struct position *position, bool tactics, const game_move *legal,
                        int count, game_move *moves);
/* An implementation of game_ops.playout for games that always end: uniformly random legal moves. */
int game_playout_uniform(const struct game *game, struct position *position, struct rng *rng,
                         struct game_result *result);
/* The expected number of plies until the end of a game that is not over, at least 1: ops->plies_left, or else an
 * estimate from the size of the board. */
int game_plies_left(const struct game *game, const struct position *position);
/* Makes `colour` the side to move, whatever the rules, by set_up: ply becomes the number of stones, and `recent` empty.
 * Resumes a game that passes had ended. The history stays valid. */
void game_set_to_move(const struct game *game, struct position *position, enum game_colour colour);
struct game_result game_result(const struct game *game, const struct position *position);
/* +1 for a win of this player, 0 for a draw, -1 for a loss. */
int game_result_sign(const struct game_result *result, int player);

/* ---- text ---- */

/* A move as players write it: a column letter (without I) and a row counted from the bottom, "D4", or "pass", "swap".
 * buffer: GAME_MOVE_TEXT_MAX. Returns buffer. Parsing ignores case and returns GAME_NO_MOVE for any other text. */
char *game_move_format(const struct game *game, game_move move, char *buffer);
game_move game_move_parse(const struct game *game, const char *text);
/* Prints the board with coordinates: X black, O white, '.' empty, the last move in parentheses. */
void game_print(const struct game *game, const struct position *position, FILE *out);
/* Sets up a position from a drawing, with `colour` to move: `height` rows of `width` characters, X for black, O for
 * white, '.' or '+' for an empty point; blanks are ignored. False, with the error set and the position as game_init
 * makes it, for a drawing of another shape or a board that is impossible in the game. */
bool game_set_up_drawing(const struct game *game, struct position *position, const char *drawing,
                         enum game_colour colour, GError **error);

/* ---- symmetry: one table for all games ----
 *
 * Symmetry 0 is the identity. Bit 0: mirror x; bit 1: mirror y; bit 2: then swap x and y. With this order the
 * symmetries of every game are the first ones: all eight on a square, four on a rectangle, two where stones fall
 * downwards. */

enum { GAME_SYMMETRIES = 8 /* maximum; a game has game->symmetries */ };
/* table[p] is the point to which the symmetry moves p; shared by all games of this shape, never freed. */
static inline const uint16_t *game_symmetry_table(const struct game *game, int symmetry)
{
    return game->symmetry_points[symmetry];
}
static inline int game_symmetry_point(const struct game *game, int symmetry, int point)
{
    return game->symmetry_points[symmetry][point];
}
static inline game_move game_symmetry_move(const struct game *game, int symmetry, game_move move)
{
    return move < game->points ? game->symmetry_points[symmetry][move] : move;
}
/* Whether the symmetry leaves the initial board unchanged, so that the image of a whole game is a legal game, too. In
 * Go with three handicap stones it does not, although the rules have all eight symmetries. */
bool game_symmetry_keeps_start(const struct game *game, int symmetry);
/* For game_parse: the tables of a shape, indexed by symmetry; computed once; any thread. */
const uint16_t (*game_symmetry_tables(int width, int height))[GAME_MAX_POINTS];

/* The game's feature set of this name, or NULL. */
const struct game_features *game_features_find(const struct game *game, const char *name);
/* The newest feature set. */
const struct game_features *game_features_newest(const struct game *game);
/* Encodes under a symmetry: the value of point p is written at game_symmetry_point(p). Fills
 * planes[features->planes][points] and globals[features->globals]. */
void game_encode(const struct game *game, const struct game_features *features, const struct position *position,
                 const struct history *history, int symmetry, float *planes, float *globals);

#define GAME_ERROR (game_error_quark())
GQuark game_error_quark(void);
enum game_error {
    GAME_ERROR_SPEC,
    GAME_ERROR_FILE, /* a record that cannot be read or contains an impossible game */
};

#endif

/* What a game is: the one interface through which search, learning and every command see Go and Gomoku.
 *
 *   struct game      immutable description: rules table and options, e.g. of "go:9,komi=7"
 *   struct position  a flat value: who moves, hashes, then the game's own board; copied with memcpy, no heap
 *   struct history   hashes of the positions before this one, owned by the caller (superko looks there): history.h
 *
 * Points are numbered y * width + x with (0, 0) at the top left, x to the right, y downwards. A move is a number in
 * 0 .. game->moves - 1: first the points, then the game's other moves (Go: pass; Gomoku: swap, stay, place two), so a
 * move is also an index into a policy vector. Player 0 moves first; a player is not a colour (after a swap player 0
 * holds white) and results are by player. All functions are reentrant: a game may be shared by any number of threads,
 * a position or history belongs to one at a time. */
#ifndef TENGEN_GAMES_GAME_H
#define TENGEN_GAMES_GAME_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "games/counting.h"
#include "games/history.h"
#include "games/rng.h"
#include "games/traits.h"

enum {
    GAME_MAX_SIZE = 20,
    GAME_MAX_POINTS = GAME_MAX_SIZE * GAME_MAX_SIZE,
    GAME_MAX_MOVES = GAME_MAX_POINTS + 4,
    GAME_MAX_OPTIONS = 12,
    GAME_MAX_PLANES = 32,
    GAME_MAX_GLOBALS = 24,
    GAME_RECENT = 5, /* how many recent moves a position remembers */
    GAME_SPEC_MAX = 160,
    GAME_SHAPE_TEXT_MAX = 24,
    GAME_MOVE_TEXT_MAX = 16,
};

typedef uint16_t game_move;
#define GAME_NO_MOVE ((game_move)0xffff)

enum game_colour { GAME_EMPTY, GAME_BLACK, GAME_WHITE };
static inline int game_other(int colour) { return GAME_BLACK + GAME_WHITE - colour; }

enum game_outcome { GAME_ONGOING, GAME_WON_0, GAME_WON_1, GAME_DRAWN };

/* How a position stands. A position that is not over is scored as it lies: Go by area, Gomoku as a draw. */
struct game_result {
    enum game_outcome outcome; /* GAME_ONGOING never: see `over` */
    bool over;                 /* the rules ended the game, rather than whoever asked */
    float margin;              /* points, player 0 minus player 1 (Go: komi included); 0 where a game has no points */
};

/* The part of a position that every game has; the game's own board follows it in memory. */
struct position {
    uint64_t hash;        /* all that decides play except what is in the history: stones, colour, player, ko, phase */
    uint64_t stones_hash; /* stones alone: what superko compares */
    game_move recent[GAME_RECENT]; /* newest first, GAME_NO_MOVE before the start */
    uint16_t ply;                  /* moves made so far, passes and decisions included */
    uint8_t player;                /* who moves: 0 or 1 */
    uint8_t colour;                /* the stone that a point move places now: GAME_BLACK or GAME_WHITE */
    uint8_t black_player;          /* who holds black at present: 0 or 1 */
    uint8_t phase;                 /* opening phase of the game's own; 0 is ordinary play */
    uint8_t outcome;               /* enum game_outcome */
};

/* Room for a position of any game, for whoever wants one on the stack or in a struct. */
enum { GAME_POSITION_MAX_BYTES = 8192 };
union any_position {
    struct position p;
    _Alignas(64) unsigned char bytes[GAME_POSITION_MAX_BYTES];
};

/* ---- options: a table, never an if-chain ---- */

enum game_option_type { GAME_OPTION_INT, GAME_OPTION_HALF, GAME_OPTION_CHOICE, GAME_OPTION_BOOL };

/* HALF: a multiple of one half, kept doubled (komi=6.5 is 13). CHOICE: index into `choices`. BOOL: "0" or "1", also
 * "no"/"yes". min and max are in the kept unit. */
struct game_option {
    const char *name;
    enum game_option_type type;
    int min, max, preset;
    const char *const *choices; /* NULL-terminated */
    const char *help;
    /* For a dialogue, GAME_TEXT: the option's name and its choices'. Options without a label are left out there. */
    const char *label;
    const char *const *choice_labels;
    bool of_board; /* reset to its preset when the board size changes: see game_resize */
    /* Adjusts other options after a new value was chosen in a dialogue; option: as in struct game. NULL: none. */
    void (*chosen)(int *option, int before);
};

/* ---- features: what a network sees; each set has a name with a version and is never changed once used ---- */

struct game;
struct game_features {
    const char *name; /* e.g. "go-v1" */
    uint16_t planes, globals;
    /* planes: planes * points floats, plane-major, each 0..1, from the view of the side to move; globals: floats.
     * What stands on point p is written at to[p], a game_symmetry_table: see game_encode. */
    void (*encode)(const struct game *game, const struct position *position, const struct history *history,
                   const uint16_t *to, float *planes, float *globals);
};

/* ---- komi ---- */

/* Compensation in points for the player who moves second. In half points throughout, as the option stores it. */
struct game_komi {
    int option; /* index into game_ops.options: a GAME_OPTION_HALF that `configure` accepts at every value */
    /* The komi with which perfect play is even, or nearest to it, under these rules on this size; false where none is
     * known (Go with handicap stones). */
    bool (*even)(const struct game *game, int *halves);
    /* Factor, at least 1, by which komi_stdev is multiplied on this size: small boards need a wider range of komi. */
    double (*spread)(const struct game *game);
};

/* A move other than placing a stone on a point. */
struct game_other_move {
    const char *name;  /* as typed, GAME_TEXT: "swap"; "pass" passes the turn */
    const char *label; /* of a button, GAME_TEXT: "Swap colours" */
};

struct game_ops {
    const char *name; /* "go" */
    const char *summary;
    struct game_traits traits;
    int min_size, max_size; /* of either side */
    bool rectangles;        /* the sides may differ: "7x6"; otherwise boards are square */
    uint8_t symmetries;     /* of the rules on a square board: 8; 2 where only left and right may change places; 1 */
    const struct game_option *options;           /* ends with a NULL name; option i is game->option[i] */
    const struct game_features *const *features; /* NULL-terminated, newest first */
    const struct game_other_move *other_moves;   /* the moves after the points; ends with a NULL name */
    const struct game_komi *komi;                /* NULL: the game has none */
    const struct game_counting *counting;        /* NULL where the rules themselves end a game with its result */

    /* Called once the options are set: checks their combination, fills position_bytes, max_plies, values. */
    bool (*configure)(struct game *game, GError **error);

    void (*init)(const struct game *game, struct position *position);
    /* move < game->moves; false also when the game is over. */
    bool (*legal)(const struct game *game, const struct position *position, const struct history *history,
                  game_move move);
    /* All legal moves in ascending order; returns their number (0 when over). */
    int (*legal_moves)(const struct game *game, const struct position *position, const struct history *history,
                       game_move *moves);
    /* Plays a legal move (anything else is a bug); does not touch the history: see game_play. */
    void (*play)(const struct game *game, struct position *position, const struct history *history, game_move move);
    void (*result)(const struct game *game, const struct position *position, struct game_result *result);
    /* Plays uniformly random sensible moves to the end (Go: no own-eye filling, no superko check, a length cap) and
     * scores. The position is used up. Returns the moves played. */
    int (*playout)(const struct game *game, struct position *position, struct rng *rng, struct game_result *result);
    /* The per-point training target, from the final (or last) position: +1 player 0's, -1 player 1's, 0 neither.
     * Go: area owner; Gomoku: the stones of the winning line. map has game->points entries. */
    void (*final_map)(const struct game *game, const struct position *position, int8_t *map);
    enum game_colour (*stone)(const struct game *game, const struct position *position, int point);
    /* Puts stones (an enum game_colour for each point) in place of those on the board, `colour` to move in ordinary
     * play; ply is then their number, and what was counted before (prisoners, handicap, who holds black) stays. False,
     * with the error set and nothing changed, for a board that the game cannot have. See game_set_up. */
    bool (*set_up)(const struct game *game, struct position *position, const uint8_t *stones, enum game_colour colour,
                   GError **error);
    /* Prior knowledge of moves never worth a search node (Go: in either side's pass-alive area, or filling one's own
     * single-point eye); may be NULL. Zeroes entries of `keep` (one byte a move), never all that are legal. */
    void (*prune)(const struct game *game, const struct position *position, uint8_t *keep);
    /* Tactics: when a win at once or the need to stop one decides which moves matter (Gomoku's fives), zeroes the
     * others, never all that are legal; may be NULL. A search may use it; what plays at random does not. */
    void (*forced)(const struct game *game, const struct position *position, uint8_t *keep);
    /* Why a move that `legal` refuses may not be made, GAME_TEXT; NULL, the function or what it returns, where there is
     * nothing to say beyond that. For points without a stone, in a game that is not over. */
    const char *(*refusal)(const struct game *game, const struct position *position, const struct history *history,
                           game_move move);
    /* A short label to draw on a point that is forbidden to the side to move, such as "33" in renju; NULL for none. The
     * function may be NULL. */
    const char *(*sign)(const struct game *game, const struct position *position, int point);
    /* The number that traits.tally displays for a player. NULL if traits.tally is NULL. */
    int (*tally)(const struct game *game, const struct position *position, int player);
    /* Verifies every invariant (liberties, hashes, patterns) from scratch; NULL when sound, else what is wrong. */
    const char *(*check)(const struct game *game, const struct position *position);
};

struct game {
    const struct game_ops *ops;
    int option[GAME_MAX_OPTIONS]; /* in ops->options order */
    uint16_t width, height;
    uint16_t points, moves;       /* width * height; points + number of other_moves */
    game_move pass;               /* the pass move; GAME_NO_MOVE if the game has none */
    uint16_t max_plies;           /* no game is longer: the rules' own bound or a cap */
    uint16_t learning_plies;      /* a game of self-play is stopped and scored there; 0: max_plies */
    uint8_t symmetries;           /* of board and rules: 0 .. symmetries - 1, see below */
    uint32_t position_bytes;
    bool has_score; /* margin means something */
    bool has_draws; /* a draw can happen under these options */
    int own[GAME_MAX_OPTIONS]; /* what configure derived from the options, for the game's own use */
    const void *tables;        /* shared constant tables of the game's own; NULL where it has none */
    const uint16_t (*turned)[GAME_MAX_POINTS]; /* by symmetry: see game_symmetry_table */
};

/* The table of games, NULL-terminated, at most GAME_MOST. A new game is one .c file and one line there. */
enum { GAME_MOST = 16 };
extern const struct game_ops *const game_table[];
int game_table_index(const struct game_ops *ops);

/* Reads "go:9", "go:19,komi=7.5,rules=chinese", "connect4:7x6" (width x height) into *game. On failure returns false,
 * sets the error with what is wrong, where, and what would be accepted, and leaves *game zeroed. */
bool game_parse(struct game *game, const char *spec, GError **error);
/* The game `from` with options changed as in a spec: "komi=7,rules=aga". On failure as game_parse; `game` may be
 * `from`, which then stays as it was. */
bool game_vary(struct game *game, const struct game *from, const char *changes, GError **error);
/* The same on a board of this size, the size it has included; options that belong to a board (handicap) are back at
 * their presets. */
bool game_resize(struct game *game, const struct game *from, int width, int height, GError **error);
/* The canonical spec: size and every option that is not at its preset. buffer: GAME_SPEC_MAX. Returns buffer. */
char *game_format(const struct game *game, char *buffer);
/* "9", "7x6". buffer: GAME_SHAPE_TEXT_MAX. Returns buffer. */
char *game_shape_format(const struct game_shape *shape, char *buffer);
bool game_equal(const struct game *a, const struct game *b);
/* Prints the games, their options, ranges and presets, for --help. */
void game_describe_all(FILE *out);
/* The value of a named option in its kept unit, or `otherwise` when the game has none of that name. */
int game_option_value(const struct game *game, const char *name, int otherwise);

/* The game's komi in halves; 0 where it has none. */
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
static inline bool game_over(const struct position *position) { return position->outcome != GAME_ONGOING; }
/* Plays a legal move and pushes the position it came from onto the history (unless NULL). Undo is a memcpy of the
 * earlier position and history_truncate. */
void game_play(const struct game *game, struct position *position, struct history *history, game_move move);
/* As game_play, but refuses an illegal move: returns false and changes nothing. */
bool game_try(const struct game *game, struct position *position, struct history *history, game_move move);
/* As ops->set_up. The history belongs to the board that was: empty it, unless the stones are the same. */
static inline bool game_set_up(const struct game *game, struct position *position, const uint8_t *stones,
                               enum game_colour colour, GError **error)
{
    return game->ops->set_up(game, position, stones, colour, error);
}
/* For struct game_ops: a playout of uniformly random legal moves, in a game whose rules end every such game. */
int game_playout_uniform(const struct game *game, struct position *position, struct rng *rng,
                         struct game_result *result);
/* Lets `colour` move next, whatever the rules; takes a game up again that passes had ended. The history may stay. */
void game_set_to_move(const struct game *game, struct position *position, enum game_colour colour);
struct game_result game_result(const struct game *game, const struct position *position);
/* +1, 0, -1: the result for a player. */
int game_result_sign(const struct game_result *result, int player);

/* ---- text ---- */

/* A move as players write it: a letter (I left out) and a row counted from the bottom, "D4", or "pass", "swap".
 * buffer: GAME_MOVE_TEXT_MAX. Returns buffer. Case does not matter on input; GAME_NO_MOVE when it is no move here. */
char *game_move_format(const struct game *game, game_move move, char *buffer);
game_move game_move_parse(const struct game *game, const char *text);
/* A drawing with coordinates, X black, O white, + the side-lines' hoshi left out, the last move in brackets. */
void game_print(const struct game *game, const struct position *position, FILE *out);
/* Sets up a drawing as a position with `colour` to move, by playing no moves: `height` rows of `width` characters, X for
 * black, O for white, '.' or '+' for an empty point, blanks between them ignored. False, with the error set and the
 * position as game_init makes it, for a drawing of another shape or a board that the game cannot have. */
bool game_set_up_drawing(const struct game *game, struct position *position, const char *drawing,
                         enum game_colour colour, GError **error);

/* ---- symmetry: one table for all games ----
 *
 * Symmetry 0 is the identity. Bit 0: mirror x; bit 1: mirror y; bit 2: then swap x and y. So those that a game has come
 * first: all eight on a square, four on a rectangle, two where stones fall downwards. */

enum { GAME_SYMMETRIES = 8 /* at most; a game has game->symmetries */ };
/* table[p] = the point to which the symmetry takes p; shared by all games of this shape, never freed. */
static inline const uint16_t *game_symmetry_table(const struct game *game, int symmetry)
{
    return game->turned[symmetry];
}
static inline int game_symmetry_point(const struct game *game, int symmetry, int point)
{
    return game->turned[symmetry][point];
}
static inline game_move game_symmetry_move(const struct game *game, int symmetry, game_move move)
{
    return move < game->points ? game->turned[symmetry][move] : move;
}
/* Whether the board at the game's start is the same under a symmetry, so that whole games have turned twins: a handicap
 * of three stones in Go has none, whose rules know all eight. */
bool game_symmetry_keeps_start(const struct game *game, int symmetry);
/* For game_parse: the tables of a shape, computed once; any thread. */
const uint16_t (*game_symmetry_tables(int width, int height))[GAME_MAX_POINTS];

/* The set of this name for the game, or NULL. */
const struct game_features *game_features_find(const struct game *game, const char *name);
/* The newest set. */
const struct game_features *game_features_newest(const struct game *game);
/* Encodes under a symmetry: what stands on point p is written at game_symmetry_point(p).
 * planes: features->planes * points; globals: features->globals. */
void game_encode(const struct game *game, const struct game_features *features, const struct position *position,
                 const struct history *history, int symmetry, float *planes, float *globals);

#define GAME_ERROR (game_error_quark())
GQuark game_error_quark(void);
enum game_error {
    GAME_ERROR_SPEC,
    GAME_ERROR_FILE, /* a record that cannot be read, or says what no game can be */
};

#endif

/* SGF: game records as trees, FF[1] to FF[4], for every game in the table. A game without a number in SGF (GM) is
 * identified by its spec in a private property, TENGEN.
 *
 *   (;FF[4]GM[1]SZ[9];B[ee](;W[gc];B[cg])(;W[ge]))        struct sgf
 *                                                             |
 *   top --first_child--> root --> B ee --+--> W gc --> B cg   `-- top: a node without properties, whose
 *                                        `--> W ge                children are the roots of the game trees
 *
 * A node keeps all its properties, known or not, in order, and each value byte for byte as it was between the brackets.
 * sgf_text resolves escapes and line breaks, sgf_set_text adds them. Text in memory is UTF-8; a file is read and
 * written in the character set that its CA names. No function recurses, and the size of files is limited, so that no
 * input can overflow the stack. A tree belongs to one thread at a time.
 *
 * sgf_tree.c: nodes and properties; sgf_charset.c, sgf_decode.c, sgf_read.c and sgf_write.c: files; sgf_header.c and
 * sgf_game.c: games. */
#ifndef TENGEN_GAMES_RECORD_SGF_H
#define TENGEN_GAMES_RECORD_SGF_H

#include "games/game.h"

enum {
    SGF_MAX_BYTES = 64 << 20,
    SGF_MAX_NODES = 2 << 20,
    SGF_MAX_VALUES = 4 << 20,
    SGF_MAX_NESTING = 100000, /* of parentheses */
    SGF_MAX_NAME = 64,
};

struct sgf_property {
    char *name;    /* only the capitals and digits: "AB", even if a file of FF[3] has AddBlack */
    char *spelled; /* as in the file; NULL if that is the same as `name` */
    char **values; /* raw UTF-8, without the brackets; `count` of them, at least one */
    int count;
};

struct sgf_node {
    struct sgf_node *parent; /* NULL only for the top */
    struct sgf_node *first_child, *last_child, *previous, *next;
    struct sgf_property *properties;
    int count;
    int line, column; /* of its ';' in the file, from 1; 0 for a node that was added later */
};

struct sgf {
    struct sgf_node *top;
};

/* ---- files ---- */

/* Parses `length` bytes; `name` is the file's name for messages. The caller owns the result. What other programs read is
 * read: missing and surplus parentheses and brackets, text between nodes, several moves in a node (each becomes a node),
 * a missing first ';', wrong or unknown character sets, invalid bytes, a file that is cut off; sgf_notes says what was
 * repaired. Returns NULL, with the error set, only for what is not text, contains no game tree, or exceeds a limit. */
struct sgf *sgf_parse(const char *bytes, size_t length, const char *name, GError **error);
struct sgf *sgf_load(const char *path, GError **error);
/* The contents of a file, freed by the caller, and their length: in the character set of the first root's CA, or in
 * UTF-8, with CA changed accordingly, if that set lacks a character. */
char *sgf_format(const struct sgf *sgf, size_t *length);
/* The name that iconv knows for a character set named in CA, of whose many spellings the common ones are understood. NULL
 * if it is unknown or does not contain ASCII. */
const char *sgf_charset(const char *name);
/* Replaces the file atomically. False, with the error set and the file unchanged, on failure. */
bool sgf_save(const struct sgf *sgf, const char *path, GError **error);

/* What was repaired or left out so far: while the file was parsed, its game determined (sgf_read_game) and its nodes
 * replayed (sgf_apply). Printable texts with their places, each once, valid until the next note is added. Every command
 * that reads records shows them to the user. */
const char *const *sgf_notes(const struct sgf *sgf, int *count);
/* Notes from number `first` (from 0) in one line, at most `most` and how many more there are; freed by the caller. NULL
 * if there are none. */
char *sgf_notes_text(const struct sgf *sgf, int first, int most);

struct sgf *sgf_new(void);      /* without game trees */
void sgf_free(struct sgf *sgf); /* sgf may be NULL */
static inline struct sgf_node *sgf_root(const struct sgf *sgf)
{
    return sgf->top->first_child;
}

/* ---- the tree ---- */

/* Appends a child without properties. */
struct sgf_node *sgf_add(struct sgf_node *parent);
/* Removes a node and its descendants from the tree and frees them; not for the top. */
void sgf_delete(struct sgf_node *node);
/* Makes the path from the root to the node the main line: each node on it becomes the first of its siblings. */
void sgf_make_main(struct sgf_node *node);
/* The next node in file order (depth first) in the tree of `root`; NULL after the last. */
struct sgf_node *sgf_next(const struct sgf_node *root, const struct sgf_node *node);
/* The end of the main line from here. */
struct sgf_node *sgf_last(struct sgf_node *node);
int sgf_children(const struct sgf_node *node);

/* ---- properties ---- */

/* The first property of a name, or NULL. */
struct sgf_property *sgf_find(const struct sgf_node *node, const char *name);
/* The first value, raw; NULL if there is no such property. */
const char *sgf_get(const struct sgf_node *node, const char *name);
/* Like sgf_get, with escapes resolved: line breaks become '\n' (escaped ones are removed), other white space becomes a
 * blank. Freed by the caller. */
char *sgf_text(const struct sgf_node *node, const char *name);
/* Replaces all values by one, which this function escapes; NULL removes the property. */
void sgf_set_text(struct sgf_node *node, const char *name, const char *text);
/* Replaces all values by a raw value; appends a raw value. */
void sgf_set(struct sgf_node *node, const char *name, const char *raw);
void sgf_append(struct sgf_node *node, const char *name, const char *raw);
void sgf_unset(struct sgf_node *node, const char *name);
char *sgf_unescape(const char *raw);
char *sgf_escape(const char *text);

/* ---- games ---- */

/* The game of a root node: GM, SZ, KM, RU (and TENGEN, a complete spec that this program wrote). What the node does not
 * specify is taken from `defaults` (may be NULL) if that is the same kind of game. So are, with a note, rules that are
 * unknown and a komi that cannot be read or is not a multiple of one half. A board whose size cannot be read has the
 * game's default size. False, with the error set and *game zeroed, for an unknown game or an impossible board. */
bool sgf_read_game(const struct sgf_node *root, const struct game *defaults, struct game *game, GError **error);
/* Sets the properties of a root node: FF, GM, CA, AP, SZ, KM, RU, and HA and AB for handicap stones. */
void sgf_write_game(struct sgf_node *root, const struct game *game);

/* The kind of a node. */
enum sgf_step { SGF_NOTHING, SGF_MOVE, SGF_SETUP };
/* Applies a node's set-up (AB, AW, AE, PL, with point lists; HA in the root of a game of Go), then its move, even if it
 * is out of turn or violates superko. A move of Go that is illegal otherwise is executed as SGF defines it, whatever the
 * rules; what cannot be executed (a point that is not on the board, an illegal move of another game) is left out; both
 * with a note. `position` is the position of the node's parent. A node with set-up empties the history. made: set to the
 * move, or to GAME_NO_MOVE if there is none that the rules allow; may be NULL. On failure, which only a set-up position
 * that the game does not have can cause, returns false, sets the error to what is wrong and where, and leaves the
 * position undefined. */
bool sgf_apply(const struct sgf_node *node, const struct game *game, struct position *position, struct history *history,
               game_move *made, GError **error);
/* Computes the position of a node by applying all nodes from its root. Fails like sgf_apply. */
bool sgf_replay(const struct sgf_node *node, const struct game *game, struct position *position,
                struct history *history, GError **error);
/* Whether a node has a move, set-up stones (or PL), or neither. */
enum sgf_step sgf_step(const struct sgf_node *node);
/* The child with this move, which is legal in `position`; adds it if there is none. */
struct sgf_node *sgf_add_move(struct sgf_node *node, const struct game *game, const struct position *position,
                              game_move move);
/* Sets the set-up properties of `node` to the stones and the side to move of a position. */
void sgf_write_setup(struct sgf_node *node, const struct game *game, const struct position *position);

/* A point in SGF, such as "ee". buffer: 3 bytes. Returns buffer. */
char *sgf_point(const struct game *game, int point, char *buffer);
/* The move of a raw value: a point ("ee", in some games also "h8"), or a pass ("", up to 19x19 also "tt") if the game
 * has one; GAME_NO_MOVE for anything else. */
game_move sgf_parse_point(const struct game *game, const char *raw);
/* Sets marks[point] for the points in all properties of this name, including compressed rectangles "aa:cc". Values that
 * are not on the board are skipped; if there are any, returns false, with the first one in *bad (which may be NULL). */
bool sgf_points(const struct sgf_node *node, const char *name, const struct game *game, uint8_t *marks,
                const char **bad);

#endif

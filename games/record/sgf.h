/* SGF: records of games as trees, FF[1] to FF[4]: Go (GM[1]), Gomoku (GM[4]) and whatever game is in the table; one for
 * which SGF has no number is told by its spec in a property of our own, TENGEN.
 *
 *   (;FF[4]GM[1]SZ[9];B[ee](;W[gc];B[cg])(;W[ge]))        struct sgf
 *                                                             |
 *   top --first_child--> root --> B ee --+--> W gc --> B cg   `-- top: a node without properties, whose
 *                                        `--> W ge                children are the roots of the game trees
 *
 * A node keeps every property that it had, known or not, in order, each value byte for byte as it stood between its
 * brackets; sgf_text takes escapes and line ends out, sgf_set_text puts them in. Text is UTF-8 in memory; a file is
 * read in the charset that its CA names and written in it again. Nothing here recurses, and files are bounded, so that
 * no input overflows a stack. A tree belongs to one thread at a time.
 *
 * sgf_tree.c: nodes and properties; sgf_read.c and sgf_write.c: files; sgf_header.c and sgf_game.c: what a tree says
 * about a game. */
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
    char *name;    /* its capitals and digits: "AB", also where a file of FF[3] spells it AddBlack */
    char *spelled; /* as the file has it; NULL when that is `name` */
    char **values; /* raw UTF-8, without the brackets; `count` of them, at least one */
    int count;
};

struct sgf_node {
    struct sgf_node *parent; /* NULL only for the top */
    struct sgf_node *first_child, *last_child, *previous, *next;
    struct sgf_property *properties;
    int count;
    int line, column; /* where the file has its ';', from 1; 0 for a node that was added */
};

struct sgf {
    struct sgf_node *top;
};

/* ---- files ---- */

/* Reads `length` bytes; `name` stands in messages. NULL, with the error set to what is wrong, where (line and column)
 * and what would mend it, when it is not SGF or too large. The caller owns the result. */
struct sgf *sgf_parse(const char *bytes, size_t length, const char *name, GError **error);
struct sgf *sgf_load(const char *path, GError **error);
/* The whole file, to be freed, with its length: in the charset of the first root's CA, or in UTF-8, with CA saying so,
 * where that charset lacks a character. */
char *sgf_format(const struct sgf *sgf, size_t *length);
/* The system's name for a charset that CA names: the same, but for those whose backslash it takes for another sign.
 * NULL for one that is not known, or in which SGF's own signs are not ASCII's. */
const char *sgf_charset(const char *name);
/* Replaces the file at once, or leaves it as it was and sets the error. */
bool sgf_save(const struct sgf *sgf, const char *path, GError **error);

struct sgf *sgf_new(void);      /* no game tree yet */
void sgf_free(struct sgf *sgf); /* NULL is fine */
static inline struct sgf_node *sgf_root(const struct sgf *sgf)
{
    return sgf->top->first_child;
}

/* ---- the tree ---- */

/* A new last child without properties. */
struct sgf_node *sgf_add(struct sgf_node *parent);
/* Takes a node with all below it out of its tree and frees it; not the top. */
void sgf_delete(struct sgf_node *node);
/* Makes the line from the root to here the main one: each node on it becomes the first of its siblings. */
void sgf_make_main(struct sgf_node *node);
/* The next in the order of the file, within the tree below `root`; NULL after the last. */
struct sgf_node *sgf_next(const struct sgf_node *root, const struct sgf_node *node);
/* The end of the main line from here. */
struct sgf_node *sgf_last(struct sgf_node *node);
int sgf_children(const struct sgf_node *node);

/* ---- properties ---- */

/* The first property of a name, or NULL. */
struct sgf_property *sgf_find(const struct sgf_node *node, const char *name);
/* The first value, raw; NULL when there is no such property. */
const char *sgf_get(const struct sgf_node *node, const char *name);
/* As sgf_get, with escapes resolved: line ends become '\n' (a soft one goes), other white space a blank. To be freed.
 */
char *sgf_text(const struct sgf_node *node, const char *name);
/* Replaces all values by one, which is escaped here; NULL removes the property. */
void sgf_set_text(struct sgf_node *node, const char *name, const char *text);
/* The same with a raw value, and a further one. */
void sgf_set(struct sgf_node *node, const char *name, const char *raw);
void sgf_append(struct sgf_node *node, const char *name, const char *raw);
void sgf_unset(struct sgf_node *node, const char *name);
char *sgf_unescape(const char *raw);
char *sgf_escape(const char *text);

/* ---- games ---- */

/* The game of a root: GM, SZ, KM, RU (and TENGEN, where this program kept a spec whole). What it does not say is as in
 * `otherwise` (may be NULL), when that is the same kind of game. False, with the error set, for another game, a board
 * of a shape that it does not have, a komi that is no multiple of one half. */
bool sgf_read_game(const struct sgf_node *root, const struct game *otherwise, struct game *game, GError **error);
/* A root of `game`: FF, GM, CA, AP, SZ, KM, RU, and HA and AB for stones on the board at its start. */
void sgf_write_game(struct sgf_node *root, const struct game *game);

/* What a node does to a board. */
enum sgf_step { SGF_NOTHING, SGF_MOVE, SGF_SETUP };
/* Applies a node's set-up (AB, AW, AE, PL, with point lists; HA in the root of a game of Go), then its move, also one
 * out of turn or against superko. `position` is as the node's parent left it. A node with set-up empties the history.
 * made: the move, or GAME_NO_MOVE; may be NULL. False, with the error set to what and where, leaves the position
 * undefined. */
bool sgf_apply(const struct sgf_node *node, const struct game *game, struct position *position, struct history *history,
               game_move *made, GError **error);
/* The position of a node, from the start of its root. */
bool sgf_replay(const struct sgf_node *node, const struct game *game, struct position *position,
                struct history *history, GError **error);
/* Whether a node has a move, set-up stones (or PL), or neither. */
enum sgf_step sgf_step(const struct sgf_node *node);
/* A child with a move that is legal in `position`, or that child if there is one already. */
struct sgf_node *sgf_add_move(struct sgf_node *node, const struct game *game, const struct position *position,
                              game_move move);
/* Set-up properties in `node` for the stones and the side to move of a position. */
void sgf_write_setup(struct sgf_node *node, const struct game *game, const struct position *position);

/* "ee" for a point; buffer of 3. Returns buffer. */
char *sgf_point(const struct game *game, int point, char *buffer);
/* The move that a raw value is: a point ("ee", in Gomoku also "h8"), or a pass ("", up to 19x19 also "tt") where the
 * game has one; GAME_NO_MOVE for anything else. */
game_move sgf_parse_point(const struct game *game, const char *raw);
/* The points of all properties of a name, rectangles "aa:cc" spread out: sets marks[point]. False, with the value that
 * is no point in *bad, which may be NULL. */
bool sgf_points(const struct sgf_node *node, const char *name, const struct game *game, uint8_t *marks,
                const char **bad);

#endif

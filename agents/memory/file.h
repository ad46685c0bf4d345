/* A file of memories (SQLite): games that a player lost, and what a deeper search found about them afterwards.
 *
 *   lessons     a lost game, and the decision that lost it   id, time, game, moves, decision, played, better, ...
 *   positions   what is remembered of its positions          key, best move, value, visits, net, how often met, results
 *   nets        the networks that played, in order of their first appearance
 *
 * A position belongs to one lesson, the newest that reached it; a lesson without positions is forgotten. All positions are
 * in memory while the file is open, so that a search never waits for it. Each change is one short transaction: any number
 * of processes may have the same file open, and memory_file_refresh reads what the others changed.
 *
 * The file may come from anywhere: values out of range are ignored, and what is no file of memories is refused.
 * Threads: the source may be recalled from by any number while no other function runs; the rest belongs to one. */
#ifndef TENGEN_AGENTS_MEMORY_FILE_H
#define TENGEN_AGENTS_MEMORY_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"
#include "mcts/evaluator.h"

#define MEMORY_ERROR (memory_error_quark())
GQuark memory_error_quark(void);
enum memory_error {
    MEMORY_ERROR_FILE,    /* no file of memories, of another version, or damaged */
    MEMORY_ERROR_BUSY,    /* locked by another program for longer than a few seconds */
    MEMORY_ERROR_MACHINE, /* the disk is full or fails, or the folder is not writable */
};

enum {
    MEMORY_FILE_POSITIONS = 100000, /* beyond, the lessons that were met longest ago are forgotten */
    /* Memories made with an older net fade: their visits halve with so many newer nets. */
    MEMORY_HALF_LIFE_NETS = 4,
};

/* What is remembered of one position; values and results are for its player to move. */
struct memory_position {
    struct eval_key key;
    game_move best; /* of the image that memory_place_of describes; GAME_NO_MOVE: none */
    float value;    /* after a search of `visits` */
    int64_t visits;
    /* The position after the move that lost here. While that is remembered as lost, too, `best` is trusted; otherwise it is
     * doubtful (struct memory_trace). All 0: none. */
    struct eval_key after;
    bool lost_here;              /* the player to move is the one who lost the lesson's game; otherwise the opponent */
    int64_t lesson;              /* id */
    int64_t net;                 /* number of the net that searched, in order of appearance; set by memory_file_learn */
    int64_t met;                 /* games after the lesson that reached the position with the player to move */
    int64_t wins, draws, losses; /* of those in which the remembered move was played */
};

struct memory_lesson {
    int64_t id;            /* 0 until it is stored */
    int64_t time;          /* Unix time of the game's end */
    char *game;            /* spec */
    char *moves;           /* from the game's initial position, as text separated by blanks */
    char *played, *better; /* as text; better: NULL if no better move was found */
    int decision;          /* number of moves before the decision */
    int player;            /* who lost */
    float value;           /* of the better move for that player, by the deeper search */
    int64_t met, last_met; /* how often, and when, its decision was met again; 0: never */
    /* What it takes to study the game again, since the study was stopped (see remember.c); NULL: it was not. */
    char *unfinished;
};
void memory_lesson_clear(struct memory_lesson *lesson); /* frees the texts */

struct memory_file;
struct memory_source;
/* Opens PATH, or creates it with its folder. False with the error set: see enum memory_error. */
bool memory_file_open(struct memory_file **out, const char *path, GError **error);
void memory_file_close(struct memory_file *file); /* NULL is allowed */
const struct memory_source *memory_file_source(const struct memory_file *file);
/* The net that plays from now on, identified by a checksum of it (or another text): older memories fade. */
bool memory_file_set_net(struct memory_file *file, const char *sum, GError **error);
/* Reads the file again if another process has changed it. After an error all is as before. */
bool memory_file_refresh(struct memory_file *file, GError **error);
/* NULL if the position is not remembered; valid until the next change. */
const struct memory_position *memory_file_find(const struct memory_file *file, struct eval_key key);
/* The visits that a position counts for with the present net, 0 to MEMORY_MAX_VISITS: faded, and halved for each game
 * that was lost, beyond those won, when its move was played. */
int memory_file_visits(const struct memory_file *file, const struct memory_position *position);
/* When the lesson's game was lost, as Unix time; 0 if there is no such lesson. */
int64_t memory_file_time(const struct memory_file *file, int64_t lesson);

/* Stores a lesson and its positions, which replace what was remembered of the same ones, and sets lesson->id. */
bool memory_file_learn(struct memory_file *file, struct memory_lesson *lesson, const struct memory_position *positions,
                       int count, GError **error);
/* A remembered position that a game reached. */
struct memory_meeting {
    struct eval_key key;
    bool followed; /* the remembered move was played */
    int result;    /* of the game, for the player to move in the position: 1, 0, -1 */
};
/* Counts the meetings of a game that ended at this Unix time. */
bool memory_file_meet(struct memory_file *file, const struct memory_meeting *meetings, int count, int64_t now,
                      GError **error);

/* The lessons, newest first: struct memory_lesson *, owned by the array. NULL with the error set. */
GPtrArray *memory_file_lessons(struct memory_file *file, GError **error);
/* The number of a lesson's positions. */
int memory_file_count(const struct memory_file *file, int64_t lesson);
/* Forgets the lesson with this id (0: any) of a game that ended before this Unix time (G_MAXINT64: any). *count: how
 * many. */
bool memory_file_forget(struct memory_file *file, int64_t lesson, int64_t before, int64_t *count, GError **error);

#endif

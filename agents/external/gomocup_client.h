/* A program that speaks the Gomocup protocol, from the manager's side. Internal to gomocup*.c. */
#ifndef TENGEN_AGENTS_EXTERNAL_GOMOCUP_CLIENT_H
#define TENGEN_AGENTS_EXTERNAL_GOMOCUP_CLIENT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"

struct agent;
struct agent_choice;

enum { GOMOCUP_MAX_PLAN = 3 };

struct gomocup_stone {
    game_move point;
    uint8_t colour;
};

struct gomocup_client {
    struct process *process;
    GArray *stones;            /* struct gomocup_stone, in order of play */
    guint known;               /* number of these that the program knows; 0: send the whole board */
    game_move own_move;        /* its last reply, not yet confirmed */
    int64_t turn_ms, match_ms, increment_ms; /* last values sent; -1: none */
    /* a swap2 reply that corresponds to several moves */
    game_move plan[GOMOCUP_MAX_PLAN];
    int planned;
    bool swap_owners; /* it needs each stone's owner in SWAP2BOARD, too */
    char *last_line;  /* the last unrecognised line, for messages */
};

bool gomocup_client_send(struct gomocup_client *own, const char *lines, GError **error);
/* Returns the next line that satisfies `wanted`, skipping others as managers do; fails on an error line unless it is
 * about INFO. to: the command, for messages. */
const char *gomocup_client_read(struct gomocup_client *own, const char *to, int64_t timeout_ms,
                                bool (*wanted)(const char *line), GError **error);
/* The number of points in "x,y x,y"; 0 if the line contains anything else. */
int gomocup_client_count_points(const char *line);
/* Parses a point at *line and advances *line. Returns GAME_NO_MOVE for a point off the board. */
game_move gomocup_client_point(const struct game *game, const char **line);
/* Appends a line per stone, in order of play, and DONE. owners: include each stone's owner. */
void gomocup_client_append_stones(const struct agent *agent, GString *lines, bool owners);

/* Gets the next move of the opening from the program, which must reply within timeout_ms. */
bool gomocup_client_ask_opening(struct agent *agent, int64_t timeout_ms, struct agent_choice *choice, GError **error);

#endif

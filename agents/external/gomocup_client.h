/* A program that speaks the Gomocup protocol, from the manager's side. For gomocup*.c alone. */
#ifndef TENGEN_AGENTS_EXTERNAL_GOMOCUP_CLIENT_H
#define TENGEN_AGENTS_EXTERNAL_GOMOCUP_CLIENT_H

#include "agents/agent.h"
#include "agents/external/process.h"

enum { GOMOCUP_MAX_PLAN = 3 };

struct gomocup_stone {
    game_move point;
    uint8_t colour;
};

struct gomocup_client {
    struct process *process;
    GArray *stones;            /* struct gomocup_stone, in the order in which they were put */
    guint known;               /* how many of them the program has seen or put itself; 0: it must be told all */
    game_move own_move;        /* what it has just answered */
    int64_t turn_ms, match_ms; /* what it was last told; -1: nothing */
    /* an answer in swap2 that is several moves of the game */
    game_move plan[GOMOCUP_MAX_PLAN];
    int planned;
    bool swap_owners; /* it wants to be told whose each stone is there too */
    char *last_line;  /* the last that made no sense, for messages */
};

bool gomocup_client_send(struct gomocup_client *own, const char *lines, GError **error);
/* The next line for which `wanted` is true; others are passed over, as managers do, but errors end it unless they are
 * about INFO. */
const char *gomocup_client_read(struct gomocup_client *own, const char *to, int64_t timeout_ms,
                                bool (*wanted)(const char *line), GError **error);
/* How many points "x,y x,y" the line has; 0 when it has anything else. */
int gomocup_client_count_points(const char *line);
/* Takes a point off *line and moves it behind that. A point off the board comes back as one that is no move, for the
 * referee to name. */
game_move gomocup_client_point(const struct game *game, const char **line);
/* A line for each stone, in the order in which they were put, and DONE; owners: with whose each is. */
void gomocup_client_append_stones(const struct agent *agent, GString *lines, bool owners);

/* Takes the next move of the opening from the program; it has timeout_ms for an answer. */
bool gomocup_client_ask_opening(struct agent *agent, int64_t timeout_ms, struct agent_choice *choice, GError **error);

#endif

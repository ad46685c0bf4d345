/* A program that speaks GTP, from the controller's side. Internal to gtp*.c. */
#ifndef TENGEN_AGENTS_EXTERNAL_GTP_CLIENT_H
#define TENGEN_AGENTS_EXTERNAL_GTP_CLIENT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"

struct agent;
struct agent_choice;
struct agent_clock;

enum { GTP_COMMAND_MS = 20000 /* for all commands but genmove */ };

struct gtp_client {
    struct process *process;
    char *name, *version;
    GHashTable *commands;
    uint32_t next_id;
    int to_move;        /* colour to move next, from the program's point of view */
    game_move own_move; /* the move it has just generated and already played internally */
    int64_t time_sent;  /* last time settings sent: seconds per move, or -1 for a clock; 0: none in this game */
    bool counts_periods; /* it was told Japanese byo-yomi: time_left then tells the periods left */
    GString *reply;
};

/* Sends a command; the reply is in gtp->reply. accepted: whether it succeeded; NULL: an error reply is a failure. */
bool gtp_client_ask(struct gtp_client *gtp, const char *command, int64_t timeout_ms, bool *accepted, GError **error);
/* Whether the program supports this command. */
bool gtp_client_supports(const struct gtp_client *gtp, const char *command);
/* Queries name, version and commands; fails if a required command is missing. */
bool gtp_client_greet(struct gtp_client *gtp, int64_t timeout_ms, GError **error);

static inline const char *gtp_client_colour(int colour)
{
    return colour == GAME_BLACK ? "black" : "white";
}

/* agent_ops.choose: sends the time, requests a move, and parses the program's evaluation if there is one. */
bool gtp_client_choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice,
                       GError **error);

#endif

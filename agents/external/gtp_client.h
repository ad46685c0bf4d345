/* A program that speaks GTP, from the controller's side. For gtp*.c alone. */
#ifndef TENGEN_AGENTS_EXTERNAL_GTP_CLIENT_H
#define TENGEN_AGENTS_EXTERNAL_GTP_CLIENT_H

#include "agents/agent.h"
#include "agents/external/process.h"

enum { GTP_COMMAND_MS = 20000 /* for anything but thinking */ };

struct gtp_client {
    struct process *process;
    char *name, *version;
    GHashTable *commands;
    uint32_t next_id;
    int to_move;        /* the colour that moves next, as the program sees it */
    game_move own_move; /* what it has just generated, and so played itself */
    int64_t time_told;  /* seconds a move, or -1 for a clock; 0: nothing as yet in this game */
    GString *reply;
};

/* Sends a command; its answer is in gtp->reply. accepted: NULL when a refusal is an error. */
bool gtp_client_ask(struct gtp_client *gtp, const char *command, int64_t timeout_ms, bool *accepted, GError **error);
/* Whether the program has this command. */
bool gtp_client_knows(const struct gtp_client *gtp, const char *command);
/* Asks for name, version and commands; false when a needed command is missing. */
bool gtp_client_greet(struct gtp_client *gtp, int64_t timeout_ms, GError **error);

static inline const char *gtp_client_colour(int colour)
{
    return colour == GAME_BLACK ? "black" : "white";
}

/* agent_ops.choose: tells the time, asks for a move, and reads what the program thinks of it where it says so. */
bool gtp_client_choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice,
                       GError **error);

#endif

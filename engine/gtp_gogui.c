/* GoGui: its own analyze commands, interruption, and a board of any game that it asks about. */
#include "engine/gtp_session.h"
#include "games/go.h"

static bool analyze_commands(struct gtp_call *call)
{
    g_string_append(call->out, "dboard/Ownership/tengen-ownership\n"
                               "dboard/Policy/tengen-policy\n"
                               "string/Rules/kata-get-rules\n"
                               "string/Raw network/kata-raw-nn 0\n"
                               "string/Score/final_score\n"
                               "plist/Dead stones/final_status_list dead\n"
                               "plist/Stones in seki/final_status_list seki");
    return true;
}

/* The interruption itself is a comment line, which line_input sees. */
static bool interrupt(struct gtp_call *call)
{
    (void)call;
    return true;
}

static bool game_id(struct gtp_call *call)
{
    g_string_append(call->out, call->gtp->game.ops == &go_ops ? "Go" : "Gomoku");
    return true;
}

static bool board_size(struct gtp_call *call)
{
    g_string_append_printf(call->out, "%d", call->gtp->game.size);
    return true;
}

static bool side_to_move(struct gtp_call *call)
{
    g_string_append(call->out, call->gtp->at.p.colour == GAME_BLACK ? "black" : "white");
    return true;
}

static bool board(struct gtp_call *call)
{
    const struct game *game = &call->gtp->game;
    for (int p = 0; p < game->points; p++)
        g_string_append_printf(call->out, "%c%s", ".XO"[game->ops->stone(game, &call->gtp->at.p, p)],
                               p % game->size == game->size - 1 ? "\n" : "");
    return true;
}

static bool legal_moves(struct gtp_call *call)
{
    struct gtp *gtp = call->gtp;
    game_move moves[GAME_MAX_MOVES];
    int count = gtp->game.ops->legal_moves(&gtp->game, &gtp->at.p, &gtp->history, moves);
    for (int i = 0; i < count; i++) {
        char text[GAME_MOVE_TEXT_MAX];
        g_string_append_printf(call->out, "%s%s", i ? " " : "", game_move_format(&gtp->game, moves[i], text));
    }
    return true;
}

static bool final_result(struct gtp_call *call)
{
    struct game_result result = game_result(&call->gtp->game, &call->gtp->at.p);
    int sign = game_result_sign(&result, call->gtp->at.p.black_player);
    g_string_append(call->out, !result.over ? "unknown" : sign > 0 ? "black" : sign < 0 ? "white" : "draw");
    return true;
}

const struct gtp_command gtp_gogui_commands[] = {
    {"gogui-analyze_commands", 0, 0, analyze_commands},
    {"gogui-interrupt", 0, 0, interrupt},
    {"gogui-rules_game_id", 0, 0, game_id},
    {NULL, 0, 0, NULL},
};

const struct gtp_command gtp_gogui_board_commands[] = {
    {"gogui-rules_board", 0, 0, board},
    {"gogui-rules_board_size", 0, 0, board_size},
    {"gogui-rules_legal_moves", 0, 0, legal_moves},
    {"gogui-rules_side_to_move", 0, 0, side_to_move},
    {"gogui-rules_final_result", 0, 0, final_result},
    {NULL, 0, 0, NULL},
};

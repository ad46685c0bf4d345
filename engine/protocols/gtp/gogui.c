/* Commands for GoGui: its analyze commands, interruption, and the rules of games other than Go. */
#include "engine/protocols/gtp/session.h"
#include "games/game.h"

static bool analyze_commands(struct gtp_call *call)
{
    const struct game_ops *ops = call->gtp->game.ops;
    g_string_append_printf(call->out, "dboard/%s/tengen-ownership\n",
                           ops->traits.map == GAME_MAP_OWNER ? "Ownership" : "Winning line");
    g_string_append(call->out, "dboard/Policy/tengen-policy\n"
                               "string/Raw network/kata-raw-nn 0");
    if (gtp_plays_go(call->gtp))
        g_string_append(call->out, "\nstring/Rules/kata-get-rules");
    if (ops->counting)
        g_string_append(call->out, "\nstring/Score/final_score\n"
                                   "plist/Dead stones/final_status_list dead\n"
                                   "plist/Stones in seki/final_status_list seki");
    return true;
}

/* Only announces support: the interrupt itself is the comment line "# interrupt", handled by line_input. */
static bool interrupt(struct gtp_call *call)
{
    (void)call;
    return true;
}

static bool game_id(struct gtp_call *call)
{
    g_string_append(call->out, call->gtp->game.ops->traits.title);
    return true;
}

static bool board_size(struct gtp_call *call)
{
    gtp_append_size(call);
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
                               p % game->width == game->width - 1 ? "\n" : "");
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

/* Marks the winning line; empty while there is none. */
static bool board_graphics(struct gtp_call *call)
{
    const struct game *game = &call->gtp->game;
    int8_t map[GAME_MAX_POINTS];
    if (game->ops->traits.map != GAME_MAP_LINE || !game_over(&call->gtp->at.p))
        return true;
    game->ops->final_map(game, &call->gtp->at.p, map);
    g_string_append(call->out, "CIRCLE");
    for (int p = 0; p < game->points; p++) {
        char text[GAME_MOVE_TEXT_MAX];
        if (map[p])
            g_string_append_printf(call->out, " %s", game_move_format(game, (game_move)p, text));
    }
    return true;
}

/* GoGui shows this text to the user. */
static bool final_result(struct gtp_call *call)
{
    struct game_result result = game_result(&call->gtp->game, &call->gtp->at.p);
    int sign = game_result_sign(&result, call->gtp->at.p.black_player);
    g_string_append(call->out, !result.over ? "The game is not over."
                               : sign > 0   ? "Black wins."
                               : sign < 0   ? "White wins."
                                            : "The game is drawn.");
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
    {"gogui-rules_board_gfx", 0, 0, board_graphics},
    {"gogui-rules_board_size", 0, 0, board_size},
    {"gogui-rules_legal_moves", 0, 0, legal_moves},
    {"gogui-rules_side_to_move", 0, 0, side_to_move},
    {"gogui-rules_final_result", 0, 0, final_result},
    {NULL, 0, 0, NULL},
};

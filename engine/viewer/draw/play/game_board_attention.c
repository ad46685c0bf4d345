/* What the net attends to from the point under the pointer: one head after another, W. */
#include <string.h>

#include "agents/attention.h"
#include "engine/viewer/draw/board.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/play/game_board_internal.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "net/heads.h"

void app_close_attention(struct app *app)
{
    attention_close(app->attention);
    app->attention = NULL;
    app->attention_head = -1;
}

/* The net of the first player that has one, else the one that analyses; freed by g_free. */
static char *net_name(const struct session *session)
{
    for (int i = 0; i < 2; i++) {
        const char *spec = session->setup.players[i].agent;
        if (!session->setup.players[i].human && (g_str_has_prefix(spec, "net:") || g_str_has_prefix(spec, "policy:"))) {
            const char *name = strchr(spec, ':') + 1;
            return g_strndup(name, strcspn(name, ","));
        }
    }
    return g_strdup(session->analyst_net);
}

static void open_net(struct app *app)
{
    GError *error = NULL;
    struct session *session = app->session;
    char *name = net_name(session);
    app->attention_head = -1;
    app->attention_of = session->game.ops;
    if (!attention_open(&app->attention, name, &session->game, &error)) {
        session_notify_briefly(session, NOTICE_WARNING, _("No attention to show: %s: %s"), name, error->message);
        g_error_free(error);
    }
    g_free(name);
}

void app_next_head(struct app *app)
{
    struct session *session = app->session;
    if (!app->attention || app->attention_of != session->game.ops) {
        app_close_attention(app);
        open_net(app);
    }
    if (!app->attention)
        return;
    app->attention_head++;
    if (app->attention_head == attention_heads(app->attention)) {
        app_close_attention(app);
        return;
    }
    struct net_head head;
    attention_head(app->attention, app->attention_head, &head);
    session_notify_briefly(session, NOTICE_INFO,
                           _("Attention from the point under the pointer: block %d, head %d of %d (W: the next one)"),
                           head.block + 1, head.head + 1, head.heads);
}

void game_board_draw_attention(struct app *app)
{
    const struct session *session = app->session;
    const int point = app->hover >= 0 ? app->hover : app->cursor;
    if (!app->attention || app->attention_of != session->game.ops || point < 0 || point >= session->game.points)
        return;
    board_draw_heat(app->shell.canvas, &app->board,
                    attention_look(app->attention, &session->game, &session->position.p, &session->history, point,
                                   app->attention_head));
    canvas_ring(app->shell.canvas, board_x(&app->board, point), board_y(&app->board, point),
                board_stone_radius(&app->board), app->board.step * 0.06f, RGB(0xf6f2ea));
}

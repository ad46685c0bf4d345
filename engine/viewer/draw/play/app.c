/* The play window: layout, dialogues, files and clipboard, the result of a game. */
#include "engine/viewer/draw/play/app.h"

#include <math.h>

#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/strength.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

/* To save: the last path, or a name in its folder. To open: that folder. */
static void propose_path(struct app *app, bool save)
{
    char *folder = *app->path ? g_path_get_dirname(app->path) : g_get_current_dir();
    bool named = *app->path && !g_str_has_suffix(app->path, "/");
    if (!save || !named)
        g_snprintf(app->path, sizeof app->path, "%s%s%s", folder, g_str_has_suffix(folder, "/") ? "" : "/",
                   save ? "game.sgf" : "");
    g_free(folder);
}

void app_open_dialogue(struct app *app, enum app_dialogue dialogue)
{
    app->dialogue = dialogue;
    app->shell.ui.focus = -1;
    app->shell.ui.editing = -1;
    app->shell.ui.active = -1;
    app->shell.ui.scroll = 0;
    if (dialogue == DIALOGUE_NEW)
        dialogue_new_begin(app);
    if (dialogue == DIALOGUE_OPEN || dialogue == DIALOGUE_SAVE) {
        propose_path(app, dialogue == DIALOGUE_SAVE);
        app->shell.ui.focus = app->shell.ui.editing = 0; /* the path can be typed at once */
        app->shell.ui.cursor = (int)strlen(app->path);
    }
    if (dialogue == DIALOGUE_GAMES && app->games)
        g_clear_pointer(&app->games, g_ptr_array_unref);
    app->doomed = -1;
    app->check_given_up = true; /* of an earlier New game dialogue */
}

/* ---- files and clipboard ---- */

void app_open_file(struct app *app, const char *path)
{
    int shown;
    if (!session_load(app->session, path))
        return;
    char *folder = g_path_get_dirname(path);
    if (!g_str_equal(folder, app->games_folder ? app->games_folder : ""))
        g_strlcpy(app->path, path, sizeof app->path);
    g_free(folder);
    if (session_trees(app->session, &shown) > 1)
        app_open_dialogue(app, DIALOGUE_TREES);
}

void app_copy(struct app *app)
{
    size_t length;
    char *text = session_text(app->session, &length);
    SDL_SetClipboardText(text);
    g_free(text);
    session_notify_briefly(app->session, NOTICE_INFO, "%s", _("Game copied to the clipboard as SGF"));
}

void app_paste(struct app *app)
{
    char *text = SDL_GetClipboardText();
    int shown;
    if (text && *text) {
        if (session_load_text(app->session, text, strlen(text), _("clipboard")) &&
            session_trees(app->session, &shown) > 1)
            app_open_dialogue(app, DIALOGUE_TREES);
    } else
        session_notify_briefly(app->session, NOTICE_WARNING, "%s", _("No text on the clipboard"));
    SDL_free(text);
}

/* ---- the pointer ---- */

/* Goes to the move that placed the stone on a point. */
static void go_to_stone(struct app *app, int point)
{
    struct session *session = app->session;
    for (struct sgf_node *at = session->node; at && at->parent; at = at->parent) {
        const char *raw = sgf_get(at, "B") ? sgf_get(at, "B") : sgf_get(at, "W");
        if (raw && *raw && sgf_parse_point(&session->game, raw) == point) {
            session_go(session, at);
            return;
        }
    }
}

static void take_board_input(struct app *app)
{
    const struct ui *ui = &app->shell.ui;
    if (app->dialogue != DIALOGUE_NONE || app->hover < 0)
        return;
    if (ui->input.wheel != 0)
        session_step(app->session, ui->input.wheel > 0 ? -1 : 1);
    if (ui->input.right_pressed)
        go_to_stone(app, app->hover);
}

/* ---- the frame ---- */

void app_frame(struct app *app, struct rect window)
{
    float u = canvas_u(app->shell.canvas), margin = 8 * u, bar = 40 * u;
    app->shell.ui.blocked = app->dialogue != DIALOGUE_NONE;
    canvas_rect(app->shell.canvas, window, app->shell.ui.theme->back);
    /* The panel is beside the board, or below it if the window is tall. */
    bool tall = window.h > window.w * 1.15f;
    float width = CLAMP(window.w * 0.32f, 212 * u, 400 * u);
    struct rect left = {margin, margin, window.w - width - 2 * margin, window.h - margin};
    struct rect panel = {window.w - width - margin / 2, margin, width - margin / 2, window.h - 2 * margin};
    if (tall) {
        float height = fmaxf(window.h - window.w - bar, 330 * u);
        left = (struct rect){margin, margin, window.w - 2 * margin, window.h - height - margin};
        panel = (struct rect){margin, left.y + left.h + margin, window.w - 2 * margin, height - 2 * margin};
    }
    struct rect board = {left.x, left.y, left.w - margin, left.h - bar};
    if (board.w > 60 * u && board.h > 60 * u) {
        game_board_draw(app, board);
        app->shell.ui.host = (struct rect){0, left.y + left.h - bar, window.w, bar};
        panel_draw_controls(app, (struct rect){board.x, left.y + left.h - bar, board.w, bar});
    }
    app->shell.ui.host = panel;
    if (panel.w > 60 * u && panel.h > 60 * u)
        panel_draw(app, panel);
    app->shell.ui.host = (struct rect){0, 0, 0, 0};
    if (app->shell.ui.input_pass)
        take_board_input(app);
    app->shell.ui.blocked = false;
    if (app->dialogue != DIALOGUE_NONE) {
        app->shell.ui.order = 0;
        app->shell.ui.tip[0] = '\0';
        dialogue_draw(app, window);
        app->shell.ui.last_count = app->shell.ui.order;
    }
}

void app_change_language(struct app *app)
{
    struct session_setup before, after;
    bool known = preferences_setup(&app->preferences, &before, NULL);
    app_set_language(&app->preferences);
    if (!known || !preferences_setup(&app->preferences, &after, NULL))
        return;
    for (int i = 0; i < 2; i++) {
        char *shown = app->session->setup.players[i].name;
        if (!g_str_equal(shown, before.players[i].name))
            continue;
        g_strlcpy(shown, after.players[i].name, sizeof app->session->setup.players[i].name);
        sgf_set_text(app->session->root, i ? "PW" : "PB", shown);
    }
    session_clear_notice(app->session);
}

const struct session_note *app_note(const struct app *app)
{
    const struct session *session = app->session;
    bool searched = session_analysis(session) && (session->analysis_wanted || session->hint || session->thinking);
    return searched ? NULL : session_note(session, session->node);
}

bool app_shows_overlay(const struct app *app)
{
    return app->preferences.policy || app->preferences.ownership;
}

/* Updates the player's strength estimate by the result of a finished game, once per game. */
void app_follow_result(struct app *app)
{
    struct session *session = app->session;
    const struct session_setup *setup = &session->setup;
    if (session->state != SESSION_OVER || session->result_counted ||
        setup->players[0].human == setup->players[1].human || app->preferences.opponent == OPPONENT_SPEC)
        return;
    int human = setup->players[0].human ? 0 : 1, winner = session->outcome.winner;
    session->result_counted = true;
    strength_update(&app->preferences.even[game_table_index(session->game.ops)],
                    preferences_level(&app->preferences, &session->game),
                    winner < 0        ? 0
                    : winner == human ? 1
                                      : -1);
    preferences_save(&app->preferences, NULL);
}

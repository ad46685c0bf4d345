/* The window of `tengen play`. Each file draws a part of it and translates input to calls of the session, which holds
 * the state of the game. One thread, SDL's. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_PLAY_APP_H
#define TENGEN_ENGINE_VIEWER_DRAW_PLAY_APP_H

#include <SDL.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/viewer/draw/board.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/new_game.h"
#include "engine/viewer/preferences.h"

enum app_dialogue {
    DIALOGUE_NONE,
    DIALOGUE_NEW,
    DIALOGUE_MENU,
    DIALOGUE_OPEN,
    DIALOGUE_SAVE,
    DIALOGUE_SETTINGS,
    DIALOGUE_HELP,
    DIALOGUE_RESTORE,
    DIALOGUE_QUIT,
    DIALOGUE_RESIGN,
    DIALOGUE_GAMES,
    DIALOGUE_TREES,
    DIALOGUE_MESSAGE,
};
enum app_tool {
    TOOL_PLAY,
    TOOL_BLACK,
    TOOL_WHITE,
    TOOL_TRIANGLE,
    TOOL_SQUARE,
    TOOL_CIRCLE,
    TOOL_CROSS,
    TOOL_LABEL,
    TOOLS
};
enum app_tab { TAB_ANALYSIS, TAB_TREE, TAB_NOTES, TABS };

struct app {
    struct shell shell; /* must be first: the shell's callbacks cast its address */
    struct session *session;
    struct preferences preferences;

    enum app_dialogue dialogue;
    struct new_game new_game;
    struct player_check *checking; /* whether the agents of the new game open; NULL: not checked */
    bool check_given_up;           /* the dialogue was closed meanwhile: do not start the game */
    char path[1024];
    char *restore_path; /* an unfinished game to resume; NULL: none */
    char *games_folder; /* of the list of games */
    GPtrArray *games;   /* struct archive_entry *, while the list is shown; NULL: read it */
    int doomed;         /* index of the game whose deletion has to be confirmed; -1: none */
    char message[1200]; /* of DIALOGUE_MESSAGE */
    enum app_tool tool;
    enum app_tab tab;

    struct board_place board;
    int hover;           /* point under the pointer; -1: none */
    int cursor;          /* point of the keyboard cursor; -1: hidden */
    int hover_line;      /* index of the candidate under the pointer; -1: none */
    int64_t autoplay_at; /* time of the next autoplay step, monotonic us; 0: off */
    int64_t now; /* monotonic microseconds */
    /* What a net attends to from the point under the pointer, NULL: not shown; of which of its heads; and its game. */
    struct attention *attention;
    int attention_head;
    const struct game_ops *attention_of;
    char comment[4096];
    const struct sgf_node *comment_of;
};

/* Lays out and draws the window; in an input pass, handles the input in app->shell.ui. */
void app_frame(struct app *app, struct rect window);
/* Handles a key that no widget has consumed. */
void app_take_key(struct app *app, SDL_Keycode key, uint16_t modifiers);
/* Performs the action of a key. Returns false if it has none. */
bool app_key(struct app *app, SDL_Keycode key, uint16_t modifiers);
void app_open_dialogue(struct app *app, enum app_dialogue dialogue);
void app_open_file(struct app *app, const char *path);
void app_copy(struct app *app);
void app_paste(struct app *app);
void app_set_language(const struct preferences *preferences);
/* The same for a running game, whose players' names follow where they were made by this program. The preferences are
 * those in effect before, but for the language. */
void app_change_language(struct app *app);
/* Whether policy or ownership is to be displayed. */
bool app_shows_overlay(const struct app *app);
void app_follow_result(struct app *app);
/* Shows what the next head of the net's attention attends to; after the last one, nothing. */
void app_next_head(struct app *app);
void app_close_attention(struct app *app);

void game_board_draw(struct app *app, struct rect area);

/* The note of the position shown, where it is to be displayed: there is no search of the position; else NULL. */
const struct session_note *app_note(const struct app *app);

void panel_draw(struct app *app, struct rect area);
void panel_draw_controls(struct app *app, struct rect area);
void graph_draw(struct app *app, struct rect area);
void tree_draw(struct app *app, struct rect area);
void games_draw(struct app *app, struct rect window);
void trees_draw(struct app *app, struct rect window);
void dialogue_draw(struct app *app, struct rect window);
/* Starts the new game once its agents have been opened, or shows why they do not open. */
void dialogue_new_poll(struct app *app);
void dialogue_new_begin(struct app *app);
void dialogue_new_draw(struct app *app, struct rect box);
/* Scrolls the list of a dialogue by the wheel, or by Up, Down, Page Up, Page Down, Home and End, and draws a scroll bar
 * at the right edge of `area` if not all of its rows are shown. Returns the first row to show. */
int list_scroll(struct app *app, struct rect area, int rows, int shown);
/* Draws the frame of a dialogue over the dimmed window. Returns the area for its contents. */
struct rect dialogue_box(struct app *app, struct rect window, float w, float h, const char *title);

#endif

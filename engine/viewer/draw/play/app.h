/* The window of `tengen play`: what is open, where things lie, and what the pointer is on. Each file draws one part and
 * turns input into calls of the session; none keeps state of the game. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_PLAY_APP_H
#define TENGEN_ENGINE_VIEWER_DRAW_PLAY_APP_H

#include "engine/viewer/draw/board.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/session.h"

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

struct new_game {
    struct preferences preferences; /* edited here, kept when the game begins */
    int kind;                       /* index into game_table */
    int width, height, option[GAME_MAX_OPTIONS];
    int clock_kind;
    int clock_main, clock_period, clock_count;
    char message[300];
};

struct app {
    struct shell shell; /* first: the shell's callbacks are given its address */
    struct session *session;
    struct preferences preferences;

    enum app_dialogue dialogue;
    struct new_game new_game;
    char path[1024];
    char *restore_path; /* a game of before that can be taken up again */
    enum app_tool tool;
    enum app_tab tab;

    struct board_place board;
    int hover;           /* point under the pointer, -1 */
    int cursor;          /* point of the keyboard's cursor, -1: hidden */
    int hover_line;      /* candidate under the pointer, -1 */
    int64_t autoplay_at; /* when the next move is shown; 0: stands still */
    uint32_t saved_revision;
    uint64_t counted_seed; /* of the game whose result was counted */
    uint32_t seen_notice;
    int64_t now; /* monotonic microseconds */
    char comment[4096];
    const struct sgf_node *comment_of;
};

/* Lays out and draws all; takes the input that app->ui holds. */
void app_frame(struct app *app, struct rect window);
/* A key that no widget took. */
void app_take_key(struct app *app, SDL_Keycode key, uint16_t modifiers);
bool app_key(struct app *app, SDL_Keycode key, uint16_t modifiers);
void app_open_dialogue(struct app *app, enum app_dialogue dialogue);
void app_open_file(struct app *app, const char *path);
void app_copy(struct app *app);
void app_paste(struct app *app);
void app_set_language(const struct preferences *preferences);
void app_restore(struct app *app);
void app_follow_result(struct app *app);

void game_board_draw(struct app *app, struct rect area);

void panel_draw(struct app *app, struct rect area);
void panel_draw_controls(struct app *app, struct rect area);
void graph_draw(struct app *app, struct rect area);
void tree_draw(struct app *app, struct rect area);
void dialogue_draw(struct app *app, struct rect window);
void dialogue_new_begin(struct app *app);
void dialogue_new_draw(struct app *app, struct rect box);
/* Draws a dialogue's box over a dimmed window; returns its inside. */
struct rect dialogue_box(struct app *app, struct rect window, float w, float h, const char *title);

#endif

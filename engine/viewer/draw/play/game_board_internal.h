/* Internal to the board of the play window. stones[points]: enum game_colour, of the position shown. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_PLAY_GAME_BOARD_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_DRAW_PLAY_GAME_BOARD_INTERNAL_H

#include <stdint.h>

struct app;

/* The point that one under the pointer or the cursor stands for: session_move_at's where a move is being chosen, else
 * itself. */
int game_board_aim(const struct app *app, int point);
void game_board_draw_last(struct app *app, const uint8_t *stones);
void game_board_draw_numbers(struct app *app, const uint8_t *stones);
void game_board_draw_win(struct app *app); /* the winning line */
/* Points where the rules forbid a move. */
void game_board_draw_signs(struct app *app, const uint8_t *stones);
void game_board_draw_marks(struct app *app, const uint8_t *stones); /* markup of the record */
/* Letters at the moves that continue from here, where there are several. */
void game_board_draw_branches(struct app *app, const uint8_t *stones);
void game_board_draw_pass(struct app *app); /* says so if the last move was a pass */
/* What the chosen head attends to from the point under the pointer or the cursor. */
void game_board_draw_attention(struct app *app);
/* Draws the candidates, or the variation of the one under the pointer; sets app->hover_line. */
void game_board_draw_analysis(struct app *app, const uint8_t *stones);

#endif

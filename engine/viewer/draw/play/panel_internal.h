/* Internal to the panel. Functions that take a pointer to `area` draw at its top and remove what they have used. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_PLAY_PANEL_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_DRAW_PLAY_PANEL_INTERNAL_H

#include "engine/viewer/draw/canvas/canvas.h"

struct app;

/* Removes a row of this height from the top of an area and returns it. */
struct rect panel_cut(struct rect *area, float height);
/* The i-th of `count` equal parts of a row. */
struct rect panel_part(struct rect row, int i, int count, float gap);

void panel_draw_counting(struct app *app, struct rect *area);
void panel_draw_notice(struct app *app, struct rect *area);
/* A button for each legal move that is neither a point nor a pass. */
void panel_draw_decisions(struct app *app, struct rect *area);
/* The evaluation kept of the position shown: win rate, what the last move lost, better moves. */
void panel_draw_note(struct app *app, struct rect area);
void panel_draw_analysis(struct app *app, struct rect area);

#endif

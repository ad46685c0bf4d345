/* Statistics for --stats: the time to draw a frame, and the latency from an input event to the frame that shows its
 * effect. One thread, SDL's. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_STATS_H
#define TENGEN_ENGINE_VIEWER_DRAW_STATS_H

#include <SDL.h>
#include <stdbool.h>
#include <stdint.h>

void stats_begin(bool on);
void stats_event(const SDL_Event *event);
void stats_frame_begins(void);
void stats_frame(int64_t us); /* a frame was presented; it took `us` microseconds */
void stats_unchanged(void);   /* the pending events changed nothing on the screen */
void stats_print(void);       /* prints a line of JSON on stdout, if switched on */

#endif

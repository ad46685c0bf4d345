/* How long frames take, and how long after an event's own time its answer is on the screen: for --stats. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_STATS_H
#define TENGEN_ENGINE_VIEWER_DRAW_STATS_H

#include <SDL.h>
#include <stdbool.h>
#include <stdint.h>

void stats_begin(bool on);
void stats_event(const SDL_Event *event);
void stats_frame_begins(void);
void stats_frame(int64_t us); /* a picture was presented */
void stats_unchanged(void);   /* the events so far changed nothing */
void stats_print(void);       /* one JSON line on stdout */

#endif

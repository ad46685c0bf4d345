/* The click of a stone on wood, synthesised. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_PLAY_SOUND_H
#define TENGEN_ENGINE_VIEWER_DRAW_PLAY_SOUND_H

/* Plays it; opens the sound device at the first call. Without one nothing happens. */
void sound_stone(void);
void sound_close(void);

#endif

/* The synthesised sound of a stone placed on wood. One thread, SDL's. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_PLAY_SOUND_H
#define TENGEN_ENGINE_VIEWER_DRAW_PLAY_SOUND_H

/* Plays the sound. Opens the audio device at the first call; does nothing if there is none. */
void sound_stone(void);
void sound_close(void);

#endif

#include "engine/viewer/draw/play/sound.h"

#include <SDL.h>
#include <math.h>

#include "games/rng.h"

enum { RATE = 44100, SAMPLES = RATE / 14 };

static SDL_AudioDeviceID device; /* there is one window per process */
static int tried;

/* A short burst of noise and two decaying tones. */
static void make_click(Sint16 *samples)
{
    struct rng rng;
    rng_seed(&rng, 1);
    for (int i = 0; i < SAMPLES; i++) {
        double t = (double)i / RATE;
        double noise = (2 * rng_uniform(&rng) - 1) * exp(-t * 900);
        double wood = 0.6 * sin(2 * M_PI * 1250 * t) * exp(-t * 120) + 0.4 * sin(2 * M_PI * 620 * t) * exp(-t * 70);
        samples[i] = (Sint16)(9000 * (0.7 * noise + wood));
    }
}

void sound_stone(void)
{
    static Sint16 samples[SAMPLES];
    const SDL_AudioSpec wanted = {.freq = RATE, .format = AUDIO_S16SYS, .channels = 1, .samples = 512};
    if (!tried) {
        tried = 1;
        make_click(samples);
        if (SDL_InitSubSystem(SDL_INIT_AUDIO) == 0)
            device = SDL_OpenAudioDevice(NULL, 0, &wanted, NULL, 0);
    }
    if (!device)
        return;
    SDL_ClearQueuedAudio(device);
    SDL_QueueAudio(device, samples, sizeof samples);
    SDL_PauseAudioDevice(device, 0);
}

void sound_close(void)
{
    if (device)
        SDL_CloseAudioDevice(device);
    device = 0;
    tried = 0;
}

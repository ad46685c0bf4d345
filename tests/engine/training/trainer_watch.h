/* Wrappers that the linker substitutes for functions of net/train.h and net/net.h: they record their arguments and call
 * the originals. They can report the loss of a step as not finite, or larger. For use by a single test file. */
#ifndef TENGEN_TESTS_TRAINER_WATCH_H
#define TENGEN_TESTS_TRAINER_WATCH_H

#include "games/rng.h"
#include "net/train.h"

enum { ROOM = 64 };

static struct seen {
    struct net_trainer_config config;
    int steps, calibrations;
    float rate[ROOM];
    int size[ROOM], n[ROOM];
    uint64_t planes[ROOM]; /* a hash of the batch */
    int calibrated_size[ROOM], calibrated_n[ROOM];
    uint64_t calibrated_planes[ROOM];
    bool infinite; /* steps are reported as not finite */
    float times;   /* losses are reported this many times as large; 0: as they are */
} seen;

static uint64_t hash_of(const float *values, size_t count)
{
    uint64_t hash = count;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        hash = rng_mix(hash ^ bits);
    }
    return hash;
}

int __real_net_trainer_create(struct net_trainer **out, struct net *net, const struct net_trainer_config *config,
                              GError **error);
int __wrap_net_trainer_create(struct net_trainer **out, struct net *net, const struct net_trainer_config *config,
                              GError **error)
{
    seen.config = *config;
    return __real_net_trainer_create(out, net, config, error);
}

void __real_net_trainer_step(struct net_trainer *trainer, const struct net_samples *samples, float rate,
                             struct net_losses *losses);
void __wrap_net_trainer_step(struct net_trainer *trainer, const struct net_samples *samples, float rate,
                             struct net_losses *losses)
{
    int at = seen.steps++ % ROOM;
    seen.rate[at] = rate;
    seen.size[at] = samples->width;
    seen.n[at] = samples->n;
    seen.planes[at] = hash_of(samples->planes, (size_t)samples->n * (size_t)(samples->width * samples->height));
    __real_net_trainer_step(trainer, samples, rate, losses);
    if (losses) {
        losses->finite = losses->finite && !seen.infinite;
        losses->total *= seen.times > 0 ? seen.times : 1;
    }
}

/* The most threads that any trainer was given; for other files, too. */
int trainer_watch_threads;

void __real_net_trainer_set_threads(struct net_trainer *trainer, int threads);
void __wrap_net_trainer_set_threads(struct net_trainer *trainer, int threads)
{
    trainer_watch_threads = MAX(trainer_watch_threads, threads);
    __real_net_trainer_set_threads(trainer, threads);
}

int __real_net_calibrate(struct net *net, int width, int height, int n, const float *planes, const float *globals, GError **error);
int __wrap_net_calibrate(struct net *net, int width, int height, int n, const float *planes, const float *globals, GError **error)
{
    int at = seen.calibrations++ % ROOM;
    seen.calibrated_size[at] = width;
    seen.calibrated_n[at] = n;
    seen.calibrated_planes[at] = hash_of(planes, (size_t)n * (size_t)(width * height));
    return __real_net_calibrate(net, width, height, n, planes, globals, error);
}

#endif

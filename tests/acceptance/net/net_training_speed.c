/* The speed of a training step on one core compared with PyTorch's, for the same size of net and number type, in the same
 * run. Targets: no slower in f32, 1.05 times as fast in bf16. The two alternate, and processor time is measured, so that
 * other load affects both equally.
 *
 * Usage: net_training_speed SCRIPT [f32|bf16 [BLOCKSxCHANNELS [SIZE [BATCH]]]]   (net_training_speed.sh builds it) */
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 7, STEPS = 6, PLANES = 20, GLOBALS = 8 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct setting {
    enum net_dtype dtype;
    int blocks, channels, size, batch;
};

static struct net_samples *samples_random(const struct net_info *info, const struct setting *s)
{
    int points = s->size * s->size, moves = points + info->other_moves;
    struct net_samples *samples = net_samples_new(info, s->size, s->size, s->batch);
    srand(1);
    for (int i = 0; i < s->batch * PLANES * points; i++)
        samples->planes[i] = rand() % 3 == 0;
    for (int row = 0; row < s->batch; row++) {
        samples->row_weight[row] = 1;
        for (int t = 0; t < NET_TARGETS; t++)
            samples->weight[t][row] = 1;
        samples->target[NET_TARGET_POLICY][row * moves + rand() % moves] = 1;
        samples->target[NET_TARGET_REPLY][row * moves + rand() % moves] = 1;
        samples->target[NET_TARGET_VALUE][row * NET_OUTCOMES + rand() % NET_OUTCOMES] = 1;
        samples->target[NET_TARGET_SHORT_TERM_VALUE][row * NET_OUTCOMES + rand() % NET_OUTCOMES] = 1;
        samples->target[NET_TARGET_SCORE][row] = (float)(rand() % 40 - 20);
        for (int p = 0; p < points; p++)
            samples->target[NET_TARGET_MAP][row * points + p] = (float)(rand() % 3 - 1);
    }
    return samples;
}

static double own_rate(struct net_trainer *trainer, const struct net_samples *samples)
{
    double start = now();
    for (int i = 0; i < STEPS; i++)
        net_trainer_step(trainer, samples, 0.001f, NULL);
    return (double)STEPS * samples->n / (now() - start);
}

struct other {
    pid_t process;
    FILE *ask, *answer;
};

static bool other_start(struct other *other, const char *script, const struct setting *s)
{
    int in[2], out[2];
    char words[6][16];
    const char *dtype = net_dtype_name(s->dtype);
    int numbers[6] = {s->blocks, s->channels, s->size, s->batch, PLANES, STEPS};
    for (int i = 0; i < 6; i++)
        snprintf(words[i], sizeof words[i], "%d", numbers[i]);
    if (pipe(in) != 0 || pipe(out) != 0 || (other->process = fork()) < 0)
        return false;
    if (other->process == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        close(out[0]);
        setenv("OMP_NUM_THREADS", "1", 1);
        execl("/usr/bin/python3", "python3", script, words[0], words[1], words[2], words[3], words[4], words[5], dtype,
              (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    other->ask = fdopen(in[1], "w");
    other->answer = fdopen(out[0], "r");
    return other->ask && other->answer;
}

static double other_rate(struct other *other)
{
    char line[64];
    fputs("go\n", other->ask);
    fflush(other->ask);
    return fgets(line, sizeof line, other->answer) ? atof(line) : 0;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int measure(const char *script, struct net_trainer *trainer, const struct net_samples *samples,
                   const struct setting *s)
{
    struct other other;
    double own[ROUNDS], torch[ROUNDS], ratio[ROUNDS];
    signal(SIGPIPE, SIG_IGN);
    if (!other_start(&other, script, s))
        return 2;
    own_rate(trainer, samples);
    for (int i = 0; i < ROUNDS; i++) {
        torch[i] = other_rate(&other);
        if (torch[i] <= 0) {
            fprintf(stderr, "PyTorch did not answer: apt-get install python3-torch, then %s\n", script);
            return 2;
        }
        own[i] = own_rate(trainer, samples);
        ratio[i] = own[i] / torch[i];
    }
    fclose(other.ask);
    fclose(other.answer);
    waitpid(other.process, NULL, 0);
    qsort(own, ROUNDS, sizeof *own, compare);
    qsort(torch, ROUNDS, sizeof *torch, compare);
    qsort(ratio, ROUNDS, sizeof *ratio, compare);
    double target = s->dtype == NET_BF16 ? 1.05 : 1;
    printf("training %dx%d on %dx%d, batch %d, %s, one core: %.0f samples a second, PyTorch %.0f (medians)\n",
           s->blocks, s->channels, s->size, s->size, s->batch, net_dtype_name(s->dtype), own[ROUNDS / 2],
           torch[ROUNDS / 2]);
    printf("ratio %.3f (median of %d rounds, %.3f to %.3f), target at least %g\n", ratio[ROUNDS / 2], ROUNDS, ratio[0],
           ratio[ROUNDS - 1], target);
    return ratio[ROUNDS / 2] >= target ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *shape = argc > 3 ? argv[3] : "5x64";
    struct setting s = {.dtype = argc > 2 && strcmp(argv[2], "bf16") == 0 ? NET_BF16 : NET_F32,
                        .size = argc > 4 ? atoi(argv[4]) : 9,
                        .batch = argc > 5 ? atoi(argv[5]) : 128};
    struct net_info info = {.game = "go", .features = "go-v1", .planes = PLANES, .globals = GLOBALS, .other_moves = 1};
    struct net_trainer_config config = net_trainer_defaults();
    struct net *net;
    struct net_trainer *trainer;
    GError *error = NULL;
    config.batch = s.batch;
    config.dtype = s.dtype;
    if (argc < 2 || sscanf(shape, "%dx%d", &s.blocks, &s.channels) != 2 || s.size < 2 || s.size > 20 ||
        !net_expand_shape(shape, info.trunk, &error) || net_create(&net, &info, 1, &error) != 0 ||
        net_trainer_create(&trainer, net, &config, &error) != 0) {
        fprintf(stderr, "%s\n",
                error ? error->message : "usage: net_training_speed SCRIPT [f32|bf16 [5x64 [SIZE [BATCH]]]]");
        return 2;
    }
    struct net_samples *samples = samples_random(&info, &s);
    int status = measure(argv[1], trainer, samples, &s);
    net_samples_free(samples);
    net_trainer_close(trainer);
    net_unref(net);
    return status;
}

#include "tests/games/go/naive_benson.h"

enum { MAX_POINTS = 19 * 19 };

struct labels {
    int of[MAX_POINTS], count; /* of each point: 0 .. count - 1; -1: none */
};

static int neighbours(int size, int p, int *out)
{
    int n = 0, x = p % size, y = p / size;
    if (x > 0)
        out[n++] = p - 1;
    if (x < size - 1)
        out[n++] = p + 1;
    if (y > 0)
        out[n++] = p - size;
    if (y < size - 1)
        out[n++] = p + size;
    return n;
}

static void spread(int size, const bool *in, struct labels *labels, int p)
{
    int around[4], n = neighbours(size, p, around);
    labels->of[p] = labels->count;
    for (int i = 0; i < n; i++)
        if (in[around[i]] && labels->of[around[i]] < 0)
            spread(size, in, labels, around[i]);
}

static void label(int size, const bool *in, struct labels *labels)
{
    labels->count = 0;
    for (int p = 0; p < size * size; p++)
        labels->of[p] = -1;
    for (int p = 0; p < size * size; p++)
        if (in[p] && labels->of[p] < 0) {
            spread(size, in, labels, p);
            labels->count++;
        }
}

static bool touches(int size, int p, const struct labels *labels, int which)
{
    int around[4], n = neighbours(size, p, around);
    for (int i = 0; i < n; i++)
        if (labels->of[around[i]] >= 0 && (which < 0 || labels->of[around[i]] == which))
            return true;
    return false;
}

void naive_pass_alive(int size, const unsigned char *stone, int colour, bool suicide, bool *alive)
{
    static bool vital[MAX_POINTS][MAX_POINTS], beside[MAX_POINTS][MAX_POINTS]; /* [region][chain] */
    bool own[MAX_POINTS] = {false}, rest[MAX_POINTS] = {false}, safe[MAX_POINTS], gone[MAX_POINTS] = {false};
    int points = size * size, inner[MAX_POINTS] = {0};
    struct labels chains, regions;
    for (int p = 0; p < points; p++) {
        own[p] = stone[p] == colour;
        rest[p] = !own[p];
    }
    label(size, own, &chains);
    label(size, rest, &regions);
    for (int r = 0; r < regions.count; r++)
        for (int c = 0; c < chains.count; c++) {
            beside[r][c] = false;
            vital[r][c] = true;
        }
    for (int p = 0; p < points; p++) {
        if (own[p])
            continue;
        inner[regions.of[p]] += !touches(size, p, &chains, -1);
        for (int c = 0; c < chains.count; c++) {
            beside[regions.of[p]][c] |= touches(size, p, &chains, c);
            vital[regions.of[p]][c] &= touches(size, p, &chains, c) || (!suicide && stone[p] != 0);
        }
    }
    for (int c = 0; c < chains.count; c++)
        safe[c] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (int c = 0; c < chains.count; c++) {
            int count = 0;
            for (int r = 0; r < regions.count; r++)
                count += !gone[r] && beside[r][c] && vital[r][c];
            if (!safe[c] || count >= 2)
                continue;
            safe[c] = false;
            changed = true;
            for (int r = 0; r < regions.count; r++)
                gone[r] |= beside[r][c];
        }
    }
    for (int p = 0; p < points; p++)
        alive[p] = own[p] ? safe[chains.of[p]] : chains.count && !gone[regions.of[p]] && inner[regions.of[p]] <= 1;
}

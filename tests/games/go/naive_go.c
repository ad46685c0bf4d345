#include "tests/games/go/naive_go.h"

#include <string.h>

void naive_start(struct naive_go *go, int size, bool suicide, enum naive_ko ko)
{
    memset(go, 0, sizeof *go);
    go->size = size;
    go->points = size * size;
    go->suicide = suicide;
    go->ko = ko;
    go->now.to_move = 1;
}

static int neighbours(const struct naive_go *go, int point, int out[4])
{
    int x = point % go->size, y = point / go->size, n = 0;
    if (x > 0)
        out[n++] = point - 1;
    if (x < go->size - 1)
        out[n++] = point + 1;
    if (y > 0)
        out[n++] = point - go->size;
    if (y < go->size - 1)
        out[n++] = point + go->size;
    return n;
}

/* Flood fill: marks the points connected to `point` that have the same colour or are empty like it. */
static void flood(const struct naive_go *go, const struct naive_board *board, int point, bool *mark)
{
    int out[4], n = neighbours(go, point, out);
    mark[point] = true;
    for (int i = 0; i < n; i++)
        if (!mark[out[i]] && board->stone[out[i]] == board->stone[point])
            flood(go, board, out[i], mark);
}

static bool touches(const struct naive_go *go, const struct naive_board *board, int point, int content,
                    const bool *only)
{
    int out[4], n = neighbours(go, point, out);
    for (int i = 0; i < n; i++)
        if (board->stone[out[i]] == content && (!only || only[out[i]]))
            return true;
    return false;
}

int naive_liberties(const struct naive_go *go, const struct naive_board *board, int point)
{
    bool chain[NAIVE_MAX_POINTS] = {false};
    int count = 0;
    flood(go, board, point, chain);
    for (int i = 0; i < go->points; i++)
        count += board->stone[i] == 0 && touches(go, board, i, board->stone[point], chain);
    return count;
}

/* Removes the chain on point if it has no liberty; returns the stones removed. */
static int remove_dead(const struct naive_go *go, struct naive_board *board, int point)
{
    bool chain[NAIVE_MAX_POINTS] = {false};
    int count = 0;
    if (naive_liberties(go, board, point))
        return 0;
    flood(go, board, point, chain);
    for (int i = 0; i < go->points; i++)
        if (chain[i]) {
            board->stone[i] = 0;
            count++;
        }
    return count;
}

int naive_put(const struct naive_go *go, struct naive_board *board, int point, int *captured)
{
    int out[4], n = neighbours(go, point, out), mover = board->to_move;
    board->stone[point] = (unsigned char)mover;
    *captured = 0;
    for (int i = 0; i < n; i++)
        if (board->stone[out[i]] == 3 - mover)
            *captured += remove_dead(go, board, out[i]);
    board->to_move = 3 - mover;
    return remove_dead(go, board, point);
}

static bool same_stones(const struct naive_go *go, const struct naive_board *a, const struct naive_board *b)
{
    return memcmp(a->stone, b->stone, (size_t)go->points) == 0;
}

bool naive_legal(const struct naive_go *go, int point)
{
    if (point == go->points)
        return true;
    if (go->now.stone[point])
        return false;
    struct naive_board after = go->now;
    int captured, lost = naive_put(go, &after, point, &captured);
    if (lost && !go->suicide)
        return false;
    if (go->ko == NAIVE_SIMPLE) /* the board before the opponent's move may not be repeated */
        return !(go->last_captured && same_stones(go, &after, &go->past[go->plies - 1]));
    for (int i = 0; i <= go->plies; i++) {
        const struct naive_board *past = i < go->plies ? &go->past[i] : &go->now;
        if (same_stones(go, &after, past) && (go->ko == NAIVE_POSITIONAL || past->to_move == after.to_move))
            return false;
    }
    return true;
}

void naive_play(struct naive_go *go, int point)
{
    int captured = 0, lost, mover = go->now.to_move;
    go->past[go->plies++] = go->now;
    if (point == go->points) {
        go->passes++;
        go->now.to_move = 3 - mover;
    } else {
        go->passes = 0;
        lost = naive_put(go, &go->now, point, &captured);
        go->prisoners[mover] += captured;
        go->prisoners[3 - mover] += lost;
    }
    go->last_captured = captured > 0;
}

int naive_area(const struct naive_go *go, const struct naive_board *board)
{
    int area = 0;
    for (int p = 0; p < go->points; p++) {
        bool region[NAIVE_MAX_POINTS] = {false}, black = false, white = false;
        if (board->stone[p]) {
            area += board->stone[p] == 1 ? 1 : -1;
            continue;
        }
        flood(go, board, p, region);
        for (int i = 0; i < go->points; i++)
            if (region[i]) {
                black |= touches(go, board, i, 1, NULL);
                white |= touches(go, board, i, 2, NULL);
            }
        area += black && !white ? 1 : white && !black ? -1 : 0;
    }
    return area;
}

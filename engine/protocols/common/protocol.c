#include "engine/protocols/common/protocol.h"

#include <errno.h>
#include <unistd.h>

bool protocol_write(int fd, const char *text, size_t length)
{
    while (length) {
        ssize_t wrote = write(fd, text, length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        text += wrote;
        length -= (size_t)wrote;
    }
    return true;
}

bool protocol_is_colour(const char *text, enum game_colour *colour)
{
    static const struct {
        const char *text;
        enum game_colour colour;
    } colours[] = {{"b", GAME_BLACK}, {"black", GAME_BLACK}, {"w", GAME_WHITE}, {"white", GAME_WHITE}};
    for (size_t i = 0; i < G_N_ELEMENTS(colours); i++)
        if (g_ascii_strcasecmp(text, colours[i].text) == 0) {
            *colour = colours[i].colour;
            return true;
        }
    return false;
}

int protocol_handicap(const struct game *game, const struct protocol_move *moves, int count)
{
    int stones = 0, at = 0;
    for (; at < count; at++)
        if (moves[at].colour == GAME_BLACK && moves[at].move != game->pass)
            stones++;
        else if (moves[at].colour == GAME_BLACK || moves[at].move != game->pass)
            break;
    bool set_up = at + 1 < count && moves[at].colour == GAME_WHITE && moves[at + 1].colour == GAME_WHITE &&
                  moves[at + 1].move != game->pass;
    return stones < 2 || set_up ? 0 : stones;
}

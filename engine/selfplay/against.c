#include "engine/selfplay/against.h"

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"

void against_init(struct against *against, const struct settings *settings)
{
    *against =
        (struct against){.visits = settings->against_visits, .most = settings->against_visits_final, .score = -1};
}

bool against_note(struct against *against, const struct record *record)
{
    const int opponent = record_opponent(record);
    if (opponent < 0)
        return false;
    against->points += (1 + game_result_sign(&record->result, !opponent)) / 2.0;
    if (++against->games < AGAINST_GAMES)
        return false;
    const bool raise = against->points > AGAINST_GAMES / 2.0 && against->visits < against->most;
    against->score = against->points / AGAINST_GAMES;
    against->games = 0;
    against->points = 0;
    if (raise)
        against->visits = MIN(2 * against->visits, against->most);
    return raise;
}

#include "engine/cluster/message.h"
#include "engine/lab/ledger.h"
#include "engine/lab/ranks/ranks.h"

void lab_put_progress(GByteArray *message, const struct ledger_progress *progress)
{
    message_put_u64(message, (uint64_t)progress->slices);
    message_put_f64(message, progress->seconds);
    message_put_f64(message, progress->seconds_at_stored);
}

void lab_take_progress(struct message_reader *fields, struct ledger_progress *progress)
{
    *progress = (struct ledger_progress){.slices = (int64_t)message_take_u64(fields),
                                         .seconds = message_take_f64(fields),
                                         .seconds_at_stored = message_take_f64(fields)};
}

char *lab_mark_path(const char *folder)
{
    return g_build_filename(folder, "ranks", NULL);
}

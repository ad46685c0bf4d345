/* Says what an engine remembers of earlier games. */
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "engine/viewer/text.h"

static const char *const days[] = {N_("Monday"), N_("Tuesday"),  N_("Wednesday"), N_("Thursday"),
                                   N_("Friday"), N_("Saturday"), N_("Sunday")};

/* The number of midnights between the two. */
static int days_between(GDateTime *from, GDateTime *to)
{
    GDate first, last;
    int year, month, day;
    g_date_time_get_ymd(from, &year, &month, &day);
    g_date_set_dmy(&first, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    g_date_time_get_ymd(to, &year, &month, &day);
    g_date_set_dmy(&last, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    return g_date_days_between(&first, &last);
}

void session_recall(struct session *session, int64_t lost)
{
    GDateTime *then = g_date_time_new_from_unix_local(lost), *now = g_date_time_new_now_local();
    const int ago = then ? days_between(then, now) : -1;
    if (ago == 0) {
        session_notify(session, NOTICE_INFO, "%s", _("You won like this earlier today"));
    } else if (ago == 1) {
        session_notify(session, NOTICE_INFO, "%s", _("You won like this yesterday"));
    } else if (ago > 1 && ago < 7) {
        session_notify(session, NOTICE_INFO, _("You won like this on %s"),
                       _(days[g_date_time_get_day_of_week(then) - 1]));
    } else if (then) {
        char *date = g_date_time_format(then, "%Y-%m-%d");
        session_notify(session, NOTICE_INFO, _("You won like this on %s"), date);
        g_free(date);
    }
    g_clear_pointer(&then, g_date_time_unref);
    g_date_time_unref(now);
}

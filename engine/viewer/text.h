/* Translation of texts by gettext. The catalogues are engine/viewer/po/LANGUAGE.po. */
#ifndef TENGEN_ENGINE_VIEWER_TEXT_H
#define TENGEN_ENGINE_VIEWER_TEXT_H

#include <libintl.h>

#define _(text) dgettext("tengen", text)
#define N_(text) (text) /* marks a text that is translated where it is displayed */

#endif

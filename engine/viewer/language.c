#include "engine/viewer/language.h"

#include <glib.h>
#include <libintl.h>
#include <locale.h>
#include <unistd.h>

/* The folder of the catalogues: "locale" beside the program (build folder), otherwise ../share/locale (installed). */
static char *catalogue_folder(void)
{
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    char *found = NULL;
    if (length > 0) {
        program[length] = '\0';
        char *folder = g_path_get_dirname(program);
        char *near = g_build_filename(folder, "locale", NULL);
        char *shared = g_build_filename(folder, "..", "share", "locale", NULL);
        found = g_strdup(g_file_test(near, G_FILE_TEST_IS_DIR) ? near : shared);
        g_free(near);
        g_free(shared);
        g_free(folder);
    }
    return found;
}

void language_set(int choice)
{
    static const char *const languages[] = {NULL, "en", "zh_CN"};
    static char *initial; /* LANGUAGE at the start of the program */
    static int initialised;
    if (!initialised) {
        char *folder = catalogue_folder();
        initial = g_strdup(g_getenv("LANGUAGE"));
        initialised = 1;
        if (folder)
            bindtextdomain("tengen", folder);
        bind_textdomain_codeset("tengen", "UTF-8");
        g_free(folder);
    }
    /* gettext needs a locale other than "C" to look for catalogues; any will do, since LANGUAGE takes precedence. */
    const char *locale = setlocale(LC_MESSAGES, "");
    if (choice && (!locale || g_str_equal(locale, "C") || g_str_equal(locale, "POSIX")))
        setlocale(LC_MESSAGES, "C.UTF-8");
    setlocale(LC_CTYPE, "C.UTF-8");
    if (choice)
        g_setenv("LANGUAGE", languages[choice], TRUE);
    else if (initial)
        g_setenv("LANGUAGE", initial, TRUE);
    else
        g_unsetenv("LANGUAGE");
    /* Notifies glibc that LANGUAGE has changed. */
    extern int _nl_msg_cat_cntr; /* NOLINT(bugprone-reserved-identifier): glibc's, see info gettext, 'gettext grok' */
    _nl_msg_cat_cntr++;
}

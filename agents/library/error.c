#include "agents/library/library.h"

#include <stdarg.h>

#include <tengen/tengen.h>

#include "agents/agent.h"
#include "games/game.h"
#include "net/io/safetensors.h"
#include "net/net.h"

static enum tengen_error_code code_of(const GError *cause)
{
    if (cause->domain == NET_ERROR)
        return cause->code == NET_ERROR_SPEC      ? TENGEN_ERROR_INPUT
               : cause->code == NET_ERROR_LIBRARY ? TENGEN_ERROR_SYSTEM
                                                  : TENGEN_ERROR_FILE;
    if (cause->domain == AGENT_ERROR)
        return cause->code == AGENT_ERROR_SPEC || cause->code == AGENT_ERROR_GAME ? TENGEN_ERROR_INPUT
                                                                                  : TENGEN_ERROR_AGENT;
    if (cause->domain == SAFETENSORS_ERROR)
        return TENGEN_ERROR_FILE;
    return cause->domain == GAME_ERROR ? TENGEN_ERROR_INPUT : TENGEN_ERROR_SYSTEM;
}

int library_fail(struct tengen_error *error, GError *cause)
{
    if (error) {
        error->code = code_of(cause);
        g_strlcpy(error->message, cause->message, sizeof error->message);
    }
    g_error_free(cause);
    return -1;
}

int library_refuse(struct tengen_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int result = library_fail(error, g_error_new_valist(GAME_ERROR, GAME_ERROR_SPEC, format, args));
    va_end(args);
    return result;
}

const char *tengen_version(void)
{
    return TENGEN_VERSION;
}

/** @file tengen/error.h
 *  Error reporting, and conventions common to all headers of the library.
 *
 *  A function that can fail takes a pointer to a struct tengen_error as its last argument and returns -1 or NULL on
 *  failure. The pointer may be NULL if the reason is not needed. On success the struct is not modified.
 *  Passing NULL or a freed object where an object is expected is undefined behaviour.
 *
 *  Memory: objects returned by functions named `_new`, `_copy` or `_open` are owned by the caller, who must pass them to
 *  the corresponding `_free` or `_close`. No other function transfers ownership. The process aborts if memory runs out.
 *
 *  Threads: different objects may be used from different threads at the same time. One object must not be used by two
 *  threads at once, except where a function says so. */
#ifndef TENGEN_ERROR_H
#define TENGEN_ERROR_H

/** Marks the functions that the shared library exports. */
#ifndef TENGEN_API
#ifdef __GNUC__
#define TENGEN_API __attribute__((visibility("default")))
#else
#define TENGEN_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Sizes that are part of the interface. */
enum {
    TENGEN_ERROR_MESSAGE_SIZE = 1024 /**< bytes of an error message, its terminating NUL included */
};

/** The kinds of failure. */
enum tengen_error_code {
    TENGEN_ERROR_INPUT = 1, /**< invalid spec, move or argument */
    TENGEN_ERROR_FILE = 2,  /**< weights file missing, corrupt or for another game */
    TENGEN_ERROR_AGENT = 3, /**< an external program died, hung or replied incorrectly */
    TENGEN_ERROR_SYSTEM = 4 /**< an error of the operating system or of a library that Tengen uses */
};

/** Why a call failed. */
struct tengen_error {
    enum tengen_error_code code;             /**< the kind of failure */
    char message[TENGEN_ERROR_MESSAGE_SIZE]; /**< one line of UTF-8: what is wrong and what is accepted */
};

#ifdef __cplusplus
}
#endif

#endif

/** @file tengen/error.h
 *  What a call reports when it fails, and the conventions that every header of the library shares.
 *
 *  A function that can fail takes a pointer to a struct tengen_error as its last argument and returns -1 or NULL on
 *  failure. The pointer may be NULL when the caller does not want to know why. On success the struct is left alone.
 *  Passing NULL, or an object that was freed, where an object is expected is a bug in the caller and is not detected.
 *
 *  Memory: what a function named `_new`, `_copy` or `_open` returns belongs to the caller, who hands it back to the
 *  function named `_free` or `_close`. No other function transfers ownership. The process is aborted when memory runs
 *  out.
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
    TENGEN_ERROR_INPUT = 1, /**< a spec, a move or an argument that is not acceptable */
    TENGEN_ERROR_FILE = 2,  /**< a weights file that is missing, damaged or made for another game */
    TENGEN_ERROR_AGENT = 3, /**< an external program died, hung or answered nonsense */
    TENGEN_ERROR_SYSTEM = 4 /**< the machine or a library that Tengen rests on refused */
};

/** Why a call failed. */
struct tengen_error {
    enum tengen_error_code code;             /**< the kind of failure */
    char message[TENGEN_ERROR_MESSAGE_SIZE]; /**< one line of UTF-8: what is wrong, and what would be accepted */
};

#ifdef __cplusplus
}
#endif

#endif

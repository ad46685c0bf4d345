/* The language of translated texts: that of the desktop, or a chosen one. */
#ifndef TENGEN_ENGINE_VIEWER_LANGUAGE_H
#define TENGEN_ENGINE_VIEWER_LANGUAGE_H

/* choice: 0 according to the environment, 1 English, 2 Chinese. Not thread-safe: call it from the thread that displays
 * texts. */
void language_set(int choice);

#endif

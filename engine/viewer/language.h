/* Which language the texts are in: the desk's, or one that was chosen. */
#ifndef TENGEN_ENGINE_VIEWER_LANGUAGE_H
#define TENGEN_ENGINE_VIEWER_LANGUAGE_H

/* choice: 0 as the environment says, 1 English, 2 Chinese. Call from the only thread that shows texts. */
void language_set(int choice);

#endif

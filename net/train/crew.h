/* The threads that share the work of a trainer's step: the caller's own, and helpers, which sleep between two jobs. */
#ifndef TENGEN_NET_TRAIN_CREW_H
#define TENGEN_NET_TRAIN_CREW_H

/* Zeroed at first. Belongs to one thread. */
struct crew {
    struct crew_helpers *helpers; /* NULL: none yet */
    int count;
};

/* Calls work(user, lane) for the lanes 0 to threads - 1, each in a thread of its own, lane 0 in the caller's, and returns when all
 * have returned. If the system refuses a thread there are fewer lanes: work must not count on any but lane 0. What lanes share
 * they guard themselves; what the caller did before is visible to all, and what they did to the caller afterwards. */
void crew_run(struct crew *crew, int threads, void (*work)(void *user, int lane), void *user);
/* Ends the helpers. */
void crew_end(struct crew *crew);

#endif

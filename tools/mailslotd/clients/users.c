/* A list, since a computer has few users with connections at a time. */
#include "users.h"

#include <stdlib.h>

/* Moves what it finds to the front, where it is found soonest again. */
struct user *users_find(struct users *users, uid_t uid) {
    for (struct user **at = &users->first; *at; at = &(*at)->next) {
        struct user *user = *at;
        if (user->uid != uid)
            continue;
        *at = user->next;
        user->next = users->first;
        users->first = user;
        return user;
    }
    return NULL;
}

struct user *users_enter(struct users *users, uid_t uid) {
    struct user *user = users_find(users, uid);
    if (!user) {
        user = calloc(1, sizeof *user);
        if (!user)
            return NULL;
        user->uid = uid;
        user->next = users->first;
        users->first = user;
    }
    user->connections++;
    return user;
}

void users_leave(struct users *users, struct user *user) {
    /* Only users with connections are in the list, so it stays short. */
    if (--user->connections)
        return;
    struct user **at = &users->first;
    while (*at != user)
        at = &(*at)->next;
    *at = user->next;
    free(user);
}

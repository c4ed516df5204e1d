/* Child processes that do not outlive their parent. */
#ifndef MAILSLOT_TEST_DIE_WITH_PARENT_H
#define MAILSLOT_TEST_DIE_WITH_PARENT_H

#include <sys/types.h>

/** In a child, once it has its final user: has the kernel kill it when its parent dies. Ends the
 * process if that has happened already. The pid of the parent is noted before the fork. */
void die_with_parent(pid_t parent);

#endif

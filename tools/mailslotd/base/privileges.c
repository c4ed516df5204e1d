/* Gives up root: the order is groups, group, user, then capabilities, since each step needs rights
 * that the next one takes away. */
#include "privileges.h"
#include "error.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

mailslot_err privileges_find(struct identity *identity, const char *user) {
    *identity = (struct identity){.change = geteuid() == 0};
    if (!identity->change)
        return MAILSLOT_OK;
    const struct passwd *entry = getpwnam(user);
    if (!entry)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "user %s does not exist: name another with 'user'", user);
    /* A daemon that parses packets of the network must not keep root. */
    if (!entry->pw_uid)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "user %s has uid 0, and mailslotd must not run as root: name another "
                             "with 'user'",
                             user);
    identity->uid = entry->pw_uid;
    identity->gid = entry->pw_gid;
    return MAILSLOT_OK;
}

static mailslot_err privileges_fail(const char *what) {
    return msi_fail_errno(MAILSLOT_ERR_OS, errno, "%s", what);
}

static mailslot_err change_user(const struct identity *identity) {
    if (setgroups(0, NULL))
        return privileges_fail("cannot leave the supplementary groups");
    if (setresgid(identity->gid, identity->gid, identity->gid))
        return privileges_fail("cannot change the group");
    if (setresuid(identity->uid, identity->uid, identity->uid))
        return privileges_fail("cannot change the user");
    /* Verifies that no saved id is left that leads back to root. */
    if (!setuid(0))
        return mailslot_fail(MAILSLOT_ERR_OS, "setuid(0) succeeded after giving up root");
    return MAILSLOT_OK;
}

/* Also without a change of user: systemd grants CAP_NET_BIND_SERVICE for the ports, which are bound
 * by now. NO_NEW_PRIVS keeps execve() from regaining rights by a set-user-ID program. */
static mailslot_err drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capset, &header, none))
        return privileges_fail("cannot give up capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return privileges_fail("cannot give up new privileges");
    return MAILSLOT_OK;
}

mailslot_err privileges_drop(const struct identity *identity) {
    mailslot_err err = identity->change ? change_user(identity) : MAILSLOT_OK;
    return err ? err : drop_capabilities();
}

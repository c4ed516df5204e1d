/* The sockets that programs connect to, in a directory of somebody else's. The linker leads calls
 * of bind() through here. */
#include <listener.h>
#include <slotdir.h>

#include <sys/socket.h>

static char path[128], precious[128];
static bool replaced; /* the socket is, as soon as it is there, by a link to what is precious */

int __real_bind(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len) {
    int result = __real_bind(fd, address, len);
    if (replaced)
        check(unlink(path) == 0 && symlink(precious, path) == 0);
    return result;
}

static int setup(void **state) {
    if (slotdir_setup(state))
        return -1;
    snprintf(path, sizeof path, "%s/socket", slotdir_path());
    snprintf(precious, sizeof precious, "%s/precious", slotdir_path());
    replaced = false;
    return 0;
}

static int mode_of(const char *file) {
    struct stat status;
    check(lstat(file, &status) == 0);
    return status.st_mode & 07777;
}

static void everybody_may_connect_whatever_the_umask(void **state) {
    (void)state;
    static const mode_t masks[] = {0, 0077, 0777};
    for (size_t i = 0; i < 3; i++) {
        struct listener listener;
        mode_t before = umask(masks[i]);
        check_ok(listener_open(&listener, path, SOCK_STREAM));
        check_int(0666, mode_of(path));
        check_int(masks[i], umask(before));
        listener_close(&listener);
    }
}

/* Who owns the directory may replace what root makes there. */
static void what_takes_the_sockets_place_keeps_its_mode(void **state) {
    (void)state;
    struct listener listener;
    int fd = open(precious, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    check(fd >= 0 && close(fd) == 0);
    replaced = true;
    check_ok(listener_open(&listener, path, SOCK_STREAM));
    check_int(0600, mode_of(precious));
    listener_close(&listener);
    check_int(0600, mode_of(precious));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everybody_may_connect_whatever_the_umask, setup,
                                        slotdir_teardown),
        cmocka_unit_test_setup_teardown(what_takes_the_sockets_place_keeps_its_mode, setup,
                                        slotdir_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

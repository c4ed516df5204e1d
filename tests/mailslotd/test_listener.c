/* The sockets that programs connect to: in a directory of somebody else's, and when the system has
 * no room for more. The linker leads calls of bind() and accept4() through here. */
#include <clients/listener.h>
#include <slotdir.h>

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

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

static int no_room; /* an errno: why nobody is let in */

int __real_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags) {
    errno = no_room;
    return no_room ? -1 : __real_accept4(fd, address, len, flags);
}

static int setup(void **state) {
    if (slotdir_setup(state))
        return -1;
    snprintf(path, sizeof path, "%s/socket", slotdir_path());
    snprintf(precious, sizeof precious, "%s/precious", slotdir_path());
    replaced = false;
    no_room = 0;
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

static struct listener listening;
static unsigned turns, let_in;

static void on_connection(uv_poll_t *poll, int status, int events) {
    (void)status, (void)events;
    check(poll == &listening.poll && poll->data == &let_in);
    turns++;
    int fd = listener_accept(&listening);
    if (fd >= 0)
        let_in++, close(fd);
}

static int connect_to_it(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

/* Without our being called for it all the time. */
static void who_finds_no_room_is_let_in_later(void **state) {
    (void)state;
    uv_loop_t loop;
    check_int(0, uv_loop_init(&loop));
    check_ok(listener_open(&listening, path, SOCK_STREAM));
    listener_start(&listening, &loop, on_connection, &let_in);
    int fd = connect_to_it();
    no_room = EMFILE;
    for (unsigned failed = 1; failed <= 3; failed++) {
        while (turns < failed)
            uv_run(&loop, UV_RUN_ONCE);
        check(!uv_is_active((uv_handle_t *)&listening.poll));
    }
    check_int(0, let_in);
    no_room = 0;
    while (!let_in)
        uv_run(&loop, UV_RUN_ONCE);
    check(uv_is_active((uv_handle_t *)&listening.poll));
    check_int(4, turns);
    listener_close(&listening);
    uv_run(&loop, UV_RUN_DEFAULT);
    check_int(0, uv_loop_close(&loop));
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everybody_may_connect_whatever_the_umask, setup,
                                        slotdir_teardown),
        cmocka_unit_test_setup_teardown(what_takes_the_sockets_place_keeps_its_mode, setup,
                                        slotdir_teardown),
        cmocka_unit_test_setup_teardown(who_finds_no_room_is_let_in_later, setup, slotdir_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

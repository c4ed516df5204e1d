/* A private MAILSLOT_DIR for each test, gone when the test is over, whatever it left there. */
#ifndef MAILSLOT_TEST_SLOTDIR_H
#define MAILSLOT_TEST_SLOTDIR_H

#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

static inline const char *slotdir_path(void) { return getenv("MAILSLOT_DIR"); }

static inline int slotdir_setup(void **state) {
    char path[] = "/dev/shm/mailslot-test-XXXXXX";
    (void)state;
    return mkdtemp(path) && setenv("MAILSLOT_DIR", path, 1) == 0 ? 0 : -1;
}

static inline int slotdir_remove_one(const char *path, const struct stat *status, int type,
                                     struct FTW *position) {
    (void)status, (void)type, (void)position;
    return remove(path);
}

static inline int slotdir_teardown(void **state) {
    (void)state;
    int result = nftw(slotdir_path(), slotdir_remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    unsetenv("MAILSLOT_DIR");
    return result;
}

/** A cmocka test in a slot directory of its own. */
#define slot_test(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, slotdir_setup, slotdir_teardown)

/** Where the slots of user uid live. */
static inline void slotdir_of(uid_t uid, char path[PATH_MAX]) {
    snprintf(path, PATH_MAX, "%s/mailslot-%lu", slotdir_path(), (unsigned long)uid);
}

/** Counts what is in a directory and stores the path of the last entry; 0 if there is none such. */
static inline int slotdir_entries(const char *directory, char last[PATH_MAX]) {
    DIR *dir = opendir(directory);
    int count = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            count++;
            if (last)
                snprintf(last, PATH_MAX, "%.*s/%s", PATH_MAX - 300, directory, entry->d_name);
        }
    }
    if (dir)
        closedir(dir);
    return count;
}

/** Counts what this process holds open. */
static inline int slotdir_descriptors(void) { return slotdir_entries("/proc/self/fd", NULL); }

/** Whether this process maps a file below a directory. */
static inline bool slotdir_is_mapped(const char *directory) {
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[PATH_MAX + 128];
    bool mapped = false;
    while (maps && fgets(line, sizeof line, maps)) {
        const char *path = strstr(line, directory);
        mapped = mapped || (path && path[strlen(directory)] == '/');
    }
    check(maps && fclose(maps) == 0);
    return mapped;
}

/** Counts the files in this user's slot directory. */
static inline int slotdir_files(void) {
    char directory[PATH_MAX];
    slotdir_of(geteuid(), directory);
    return slotdir_entries(directory, NULL);
}

/** Finds the only file in this user's slot directory. */
static inline void slotdir_only_file(char path[PATH_MAX]) {
    char directory[PATH_MAX];
    slotdir_of(geteuid(), directory);
    check_int(1, slotdir_entries(directory, path));
}

#endif

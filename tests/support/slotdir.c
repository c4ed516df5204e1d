/* Slot directories for tests, and what the library leaves in them and in this process. */
#include "slotdir.h"

#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>

#define TREE_DESCRIPTORS 16  /* that nftw() may hold open */
#define NAME_ROOM        300 /* bytes that a path needs for "/", a file's name and its end */

const char *slotdir_path(void) { return getenv("MAILSLOT_DIR"); }

int slotdir_setup(void **state) {
    char path[] = "/dev/shm/mailslot-test-XXXXXX";
    (void)state;
    return mkdtemp(path) && setenv("MAILSLOT_DIR", path, 1) == 0 ? 0 : -1;
}

static int slotdir_remove_one(const char *path, const struct stat *status, int type,
                              struct FTW *position) {
    (void)status, (void)type, (void)position;
    return remove(path);
}

int slotdir_teardown(void **state) {
    (void)state;
    int result = nftw(slotdir_path(), slotdir_remove_one, TREE_DESCRIPTORS,
                      FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    unsetenv("MAILSLOT_DIR");
    return result;
}

void slotdir_of(uid_t uid, char path[PATH_MAX]) {
    snprintf(path, PATH_MAX, "%s/mailslot-%lu", slotdir_path(), (unsigned long)uid);
}

int slotdir_entries(const char *directory, char last[PATH_MAX]) {
    DIR *dir = opendir(directory);
    int count = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            count++;
            if (last)
                snprintf(last, PATH_MAX, "%.*s/%s", PATH_MAX - NAME_ROOM, directory, entry->d_name);
        }
    }
    if (dir)
        closedir(dir);
    return count;
}

int slotdir_descriptors(void) { return slotdir_entries("/proc/self/fd", NULL); }

bool slotdir_is_mapped(const char *directory) {
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

int slotdir_files(void) {
    char directory[PATH_MAX];
    slotdir_of(geteuid(), directory);
    return slotdir_entries(directory, NULL);
}

void slotdir_only_file(char path[PATH_MAX]) {
    char directory[PATH_MAX];
    slotdir_of(geteuid(), directory);
    check_int(1, slotdir_entries(directory, path));
}

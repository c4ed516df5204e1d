/*
 * A fuzz target without libFuzzer: runs it once on each file that is named, or lies in a directory
 * that is named. Says which before it does, so that one knows what a crash was about.
 *
 *     fuzz_TARGET FILE|DIRECTORY...
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

static int inputs;

static _Noreturn void give_up(const char *path) {
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(1);
}

static void run_file(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = fuzz_memory(size);
    if (!file || fread(data, 1, size, file) != size)
        give_up(path);
    fclose(file);
    printf("%s\n", path);
    fflush(stdout);
    require(LLVMFuzzerTestOneInput(data, size) == 0);
    free(data);
    inputs++;
}

static void run(const char *path);

static void run_directory(const char *path) {
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0)
        give_up(path);
    for (int i = 0; i < count; i++) {
        char below[PATH_MAX];
        snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            run(below);
        free(entries[i]);
    }
    free(entries);
}

static void run(const char *path) {
    struct stat status;
    if (stat(path, &status))
        give_up(path);
    if (S_ISDIR(status.st_mode))
        run_directory(path);
    else
        run_file(path, (size_t)status.st_size);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        run(argv[i]);
    printf("%d inputs\n", inputs);
    return inputs ? 0 : 1;
}

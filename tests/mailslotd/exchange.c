/*
 * A program that uses mailslots across users, through mailslotd, as any would.
 *
 * usage: exchange read NAME user|group|everyone    prints "ready", then each message and whose it
 * is exchange write NAME TEXT [TIMES]          prints the error's name, or OK, and its words
 */
#include <mailslot/mailslot.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int say(mailslot_err err) {
    printf("%s %s\n", mailslot_errname(err), err ? mailslot_detail() : "");
    return err != MAILSLOT_OK;
}

static mailslot_access access_of(const char *word) {
    if (strcmp(word, "group") == 0)
        return MAILSLOT_ACCESS_GROUP;
    return strcmp(word, "everyone") == 0 ? MAILSLOT_ACCESS_EVERYONE : MAILSLOT_ACCESS_USER;
}

static int read_all(const char *name, const char *access) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.access = access_of(access);
    MAILSLOT_SCOPED mailslot *slot = NULL;
    mailslot_record *record = NULL;
    mailslot_err err = mailslot_open(&slot, name, &options);
    if (!err)
        err = mailslot_record_new(&record);
    if (!err)
        puts("ready");
    while (!err && !(err = mailslot_get(slot, record, MAILSLOT_FOREVER))) {
        const mailslot_origin *origin = mailslot_record_origin(record);
        printf("%s pid %lld uid %lld computer %s address %s remote %d\n",
               (const char *)mailslot_record_value(record), (long long)origin->pid,
               (long long)origin->uid, origin->computer, origin->address, origin->remote);
    }
    mailslot_record_free(record);
    return say(err);
}

static int write_all(const char *name, const char *text, long times) {
    MAILSLOT_SCOPED mailslot *slot = NULL;
    mailslot_err err = mailslot_open(&slot, name, NULL);
    while (!err && times-- > 0)
        err = mailslot_put(slot, text);
    return say(err);
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 4 && strcmp(argv[1], "read") == 0)
        return read_all(argv[2], argv[3]);
    if (argc >= 4 && strcmp(argv[1], "write") == 0)
        return write_all(argv[2], argv[3], argc > 4 ? atol(argv[4]) : 1);
    return 2;
}

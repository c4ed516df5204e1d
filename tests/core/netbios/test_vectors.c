/* Every file of tests/vectors/netbios is a test: its bytes mean what stands beside them, or are
 * refused for the reason that does; and what is in the one form we write comes out the same. */
#include "describe.h"
#include "same.h"
#include "test.h"
#include "vector.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>

enum { MOST_VECTORS = 512 };

/* Bytes as they came off the network: none behind them belongs to us. */
static unsigned char *exactly(const struct vector *vector) {
    unsigned char *bytes = malloc(vector->len ? vector->len : 1);
    check(bytes != NULL);
    memcpy(bytes, vector->bytes, vector->len);
    return bytes;
}

/* Each of these decodes bytes, describes them, and encodes them again: returns the encoded bytes,
 * after making sure that they mean the same; 0 if the bytes were refused. */

static size_t run_name(const struct vector *vector, const unsigned char *bytes,
                       struct description *said, unsigned char *again) {
    msi_nbname name, second;
    size_t next = vector->at, end = 0;
    if (!msi_nbname_decode(&name, bytes, vector->len, &next)) {
        describe_kind(said, MSI_WIRE_NAME);
        check_int((int64_t)vector->at, (int64_t)next);
        return 0;
    }
    describe_name(said, &name, next);
    size_t len = msi_nbname_encode(&name, again, VECTOR_BYTES);
    check(msi_nbname_decode(&second, again, len, &end) && end == len && same_name(&name, &second));
    return len;
}

static size_t run_datagram(const struct vector *vector, const unsigned char *bytes,
                           struct description *said, unsigned char *again) {
    msi_datagram datagram, second;
    msi_wire_err err = msi_datagram_decode(&datagram, bytes, vector->len);
    if (err) {
        describe_kind(said, err);
        return 0;
    }
    describe_datagram(said, &datagram, bytes);
    size_t len = msi_datagram_encode(&datagram, again, VECTOR_BYTES);
    check(!msi_datagram_decode(&second, again, len) && same_datagram(&datagram, &second));
    return len;
}

static size_t run_write(const struct vector *vector, const unsigned char *bytes,
                        struct description *said, unsigned char *again) {
    msi_smb_mailslot write, second;
    msi_wire_err err = msi_smb_mailslot_decode(&write, bytes, vector->len);
    if (err) {
        describe_kind(said, err);
        return 0;
    }
    describe_write(said, &write, bytes);
    size_t len = msi_smb_mailslot_encode(&write, again, VECTOR_BYTES);
    check(!msi_smb_mailslot_decode(&second, again, len) && same_write(&write, &second));
    return len;
}

static size_t run_ns(const struct vector *vector, const unsigned char *bytes,
                     struct description *said, unsigned char *again) {
    msi_ns_packet packet, second;
    msi_wire_err err = msi_ns_decode(&packet, bytes, vector->len);
    if (err) {
        describe_kind(said, err);
        return 0;
    }
    describe_ns(said, &packet, bytes);
    size_t len = msi_ns_encode(&packet, again, VECTOR_BYTES);
    check(!msi_ns_decode(&second, again, len) && same_ns_packet(&packet, &second));
    return len;
}

static size_t run(const struct vector *vector, const unsigned char *bytes, struct description *said,
                  unsigned char *again) {
    static const struct {
        const char *is;
        size_t (*run)(const struct vector *, const unsigned char *, struct description *,
                      unsigned char *);
    } kinds[] = {{"name", run_name},
                 {"datagram", run_datagram},
                 {"smb_mailslot", run_write},
                 {"nameservice", run_ns}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(vector->is, kinds[i].is) == 0)
            return kinds[i].run(vector, bytes, said, again);
    dprintf(STDERR_FILENO, "\"%s\" is no kind of vector\n", vector->is);
    fail();
    return 0;
}

static void means_what_stands_beside_it(void **state) {
    static struct vector vector;
    static struct description said;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", VECTORS, (const char *)*state);
    vector_read(&vector, path);
    said.used = 0;
    unsigned char *bytes = exactly(&vector), again[VECTOR_BYTES];
    size_t len = run(&vector, bytes, &said, again);
    free(bytes);
    check_text(vector.meaning, said.text);
    check((len && same_bytes(again, len, vector.bytes, vector.len)) == vector.canonical);
}

static int is_vector(const struct dirent *entry) {
    size_t len = strlen(entry->d_name), suffix = strlen(".vector");
    return len > suffix && strcmp(entry->d_name + len - suffix, ".vector") == 0;
}

int main(void) {
    struct dirent **entries;
    int count = scandir(VECTORS, &entries, is_vector, alphasort);
    if (count <= 0 || count > MOST_VECTORS) {
        fprintf(stderr, "%s: %d vectors, expected 1 to %d\n", VECTORS, count, MOST_VECTORS);
        return 1;
    }
    struct CMUnitTest tests[MOST_VECTORS];
    for (int i = 0; i < count; i++)
        tests[i] = (struct CMUnitTest){.name = entries[i]->d_name,
                                       .test_func = means_what_stands_beside_it,
                                       .initial_state = entries[i]->d_name};
    int failed = _cmocka_run_group_tests("netbios vectors", tests, (size_t)count, NULL, NULL);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return failed;
}

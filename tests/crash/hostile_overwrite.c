/* The attacker: knows the file's layout, and writes where it hurts. */
#include "hostile.h"
#include "message.h"
#include "slotdir.h"
#include "view.h"

#include <sys/mman.h>

enum { QUEUE_OFFSET = 512, RING_OFFSET = 4096 };

/* The file that has the name at the moment. */
static struct {
    unsigned char *map;
    size_t size;
    ino_t inode;
} target;

static void find_target(void) {
    struct stat status;
    char directory[PATH_MAX], path[PATH_MAX + sizeof HOSTILE_SLOT];
    slotdir_of(geteuid(), directory);
    snprintf(path, sizeof path, "%s/%s", directory, HOSTILE_SLOT);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) || status.st_ino == target.inode) {
        close(fd);
        return;
    }
    if (target.map)
        munmap(target.map, target.size);
    target.inode = status.st_ino;
    target.size = (size_t)status.st_size;
    target.map = mmap(NULL, target.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    check(target.map != MAP_FAILED);
    close(fd);
}

static void overwrite_bytes(size_t from, size_t to, uint64_t random) {
    size_t len = (size_t)(random % 4 ? 1 : random / 4 % 64);
    size_t offset = from + (size_t)(random >> 8) % (to - from - len);
    for (size_t i = 0; i < len; i++)
        target.map[offset + i] = (unsigned char)message_mix(random, i);
}

/* Values at which arithmetic goes wrong, as one 64-bit word or two halves. */
static uint64_t nasty_value(uint64_t old, uint64_t random) {
    static const uint32_t edges[] = {0,   1,   0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8,
                                     511, 512, 513,        65535,      65536,      24};
    uint32_t high = edges[random / 8 % 12], low = edges[random / 128 % 12];
    switch (random % 8) {
    case 0:
        return message_mix(random, 1);
    case 1:
        return old + low;
    case 2:
        return old - low;
    case 3:
        return old ^ UINT64_C(1) << random / 8 % 64;
    case 4:
        return (old & UINT32_MAX) | (uint64_t)high << 32;
    case 5:
        return (old & ~(uint64_t)UINT32_MAX) | low;
    default:
        return (uint64_t)high << 32 | low;
    }
}

static void overwrite_word(msi_queue_shared *shared, uint64_t random) {
    _Atomic uint64_t *const words[] = {
        &shared->head_seen, &shared->assigned, &shared->refused,      &shared->tail,
        &shared->head,      &shared->tail,     &shared->bad_messages, &shared->assigned,
    };
    _Atomic uint64_t *word = words[random % 8];
    *word = nasty_value(*word, random >> 8);
}

static void overwrite_flag(msi_queue_shared *shared, uint64_t random) {
    _Atomic uint32_t *const flags[] = {&shared->closed, &shared->room_wanted, &shared->owner_pid};
    *flags[random % 3] = (uint32_t)nasty_value(0, random >> 8);
}

/* Owners: nobody, the users' own bytes (1 to 4), and bytes that nobody has. */
static void overwrite_lock(msi_queue_shared *shared, uint64_t random) {
    uint64_t owner = random % 4 ? random / 4 % 6 : random / 4 % 65536;
    shared->lock = (message_mix(random, 2) & ~VIEW_OWNER) | owner;
}

static void overwrite_table(msi_queue_shared *shared, uint64_t random) {
    uint64_t which = random % 2 ? random / 2 % 32 : random / 2 % MSI_TABLE_SIZE;
    shared->table[which] = (uint16_t)(random / 4096 % (random % 3 ? 40 : 65536));
}

/* Where a reader or a writer is about to find or to leave a record's header. */
static void overwrite_record(msi_queue_shared *shared, uint64_t random) {
    uint32_t position = msi_position(random % 2 ? shared->head : shared->tail);
    size_t offset = (size_t)position * MSI_UNIT % 4096;
    size_t chunk = shared->table[(size_t)position * MSI_UNIT / 4096 % MSI_TABLE_SIZE];
    size_t at = RING_OFFSET + chunk * 4096 + offset + (random % 16 ? 0 : 8);
    if (at + 8 <= target.size) {
        uint64_t value;
        memcpy(&value, target.map + at, sizeof value);
        value = nasty_value(value, random >> 8);
        memcpy(target.map + at, &value, sizeof value);
    }
}

void hostile_overwrite(uint64_t random) {
    find_target();
    if (!target.map)
        return;
    msi_queue_shared *shared = (msi_queue_shared *)(target.map + QUEUE_OFFSET);
    uint64_t how = random % 64;
    random >>= 6;
    if (how < 8)
        overwrite_bytes(0, RING_OFFSET, random);
    else if (how < 20)
        overwrite_bytes(RING_OFFSET, target.size, random);
    else if (how < 36)
        overwrite_word(shared, random);
    else if (how < 40)
        overwrite_flag(shared, random);
    else if (how < 42)
        overwrite_lock(shared, random);
    else if (how < 52)
        overwrite_table(shared, random);
    else
        overwrite_record(shared, random);
}

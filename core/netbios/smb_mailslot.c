/* Encodes and decodes SMB mailslot writes; every offset from the wire is checked. */
#include "smb_mailslot.h"
#include "ascii.h"

#include <string.h>

/* [MS-CIFS] 2.2.3.1 and 2.2.4.33.1, with the setup words of [MS-MAIL] 2.2.1: where the fields lie,
 * counted from the SMB header as their offsets count, and what they must hold. */
enum {
    AT_COMMAND = 4,
    AT_FLAGS = 9,
    AT_FLAGS2 = 10,
    AT_PID_LOW = 26,
    AT_WORD_COUNT = 32,
    AT_TOTAL_DATA_COUNT = 35,
    AT_TIMEOUT = 45,
    AT_PARAMETER_COUNT = 51,
    AT_PARAMETER_OFFSET = 53,
    AT_DATA_COUNT = 55,
    AT_DATA_OFFSET = 57,
    AT_SETUP_COUNT = 59,
    AT_OPCODE = 61,
    AT_PRIORITY = 63,
    AT_CLASS = 65,
    AT_BYTE_COUNT = 67,
    AT_BYTES = 69,
    COMMAND_TRANSACTION = 0x25,
    WORDS = 17,
    SETUP_WORDS = 3,
    OPCODE_WRITE = 1,
};

/* [MS-MAIL] 2.2.1: what a client sends and a server ignores. */
enum {
    SENT_FLAGS = 0x18,
    SENT_FLAGS2 = 0x0004,
    SENT_PID_LOW = 0xfeff,
    SENT_TIMEOUT_MS = 1000,
    SENT_PRIORITY = 1,
    CLASS_UNRELIABLE = 2,
};

static const unsigned char magic[4] = {0xff, 'S', 'M', 'B'};
static const char prefix[] = "\\MAILSLOT\\";
enum { PREFIX = sizeof prefix - 1 };

/* Largest message beside a path of len bytes, -1 if there is none: name, NUL and data share one
 * space ([MS-MAIL] section 2.1). */
static int smb_limit(size_t len) {
    if (!len || len > MSI_SMB_MAILSLOT_PATH_MAX)
        return -1;
    int room = MSI_SMB_MAILSLOT_ROOM - PREFIX - (int)len - 1;
    return room < MSI_SMB_MAILSLOT_DATA_MAX ? room : MSI_SMB_MAILSLOT_DATA_MAX;
}

int msi_smb_mailslot_limit(const char *path) { return smb_limit(strlen(path)); }

/* ---- Decoding ---- */

/* Checks the fields before the name. The word count is tested before the length, so that a
 * shorter SMB of another kind counts as foreign, not as cut off. Flags, ids, priority and class
 * are ignored, as [MS-MAIL] requires of a server. */
static msi_wire_err smb_check_header(const unsigned char *smb, size_t len) {
    if (len <= AT_WORD_COUNT)
        return MSI_WIRE_SHORT;
    if (memcmp(smb, magic, sizeof magic) != 0 || smb[AT_COMMAND] != COMMAND_TRANSACTION ||
        smb[AT_WORD_COUNT] != WORDS)
        return MSI_WIRE_NOT_MAILSLOT;
    if (len < AT_BYTES)
        return MSI_WIRE_SHORT;
    if (smb[AT_SETUP_COUNT] != SETUP_WORDS || msi_get_le16(smb + AT_OPCODE) != OPCODE_WRITE)
        return MSI_WIRE_NOT_MAILSLOT;
    return MSI_WIRE_SOUND;
}

static bool smb_is_prefix(const unsigned char *name) {
    for (size_t i = 0; i < PREFIX; i++)
        if (msi_upper((char)name[i]) != prefix[i])
            return false;
    return true;
}

/* Takes the name, which must end before `end`; *after is behind its NUL. smb_limit() also checks
 * that the path fits into write->path. */
static msi_wire_err smb_decode_name(msi_smb_mailslot *write, const unsigned char *smb, size_t end,
                                    size_t *after) {
    const unsigned char *name = smb + AT_BYTES;
    const unsigned char *nul = memchr(name, 0, end - AT_BYTES);
    if (!nul)
        return MSI_WIRE_SHORT;
    size_t len = (size_t)(nul - name);
    if (len < PREFIX || !smb_is_prefix(name))
        return MSI_WIRE_NOT_MAILSLOT;
    if (smb_limit(len - PREFIX) < 0)
        return MSI_WIRE_NAME;
    memcpy(write->path, name + PREFIX, len - PREFIX + 1);
    *after = AT_BYTES + len + 1;
    return MSI_WIRE_SOUND;
}

/* Whether count bytes at offset lie between from and to; the subtraction cannot overflow, as a
 * sum could. An empty range may be anywhere: senders leave its offset 0. */
static bool smb_is_inside(size_t offset, size_t count, size_t from, size_t to) {
    return !count || (offset >= from && offset <= to && count <= to - offset);
}

/* Finds the data between from, behind the name, and end. By its offset, since padding before it
 * is legal (Samba reads it so, too). More data in total than here means a message in several
 * transactions, which mailslots do not have. */
static msi_wire_err smb_decode_data(msi_smb_mailslot *write, const unsigned char *smb, size_t from,
                                    size_t end) {
    size_t count = msi_get_le16(smb + AT_DATA_COUNT), offset = msi_get_le16(smb + AT_DATA_OFFSET);
    if (msi_get_le16(smb + AT_TOTAL_DATA_COUNT) > count)
        return MSI_WIRE_FRAGMENT;
    if (msi_get_le16(smb + AT_TOTAL_DATA_COUNT) < count ||
        !smb_is_inside(offset, count, from, end) ||
        !smb_is_inside(msi_get_le16(smb + AT_PARAMETER_OFFSET),
                       msi_get_le16(smb + AT_PARAMETER_COUNT), from, end) ||
        count > (size_t)msi_smb_mailslot_limit(write->path))
        return MSI_WIRE_LENGTH;
    write->data = smb + (count ? offset : from);
    write->len = count;
    return MSI_WIRE_SOUND;
}

msi_wire_err msi_smb_mailslot_decode(msi_smb_mailslot *write, const unsigned char *data,
                                     size_t len) {
    msi_wire_err err = smb_check_header(data, len);
    if (err)
        return err;
    size_t end = (size_t)AT_BYTES + msi_get_le16(data + AT_BYTE_COUNT), after;
    if (end > len)
        return MSI_WIRE_SHORT;
    err = smb_decode_name(write, data, end, &after);
    return err ? err : smb_decode_data(write, data, after, end);
}

/* ---- Encoding ---- */

static void smb_encode_header(unsigned char *smb, size_t name, size_t len) {
    memset(smb, 0, AT_BYTES);
    memcpy(smb, magic, sizeof magic);
    smb[AT_COMMAND] = COMMAND_TRANSACTION;
    smb[AT_FLAGS] = SENT_FLAGS;
    msi_put_le16(smb + AT_FLAGS2, SENT_FLAGS2);
    msi_put_le16(smb + AT_PID_LOW, SENT_PID_LOW);
    smb[AT_WORD_COUNT] = WORDS;
    msi_put_le16(smb + AT_TOTAL_DATA_COUNT, (uint16_t)len);
    msi_put_le16(smb + AT_TIMEOUT, SENT_TIMEOUT_MS);
    msi_put_le16(smb + AT_DATA_COUNT, (uint16_t)len);
    msi_put_le16(smb + AT_DATA_OFFSET, (uint16_t)(AT_BYTES + name));
    smb[AT_SETUP_COUNT] = SETUP_WORDS;
    msi_put_le16(smb + AT_OPCODE, OPCODE_WRITE);
    msi_put_le16(smb + AT_PRIORITY, SENT_PRIORITY);
    msi_put_le16(smb + AT_CLASS, CLASS_UNRELIABLE);
    msi_put_le16(smb + AT_BYTE_COUNT, (uint16_t)(name + len));
}

size_t msi_smb_mailslot_encode(const msi_smb_mailslot *write, unsigned char *out, size_t cap) {
    size_t path = strlen(write->path), name = PREFIX + path + 1;
    int most = smb_limit(path);
    if (most < 0 || write->len > (size_t)most || AT_BYTES + name + write->len > cap)
        return 0;
    smb_encode_header(out, name, write->len);
    memcpy(out + AT_BYTES, prefix, PREFIX);
    memcpy(out + AT_BYTES + PREFIX, write->path, path + 1);
    if (write->len)
        memcpy(out + AT_BYTES + name, write->data, write->len);
    return AT_BYTES + name + write->len;
}

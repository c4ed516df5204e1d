/*
 * Frames: messages as they lie in the ring, each a header and then the message's bytes. All of it
 * is inline, because every put and get runs it.
 */
#ifndef MSI_FRAME_H
#define MSI_FRAME_H

#include "envelope.h"
#include "ring.h"

/** A remote message's computer and address follow the header; it holds their lengths. */
typedef struct {
    uint32_t len;
    uint8_t remote, computer_len, address_len, zero;
    uint32_t pid, uid;
    uint64_t arrival_ns;
} msi_frame_header;
_Static_assert(sizeof(msi_frame_header) == MSI_FRAME_HEADER, "the header has no padding");

static inline mailslot_err msi_positions_damaged(void) {
    return mailslot_fail(MAILSLOT_ERR_DAMAGED, "the queue's positions are damaged");
}

/* ---- Sizes ---- */

/* In 64 bits: with sizes from an overwritten header the sum could otherwise wrap. */
static inline uint64_t msi_frame_size(const msi_frame_header *header) {
    return sizeof *header + header->computer_len + header->address_len + (uint64_t)header->len;
}

static inline uint32_t msi_frame_units(uint64_t size) {
    return (uint32_t)((size + MSI_UNIT - 1) / MSI_UNIT);
}

static inline msi_frame_header msi_frame_header_of(const msi_message *message) {
    msi_frame_header header = {.len = (uint32_t)message->len,
                               .pid = message->pid,
                               .uid = message->uid,
                               .arrival_ns = message->arrival_ns};
    if (message->remote) {
        header.remote = 1;
        header.computer_len = (uint8_t)strnlen(message->computer, MSI_COMPUTER_SIZE - 1);
        header.address_len = (uint8_t)strnlen(message->address, MSI_ADDRESS_SIZE - 1);
    }
    return header;
}

/* ---- Writing ---- */

static inline bool msi_frame_write_names(const msi_queue *queue, uint64_t *cursor,
                                         const msi_frame_header *header,
                                         const msi_message *message) {
    return msi_ring_write(queue, cursor, message->computer, header->computer_len) &&
           msi_ring_write(queue, cursor, message->address, header->address_len);
}

/** False if the table is damaged. */
static inline bool msi_frame_write(const msi_queue *queue, uint32_t position,
                                   const msi_frame_header *header, const msi_message *message,
                                   const void *data) {
    uint64_t cursor = (uint64_t)position * MSI_UNIT;
    return msi_ring_write(queue, &cursor, header, sizeof *header) &&
           (!header->remote || msi_frame_write_names(queue, &cursor, header, message)) &&
           msi_ring_write(queue, &cursor, data, header->len);
}

/* ---- Reading ---- */

/* Checks every length in a header from the ring against the bytes that wait there. */
static inline bool msi_frame_is_sound(const msi_frame_header *header, uint32_t waiting) {
    return header->remote <= 1 && header->computer_len < MSI_COMPUTER_SIZE &&
           header->address_len < MSI_ADDRESS_SIZE &&
           (header->remote || !(header->computer_len || header->address_len)) &&
           msi_frame_size(header) <= (uint64_t)waiting * MSI_UNIT;
}

static inline mailslot_err msi_frame_read_header(const msi_queue *queue, uint64_t *cursor,
                                                 uint32_t waiting, msi_frame_header *header) {
    if (!msi_ring_read(queue, cursor, header, sizeof *header))
        return msi_table_damaged();
    if (!msi_frame_is_sound(header, waiting))
        return mailslot_fail(MAILSLOT_ERR_DAMAGED, "a message's header in the queue is damaged");
    return MAILSLOT_OK;
}

static inline bool msi_frame_read_names(const msi_queue *queue, uint64_t *cursor,
                                        const msi_frame_header *header, msi_message *message) {
    message->computer[header->computer_len] = 0;
    message->address[header->address_len] = 0;
    return msi_ring_read(queue, cursor, message->computer, header->computer_len) &&
           msi_ring_read(queue, cursor, message->address, header->address_len);
}

/** Reads the frame at position, of which `waiting` units may be read, and its header. TOO_SMALL
 * with message->len set, DAMAGED. */
static inline mailslot_err msi_frame_read(const msi_queue *queue, uint32_t position,
                                          uint32_t waiting, msi_frame_header *header, void *buf,
                                          size_t cap, msi_message *message) {
    uint64_t cursor = (uint64_t)position * MSI_UNIT;
    mailslot_err err = msi_frame_read_header(queue, &cursor, waiting, header);
    if (err)
        return err;
    message->len = header->len;
    if (header->len > cap)
        return MAILSLOT_ERR_TOO_SMALL;
    message->arrival_ns = header->arrival_ns;
    message->pid = header->pid;
    message->uid = header->uid;
    message->remote = header->remote;
    if ((header->remote && !msi_frame_read_names(queue, &cursor, header, message)) ||
        !msi_ring_read(queue, &cursor, buf, header->len))
        return msi_table_damaged();
    return MAILSLOT_OK;
}

#endif

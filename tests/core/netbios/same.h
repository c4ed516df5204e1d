/* Whether two packets say the same. Their data may lie in different places. */
#ifndef MAILSLOT_TEST_NETBIOS_SAME_H
#define MAILSLOT_TEST_NETBIOS_SAME_H

#include <netbios/nameservice.h>
#include <netbios/smb_mailslot.h>

#include <string.h>

static inline bool same_bytes(const unsigned char *a, size_t a_len, const unsigned char *b,
                              size_t b_len) {
    return a_len == b_len && (!a_len || memcmp(a, b, a_len) == 0);
}

/* Stricter than msi_nbname_equal(): the scope in its own case. */
static inline bool same_name(const msi_nbname *a, const msi_nbname *b) {
    return memcmp(a->bytes, b->bytes, MSI_NBNAME_SIZE) == 0 &&
           same_bytes(a->scope, a->scope_len, b->scope, b->scope_len);
}

static inline bool same_datagram(const msi_datagram *a, const msi_datagram *b) {
    return a->type == b->type && a->id == b->id && a->source_ip == b->source_ip &&
           a->source_port == b->source_port && same_name(&a->source, &b->source) &&
           same_name(&a->destination, &b->destination) &&
           same_bytes(a->data, a->len, b->data, b->len);
}

static inline bool same_write(const msi_smb_mailslot *a, const msi_smb_mailslot *b) {
    return strcmp(a->path, b->path) == 0 && same_bytes(a->data, a->len, b->data, b->len);
}

static inline bool same_record(const msi_ns_packet *a, const msi_ns_packet *b) {
    return a->record_is_additional == b->record_is_additional && a->record_type == b->record_type &&
           a->ttl == b->ttl && same_bytes(a->rdata, a->rdata_len, b->rdata, b->rdata_len);
}

/* But for record_name, which is not encoded. */
static inline bool same_ns_packet(const msi_ns_packet *a, const msi_ns_packet *b) {
    return a->id == b->id && a->flags == b->flags && a->opcode == b->opcode &&
           a->has_question == b->has_question && a->has_record == b->has_record &&
           same_name(&a->name, &b->name) &&
           (!a->has_question || a->question_type == b->question_type) &&
           (!a->has_record || same_record(a, b));
}

#endif

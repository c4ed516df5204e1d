#include "describe.h"
#include "test.h"

__attribute__((format(printf, 2, 3))) static void say(struct description *out, const char *format,
                                                      ...) {
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(out->text + out->used, DESCRIPTION - out->used, format, arguments);
    va_end(arguments);
    check(len >= 0 && (size_t)len < DESCRIPTION - out->used);
    out->used += (size_t)len;
}

/* Name<suffix>, and the scope's labels with dots before them. */
static void say_name(struct description *out, const msi_nbname *name) {
    char text[MSI_NBNAME_TEXT];
    msi_nbname_text(name, text);
    say(out, "%s", text);
    for (size_t i = 0; i < name->scope_len; i += 1u + name->scope[i])
        say(out, ".%.*s", (int)name->scope[i], (const char *)name->scope + i + 1);
}

static void say_named(struct description *out, const char *what, const msi_nbname *name) {
    say(out, "%s: ", what);
    say_name(out, name);
    say(out, "\n");
}

static void say_ip(struct description *out, uint32_t ip) {
    say(out, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 0xff, ip >> 8 & 0xff, ip & 0xff);
}

void describe_kind(struct description *out, msi_wire_err kind) {
    static const char *const texts[] = {"sound",
#define TEXT(name, text) text,
                                        MSI_WIRE_LIST(TEXT)
#undef TEXT
    };
    say(out, "%s\n", texts[kind]);
}

void describe_name(struct description *out, const msi_nbname *name, size_t next) {
    say_named(out, "name", name);
    say(out, "next: %zu\n", next);
}

void describe_write(struct description *out, const msi_smb_mailslot *write,
                    const unsigned char *packet) {
    say(out, "mailslot: %s\n", write->path);
    say(out, "message: %zu bytes at %td\n", write->len, write->data - packet);
}

void describe_datagram(struct description *out, const msi_datagram *datagram,
                       const unsigned char *packet) {
    say(out, "type: 0x%02x\nid: 0x%04x\nfrom: ", datagram->type, datagram->id);
    say_ip(out, datagram->source_ip);
    say(out, ":%u\n", datagram->source_port);
    say_named(out, "source", &datagram->source);
    say_named(out, "destination", &datagram->destination);
    say(out, "data: %zu bytes at %td\n", datagram->len, datagram->data - packet);
    msi_smb_mailslot write;
    msi_wire_err err = msi_smb_mailslot_decode(&write, datagram->data, datagram->len);
    if (err)
        describe_kind(out, err);
    else
        describe_write(out, &write, packet);
}

static void say_addresses(struct description *out, const msi_ns_packet *packet) {
    for (size_t i = 0; i < msi_ns_address_count(packet); i++) {
        msi_ns_address address = msi_ns_address_at(packet, i);
        say(out, "address: 0x%04x ", address.nb_flags);
        say_ip(out, address.ip);
        say(out, "\n");
    }
}

static void say_status(struct description *out, const msi_ns_packet *packet) {
    for (size_t i = 0; i < msi_ns_status_count(packet); i++) {
        msi_ns_status_name entry = msi_ns_status_at(packet, i);
        msi_nbname name = {.scope_len = 0};
        memcpy(name.bytes, entry.bytes, sizeof name.bytes);
        say(out, "status: 0x%04x ", entry.flags);
        say_name(out, &name);
        say(out, "\n");
    }
}

static void say_record(struct description *out, const msi_ns_packet *packet,
                       const unsigned char *bytes) {
    say(out, "%s: ", packet->record_is_additional ? "additional" : "answer");
    say_name(out, &packet->record_name);
    say(out, " type 0x%02x\nttl: %u\ndata: %u bytes at %td\n", packet->record_type, packet->ttl,
        packet->rdata_len, packet->rdata - bytes);
    if (packet->record_type == MSI_NS_TYPE_NB)
        say_addresses(out, packet);
    if (packet->record_type == MSI_NS_TYPE_STATUS)
        say_status(out, packet);
}

void describe_ns(struct description *out, const msi_ns_packet *packet, const unsigned char *bytes) {
    say(out, "id: 0x%04x\nopcode: %u\nflags: 0x%04x\n", packet->id, packet->opcode, packet->flags);
    if (packet->has_question) {
        say(out, "question: ");
        say_name(out, &packet->name);
        say(out, " type 0x%02x\n", packet->question_type);
    }
    if (packet->has_record)
        say_record(out, packet, bytes);
}

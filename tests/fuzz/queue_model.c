#include "queue_model.h"
#include "fuzz.h"

/* Differs from byte to byte and from message to message. */
static unsigned char byte_of(uint32_t number, size_t i) {
    return (unsigned char)(number * 31 + i + i / 251);
}

static size_t name_len(uint32_t number, size_t size) { return number * 7 % size; }

static void set_name(char *name, size_t len) {
    memset(name, 'n', len);
    name[len] = '\0';
}

unsigned char *model_make(struct queue_model *model, size_t len, bool remote, uint64_t arrival_ns,
                          msi_message *message) {
    uint32_t number = (uint32_t)model->put;
    require(number < MODEL_MOST);
    struct model_message *made = &model->messages[number];
    *made = (struct model_message){
        .number = number, .len = (uint32_t)len, .arrival_ns = arrival_ns, .remote = remote};
    *message = (msi_message){
        .len = len, .arrival_ns = arrival_ns, .pid = number, .uid = ~number, .remote = remote};
    if (remote) {
        made->computer_len = name_len(number, MSI_COMPUTER_SIZE);
        made->address_len = name_len(number + 1, MSI_ADDRESS_SIZE);
        set_name(message->computer, made->computer_len);
        set_name(message->address, made->address_len);
    }
    size_t size = MSI_FRAME_HEADER + made->computer_len + made->address_len + len;
    made->units = (uint32_t)((size + MSI_UNIT - 1) / MSI_UNIT);
    unsigned char *data = fuzz_memory(len);
    for (size_t i = 0; i < len; i++)
        data[i] = byte_of(number, i);
    return data;
}

bool model_has_room(const struct queue_model *model, const msi_queue_layout *layout) {
    return model->messages[model->put].units <= layout->capacity - model->used;
}

void model_put(struct queue_model *model) { model->used += model->messages[model->put++].units; }

const struct model_message *model_oldest(const struct queue_model *model) {
    return model->taken < model->put ? &model->messages[model->taken] : NULL;
}

void model_take(struct queue_model *model, const msi_message *message, const unsigned char *data) {
    const struct model_message *oldest = model_oldest(model);
    require(oldest != NULL);
    require(message->len == oldest->len && message->arrival_ns == oldest->arrival_ns);
    require(message->pid == oldest->number && message->uid == ~oldest->number);
    require(message->remote == oldest->remote);
    if (oldest->remote)
        require(strlen(message->computer) == oldest->computer_len &&
                strlen(message->address) == oldest->address_len);
    for (size_t i = 0; i < oldest->len; i++)
        require(data[i] == byte_of(oldest->number, i));
    model->used -= oldest->units;
    model->taken++;
}

void model_check(const struct queue_model *model, const mailslot_info *info) {
    const struct model_message *oldest = model_oldest(model);
    require(info->count == model->put - model->taken);
    require(info->used == (size_t)model->used * MSI_UNIT);
    require(info->next_size == (oldest ? oldest->len : MAILSLOT_NEXT_NONE));
    require(info->refused == model->refused);
}

/* The figures of a mailslot as JSON, for info, list and top. */
#ifndef CLI_SLOT_JSON_H
#define CLI_SLOT_JSON_H

#include <json-c/json.h>
#include <mailslot/mailslot.h>

/** {"name":...,"max_message":N,"next_size":N|null,"count":N,"timeout_ms":N,"capacity":N,"used":N,
 *  "reader_pid":N,"registered":"yes"|"no"|"refused","refusal":TEXT|null,"bad_messages":N,...,
 *  "largest":N,"sizes":[N,...]}, with the statistics by their names in mailslot_info */
struct json_object *slot_json(const char *name, const mailslot_info *info);

#endif

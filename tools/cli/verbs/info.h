/* What info and list print of a mailslot. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include <json-c/json.h>
#include <mailslot/mailslot.h>

/** {"name":...,"max_message":N,"next_size":N|null,"count":N,"timeout_ms":N,"capacity":N,"used":N,
 *  "reader_pid":N,"bad_messages":N,...,"largest":N,"sizes":[N,...]}, with the statistics by their
 *  names in mailslot_info */
struct json_object *info_to_json(const char *name, const mailslot_info *info);

#endif

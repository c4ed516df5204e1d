/* Sends values one by one, reports each failure, and keeps the status of the first. */
#include "sending.h"

#include "base/input.h"
#include "platform/platform.h"

#include <errno.h>
#include <string.h>

void sending_note(struct sending *sending, enum status status) {
    if (!sending->first_failure)
        sending->first_failure = status;
}

/* Whether an error concerns one value, so that the next can be sent. */
static bool sending_concerns_value(mailslot_err err) {
    return err == MAILSLOT_ERR_TOO_BIG || err == MAILSLOT_ERR_BAD_VALUE ||
           err == MAILSLOT_ERR_FULL || err == MAILSLOT_ERR_NO_MEMORY;
}

void sending_settle(struct sending *sending, mailslot_err err, struct source source) {
    if (!err)
        return;
    if (source.kind)
        report_error(status_of(err), "%s (%s %zu)", mailslot_detail(), source.kind, source.number);
    else
        report_failure(err);
    /* The first failure decides the exit status, as documented in the notes of send and trace. */
    sending_note(sending, status_of(err));
    sending->stopped = !sending_concerns_value(err);
}

void sending_put(struct sending *sending, const char *text, size_t len, struct source source) {
    sending_settle(sending, sending->put(sending->ctx, text, len), source);
}

void sending_lines(struct sending *sending) {
    struct lines lines = {.fd = PLATFORM_INPUT};
    const char *text;
    size_t len;
    enum line result = LINE_READ;
    while (!sending->stopped && result != LINE_END && result != LINE_FAILED) {
        result = lines_next(&lines, &text, &len);
        if (result == LINE_READ)
            sending_put(sending, text, len, (struct source){"line", lines.number});
        /* The rest of such a line is skipped by lines_next(), so the next line can be sent. */
        else if (result == LINE_TOO_LONG)
            sending_note(
                sending,
                report_error(STATUS_TOO_BIG,
                             "line %zu: more than %d bytes, the largest message that is possible",
                             lines.number, INPUT_VALUE_MAX));
        else if (result == LINE_FAILED)
            sending_note(sending, report_error(STATUS_ERROR, "cannot read standard input: %s",
                                               strerror(errno)));
    }
    buffer_free(&lines.buffer);
}

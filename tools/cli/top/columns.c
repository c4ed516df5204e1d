/* The columns of top: titles, widths and the values in them. */
#include "columns.h"

#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The name keeps at least this width; other columns are left out first. */
enum { NAME_LEAST = 12, CELL_SIZE = 32 };

enum column {
    PID,
    READER,
    WAITING,
    USED,
    IN,
    BYTES_IN,
    OUT,
    BYTES_OUT,
    P50,
    LARGEST,
    REFUSED,
    BAD,
    LOST,
    COUNT
};

/* The column of the highest rank is the first that a narrow screen leaves out. Each rank occurs
 * once. */
static const struct {
    const char *title;
    int width, rank;
} columns[COUNT] = {
    [PID] = {"PID", 7, 2},         [READER] = {"READER", 10, 11},
    [WAITING] = {"WAITING", 7, 1}, [USED] = {"USED", 6, 3},
    [IN] = {"IN/s", 6, 0},         [BYTES_IN] = {"IN B/s", 6, 5},
    [OUT] = {"OUT/s", 6, 4},       [BYTES_OUT] = {"OUT B/s", 7, 12},
    [P50] = {"P50", 6, 8},         [LARGEST] = {"MAX", 6, 9},
    [REFUSED] = {"REFUSED", 7, 6}, [BAD] = {"BAD", 5, 7},
    [LOST] = {"LOST", 5, 10},
};

static int left_for_name(int width, int rank) {
    for (int c = 0; c < COUNT; c++)
        if (columns[c].rank <= rank)
            width -= columns[c].width + 1;
    return width;
}

struct top_columns top_columns_choose(int width) {
    int rank = COUNT - 1;
    /* A rank of -1 shows the name only. */
    while (rank >= 0 && left_for_name(width, rank) < NAME_LEAST)
        rank--;
    return (struct top_columns){left_for_name(width, rank), rank};
}

static void append_cell(struct buffer *line, enum column column, const char *text) {
    int width = columns[column].width, len = (int)strlen(text);
    /* Numbers are right-aligned, so that digits line up; the reader is text. */
    int margin = column != READER && len < width ? width - len : 0;
    top_append_fitted(line, "", 1 + margin);
    top_append_fitted(line, text, width - margin);
}

static void fill_number(char text[CELL_SIZE], enum column column, const struct top_row *row) {
    const mailslot_info *info = &row->slot->info;
    const struct {
        bool known;
        double number;
    } cells[COUNT] = {
        [WAITING] = {true, (double)info->count},
        /* Rates need two samples of the same reader. */
        [IN] = {row->has_rates, row->messages_in},
        [BYTES_IN] = {row->has_rates, row->bytes_in},
        [OUT] = {row->has_rates, row->messages_out},
        [BYTES_OUT] = {row->has_rates, row->bytes_out},
        [P50] = {row->has_p50, (double)row->p50},
        [LARGEST] = {info->messages_in > 0, (double)info->largest},
        [REFUSED] = {true, (double)info->refused},
        [BAD] = {true, (double)info->bad_messages},
        [LOST] = {true, (double)info->lost},
    };
    if (cells[column].known)
        top_amount(text, cells[column].number);
    else
        snprintf(text, CELL_SIZE, "-");
}

static void fill_cell(char text[CELL_SIZE], enum column column, const struct top_row *row) {
    if (column == PID)
        snprintf(text, CELL_SIZE, "%" PRId64, row->slot->info.reader_pid);
    else if (column == USED)
        snprintf(text, CELL_SIZE, "%.1f%%", 100 * top_used(row->slot));
    else
        fill_number(text, column, row);
}

void top_columns_titles(struct buffer *line, struct top_columns shown) {
    top_append_fitted(line, "NAME", shown.name);
    for (int c = 0; c < COUNT; c++)
        if (columns[c].rank <= shown.rank)
            append_cell(line, (enum column)c, columns[c].title);
}

void top_columns_row(struct buffer *line, struct top_columns shown, const struct top_row *row) {
    char name[TOP_MARKED_NAME_SIZE];
    top_append_fitted(line, top_marked_name(name, row->slot->name, &row->slot->info), shown.name);
    for (int c = 0; c < COUNT; c++) {
        char text[CELL_SIZE];
        if (columns[c].rank > shown.rank)
            continue;
        if (c != READER)
            fill_cell(text, (enum column)c, row);
        append_cell(line, (enum column)c, c == READER ? row->slot->command : text);
    }
}

/* top on a terminal with ncurses: keys, redrawing, resizing. */
#include "screen.h"

#include "columns.h"
#include "platform/platform.h"
#include "platform/signals.h"
#include "text.h"

#include <ncurses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <term.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS     UINT64_C(1000000)
#define NS_PER_SECOND UINT64_C(1000000000)

/* How long a signal may go unnoticed: it could come right before a wait, which it then does not
 * shorten. */
enum { SLICE_MS = 100 };

enum { TITLE_LINE, TOTALS_LINE, HEADER_LINE, FIRST_LINE, LEAST_LINES };
enum { LEAST_COLUMNS = 20, ESCAPE_KEY = 27 };

struct screen {
    struct top_view *view;
    uint64_t interval_ns, next_ns; /* next_ns: when to look again */
    bool paused, help, ended;
    size_t first; /* row below the header */
};

/* ---- The terminal ---- */

/* Registered with atexit(): the terminal must be restored also when memory_exhausted() ends the
 * program. */
static void give_back(void) {
    if (!isendwin())
        endwin();
}

/* Looked up before ncurses takes the terminal, since giving it back leaves an empty line. */
static bool can_move_its_cursor(void) {
    int found;
    if (setupterm(NULL, STDOUT_FILENO, &found) != OK)
        return false;
    /* The cursor motion, without which ncurses cannot draw; a dumb terminal has none. -1 means that
     * it is not a string capability. */
    const char *motion = tigetstr("cup");
    bool can = motion && motion != (char *)-1;
    del_curterm(cur_term);
    return can;
}

bool top_screen_open(void) {
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !can_move_its_cursor() ||
        !newterm(NULL, stdout, stdin))
        return false;
    (void)atexit(give_back);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    /* getch() must not block: wait_and_handle() waits with poll(), so that signals are noticed. */
    nodelay(stdscr, TRUE);
    (void)set_escdelay(25); /* ms: long enough for a key's sequence, too short to notice */
    (void)curs_set(0);
    return true;
}

/* ---- Drawing ---- */

/* Shows what was appended to line, and frees it. */
static void show_line(int y, attr_t attributes, struct buffer *line) {
    buffer_append(line, "", 1);
    attrset(attributes);
    mvaddstr(y, 0, line->data);
    attrset(A_NORMAL);
    buffer_free(line);
}

static void show_text(int y, attr_t attributes, const char *text) {
    struct buffer line = {0};
    top_append_fitted(&line, text, COLS);
    show_line(y, attributes, &line);
}

static const char *const key_names[TOP_KEYS] = {
    "name",     "waiting",      "capacity used",        "messages in",
    "bytes in", "messages out", "refused, bad and lost"};

static void draw_title(const struct screen *screen) {
    char clock[sizeof "hh:mm:ss"] = "", text[160];
    time_t seconds = (time_t)(screen->view->taken_ns / NS_PER_SECOND);
    struct tm local;
    if (localtime_r(&seconds, &local))
        strftime(clock, sizeof clock, "%H:%M:%S", &local);
    snprintf(text, sizeof text, "mailslot top  %s%s  every %g s  by %s%s", clock,
             screen->paused ? "  PAUSED" : "", (double)screen->interval_ns / 1e9,
             key_names[screen->view->key], screen->view->reversed ? ", reversed" : "");
    show_text(TITLE_LINE, screen->paused ? A_BOLD : A_NORMAL, text);
}

static void draw_totals(const struct screen *screen) {
    const struct top_sample *now = &screen->view->now;
    double totals[4] = {0};
    char amounts[4][TOP_AMOUNT_SIZE], text[160];
    for (size_t i = 0; i < now->count; i++) {
        const struct top_row *row = &screen->view->rows[i];
        totals[0] += (double)row->slot->info.count;
        totals[1] += row->messages_in;
        totals[2] += row->bytes_in;
        totals[3] += row->messages_out;
    }
    for (int i = 0; i < 4; i++)
        top_amount(amounts[i], totals[i]);
    snprintf(text, sizeof text, "%zu slot%s, %s waiting, in %s/s (%s B/s), out %s/s", now->count,
             now->count == 1 ? "" : "s", amounts[0], amounts[1], amounts[2], amounts[3]);
    show_text(TOTALS_LINE, A_NORMAL, now->count ? text : "no mailslots; ? for help");
}

/* A row has a second line if newest messages are shown. */
static int lines_a_row(const struct screen *screen) { return screen->view->newest ? 2 : 1; }

static size_t rows_shown(const struct screen *screen) {
    int room = LINES - FIRST_LINE, each = lines_a_row(screen);
    return room > each ? (size_t)(room / each) : 1;
}

/* Keeps the last rows at the bottom when slots disappear or the screen grows. */
static void keep_in_view(struct screen *screen) {
    size_t count = screen->view->now.count, most = rows_shown(screen);
    size_t last = count > most ? count - most : 0;
    if (screen->first > last)
        screen->first = last;
}

static void draw_row(const struct screen *screen, int y, struct top_columns shown,
                     const struct top_row *row) {
    struct buffer line = {0}, newest = {0};
    top_columns_row(&line, shown, row);
    show_line(y, A_NORMAL, &line);
    if (!screen->view->newest)
        return;
    buffer_append_text(&newest, "  ");
    if (row->slot->newest)
        top_newest_append(&newest, row->slot->newest);
    buffer_append(&newest, "", 1);
    show_text(y + 1, A_DIM, newest.data);
    buffer_free(&newest);
}

static void draw_rows(struct screen *screen) {
    struct top_columns shown = top_columns_choose(COLS);
    struct buffer line = {0};
    size_t count = screen->view->now.count, most = rows_shown(screen);
    keep_in_view(screen);
    top_columns_titles(&line, shown);
    show_line(HEADER_LINE, A_REVERSE, &line);
    for (size_t i = 0; i < most && screen->first + i < count; i++)
        draw_row(screen, FIRST_LINE + (int)i * lines_a_row(screen), shown,
                 &screen->view->rows[screen->first + i]);
}

static const char *const help_lines[] = {
    "q        quit",
    "p        pause, and go on",
    "n w u    sort by name, waiting, capacity used",
    "i b o    sort by messages in, bytes in, messages out a second",
    "e        sort by refused, bad and lost",
    "r        the other way round",
    "arrows   scroll; PgUp, PgDn, Home, End too",
    "",
    "IN, OUT: messages and bytes put and taken a second, since the look before",
    "P50: half of those put had at most so many bytes; MAX: the largest so far",
    "REFUSED: it was full; BAD: did not decode; LOST: on the way from mailslotd",
    "",
    "any key: back",
};

static void draw_help(void) {
    for (size_t i = 0; i < sizeof help_lines / sizeof *help_lines && (int)i < LINES; i++)
        show_text((int)i, A_NORMAL, help_lines[i]);
}

static void screen_draw(struct screen *screen) {
    erase();
    if (COLS < LEAST_COLUMNS || LINES < LEAST_LINES) {
        show_text(0, A_NORMAL, "too small");
    } else if (screen->help) {
        draw_help();
    } else {
        draw_title(screen);
        draw_totals(screen);
        draw_rows(screen);
    }
    refresh();
}

/* ---- Keys ---- */

static void sort_by(struct screen *screen, enum top_key key) {
    screen->view->key = key;
    screen->view->reversed = false;
    top_view_sort(screen->view);
}

static bool handle_sort_key(struct screen *screen, int key) {
    static const char letters[TOP_KEYS] = {'n', 'w', 'u', 'i', 'b', 'o', 'e'};
    for (int i = 0; i < TOP_KEYS; i++) {
        if (key == letters[i]) {
            sort_by(screen, (enum top_key)i);
            return true;
        }
    }
    return false;
}

static void scroll_by(struct screen *screen, int key) {
    size_t page = rows_shown(screen);
    if (key == KEY_UP || key == KEY_PPAGE) {
        size_t up = key == KEY_UP ? 1 : page;
        screen->first -= screen->first < up ? screen->first : up;
    } else if (key == KEY_DOWN || key == KEY_NPAGE) {
        screen->first += key == KEY_DOWN ? 1 : page;
    } else if (key == KEY_HOME || key == KEY_END) {
        screen->first = key == KEY_HOME ? 0 : screen->view->now.count;
    }
    keep_in_view(screen);
}

/* A sample is due at once after a pause. */
static void toggle_pause(struct screen *screen) {
    screen->paused = !screen->paused;
    screen->next_ns = platform_now_ns();
}

static void handle_key(struct screen *screen, int key) {
    if (key == KEY_RESIZE)
        return; /* drawn anew in any case */
    if (key == 'q' || key == 'Q')
        screen->ended = true;
    /* Any key leaves the help, as it says. */
    else if (screen->help)
        screen->help = false;
    else if (key == '?' || key == 'h')
        screen->help = true;
    else if (key == 'p' || key == ' ')
        toggle_pause(screen);
    else if (key == 'r') {
        screen->view->reversed = !screen->view->reversed;
        top_view_sort(screen->view);
    } else if (!handle_sort_key(screen, key)) {
        scroll_by(screen, key);
    }
}

/* ---- Running ---- */

/* Waits for a key, for the time to look, or for a slice to pass. */
static void wait_and_handle(struct screen *screen) {
    uint64_t now = platform_now_ns();
    /* Rounded up to whole ms: 0 would make poll() return at once until the time has come. */
    uint64_t left = screen->paused           ? SLICE_MS
                    : now >= screen->next_ns ? 0
                                             : (screen->next_ns - now) / NS_PER_MS + 1;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    (void)poll(&input, 1, left < SLICE_MS ? (int)left : SLICE_MS);
    if (signals_came() || (input.revents & (POLLERR | POLLHUP | POLLNVAL)))
        screen->ended = true;
    bool changed = false;
    for (int key; !screen->ended && (key = getch()) != ERR; changed = true)
        handle_key(screen, key);
    if (changed)
        screen_draw(screen);
}

static mailslot_err look_if_time(struct screen *screen) {
    if (screen->paused || platform_now_ns() < screen->next_ns)
        return MAILSLOT_OK;
    mailslot_err err = top_view_look(screen->view);
    screen->next_ns = top_next_ns(screen->next_ns, screen->interval_ns);
    if (!err)
        screen_draw(screen);
    return err;
}

enum status top_screen_run(struct top_view *view, uint64_t interval_ns) {
    struct screen screen = {.view = view, .interval_ns = interval_ns, .next_ns = platform_now_ns()};
    mailslot_err err = MAILSLOT_OK;
    while (!screen.ended && !err) {
        err = look_if_time(&screen);
        if (!err)
            wait_and_handle(&screen);
    }
    /* Before an error is reported: on the alternate screen it would vanish. */
    give_back();
    return err ? report_failure(err) : STATUS_DONE;
}

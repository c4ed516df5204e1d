# awk -f header_to_mdoc.awk -v page=mailslot -v header=mailslot/mailslot.h -v library=mailslot \
#     -v brief="what it is for" -v see="mailslot 1,mailslot_codec 3" -v date="November 22, 2026" \
#     -v dir=OUTPUT HEADER
#
# Makes the manual page dir/page.3 of a public header: its head comment is the description, and each
# declaration with a /** comment */ in front of it an entry. Each function gets a page that leads
# there. Headers keep to a few forms, as the style of this project has them; a test compares the
# page with the header.

function fail(why) {
    print FILENAME ":" NR ": " why >"/dev/stderr"
    failed = 1
    exit 1
}

# ---- Text ----

function escape(text) {
    gsub(/\\/, "\\e", text)
    gsub(/~/, "\\(ti", text)
    gsub(/\^/, "\\(ha", text)
    return text
}

function prose(text, parts, n, i, out) {
    n = split(escape(text), parts, "`")
    out = parts[1]
    for (i = 2; i <= n; i++)
        out = out (i % 2 ? "\\(cq" : "\\(oq") parts[i]
    gsub(/\. /, ".\n", out) # a sentence, a line: so that its end gets its space
    return out ~ /^[.']/ ? "\\&" out : out
}

function code(text) {
    text = escape(text)
    gsub(/-/, "\\-", text)
    gsub(/'/, "\\(aq", text)
    gsub(/`/, "\\(ga", text)
    return text ~ /^[.\\]/ ? "\\&" text : text
}

function put(line) { page_text = page_text line "\n" }

function open_code() {
    if (!in_code)
        put(".Bd -literal -offset indent")
    in_code = 1
}

function close_code() {
    if (in_code)
        put(".Ed")
    in_code = 0
}

function close_list() {
    if (in_list)
        put(".El")
    in_list = 0
}

# One line of a comment, without its star; the first of an entry follows its heading directly.
function put_comment_line(line, first, content) {
    content = line
    sub(/^ +/, "", content)
    if (content == "") {
        blank = 1
        return
    }
    if (line ~ /^ +- /) {
        close_code()
        if (!in_list)
            put(".Bl -bullet")
        in_list = 1
        put(".It")
        content = substr(content, 3)
    } else if (line ~ /^     +/ && !in_list && (blank || in_code)) {
        if (blank && in_code)
            put("")
        open_code()
        blank = 0
        put(code(substr(line, 6)))
        return
    } else if (blank || in_code) {
        close_code()
        close_list()
        if (!first)
            put(".Pp")
    }
    blank = 0
    put(prose(content))
}

function put_comment(text, lines, n, i, first) {
    n = split(text, lines, "\n")
    first = 1
    blank = 0
    for (i = 1; i <= n; i++) {
        put_comment_line(lines[i], first)
        if (lines[i] !~ /^ *$/)
            first = 0
    }
    close_code()
    close_list()
}

# ---- Entries ----

function open_entries() {
    if (!in_entries)
        put(".Bl -tag -width Ds")
    in_entries = 1
}

function close_entries() {
    if (in_entries)
        put(".El")
    in_entries = 0
}

function name_it(name) { names[++name_count] = name }

function put_declaration(text, lines, n, i) {
    n = split(text, lines, "\n")
    put(".Bd -literal")
    for (i = 1; i <= n; i++)
        put(code(lines[i]))
    put(".Ed")
}

function add_type(text, name) {
    name = text
    if (text ~ /^typedef/)
        sub(/;[^;]*$/, "", name)
    else
        sub(/ *[{;].*/, "", name)
    sub(/.*[ *}]/, "", name)
    open_entries()
    put(".It Vt " name)
    put_comment(comment)
    if (text ~ /\{/ && text !~ /\n#/)
        put_declaration(text)
}

# X(NAME, number, "text") of a list: what enums are made of.
function add_list(text, lines, n, i, parts) {
    n = split(text, lines, "\n")
    put(".Bl -tag -width Ds -compact")
    for (i = 2; i <= n; i++) {
        split(lines[i], parts, /[(,"]/)
        put(".It Dv MAILSLOT_ERR_" parts[2])
        put(prose(parts[5]) " (" parts[3] + 0 ")")
    }
    put(".El")
}

function add_macro(text, name, arguments, after) {
    name = text
    sub(/^#define +/, "", name)
    arguments = name
    sub(/[^A-Za-z0-9_].*/, "", name)
    arguments = substr(arguments, length(name) + 1)
    sub(/\).*/, ")", arguments)
    open_entries()
    if (arguments !~ /^\(/ || text ~ /_LIST\(X\)/) {
        put(".It Dv " name)
    } else {
        put(".It Fn " name " " quote_arguments(substr(arguments, 2, length(arguments) - 2)))
        name_it(name)
    }
    after = text
    if (sub(/.*\/\*\*< /, "", after)) {
        sub(/ *\*\/.*/, "", after)
        put(prose(after))
    } else {
        put_comment(comment)
    }
    if (text ~ /_LIST\(X\)/)
        add_list(text)
}

function quote_arguments(text, parts, n, i, out) {
    n = split(text, parts, / *, */)
    for (i = 1; i <= n; i++)
        out = out (i > 1 ? " " : "") "\"" parts[i] "\""
    return out
}

function add_function(text, name, type, parts, n, i) {
    gsub(/\n/, " ", text)
    gsub(/MAILSLOT_(API|MUST_USE|PRINTF\([0-9, ]*\)) */, "", text)
    gsub(/ +/, " ", text)
    sub(/\);.*/, "", text)
    i = index(text, "(")
    name = substr(text, 1, i - 1)
    text = substr(text, i + 1)
    type = name
    sub(/.*[ *]/, "", name)
    type = substr(type, 1, length(type) - length(name))
    sub(/ $/, "", type)
    name_it(name)
    synopsis = synopsis ".Ft \"" type "\"\n.Fo " name "\n"
    # At the commas of a function pointer too: lines may break there.
    n = split(text, parts, / *, */)
    for (i = 1; i <= n; i++)
        synopsis = synopsis ".Fa \"" parts[i] "\"\n"
    synopsis = synopsis ".Fc\n"
    open_entries()
    put(".It Fn " name)
    put_comment(comment)
}

# ---- The header ----

# The rest of a declaration that began with text, up to the line that ends it.
function read_until(text, end) {
    while (text !~ end) {
        if ((getline) <= 0)
            fail("a declaration does not end")
        text = text "\n" $0
    }
    return text
}

function read_define(text) {
    while (text ~ /\\$/) {
        sub(/ *\\$/, "", text)
        if ((getline) <= 0)
            fail("a macro does not end")
        text = text "\n" $0
    }
    return text
}

# What stands between the first line's "/**" and "*/".
function read_comment(text, line) {
    text = $0
    sub(/^\/\*\*/, "", text)
    while (text !~ /\*\//) {
        if ((getline line) <= 0)
            fail("a comment does not end")
        sub(/^ \*/, "", line)
        text = text "\n" (line == "/" ? "*/" : line)
    }
    sub(/ *\*\/.*/, "", text)
    return text
}

/^\/\*\*/ {
    comment = read_comment()
    if (sub(/^\n @file\n/, "", comment)) {
        head = comment
        comment = ""
    } else if (sub(/^\n @name [^\n]*\n/, "", comment)) {
        close_entries()
        sub(/\n @\{.*/, "", comment)
        put_comment(comment)
        in_group = 1
    } else if (comment ~ /@\}/) {
        in_group = 0
    }
    if (comment ~ /@[{}]/ || in_group)
        comment = ""
    next
}

/^\/\* ---- / {
    close_entries()
    sub(/^\/\* ---- /, "")
    sub(/ -+ \*\/$/, "")
    put(".Ss " $0)
    next
}

/^#define/ && (comment != "" || in_group) {
    add_macro(read_define($0))
    comment = ""
    next
}

/^MAILSLOT_API/ {
    if (comment == "")
        fail("a function without a comment")
    add_function(read_until($0, ";$"))
    comment = ""
    next
}

/^(typedef|struct)/ && comment != "" {
    add_type($0 ~ /\{$/ ? read_until($0, "\n}[^\n]*;$") : read_until($0, ";$"))
    comment = ""
    next
}

/^enum \{/ && comment != "" {
    open_entries()
    put(".It Li enum")
    put_comment(comment)
    put_declaration(read_until($0, "\n};$"))
    comment = ""
    next
}

function print_page(file, i, n, others, entries) {
    print ".\\\" Made from <" header ">; do not edit." >file
    print ".Dd " date >file
    print ".Dt " toupper(page) " 3" >file
    print ".Os libmailslot" >file
    print ".Sh NAME" >file
    for (i = 1; i <= name_count; i++)
        print ".Nm " names[i] (i < name_count ? " ," : "") >file
    print ".Nd " brief >file
    print ".Sh LIBRARY" >file
    print "lib" library " (pkg-config " library ")" >file
    print ".Sh SYNOPSIS" >file
    print ".In " header >file
    printf "%s", synopsis >file
    entries = page_text
    page_text = ""
    put_comment(head)
    print ".Sh DESCRIPTION" >file
    printf "%s%s", page_text, entries >file
    print ".Sh SEE ALSO" >file
    n = split(see, others, ",")
    for (i = 1; i <= n; i++)
        print ".Xr " others[i] (i < n ? " ," : "") >file
    close(file)
}

END {
    if (failed)
        exit 1
    close_entries()
    print_page(dir "/" page ".3")
    for (i = 1; i <= name_count; i++) {
        file = dir "/" names[i] ".3"
        print ".so man3/" page ".3" >file
        close(file)
    }
}

# Writes the bytes of the file IN to OUT as `static const unsigned char NAME[]`.
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(................................................................................)"
       "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}" "static const unsigned char ${NAME}[] = {\n${bytes}};\n")

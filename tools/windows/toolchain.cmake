# Builds for 64-bit Windows with Debian's mingw-w64, against what tools/windows/dependencies built:
#     cmake -S . -B build -DCMAKE_TOOLCHAIN_FILE=tools/windows/toolchain.cmake
#           -DMAILSLOT_WINDOWS_PREFIX=DIR
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(host x86_64-w64-mingw32)
set(CMAKE_C_COMPILER ${host}-gcc-win32)
set(CMAKE_CXX_COMPILER ${host}-g++-win32)
set(CMAKE_RC_COMPILER ${host}-windres)
set(CMAKE_FIND_ROOT_PATH /usr/${host} ${MAILSLOT_WINDOWS_PREFIX})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MAILSLOT_WINDOWS_PREFIX)

# Only the prefix's pkg-config files: the system's are for the system.
set(ENV{PKG_CONFIG_LIBDIR} ${MAILSLOT_WINDOWS_PREFIX}/lib/pkgconfig)

# Programs that run without mingw's own libraries beside them.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-static-libgcc")
set(CMAKE_CROSSCOMPILING_EMULATOR
    "${CMAKE_CURRENT_LIST_DIR}/wine;--captured;${MAILSLOT_WINDOWS_PREFIX}/wine")

# protoc's own schemas, which are read while building.
set(MAILSLOT_WELL_KNOWN_DIR /usr/include CACHE PATH "Where protoc's google/protobuf/*.proto are")

# mailslot_protobuf_generate(TARGET target PROTOS file.proto... [IMPORT_DIRS dir...])
#
# Compiles Protocol Buffers schemas to C with protoc-c and builds the result into target:
#
#     add_executable(app main.c)
#     mailslot_protobuf_generate(TARGET app PROTOS trace.proto events/login.proto)
#
# after which main.c says #include "trace.pb-c.h" and #include "events/login.pb-c.h".
#
# - PROTOS are relative to the current source directory, or absolute. A header is included by, and
#   other schemas import a schema by, its path below the first import directory it lies in. These
#   are IMPORT_DIRS and then the current source directory; for a schema in none of them, its own.
# - A schema is compiled anew when it or anything it imports changes. Imports are not compiled
#   themselves: list them, or link to the target that has them.
# - target gets the sources (built without the target's warnings), the include directory, and
#   libprotobuf-c; whoever links to target gets the latter two.
# - A schema may import mailslot/size.proto, whose options `mailslot fit` reads.
# - target must have been made in the current directory, by add_executable() or add_library(), but
#   not be an INTERFACE library. May be called several times for it, with different schemas.
#
# A mistake, or protoc-c or libprotobuf-c missing, is a FATAL_ERROR that says what to do.

# protoc lists the files that a schema imports, one a line, but does not escape their spaces: ninja
# and make would take one path for several. The build then runs this file as
# `cmake -DDEPFILE=list -P`, which escapes all spaces but those between paths.
if(CMAKE_SCRIPT_MODE_FILE AND DEPFILE)
    file(READ "${DEPFILE}" list)
    string(REPLACE " " "\\ " list "${list}")
    string(REPLACE "\\ \\\n" " \\\n" list "${list}")
    string(REPLACE "\n\\ " "\n " list "${list}")
    string(REGEX REPLACE "(\\.pb-c\\.[ch]:)\\\\ " "\\1 " list "${list}")
    file(WRITE "${DEPFILE}" "${list}")
    return()
endif()
include_guard(GLOBAL)

function(_mailslot_protobuf_check_target target)
    if(NOT target)
        message(FATAL_ERROR "mailslot_protobuf_generate: TARGET is missing")
    elseif(NOT TARGET "${target}")
        message(FATAL_ERROR "mailslot_protobuf_generate: \"${target}\" is not a target; call "
                            "this after add_executable() or add_library()")
    endif()
    get_target_property(aliased "${target}" ALIASED_TARGET)
    get_target_property(imported "${target}" IMPORTED)
    get_target_property(type "${target}" TYPE)
    if(aliased OR imported OR NOT type MATCHES "EXECUTABLE|(STATIC|SHARED|MODULE|OBJECT)_LIBRARY")
        message(FATAL_ERROR "mailslot_protobuf_generate: \"${target}\" is an alias, imported, "
                            "or a target that compiles nothing")
    endif()
    get_target_property(directory "${target}" SOURCE_DIR)
    if(NOT directory STREQUAL CMAKE_CURRENT_SOURCE_DIR)
        message(FATAL_ERROR "mailslot_protobuf_generate: \"${target}\" was made in "
                            "${directory}; call this there")
    endif()
    get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
    if(NOT "C" IN_LIST languages)
        message(FATAL_ERROR "mailslot_protobuf_generate: protoc-c generates C; add C to the "
                            "project's languages")
    endif()
endfunction()

# MAILSLOT_PROTOC_C in the cache, PkgConfig::MAILSLOT_PROTOBUF_C everywhere.
function(_mailslot_protobuf_find_tools)
    find_program(MAILSLOT_PROTOC_C protoc-c DOC "The Protocol Buffers compiler for C")
    if(NOT MAILSLOT_PROTOC_C)
        message(FATAL_ERROR "mailslot_protobuf_generate: protoc-c was not found; install it "
                            "(Debian: apt install protobuf-c-compiler) or set "
                            "MAILSLOT_PROTOC_C to its path")
    endif()
    if(TARGET PkgConfig::MAILSLOT_PROTOBUF_C)
        return()
    endif()
    find_package(PkgConfig QUIET)
    if(PkgConfig_FOUND)
        pkg_check_modules(MAILSLOT_PROTOBUF_C QUIET IMPORTED_TARGET GLOBAL libprotobuf-c)
    endif()
    if(NOT TARGET PkgConfig::MAILSLOT_PROTOBUF_C)
        message(FATAL_ERROR "mailslot_protobuf_generate: libprotobuf-c was not found; install it "
                            "(Debian: apt install libprotobuf-c-dev pkg-config)")
    endif()
endfunction()

# Stores the directory that has mailslot/size.proto in OWN: the headers' in the source tree, or where
# they were installed with this file. Empty if there is none.
function(_mailslot_protobuf_find_own)
    set(OWN "" PARENT_SCOPE)
    foreach(below ../codecs ../../../include ../../../../include)
        set(dir "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${below}")
        cmake_path(NORMAL_PATH dir)
        if(EXISTS "${dir}/mailslot/size.proto")
            set(OWN "${dir}" PARENT_SCOPE)
            return()
        endif()
    endforeach()
endfunction()

# Stores the import directory that file lies in in ROOT, and its path below in RELATIVE.
function(_mailslot_protobuf_locate file)
    cmake_path(GET file PARENT_PATH root)
    foreach(dir IN LISTS ARGN)
        cmake_path(IS_PREFIX dir "${file}" NORMALIZE below)
        if(below)
            set(root "${dir}")
            break()
        endif()
    endforeach()
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${root}" OUTPUT_VARIABLE relative)
    set(ROOT "${root}" PARENT_SCOPE)
    set(RELATIVE "${relative}" PARENT_SCOPE)
endfunction()

# Adds the command that compiles one schema and stores its .pb-c.c and .pb-c.h in OUTPUTS.
function(_mailslot_protobuf_command file out)
    _mailslot_protobuf_locate("${file}" ${ARGN})
    cmake_path(REPLACE_EXTENSION RELATIVE LAST_ONLY pb-c OUTPUT_VARIABLE stem)
    set(imports "")
    foreach(dir "${ROOT}" ${ARGN})
        list(APPEND imports "-I${dir}")
    endforeach()
    list(REMOVE_DUPLICATES imports)
    cmake_path(GET stem PARENT_PATH below)
    file(MAKE_DIRECTORY "${out}/${below}")
    add_custom_command(
        OUTPUT "${out}/${stem}.c" "${out}/${stem}.h"
        COMMAND "${MAILSLOT_PROTOC_C}" ${imports} "--c_out=${out}"
                "--dependency_out=${out}/${stem}.d" "${file}"
        COMMAND "${CMAKE_COMMAND}" "-DDEPFILE=${out}/${stem}.d"
                -P "${CMAKE_CURRENT_FUNCTION_LIST_FILE}"
        DEPENDS "${file}" "${MAILSLOT_PROTOC_C}"
        DEPFILE "${out}/${stem}.d"
        COMMENT "Compiling Protocol Buffers schema ${RELATIVE}"
        VERBATIM)
    set(OUTPUTS "${out}/${stem}.c" "${out}/${stem}.h" PARENT_SCOPE)
endfunction()

# By properties, since target_link_libraries() may not mix its two forms on one target, and which
# of them the project uses is its own business.
function(_mailslot_protobuf_link target out)
    foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
        set_property(TARGET "${target}" APPEND PROPERTY ${property}
                     PkgConfig::MAILSLOT_PROTOBUF_C)
    endforeach()
    foreach(dir "${out}" ${ARGN})
        target_include_directories("${target}" PUBLIC "$<BUILD_INTERFACE:${dir}>")
    endforeach()
endfunction()

function(mailslot_protobuf_generate)
    cmake_parse_arguments(PARSE_ARGV 0 ARG "" "TARGET" "PROTOS;IMPORT_DIRS")
    if(ARG_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "mailslot_protobuf_generate: what is \"${ARG_UNPARSED_ARGUMENTS}\"?")
    endif()
    _mailslot_protobuf_check_target("${ARG_TARGET}")
    if(NOT ARG_PROTOS)
        message(FATAL_ERROR "mailslot_protobuf_generate: PROTOS is missing")
    endif()
    _mailslot_protobuf_find_tools()

    set(roots "")
    foreach(dir IN LISTS ARG_IMPORT_DIRS ITEMS "${CMAKE_CURRENT_SOURCE_DIR}")
        cmake_path(ABSOLUTE_PATH dir NORMALIZE)
        list(APPEND roots "${dir}")
    endforeach()
    _mailslot_protobuf_find_own()
    set(out "${CMAKE_CURRENT_BINARY_DIR}/${ARG_TARGET}_protos")
    file(MAKE_DIRECTORY "${out}")
    foreach(proto IN LISTS ARG_PROTOS)
        cmake_path(ABSOLUTE_PATH proto NORMALIZE OUTPUT_VARIABLE file)
        if(NOT file MATCHES "\\.proto$" OR NOT EXISTS "${file}")
            message(FATAL_ERROR "mailslot_protobuf_generate: no schema ${file}")
        endif()
        _mailslot_protobuf_command("${file}" "${out}" ${roots} ${OWN})
        target_sources("${ARG_TARGET}" PRIVATE ${OUTPUTS})
        list(GET OUTPUTS 0 source)
        set_source_files_properties("${source}" PROPERTIES
            COMPILE_OPTIONS "$<IF:$<C_COMPILER_ID:MSVC>,/w,-w>" SKIP_LINTING ON)
    endforeach()
    _mailslot_protobuf_link("${ARG_TARGET}" "${out}" ${OWN})
endfunction()

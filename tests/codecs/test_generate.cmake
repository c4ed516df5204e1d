# mailslot_protobuf_generate() as users call it, in projects of their own. Run with
# cmake -DMODULE=.../MailslotProtobuf.cmake -DDIRECTORY=... -DGENERATOR=... -DCOMPILER=... -P
cmake_minimum_required(VERSION 3.24)

# Writes a project that includes the module and then says BODY.
function(write_project body)
    file(REMOVE_RECURSE "${DIRECTORY}")
    file(WRITE "${DIRECTORY}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.24)
project(user C)
include(\"${MODULE}\")
add_compile_options(-Wall -Wextra -Wconversion -Wcast-qual -Werror)
${body}
")
    file(WRITE "${DIRECTORY}/main.c" "int main(void) { return 0; }\n")
    file(WRITE "${DIRECTORY}/empty.proto" "syntax = \"proto3\"; message Empty {}\n")
endfunction()

function(run name)
    execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output
                    RESULT_VARIABLE result)
    set(RESULT "${result}" PARENT_SCOPE)
    string(REGEX REPLACE "[ \n]+" " " flat "${output}")
    set(OUTPUT "${flat}" PARENT_SCOPE)
endfunction()

function(configure)
    run(configure "${CMAKE_COMMAND}" -G "${GENERATOR}" "-DCMAKE_C_COMPILER=${COMPILER}"
        -S "${DIRECTORY}" -B "${DIRECTORY}/build" ${ARGN})
    set(RESULT "${RESULT}" PARENT_SCOPE)
    set(OUTPUT "${OUTPUT}" PARENT_SCOPE)
endfunction()

function(expect_build)
    run(build "${CMAKE_COMMAND}" --build "${DIRECTORY}/build")
    if(NOT RESULT EQUAL 0)
        message(FATAL_ERROR "a good project did not build: ${OUTPUT}")
    endif()
endfunction()

function(expect_failure why body)
    write_project("${body}")
    configure()
    string(FIND "${OUTPUT}" "mailslot_protobuf_generate: ${why}" at)
    if(RESULT EQUAL 0 OR at LESS 0)
        message(FATAL_ERROR "expected \"${why}\", got ${RESULT}: ${OUTPUT}")
    endif()
    message(STATUS "refused as it should be: ${why}")
endfunction()

function(write_schemas field)
    file(WRITE "${DIRECTORY}/schemas/parts/part.proto"
         "syntax = \"proto3\"; package parts; message Part { int32 ${field} = 1; }\n")
    file(WRITE "${DIRECTORY}/schemas/whole.proto" "syntax = \"proto3\"; package whole;
import \"parts/part.proto\"; message Whole { parts.Part part = 1; }\n")
    file(WRITE "${DIRECTORY}/main.c" "#include \"whole.pb-c.h\"
#include \"parts/part.pb-c.h\"
#include \"empty.pb-c.h\"
int main(void) {
    Parts__Part part = PARTS__PART__INIT;
    Whole__Whole whole = WHOLE__WHOLE__INIT;
    Empty empty = EMPTY__INIT;
    whole.part = &part;
    return whole.part->${field} + (int)empty__get_packed_size(&empty);
}\n")
endfunction()

# Several schemas, an import across directories, a library between, both forms of linking.
write_project("
add_library(schemas STATIC)
mailslot_protobuf_generate(TARGET schemas PROTOS schemas/whole.proto schemas/parts/part.proto
                           IMPORT_DIRS schemas)
add_executable(app main.c)
target_link_libraries(app schemas)
mailslot_protobuf_generate(TARGET app PROTOS empty.proto)
add_executable(other main.c)
target_link_libraries(other PRIVATE schemas)
mailslot_protobuf_generate(TARGET other PROTOS \${CMAKE_CURRENT_SOURCE_DIR}/empty.proto)
")
write_schemas(number)
configure()
expect_build()
message(STATUS "built two programs on schemas with an import")

# What an import says is compiled anew everywhere when it changes.
execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
write_schemas(renamed)
expect_build()
run(again "${CMAKE_COMMAND}" --build "${DIRECTORY}/build")
string(FIND "${OUTPUT}" "Compiling Protocol Buffers" at)
if(at GREATER_EQUAL 0)
    message(FATAL_ERROR "compiled again without need: ${OUTPUT}")
endif()
message(STATUS "compiled anew after a change, and only then")

# The options for `mailslot fit` are nothing to C code, but their schema is imported.
write_project("
add_executable(app main.c)
mailslot_protobuf_generate(TARGET app PROTOS sized.proto)
")
file(WRITE "${DIRECTORY}/sized.proto" "syntax = \"proto3\"; import \"mailslot/size.proto\";
message Sized { repeated bool flags = 1 [(mailslot.size).max_count = 9]; }\n")
file(WRITE "${DIRECTORY}/main.c" "#include \"sized.pb-c.h\"
int main(void) {
    Sized sized = SIZED__INIT;
    return (int)sized__get_packed_size(&sized);
}\n")
configure()
expect_build()
message(STATUS "built a program on a schema with sizes")

expect_failure("TARGET is missing" "mailslot_protobuf_generate(PROTOS empty.proto)")
expect_failure("\"none\" is not a target"
               "mailslot_protobuf_generate(TARGET none PROTOS empty.proto)")
expect_failure("\"headers\" is an alias, imported, or a target that compiles nothing"
               "add_library(headers INTERFACE)
                mailslot_protobuf_generate(TARGET headers PROTOS empty.proto)")
expect_failure("PROTOS is missing" "add_executable(app main.c)
                mailslot_protobuf_generate(TARGET app)")
expect_failure("no schema " "add_executable(app main.c)
                mailslot_protobuf_generate(TARGET app PROTOS none.proto)")
expect_failure("what is \"empty.proto\"?" "add_executable(app main.c)
                mailslot_protobuf_generate(empty.proto TARGET app)")
expect_failure("protoc-c was not found; install it" "add_executable(app main.c)
                set(CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH OFF)
                set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)
                mailslot_protobuf_generate(TARGET app PROTOS empty.proto)")
file(REMOVE_RECURSE "${DIRECTORY}")

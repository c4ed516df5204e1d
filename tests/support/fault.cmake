# mailslot_add_fault_test(NAME SOURCES a.c... LIBRARIES l...): a test whose calls of libc, and the
# library objects' in it, can be made to fail; see fault.h.
function(mailslot_add_fault_test name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
    mailslot_add_test(${name} SOURCES ${ARG_SOURCES}
                      ${PROJECT_SOURCE_DIR}/tests/support/fault.c LIBRARIES ${ARG_LIBRARIES})
    string(REPLACE "." "_" target "test_${name}")
    foreach(function malloc calloc realloc mmap access mkdir fchmod fstat ftruncate fallocate
            posix_fallocate pread linkat eventfd opendir fdopendir pthread_create open openat fcntl)
        target_link_options(${target} PRIVATE -Wl,--wrap=${function})
    endforeach()
endfunction()

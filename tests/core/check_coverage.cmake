# Fails unless every behaviour that the conformance tests promise to cover has a test that runs:
# a function whose name begins with the behaviour's number and that stands in a list of tests.
# Usage: cmake -DTESTS=folder -P check_coverage.cmake
set(promised s3a s35 s36 s38 s39)
foreach(number RANGE 1 34)
    list(APPEND promised s${number})
endforeach()

file(GLOB files ${TESTS}/conformance_*.c ${TESTS}/local/conformance_*.c)
set(covered)
foreach(file ${files})
    file(STRINGS ${file} lines REGEX "^ +slot_test\\(s[0-9]+a?_[a-z0-9_]+\\)")
    foreach(line ${lines})
        string(REGEX REPLACE "^ +slot_test\\((s[0-9]+a?)_.*" "\\1" number "${line}")
        list(APPEND covered ${number})
    endforeach()
endforeach()

list(REMOVE_ITEM promised ${covered})
if(promised)
    list(JOIN promised " " missing)
    message(FATAL_ERROR "No conformance test runs for: ${missing}")
endif()
list(LENGTH covered count)
message(STATUS "${count} tests cover every promised behaviour")

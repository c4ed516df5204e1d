# cmake -DMUTANT=m.cmake -DCORE=dir -DOUTPUT=file.c -P mutate.cmake
# Copies a source file of the library with one exact replacement. A mutant says which: SOURCE, FROM,
# TO. Fails if FROM is not there exactly once, so that no mutant is the original in disguise.
include(${MUTANT})
file(READ ${CORE}/${SOURCE} text)
string(FIND "${text}" "${FROM}" first)
string(FIND "${text}" "${FROM}" last REVERSE)
if(first EQUAL -1 OR NOT first EQUAL last)
    message(FATAL_ERROR "${MUTANT}: what it replaces is not once in ${SOURCE}: adapt it")
endif()
string(REPLACE "${FROM}" "${TO}" text "${text}")
file(WRITE ${OUTPUT} "${text}")

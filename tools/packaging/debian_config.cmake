# Read by cpack before it packs: packages with libraries in the wrong place are none.
if(CPACK_GENERATOR STREQUAL DEB AND NOT CPACK_MAILSLOT_LIBDIR STREQUAL CPACK_MAILSLOT_LIBDIR_NEEDED)
    message(FATAL_ERROR "Debian's libraries lie in ${CPACK_MAILSLOT_LIBDIR_NEEDED}, this build's "
                        "in ${CPACK_MAILSLOT_LIBDIR}: configure with -DCMAKE_INSTALL_PREFIX=/usr")
endif()

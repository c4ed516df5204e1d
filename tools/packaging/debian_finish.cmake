# Run by cpack between installing into its folders, one for each component, and packing them.
if(NOT CPACK_GENERATOR STREQUAL DEB)
    return()
endif()
foreach(component ${CPACK_COMPONENTS_ALL})
    set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${component}${CPACK_PACKAGING_INSTALL_PREFIX})
    string(TOUPPER ${component} upper)
    file(COPY_FILE ${CPACK_MAILSLOT_LICENSE} ${root}/LICENSE)
    file(MAKE_DIRECTORY ${root}/share/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
    file(RENAME ${root}/LICENSE
         ${root}/share/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME}/copyright)

    # In their final place, libraries and headers are found without a path to them.
    file(GLOB binaries ${root}/bin/* ${root}/sbin/* ${root}/${CPACK_MAILSLOT_LIBDIR}/*.so.*)
    foreach(binary ${binaries})
        if(NOT IS_SYMLINK ${binary})
            file(RPATH_REMOVE FILE ${binary})
        endif()
    endforeach()

    file(GLOB modules ${root}/${CPACK_MAILSLOT_LIBDIR}/pkgconfig/*.pc)
    foreach(module ${modules})
        file(READ ${module} content)
        string(REGEX REPLACE "^prefix=[^\n]*" "prefix=${CPACK_PACKAGING_INSTALL_PREFIX}"
               content "${content}")
        file(WRITE ${module} "${content}")
    endforeach()

    file(GLOB pages ${root}/share/man/man*/*)
    foreach(page ${pages})
        execute_process(COMMAND gzip -9n ${page} COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
endforeach()

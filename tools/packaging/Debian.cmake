# Debian packages: cpack in a build folder that was configured with -DCMAKE_INSTALL_PREFIX=/usr.
set(MAILSLOT_PACKAGE_CONTACT "The libmailslot authors <authors@libmailslot.invalid>"
    CACHE STRING "Maintainer of the Debian packages")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mailslot)
set(CPACK_PACKAGE_CONTACT ${MAILSLOT_PACKAGE_CONTACT})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
    GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_SOURCE_DIR}/debian_config.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/debian_finish.cmake)
set(CPACK_MAILSLOT_LIBDIR ${CMAKE_INSTALL_LIBDIR})
set(CPACK_MAILSLOT_LIBDIR_NEEDED lib/${CMAKE_LIBRARY_ARCHITECTURE})
set(CPACK_MAILSLOT_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)

set(CPACK_COMPONENTS_ALL library development tools daemon)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# What a binary needs, dpkg-shlibdeps finds out; it looks for our own libraries in the build tree.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/core
    ${PROJECT_BINARY_DIR}/codecs)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY >=)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libmailslot${PROJECT_VERSION_MAJOR})
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "What programs that use mailslots run with: libmailslot,
and libmailslot-codecs with the codecs for text, MessagePack and Protocol Buffers.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libmailslot-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DEPENDS library)
# Its headers include those of both, and its CMake package asks pkg-config for them.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libmsgpack-dev, libprotobuf-c-dev, pkg-config")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS protobuf-c-compiler)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "What programs that use mailslots are built with:
headers, static libraries, manual pages, and what CMake and pkg-config need.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME mailslot)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
set(CPACK_COMPONENT_TOOLS_DEPENDS library)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SUGGESTS "bash-completion, protobuf-compiler")
set(CPACK_COMPONENT_TOOLS_DESCRIPTION "The command-line tool mailslot, which sends to mailslots,
listens on them and shows what there is.")

set(CPACK_DEBIAN_DAEMON_PACKAGE_NAME mailslotd)
set(CPACK_DEBIAN_DAEMON_PACKAGE_SECTION net)
set(CPACK_DEBIAN_DAEMON_PACKAGE_RECOMMENDS mailslot)
foreach(script postinst prerm postrm)
    list(APPEND CPACK_DEBIAN_DAEMON_PACKAGE_CONTROL_EXTRA
         ${CMAKE_CURRENT_SOURCE_DIR}/mailslotd/${script})
endforeach()
set(CPACK_COMPONENT_DAEMON_DESCRIPTION "The daemon mailslotd, which lets mailslots receive from
other computers on a NetBIOS network, and from other users of this one.")

include(CPack)

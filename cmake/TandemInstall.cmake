# What `cmake --install` copies, and the package that find_package(tandem) finds.
#
#   bin/tandem   include/tandem/   lib/libtandem.so   lib/libtandem_opencv.so   lib/cmake/tandem/
#   share/tandem/models/default/   share/doc/tandem/
#
# The library finds the default model beside itself, at ../share/tandem/models. The build folder has the
# same shape, so that nothing needs installing to be tried.
include(CMakePackageConfigHelpers)
set(_package ${CMAKE_INSTALL_LIBDIR}/cmake/tandem)

file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/tandem)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/models ${PROJECT_BINARY_DIR}/share/tandem/models SYMBOLIC)

install(TARGETS tandem EXPORT tandemTargets)
install(TARGETS tandem_cli)
install(TARGETS tandem_opencv LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tandem DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT tandemTargets NAMESPACE tandem:: DESTINATION ${_package})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/tandemConfig.cmake.in
  ${PROJECT_BINARY_DIR}/tandemConfig.cmake INSTALL_DESTINATION ${_package})
# Before 1.0 each minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tandemConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tandemConfig.cmake ${PROJECT_BINARY_DIR}/tandemConfigVersion.cmake
  DESTINATION ${_package})

install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/default DESTINATION ${CMAKE_INSTALL_DATADIR}/tandem/models
        PATTERN parts EXCLUDE PATTERN recipe EXCLUDE PATTERN rebuild EXCLUDE)  # are for its makers
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)

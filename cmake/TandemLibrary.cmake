# The shared library `tandem`: all rooms in one file, behind the headers of include/tandem/.
#
# A program that uses it needs neither the headers nor the packages of LibTorch, FAISS, OpenCV or
# SentencePiece.
get_property(_modules GLOBAL PROPERTY TANDEM_MODULES)
add_library(tandem SHARED ${PROJECT_SOURCE_DIR}/cmake/library.cpp)
add_library(tandem::tandem ALIAS tandem)
set_target_properties(tandem PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
target_compile_features(tandem INTERFACE cxx_std_20)
target_include_directories(tandem INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# LibTorch stands first, so that its matrix products bind to its own BLAS and not to the OpenBLAS that
# FAISS and OpenCV bring, which is several times slower on small products.
target_link_libraries(tandem PRIVATE LibTorch::LibTorch)
# Every object of every room, though nothing in the library itself calls it.
list(JOIN _modules "," _list)
set_target_properties(tandem PROPERTIES LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,${_list}")
target_link_libraries(tandem PRIVATE ${_modules})

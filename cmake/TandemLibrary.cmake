# The shared library `tandem`: all rooms in one file, behind the headers of include/tandem/.
#
# A program that uses it needs neither the headers nor the packages of LibTorch, FAISS, OpenCV or
# SentencePiece.
get_property(_modules GLOBAL PROPERTY TANDEM_MODULES)
list(TRANSFORM _modules REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE _objects)
add_library(tandem SHARED ${_objects})
add_library(tandem::tandem ALIAS tandem)
set_target_properties(tandem PROPERTIES LINKER_LANGUAGE CXX
                                        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
target_compile_features(tandem INTERFACE cxx_std_20)
target_include_directories(tandem INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(tandem PRIVATE ${_modules})

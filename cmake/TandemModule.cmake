# One room of the house: a folder under src/ is one static library and one namespace.
#
#   tandem_add_module(NAME SOURCES file... [PUBLIC_DEPS target...] [PRIVATE_DEPS target...] [TORCH])
#
# The dependencies that are listed here are all that the module may include. PUBLIC_DEPS are those that
# its headers show. TORCH marks the few rooms that may see LibTorch; they share one precompiled header.
function(tandem_add_module NAME)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;PUBLIC_DEPS;PRIVATE_DEPS" ${ARGN})
  set(target tandem_${NAME})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(tandem::${NAME} ALIAS ${target})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  tandem_set_warnings(${target})
  if(ARG_TORCH)
    target_link_libraries(${target} PUBLIC LibTorch::LibTorch)
    tandem_use_torch_header(${target})
  endif()
  target_link_libraries(${target} PUBLIC ${ARG_PUBLIC_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  tandem_unite(${target})
  set_property(GLOBAL APPEND PROPERTY TANDEM_MODULES ${target})
  # For the test that no file includes what its room does not list.
  set(rooms ${ARG_PUBLIC_DEPS} ${ARG_PRIVATE_DEPS})
  list(FILTER rooms INCLUDE REGEX "^tandem::")
  list(TRANSFORM rooms REPLACE "^tandem::" "")
  set_property(GLOBAL PROPERTY TANDEM_DEPS_${NAME} ${rooms})
endfunction()

# A test program and its cases in ctest.
#
#   tandem_add_test(NAME SOURCES file... DEPS target... [LABELS label...] [TORCH])
function(tandem_add_test NAME)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPS;LABELS" ${ARGN})
  set(sanitized 0)
  if(TANDEM_SANITIZE)
    set(sanitized 1)
  endif()
  add_executable(${NAME} ${ARG_SOURCES})
  target_include_directories(${NAME} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${NAME} PRIVATE TANDEM_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/golden/data"
                                             TANDEM_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                             TANDEM_SANITIZED=${sanitized})
  tandem_set_warnings(${NAME})
  # A test itself need not be fast, but be compiled fast; the rooms below it are optimised.
  target_compile_options(${NAME} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(ARG_TORCH)
    # Before everything else, so that LibTorch's matrix products bind to its own BLAS.
    target_link_libraries(${NAME} PRIVATE LibTorch::LibTorch)
    tandem_use_torch_header(${NAME})
  endif()
  target_link_libraries(${NAME} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  tandem_unite(${NAME})
  gtest_discover_tests(${NAME} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS "${ARG_LABELS}")
endfunction()

function(tandem_set_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
  if(TANDEM_WERROR)
    # Not these: GCC 12 finds an overlap in its own string's operator+ (GCC bug 105651), and overflows in
    # vectors that were empty.
    target_compile_options(${target} PRIVATE -Werror
      $<$<CXX_COMPILER_ID:GNU>:-Wno-error=restrict -Wno-error=stringop-overflow>)
  endif()
endfunction()

# With TANDEM_UNITY the sources of a folder are compiled as one, in which templates are instantiated once: in
# the rooms that see LibTorch that saves most of the time. So the names of a folder's unnamed namespaces
# must differ. A source with compile options of its own stays by itself (CMake sees to it).
function(tandem_unite target)
  if(NOT TANDEM_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # GCC takes a source that another includes for a header, where a type must not hang on an unnamed namespace.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    get_filename_component(folder "${source}" DIRECTORY)
    string(MAKE_C_IDENTIFIER "all_${folder}" group)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
endfunction()

# LibTorch's headers take some 20 seconds: they are compiled once and shared.
function(tandem_use_torch_header target)
  if(NOT TARGET tandem_torch_header)
    add_library(tandem_torch_header STATIC ${PROJECT_SOURCE_DIR}/cmake/torch_header.cpp)
    set_target_properties(tandem_torch_header PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_features(tandem_torch_header PRIVATE cxx_std_20)
    # A precompiled header is used only by compilations with the same flags.
    tandem_set_warnings(tandem_torch_header)
    target_link_libraries(tandem_torch_header PRIVATE LibTorch::LibTorch)
    target_precompile_headers(tandem_torch_header PRIVATE <torch/torch.h>)
  endif()
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    # CMake would give a program -fPIE, and the shared header is compiled with -fPIC.
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_precompile_headers(${target} REUSE_FROM tandem_torch_header)
endfunction()

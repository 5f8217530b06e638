# Finds LibTorch 2.x and defines the target LibTorch::LibTorch.
#
# The libraries are taken from the one folder that LocateLibTorch.cmake found: LibTorch's own package file
# also searches the system's folders, and mixes in an older libc10 where a distribution's LibTorch is
# installed.
include(${CMAKE_CURRENT_LIST_DIR}/LocateLibTorch.cmake)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_ROOT_FOLDER
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "Run scripts/setup, or name a LibTorch 2.x by -DCMAKE_PREFIX_PATH=FOLDER.")

find_package(OpenMP REQUIRED)
if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  set(_libraries)
  foreach(_name IN ITEMS torch_cpu torch_cuda torch c10 c10_cuda)
    set(_file "${LibTorch_ROOT_FOLDER}/lib/lib${_name}.so")
    if(EXISTS "${_file}")
      list(APPEND _libraries "${_file}")
    endif()
  endforeach()
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_ROOT_FOLDER}/include" "${LibTorch_ROOT_FOLDER}/include/torch/csrc/api/include")
  # at::parallel_for is part of the headers, and a loop of one thread in files that are compiled without OpenMP.
  target_link_libraries(LibTorch::LibTorch INTERFACE OpenMP::OpenMP_CXX)
  # LibTorch's headers bring a fmt of their own, of another version than the system's library: whoever sees
  # them uses fmt by its headers alone.
  target_compile_definitions(LibTorch::LibTorch INTERFACE FMT_HEADER_ONLY)
  # As options they stand before all libraries, so that matrix products (LibTorch's own and those of FAISS)
  # bind to LibTorch's BLAS: the system's is several times slower. Kernels register themselves when a
  # library loads: each one is kept though no symbol of it is named.
  list(JOIN _libraries "\" \"" _libraries)
  target_link_options(LibTorch::LibTorch INTERFACE
    "SHELL:-Wl,--push-state,--no-as-needed \"${_libraries}\" -Wl,--pop-state")
endif()

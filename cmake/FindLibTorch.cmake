# Finds LibTorch 2.x and defines the target LibTorch::LibTorch.
#
# Looks, in this order, at Torch_DIR and CMAKE_PREFIX_PATH (named by the user), at an installed Python
# package `torch`, and at .deps/torch, where scripts/setup unpacks one. The libraries are taken from that
# one folder alone: LibTorch's own package file also searches the system's folders, and mixes in an older
# libc10 where a distribution's LibTorch is installed.
set(_tandem_torch_roots)
if(Torch_DIR)
  get_filename_component(_root "${Torch_DIR}/../../.." ABSOLUTE)
  list(APPEND _tandem_torch_roots "${_root}")
endif()
foreach(_prefix IN LISTS CMAKE_PREFIX_PATH)
  # As a prefix itself, or as torch.utils.cmake_prefix_path (the folder share/cmake).
  list(APPEND _tandem_torch_roots "${_prefix}" "${_prefix}/../.." "${_prefix}/torch")
endforeach()
if(NOT LibTorch_ROOT_FOLDER)
  find_program(_tandem_python NAMES python3 python)
  if(_tandem_python)
    execute_process(
      COMMAND "${_tandem_python}" -c
              "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE _python_torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(_python_torch)
      list(APPEND _tandem_torch_roots "${_python_torch}")
    endif()
  endif()
endif()
list(APPEND _tandem_torch_roots "${PROJECT_SOURCE_DIR}/.deps/torch" /usr)

set(_tandem_torch_refused "")
set(LibTorch_ROOT_FOLDER "")
foreach(_root IN LISTS _tandem_torch_roots)
  set(_version_header "${_root}/include/torch/version.h")
  if(EXISTS "${_root}/include/torch/headeronly/version.h")
    set(_version_header "${_root}/include/torch/headeronly/version.h")
  elseif(EXISTS "${_root}/include/torch/csrc/api/include/torch/version.h")
    set(_version_header "${_root}/include/torch/csrc/api/include/torch/version.h")
  endif()
  if(NOT EXISTS "${_version_header}")
    continue()
  endif()
  file(STRINGS "${_version_header}" _lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH)")
  string(REGEX REPLACE ".*MAJOR ([0-9]+).*MINOR ([0-9]+).*PATCH ([0-9]+).*" "\\1.\\2.\\3" _version "${_lines}")
  if(_version VERSION_LESS 2.0)
    string(APPEND _tandem_torch_refused
      "\n  ${_root}: LibTorch ${_version} is too old, 2.x is wanted. (Debian's 1.13 cannot work here: its "
      "protobuf differs from the one in Debian's SentencePiece, and a program with both crashes before main.)")
    continue()
  endif()
  if(NOT EXISTS "${_root}/lib/libtorch_cpu.so")
    continue()
  endif()
  set(LibTorch_ROOT_FOLDER "${_root}")
  set(LibTorch_VERSION "${_version}")
  break()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_ROOT_FOLDER
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "Run scripts/setup, or name a LibTorch 2.x by -DCMAKE_PREFIX_PATH=FOLDER.${_tandem_torch_refused}")

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
  # Kernels register themselves when a library loads: keep each one though no symbol of it is named.
  target_link_libraries(LibTorch::LibTorch INTERFACE
    "-Wl,--push-state,--no-as-needed" ${_libraries} "-Wl,--pop-state")
endif()

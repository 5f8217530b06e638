# Where is LibTorch 2.x? Sets LibTorch_ROOT_FOLDER (empty where there is none) and LibTorch_VERSION, and
# says of each one that it passes over why. As a script (cmake -P) it prints the folder on standard
# output or fails.
#
# Looks, in this order, at what the user names (Torch_DIR and CMAKE_PREFIX_PATH, as variables or in the
# environment), at an installed Python package `torch`, at .deps/torch, where scripts/setup puts one, and
# at the system's folders.
set(_tandem_torch_roots)
foreach(_named IN ITEMS "${Torch_DIR}" "$ENV{Torch_DIR}")
  if(_named)
    get_filename_component(_named "${_named}/../../.." ABSOLUTE)  # from share/cmake/Torch
    list(APPEND _tandem_torch_roots "${_named}")
  endif()
endforeach()
string(REPLACE ":" ";" _tandem_prefixes "$ENV{CMAKE_PREFIX_PATH}")
foreach(_prefix IN LISTS CMAKE_PREFIX_PATH _tandem_prefixes)
  # As a prefix itself, as torch.utils.cmake_prefix_path (the folder share/cmake), as a site folder.
  list(APPEND _tandem_torch_roots "${_prefix}" "${_prefix}/../.." "${_prefix}/torch")
endforeach()
find_program(_tandem_python NAMES python3 python)
if(_tandem_python)
  execute_process(
    COMMAND "${_tandem_python}" -c
            "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
    OUTPUT_VARIABLE _python_torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  list(APPEND _tandem_torch_roots ${_python_torch})
endif()
list(APPEND _tandem_torch_roots "${CMAKE_CURRENT_LIST_DIR}/../.deps/torch" /usr/local /usr)

# Sets `version` to what the headers in `root` say ("" where there are none) and `reason` to why that
# LibTorch cannot be used ("" where it can).
function(tandem_judge_libtorch root version reason)
  set(${version} "" PARENT_SCOPE)
  set(${reason} "" PARENT_SCOPE)
  foreach(header IN ITEMS headeronly/version.h csrc/api/include/torch/version.h version.h)
    if(EXISTS "${root}/include/torch/${header}")
      file(STRINGS "${root}/include/torch/${header}" lines
           REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
      string(REGEX REPLACE ".*MAJOR ([0-9]+).*MINOR ([0-9]+).*PATCH ([0-9]+).*" "\\1.\\2.\\3" found "${lines}")
      break()
    endif()
  endforeach()
  if(NOT found)
    return()
  endif()
  set(config "${root}/share/cmake/Torch/TorchConfig.cmake")
  if(found VERSION_LESS 2.0)
    string(CONCAT why "2.x is wanted; Debian's 1.13 cannot work here, because its protobuf differs from "
                      "the one in Debian's SentencePiece and a program with both crashes before main")
  elseif(NOT EXISTS "${root}/lib/libtorch_cpu.so")
    set(why "lib/libtorch_cpu.so is missing")
  elseif(EXISTS "${config}")
    file(STRINGS "${config}" old_abi REGEX "set.*_GLIBCXX_USE_CXX11_ABI=0")
    if(old_abi)
      set(why "it is built with the C++ ABI from before C++11; take a build with the present one")
    endif()
  endif()
  set(${version} "${found}" PARENT_SCOPE)
  set(${reason} "${why}" PARENT_SCOPE)
endfunction()

set(LibTorch_ROOT_FOLDER "")
foreach(_root IN LISTS _tandem_torch_roots)
  get_filename_component(_root "${_root}" ABSOLUTE)
  tandem_judge_libtorch("${_root}" _version _reason)
  if(_version AND _reason)
    message("Not used: LibTorch ${_version} in ${_root}: ${_reason}.")
  elseif(_version)
    set(LibTorch_ROOT_FOLDER "${_root}")
    set(LibTorch_VERSION "${_version}")
    break()
  endif()
endforeach()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  if(NOT LibTorch_ROOT_FOLDER)
    message(FATAL_ERROR "No LibTorch 2.x found.")
  endif()
  execute_process(COMMAND ${CMAKE_COMMAND} -E echo "${LibTorch_ROOT_FOLDER}")
endif()

# Every `#include "room/..."` under FOLDER names a room of ALLOWED (alternatives of a regular expression).
file(GLOB_RECURSE _files ${FOLDER}/*.h ${FOLDER}/*.cpp)
if(NOT _files)
  message(FATAL_ERROR "${FOLDER} has no sources.")
endif()
foreach(_file IN LISTS _files)
  file(STRINGS ${_file} _includes REGEX "^#include \"[a-z_]+/")
  list(FILTER _includes EXCLUDE REGEX "\"(${ALLOWED})/")
  if(_includes)
    message(SEND_ERROR "${_file}: ${_includes} is not a room below. Turn the dependency round, or list the "
                       "room in the module's CMakeLists.txt if the order of CONTRIBUTING.md allows it.")
  endif()
endforeach()

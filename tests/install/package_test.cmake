# Installs the built library into a folder of its own, then builds and runs a foreign project with it.
file(REMOVE_RECURSE "${WORK}")
set(_prefix "${WORK}/prefix")

function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE _output ERROR_VARIABLE _output RESULT_VARIABLE _status)
  if(_status)
    list(JOIN ARGN " " _command)
    message(FATAL_ERROR "${_command}\nended with ${_status}:\n${_output}")
  endif()
  set(_output "${_output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${_prefix})
configure_file(${SOURCE}/tests/install/foreign_project.cmake ${WORK}/source/CMakeLists.txt COPYONLY)
configure_file(${SOURCE}/examples/01_search.cpp ${WORK}/source/search.cpp COPYONLY)
run(${CMAKE_COMMAND} -S ${WORK}/source -B ${WORK}/build -G ${GENERATOR}
    -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_PREFIX_PATH=${_prefix})
run(${CMAKE_COMMAND} --build ${WORK}/build)

# The program and the command find the installed model by themselves.
set(_gallery ${BUILD}/examples/run/gallery)
run(${CMAKE_COMMAND} -E env --unset=TANDEM_MODEL ${WORK}/build/search ${_gallery} "musicians on a stage")
if(NOT _output MATCHES "^1  0\\.[0-9]+  [^\n]*band\\.jpg")
  message(FATAL_ERROR "The foreign program should find band.jpg first:\n${_output}")
endif()
run(${CMAKE_COMMAND} -E env --unset=TANDEM_MODEL
    ${_prefix}/bin/tandem search ${_gallery} "a rocket on the launch pad" --json)
if(NOT _output MATCHES "^{[^\n]*rocket\\.jpg")
  message(FATAL_ERROR "The installed command should find rocket.jpg first:\n${_output}")
endif()
foreach(_file IN ITEMS share/doc/tandem/LICENSE share/doc/tandem/README.md
                       share/tandem/models/default/README.md)
  if(NOT EXISTS ${_prefix}/${_file})
    message(FATAL_ERROR "${_file} is not installed.")
  endif()
endforeach()

# One public header compiles alone, without a warning, and shows nothing but the standard library and
# other public headers.
set(_flags -std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Werror
           -I${INCLUDE} -include ${HEADER} -x c++ /dev/null)
execute_process(COMMAND ${COMPILER} -fsyntax-only ${_flags} RESULT_VARIABLE _status)
if(_status)
  message(FATAL_ERROR "${HEADER} does not compile alone.")
endif()
execute_process(COMMAND ${COMPILER} -M ${_flags} OUTPUT_VARIABLE _seen COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCH "[^ ]*/(torch|ATen|c10|opencv2|faiss|sentencepiece[^ ]*|sqlite3|spdlog|fmt|nlohmann|unicode)[/.][^ ]*"
  _foreign "${_seen}")
if(_foreign)
  message(FATAL_ERROR "${HEADER} shows ${_foreign}: a public header shows no other library's header.")
endif()

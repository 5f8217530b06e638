// Expecting a typed error whose message has certain words.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "tandem/error.h"

namespace tandem {

// `call` throws an Error with this code and a message of one line that has all `words` in it.
template <typename Call>
void expect_error(ErrorCode code, std::initializer_list<const char*> words, Call call) {
  try {
    call();
    ADD_FAILURE() << "no error; " << to_string(code) << " was expected";
  } catch (const Error& error) {
    EXPECT_STREQ(to_string(error.code()), to_string(code)) << error.what();
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << "more than one line: " << message;
    for (const char* word : words) {
      EXPECT_NE(message.find(word), std::string::npos) << "\"" << word << "\" is not in: " << message;
    }
  }
}

template <typename Call>
void expect_error(ErrorCode code, const std::string& word, Call call) {
  expect_error(code, {word.c_str()}, call);
}

}  // namespace tandem

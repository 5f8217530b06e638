// Making safetensors files by hand, right ones and lying ones.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::checkpoint {

inline std::string little_endian(std::uint64_t value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

// A file of this header and this data.
inline std::string file_of(std::string_view header, std::string_view data = {}) {
  return little_endian(header.size()) + std::string(header) + std::string(data);
}

inline std::string bytes_of(const std::vector<float>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Stored {
  std::string name;
  std::string dtype;
  std::string shape;  // as JSON
  std::string bytes;
};

// A good file of these tensors, in this order.
inline std::string file_of(const std::vector<Stored>& tensors) {
  std::string header;
  std::string data;
  for (const auto& [name, dtype, shape, bytes] : tensors) {
    header +=
        fmt::format(R"({}"{}":{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})",
                    header.empty() ? "{" : ",", name, dtype, shape, data.size(), data.size() + bytes.size());
    data += bytes;
  }
  return file_of(header.empty() ? "{}" : header + "}", data);
}

}  // namespace tandem::checkpoint

// config.json: every kind of field, at the top and in the sub-objects that models have.
#include "checkpoint/model_config.h"

#include "fuzz.h"

using namespace tandem;

namespace {

void read_fields(const checkpoint::Config& config) {
  for (const std::string key : {"hidden_size", "model_type", "vision_config"}) {
    fuzz::accepts([&] { config.get_int(key, {1, 1 << 20}); });
    fuzz::accepts([&] { config.get_int(key, 7); });
    fuzz::accepts([&] { config.get_float(key); });
    fuzz::accepts([&] { config.get_bool(key, true); });
    fuzz::accepts([&] { config.get_string(key, "absent"); });
    fuzz::accepts([&] { config.get_floats(key); });
    fuzz::accepts([&] { config.get_ints(key); });
    fuzz::accepts([&] { config.get_int_lists(key); });
    if (config.has(key)) {
      fuzz::require(!fuzz::accepts([&] { config.reject(key, "another"); }), "a rejected field is an error");
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepts([&] {
    const auto config = checkpoint::Config::parse(fuzz::as_text(data, size), "config.json");
    read_fields(config);
    fuzz::accepts([&] {
      if (const auto vision = config.find_object("vision_config")) read_fields(*vision);
    });
  });
  return 0;
}

// Products of two matrices of 2048² by the LibTorch that Tandem computes with: the most that the processor
// does.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>

#include "tandem/precision.h"

namespace tandem::bench {

// Computes one product each time that it is called; int8 to int32.
std::function<void()> large_product(Precision precision);
// Billions of operations a second, of a product that takes so long.
double product_gops(double seconds);

constexpr const char* kBesideProducts =
    "Times large matrix products behind each run, so that both see the machine alike";

// {"seconds": [...]} of runs whose linear maps are computed in `precision`; beside products also
// {"limits": {"fp32": [...], ...}}, the rates of those by precision, of fp32 for what stays in it.
nlohmann::json time_stage(const std::function<void()>& run, std::size_t repeats, Precision precision,
                          bool beside_products);

}  // namespace tandem::bench

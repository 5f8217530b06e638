// Batching across callers: concurrent calls share the model's forward passes.
//
// For a server, where each request brings a text of its own and a model reads many in little more time than
// one. It is off unless the encoders are given a model of share_passes(), which keeps the model it is made of
// and, as any other, may be called from many threads.
//
// A call that finds the model idle runs at once; calls that come while a pass runs go together in the next
// one. So a lone caller never waits, no time is lost while there is work, and groups grow with the load by
// themselves. Passes of one kind run one after the other: give them the cores by set_num_threads(), rather
// than running many at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "tandem/model.h"

namespace tandem {

struct SharedPassOptions {
  // How long calls that waited for a pass to end wait on for company, unless they fill the next one: those
  // who got their results of that pass may come back with more. It pays where they do so at once and a pass
  // of one takes far longer than the window, about ten times; elsewhere it costs time.
  std::chrono::microseconds window{0};
  // In one pass; a call with more runs by itself, at once.
  std::size_t max_texts = 64;  // of embed_texts()
  std::size_t max_pairs = 64;  // of match() and match_pairs()

  // Throws InvalidArgument for a maximum of 0 and a window that is negative or longer than an hour.
  void validate() const;
};

// A model that computes what `model` does, for BiEncoder, CrossEncoder and Retriever as any other. The texts
// of concurrent embed_texts() go through it together, as far as it reads texts of several lengths in one
// pass, and so do the pairs of concurrent match() and match_pairs(); everything else is passed on as it is.
//
// Results are those of a call by itself to float rounding: a model's last bits can depend on what else is in
// a batch. Where a shared pass throws, each of its calls is run again by itself, so that each caller gets its
// own results or its own error. A call that waits cannot be stopped; the encoders look at their stop token
// before each batch. Throws InvalidArgument for no model and what validate() throws.
std::shared_ptr<const Model> share_passes(std::shared_ptr<const Model> model, SharedPassOptions options = {});

}  // namespace tandem
